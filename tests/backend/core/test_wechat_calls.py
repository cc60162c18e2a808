from collections.abc import Callable

import pytest

from backend.core import wechat as api
from backend.core.wechat import Scene, WeChat
from tests.factories.sandbox import Sandbox

CODE = "wxa/getwxacodeunlimit"
SEND = "cgi-bin/message/subscribe/send"
CHECK = "wxa/msg_sec_check"
REMINDER = {"thing1": "今天还没有健康申报", "time2": "2020年3月22日 20:00", "thing3": "点开马上申报"}
INDEX = "pages/index/index"
Connect = Callable[..., WeChat]


class TestMiniProgramCode:
    def test_it_is_a_picture(self, wechat: WeChat) -> None:
        assert wechat.qr_code("p=520602001", INDEX).startswith(b"\xff\xd8\xff")

    @pytest.mark.parametrize("scene", ["", "x" * 33, "地点", "a b", "a%20b", "a\n"])
    def test_a_scene_that_wechat_would_refuse_is_not_even_sent(
        self, wechat: WeChat, sandbox: Sandbox, scene: str
    ) -> None:
        with pytest.raises(ValueError, match="scene"):
            wechat.qr_code(scene)
        assert sandbox.calls(CODE) == 0

    def test_an_unpublished_page_is_refused_unless_it_need_not_exist_yet(self, wechat: WeChat) -> None:
        with pytest.raises(api.BadPage) as refusal:
            wechat.qr_code("a", "pages/none/none")
        assert refusal.value.code == 41030

        assert wechat.qr_code("a", "pages/none/none", check_path=False, env_version="trial", width=280)

    def test_a_used_up_quota_is_too_frequent(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.control("quotas", api=CODE, left=0)

        with pytest.raises(api.TooFrequent) as refusal:
            wechat.qr_code("a")
        assert refusal.value.code == 45009

    def test_something_else_than_a_picture_is_not_passed_on(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.fault(CODE, "garbled", "<html>not a picture</html>")

        with pytest.raises(api.Unanswered):
            wechat.qr_code("a")


class TestSubscribeMessage:
    def test_it_arrives_and_uses_up_a_consent(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.control("consents", openid="o_yang", template="demo-declare")
        wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)

        [message] = sandbox.look("messages")
        assert (message["openid"], message["fields"], message["page"]) == ("o_yang", REMINDER, INDEX)
        with pytest.raises(api.NoConsent) as refusal:
            wechat.send_subscribe("o_yang", "demo-declare", "", REMINDER)
        assert refusal.value.code == 43101

    def test_a_user_who_takes_no_messages_any_more_gets_none(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.control("consents", openid="o_yang", template="demo-declare")
        sandbox.control("people", openid="o_yang", takes_messages=0)

        with pytest.raises(api.NoConsent):
            wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)

    @pytest.mark.parametrize("field", ["thing1", "time2"])
    def test_a_value_that_does_not_fit_is_named(self, wechat: WeChat, sandbox: Sandbox, field: str) -> None:
        sandbox.control("consents", openid="o_yang", template="demo-declare")

        with pytest.raises(api.BadValue) as refusal:
            wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER | {field: "太长" * 11})
        assert (refusal.value.code, refusal.value.field) == (47003, field)
        assert sandbox.look("consents")[0]["remaining"] == 1

    def test_an_unknown_user_template_or_page_is_refused(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.control("consents", openid="o_yang")

        with pytest.raises(api.UserUnknown):
            wechat.send_subscribe("o_nobody", "demo-declare", INDEX, REMINDER)
        with pytest.raises(api.BadTemplate):
            wechat.send_subscribe("o_yang", "nothing", INDEX, REMINDER)
        with pytest.raises(api.BadPage):
            wechat.send_subscribe("o_yang", "demo-declare", "pages/none/none", REMINDER)

    def test_a_busy_wechat_is_left_to_the_task(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.fault(SEND, "errcode", -1, times=2)

        with pytest.raises(api.Busy):
            wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)
        assert sandbox.calls(SEND) == 1

    @pytest.mark.parametrize("kind", ["drop_reply", "delay_reply"])
    def test_a_message_without_an_answer_may_have_gone_out_and_is_not_called_safe_to_repeat(
        self, connect: Connect, sandbox: Sandbox, kind: str
    ) -> None:
        sandbox.control("consents", openid="o_yang", template="demo-declare")
        client = connect(timeout=1)
        client.url_link(INDEX)
        sandbox.fault(SEND, kind, 3)

        with pytest.raises(api.Unanswered) as doubt:
            client.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)
        assert not isinstance(doubt.value, api.Unreachable)
        assert sandbox.calls(SEND) == 1
        assert len(sandbox.look("messages")) == 1

    @pytest.mark.parametrize(
        "answer", ["{}", "[]", '"ok"', "null", '{"errcode": "x"}', '{"errcode": null}', "", "\xff"]
    )
    def test_an_answer_that_is_not_wechats_leaves_a_message_in_doubt(
        self, wechat: WeChat, sandbox: Sandbox, answer: str
    ) -> None:
        sandbox.fault(SEND, "garbled", answer)

        with pytest.raises(api.Unanswered):
            wechat.send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)


class TestTextCheck:
    @pytest.mark.parametrize(
        ("text", "suggestion", "label"),
        [
            ("到昆山上班", "pass", 100),
            ("赌博", "risky", 20002),
            ("高薪日结", "review", 10001),
            ("字" * 2500, "pass", 100),
        ],
    )
    def test_wechat_judges_a_text(self, wechat: WeChat, text: str, suggestion: str, label: int) -> None:
        verdict = wechat.check_text("o_yang", Scene.COMMENT, text)

        assert (verdict.suggestion, verdict.label) == (suggestion, label)
        assert verdict.trace_id

    @pytest.mark.parametrize("text", ["", "字" * 2501])
    def test_an_empty_or_too_long_text_is_not_even_sent(self, wechat: WeChat, sandbox: Sandbox, text: str) -> None:
        with pytest.raises(ValueError, match="2500"):
            wechat.check_text("o_yang", Scene.COMMENT, text)
        assert sandbox.calls(CHECK) == 0

    def test_an_unknown_user_is_refused(self, wechat: WeChat) -> None:
        with pytest.raises(api.UserUnknown):
            wechat.check_text("o_nobody", Scene.COMMENT, "你好")

    def test_a_scene_of_our_own_is_refused(self, wechat: WeChat) -> None:
        with pytest.raises(api.BadContent) as refusal:
            wechat.check_text("o_yang", 9, "你好")
        assert refusal.value.code == 40129

    @pytest.mark.parametrize("result", ["null", "{}", '{"suggest": "perhaps", "label": 1}', '{"suggest": "pass"}'])
    def test_an_answer_without_a_verdict_is_no_pass(self, wechat: WeChat, sandbox: Sandbox, result: str) -> None:
        sandbox.fault(CHECK, "garbled", f'{{"errcode": 0, "result": {result}}}')

        with pytest.raises(api.Unanswered):
            wechat.check_text("o_yang", Scene.COMMENT, "你好")


class TestUrlLink:
    def test_it_is_an_address(self, wechat: WeChat) -> None:
        assert wechat.url_link(INDEX, "from=sms", days=1).startswith("http")

    def test_it_lives_thirty_days_at_most(self, wechat: WeChat) -> None:
        with pytest.raises(ValueError, match="30"):
            wechat.url_link(INDEX, days=31)

    def test_an_unpublished_page_is_refused(self, wechat: WeChat) -> None:
        with pytest.raises(api.BadPage):
            wechat.url_link("pages/none/none")
