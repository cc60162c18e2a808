"""What the sandbox says to clients that are not ours, so that it is known to be as strict as WeChat."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.sandbox import values
from tests.factories.sandbox import APPID, SECRET, Sandbox, free_port, start_sandbox, stop_sandbox

CREDENTIALS = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
INDEX = "pages/index/index"


def post(sandbox: Sandbox, api: str, body: object, **query: str) -> dict[str, Any]:
    answer = requests.post(f"{sandbox.url}/{api}", json=body, params=query, timeout=5)
    assert answer.status_code == 200
    reply: dict[str, Any] = answer.json()
    return reply


def fetch(sandbox: Sandbox, **changes: object) -> dict[str, Any]:
    return post(sandbox, "cgi-bin/stable_token", CREDENTIALS | changes)


def login(sandbox: Sandbox, **changes: str) -> dict[str, Any]:
    query = {"appid": APPID, "secret": SECRET, "grant_type": "authorization_code"} | changes
    answer = requests.get(f"{sandbox.url}/sns/jscode2session", params=query, timeout=5)
    assert answer.status_code == 200
    reply: dict[str, Any] = answer.json()
    return reply


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    return str(fetch(sandbox)["access_token"])


class TestToken:
    def test_it_stays_the_same_until_five_minutes_before_its_end(self, sandbox: Sandbox) -> None:
        first = fetch(sandbox)
        sandbox.control("clock", shift=6800)
        second = fetch(sandbox)
        sandbox.control("clock", shift=6950)
        third = fetch(sandbox)

        assert first["expires_in"] == 7200
        assert second["access_token"] == first["access_token"] != third["access_token"]
        assert 390 <= second["expires_in"] <= 400

    def test_the_old_one_is_good_for_its_last_five_minutes(self, sandbox: Sandbox, token: str) -> None:
        sandbox.control("clock", shift=6950)
        fetch(sandbox)
        good = post(sandbox, "wxa/generate_urllink", {}, access_token=token)
        sandbox.control("clock", shift=7201)
        stale = post(sandbox, "wxa/generate_urllink", {}, access_token=token)

        assert (good["errcode"], stale["errcode"]) == (0, 42001)

    def test_force_ends_the_old_one_but_not_twice_in_thirty_seconds(self, sandbox: Sandbox, token: str) -> None:
        forced = fetch(sandbox, force_refresh=True)["access_token"]

        assert forced != token
        assert post(sandbox, "wxa/generate_urllink", {}, access_token=token)["errcode"] == 40001
        assert fetch(sandbox, force_refresh=True)["access_token"] == forced

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"appid": ""}, 41002),
            ({"secret": ""}, 41004),
            ({"appid": "wx1"}, 40013),
            ({"secret": "x"}, 40125),
            ({"grant_type": "x"}, 40002),
        ],
    )
    def test_wrong_credentials_are_refused(self, sandbox: Sandbox, changes: dict[str, str], code: int) -> None:
        reply = fetch(sandbox, **changes)

        assert reply["errcode"] == code
        assert "rid:" in reply["errmsg"]

    @pytest.mark.parametrize(
        "api",
        [
            "wxa/business/getuserphonenumber",
            "wxa/getwxacodeunlimit",
            "cgi-bin/message/subscribe/send",
            "wxa/msg_sec_check",
            "wxa/generate_urllink",
        ],
    )
    def test_every_call_needs_one(self, sandbox: Sandbox, api: str, token: str) -> None:
        assert post(sandbox, api, {})["errcode"] == 41001
        assert post(sandbox, api, {}, access_token="made-up")["errcode"] == 40001
        assert post(sandbox, api, "not an object", access_token=token)["errcode"] == 47001
        sandbox.control("quotas", api=api, left=0)
        assert post(sandbox, api, {}, access_token=token)["errcode"] == 45009


class TestLogin:
    def test_success_has_no_errcode(self, sandbox: Sandbox) -> None:
        assert login(sandbox, js_code=sandbox.code()).keys() == {"openid", "session_key", "unionid"}

    def test_a_code_is_spent_once_however_many_ask_at_once(self, sandbox: Sandbox) -> None:
        code = sandbox.code()
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda _: login(sandbox, js_code=code), range(16)))

        assert [reply.get("errcode", 0) for reply in replies].count(0) == 1
        assert {reply.get("errcode", 0) for reply in replies} == {0, 40163}

    def test_incomplete_calls_are_refused(self, sandbox: Sandbox) -> None:
        assert login(sandbox)["errcode"] == 41008
        assert login(sandbox, js_code="a", grant_type="x")["errcode"] == 40002
        assert login(sandbox, js_code="a", appid="wx1")["errcode"] == 40013


class TestPhoneNumber:
    def test_the_number_comes_with_a_watermark(self, sandbox: Sandbox, token: str) -> None:
        reply = post(sandbox, "wxa/business/getuserphonenumber", {"code": sandbox.code("phone")}, access_token=token)

        info = reply["phone_info"]
        assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == (
            "13800000001",
            "13800000001",
            "86",
        )
        assert info["watermark"]["appid"] == APPID


class TestOthers:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"scene": "地"}, 40169),
            ({"scene": ""}, 40169),
            ({"scene": "a" * 33}, 40169),
            ({"env_version": "x"}, 40097),
            ({"width": 100}, 40097),
            ({"page": "/pages/index/index"}, 41030),
        ],
    )
    def test_a_code_with_wrong_values_is_refused(
        self, sandbox: Sandbox, token: str, changes: dict[str, object], code: int
    ) -> None:
        reply = post(sandbox, "wxa/getwxacodeunlimit", {"scene": "a", "page": INDEX} | changes, access_token=token)

        assert reply["errcode"] == code

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"version": 1}, 47001), ({"scene": 0}, 40129), ({"content": ""}, 44004), ({"content": "字" * 2501}, 45002)],
    )
    def test_a_text_check_with_wrong_values_is_refused(
        self, sandbox: Sandbox, token: str, changes: dict[str, object], code: int
    ) -> None:
        body = {"version": 2, "openid": "o_yang", "scene": 1, "content": "你好"} | changes

        assert post(sandbox, "wxa/msg_sec_check", body, access_token=token)["errcode"] == code

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"path": "x"}, 40165),
            ({"expire_interval": 31}, 85401),
            ({"expire_type": 0}, 85401),
            ({"env_version": "x"}, 40097),
        ],
    )
    def test_a_link_with_wrong_values_is_refused(
        self, sandbox: Sandbox, token: str, body: dict[str, object], code: int
    ) -> None:
        assert post(sandbox, "wxa/generate_urllink", body, access_token=token)["errcode"] == code

    @pytest.mark.parametrize("data", [None, [], {}, {"thing1": "no object"}, {"thing1": {"value": ""}}])
    def test_message_values_of_another_shape_are_refused(self, sandbox: Sandbox, token: str, data: object) -> None:
        body = {"touser": "o_yang", "template_id": "demo-declare", "data": data}

        reply = post(sandbox, "cgi-bin/message/subscribe/send", body, access_token=token)
        assert reply["errcode"] == 47003


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("thing", ["字" * 20, "A-1 号线"], ["字" * 21, "两\n行"]),
        ("number", ["12.5", "-3"], ["12元", "1" * 33]),
        ("letter", ["AbC"], ["A1", "a" * 33]),
        ("symbol", ["!@#"], ["!@#$%^", "a"]),
        ("character_string", ["贵D-12345".replace("贵", "G")], ["贵D12345", "a" * 33, "a b"]),
        (
            "time",
            [
                "15:01",
                "2019年10月1日 15:01",
                "2020-03-22 14:05",
                "15:01~16:30",
                "2020年3月22日 8:00~2020年3月23日 9:00",
            ],
            ["下午三点", "25:00", "2020-03-22T14:05"],
        ),
        ("date", ["2019年10月1日", "2019年10月1日 15:01", "2018-01-01", "2018.01.01", "10月1日"], ["15:01", "昨天"]),
        ("amount", ["¥100.50", "100元"], ["一百元", "1" * 11]),
        ("phone_number", ["+86-0766-66888866"], ["电话", "1" * 18]),
        ("car_number", ["粤A8Z888挂", "贵D12345"], ["粤A8Z8881234", "粤"]),
        ("name", ["杨秀英", "阿卜杜拉·买买提", "Yang Xiuying"], ["字" * 11, "a" * 21, "杨1"]),
        ("phrase", ["绿码", "𠮷野家"], ["配送中配送中", "a", "绿 码"]),
    ],
)
def test_template_values_follow_wechats_rules(kind: str, good: list[str], bad: list[str]) -> None:
    key = f"{kind}12"
    for value in good:
        assert values.fault({key: ""}, {key: {"value": value}}) is None, value
    for value in bad:
        assert values.fault({key: ""}, {key: {"value": value}}) == f"data.{key}.value invalid", value


def test_it_remembers_across_a_restart(tmp_path: Path) -> None:
    data, port = tmp_path / "sandbox.sqlite3", free_port()
    running = Sandbox(f"http://127.0.0.1:{port}")
    process = start_sandbox(port, data)
    token, code = fetch(running)["access_token"], running.code()
    stop_sandbox(process)

    process = start_sandbox(port, data)
    try:
        assert fetch(running)["access_token"] == token
        assert login(running, js_code=code)["openid"] == "o_yang"
        assert login(running, js_code=code)["errcode"] == 40163
    finally:
        stop_sandbox(process)


def test_trouble_is_used_up_by_the_calls_it_strikes(sandbox: Sandbox) -> None:
    sandbox.fault("cgi-bin/stable_token", "delay", 0.3)
    sandbox.fault("cgi-bin/stable_token", "errcode", -1)

    began = time.monotonic()
    assert "access_token" in fetch(sandbox)
    assert time.monotonic() - began > 0.3
    assert fetch(sandbox)["errcode"] == -1
    assert "access_token" in fetch(sandbox)
