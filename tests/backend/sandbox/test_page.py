from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from backend.core.wechat import NoConsent, WeChat
from backend.notices.gateway import SmsClient
from backend.sandbox.demo import DEMO_USERS
from tests.factories.sandbox import PRODUCT_URL, Sandbox

INDEX = "pages/index/index"
REMINDER = {"thing1": "今天还没有健康申报", "time2": "20:00", "thing3": "点开马上申报"}


class Person:
    """Somebody at the sandbox's page, without a script."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def get(self, path: str = "/") -> requests.Response:
        return self.session.get(self.url + path, allow_redirects=False, timeout=5)

    def post(self, path: str, **form: str | list[str]) -> requests.Response:
        return self.session.post(self.url + path, data=form, allow_redirects=False, timeout=5)

    def opened(self, **form: str) -> tuple[str, dict[str, str]]:
        """The address that 打开小程序 leads to, without its fragment, and what the fragment says."""
        return self.led_to(self.post("/open", **form))

    def led_to(self, answer: requests.Response) -> tuple[str, dict[str, str]]:
        address, _, fragment = answer.headers["Location"].partition("#")
        return address, {name: found[0] for name, found in parse_qs(fragment).items()}


@pytest.fixture
def person(sandbox: Sandbox) -> Iterator[Person]:
    somebody = Person(sandbox.url)
    somebody.post("/choose", openid="o_yang")
    yield somebody
    somebody.session.close()


def test_the_page_names_everybody_and_has_no_inline_style_or_script(person: Person) -> None:
    answer = person.get()

    for user in DEMO_USERS:
        assert user.name in answer.text
        assert user.phone in answer.text
    assert "style=" not in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_opening_the_mini_program_hands_over_fresh_codes(person: Person, wechat: WeChat) -> None:
    address, handed = person.opened()

    assert address == f"{PRODUCT_URL}/w/"
    assert handed.keys() == {"wx", "phone"}
    assert wechat.session(handed["wx"]).openid == "o_yang"
    assert wechat.phone_number(handed["phone"]) == "13800000001"
    assert person.opened()[1]["wx"] != handed["wx"]


def test_who_refuses_the_number_hands_over_a_login_code_only(person: Person) -> None:
    person.post("/choose", openid="o_long")

    assert person.opened()[1].keys() == {"wx"}


def test_a_habit_can_be_changed(person: Person) -> None:
    person.post("/habits", takes_messages="on")
    assert person.opened()[1].keys() == {"wx"}

    person.post("/habits", takes_messages="on", gives_phone="on")
    assert person.opened()[1].keys() == {"wx", "phone"}


def test_a_scanned_link_arrives_whole_in_q(person: Person) -> None:
    link = "https://example.com/p/a1?b=2&c=地点#d"

    address, handed = person.opened(address=link, scanned="1")
    assert parse_qs(urlsplit(address).query) == {"q": [link]}
    assert "wx" in handed


@pytest.mark.parametrize("address", ["", "http://example.com/p/a", "javascript:alert(1)", "//example.com", "ABC123"])
def test_what_wechat_would_not_open_is_refused_in_words(person: Person, address: str) -> None:
    answer = person.post("/open", address=address, scanned="1")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_before_anybody_is_chosen_the_page_asks_who(sandbox: Sandbox) -> None:
    nobody = Person(sandbox.url)

    assert "先选一个人" in nobody.post("/open").text
    assert nobody.get().status_code == 200
    nobody.session.close()


def test_agreeing_allows_one_message_of_each_template_and_tells_the_product_once(
    person: Person, wechat: WeChat, sandbox: Sandbox
) -> None:
    person.post("/agree", template=["demo-declare", "demo-trip"])

    assert sorted(person.opened()[1]["agreed"].split(",")) == ["demo-declare", "demo-trip"]
    assert "agreed" not in person.opened()[1]
    wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)
    assert "今天还没有健康申报" in person.get("/messages").text
    assert {row["template"]: row["remaining"] for row in sandbox.look("consents")} == {
        "demo-declare": 0,
        "demo-trip": 1,
    }


def test_who_takes_no_messages_agrees_to_none_and_loses_earlier_consents(person: Person, wechat: WeChat) -> None:
    person.post("/agree", template="demo-declare")
    person.post("/habits", gives_phone="on")

    assert person.post("/agree", template="demo-declare").status_code == 422
    with pytest.raises(NoConsent):
        wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)


def test_a_prompt_asks_for_one_to_three_known_templates(person: Person) -> None:
    assert person.post("/agree").status_code == 422
    assert person.post("/agree", template="unknown").status_code == 422


def test_somebody_can_be_added(person: Person, wechat: WeChat) -> None:
    person.post("/people", name="测试员<b>", phone="13800000077")

    assert "测试员&lt;b&gt;" in person.get().text
    assert wechat.phone_number(person.opened()[1]["phone"]) == "13800000077"


@pytest.mark.parametrize(("name", "phone"), [("", "13800000077"), ("甲", "123"), ("甲" * 21, "13800000077")])
def test_an_impossible_person_is_refused_in_words(person: Person, name: str, phone: str) -> None:
    assert person.post("/people", name=name, phone=phone).status_code == 422


def test_received_sms_can_be_read(person: Person, sms: SmsClient) -> None:
    sms.send(phone="13800000001", text="【灵活】您的验证码是 482913。", idempotency_key="k1")

    assert "482913" in person.get().text
    assert "482913" in person.get("/messages").text
    person.post("/choose", openid="o_wu")
    assert "482913" not in person.get().text


def test_the_page_of_messages_names_the_number_ranges_that_fail(person: Person) -> None:
    assert "1390000" in person.get("/messages").text


def test_a_link_out_of_an_sms_opens_the_mini_program(person: Person, wechat: WeChat, sandbox: Sandbox) -> None:
    link = wechat.url_link(INDEX, "from=sms", days=1).removeprefix(sandbox.url)

    address, handed = person.led_to(person.get(link))
    assert address == f"{PRODUCT_URL}/w/?from=sms"
    assert "wx" in handed
    sandbox.control("clock", shift=86401)
    assert person.get(link).status_code == 404


def test_a_mini_program_code_opens_the_mini_program_with_its_scene(person: Person) -> None:
    address, _ = person.led_to(person.get("/scan?scene=p%3D520602001"))

    assert parse_qs(urlsplit(address).query) == {"scene": ["p=520602001"]}
