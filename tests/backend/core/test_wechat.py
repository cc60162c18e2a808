import base64
import logging
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from backend.core import wechat as api
from backend.core.wechat import WeChat
from tests.factories.sandbox import APPID, SECRET, Sandbox

ANOTHER_APPID = "wx00000000000another"
TOKEN = "cgi-bin/stable_token"
LOGIN = "sns/jscode2session"
PHONE = "wxa/business/getuserphonenumber"
Connect = Callable[..., WeChat]


def whole_story(error: BaseException) -> str:
    """The traceback as a log would have it, and all that hangs on the error besides."""
    lines = traceback.format_exception(error)
    chained = [repr(e) + str(vars(e)) for e in (error, error.__cause__, error.__context__) if e]
    return "".join(lines) + "".join(chained)


class TestLogin:
    def test_a_login_code_says_who_is_there(self, wechat: WeChat, sandbox: Sandbox) -> None:
        session = wechat.session(sandbox.code(openid="o_wu"))

        assert (session.openid, session.unionid) == ("o_wu", "u_wu")
        assert len(base64.b64decode(session.session_key)) == 16

    def test_login_needs_no_access_token(self, wechat: WeChat, sandbox: Sandbox, redis: Redis) -> None:
        wechat.session(sandbox.code())

        assert sandbox.calls(TOKEN) == 0
        assert redis.keys("wechat:*") == []

    def test_a_replayed_login_code_is_a_used_code(self, wechat: WeChat, sandbox: Sandbox) -> None:
        code = sandbox.code()
        wechat.session(code)

        with pytest.raises(api.CodeUsed) as refusal:
            wechat.session(code)
        assert refusal.value.code == 40163
        assert isinstance(refusal.value, api.CodeInvalid)

    def test_of_twenty_who_replay_one_code_at_once_one_gets_in(self, connect: Connect, sandbox: Sandbox) -> None:
        code = sandbox.code()

        def attempt(_: int) -> bool:
            try:
                connect().session(code)
            except api.CodeUsed:
                return False
            return True

        with ThreadPoolExecutor(20) as pool:
            assert sum(pool.map(attempt, range(20))) == 1

    def test_the_code_of_another_app_is_invalid(self, wechat: WeChat, sandbox: Sandbox) -> None:
        with pytest.raises(api.CodeInvalid) as refusal:
            wechat.session(sandbox.code(appid=ANOTHER_APPID))
        assert refusal.value.code == 40029

    @pytest.mark.parametrize("code", ["never-given", "x' or 1=1 --", "一", "a&appid=other"])
    def test_an_unknown_code_is_invalid(self, wechat: WeChat, code: str) -> None:
        with pytest.raises(api.CodeInvalid):
            wechat.session(code)

    def test_a_code_older_than_five_minutes_is_invalid(self, wechat: WeChat, sandbox: Sandbox) -> None:
        code = sandbox.code()
        sandbox.control("clock", shift=301)

        with pytest.raises(api.CodeInvalid):
            wechat.session(code)

    def test_a_phone_code_is_no_login_code(self, wechat: WeChat, sandbox: Sandbox) -> None:
        with pytest.raises(api.CodeInvalid):
            wechat.session(sandbox.code("phone"))

    def test_a_blocked_user_gets_no_session(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.control("people", openid="o_wu", blocked=1)

        with pytest.raises(api.UserBlocked):
            wechat.session(sandbox.code(openid="o_wu"))

    def test_the_101st_login_of_a_user_within_a_minute_is_too_frequent(self, wechat: WeChat, sandbox: Sandbox) -> None:
        codes = [sandbox.code() for _ in range(100)]
        with ThreadPoolExecutor(8) as together:
            list(together.map(wechat.session, codes))
        with pytest.raises(api.TooFrequent) as refusal:
            wechat.session(sandbox.code())
        assert refusal.value.code == 45011

        assert wechat.session(sandbox.code(openid="o_wu")).openid == "o_wu"

    def test_a_busy_wechat_is_asked_once_more(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.fault(LOGIN, "errcode", -1)

        assert wechat.session(sandbox.code()).openid == "o_yang"

    def test_a_wechat_that_stays_busy_is_busy(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.fault(LOGIN, "errcode", -1, times=5)

        with pytest.raises(api.Busy):
            wechat.session(sandbox.code())
        assert sandbox.calls(LOGIN) == 2

    @pytest.mark.parametrize(
        ("changes", "code"), [({"appid": "wx-nobody"}, 40013), ({"secret": "wrong"}, 40125), ({"secret": ""}, 41004)]
    )
    def test_a_wrong_app_or_secret_is_for_an_administrator(
        self, connect: Connect, sandbox: Sandbox, changes: dict[str, str], code: int
    ) -> None:
        with pytest.raises(api.Misconfigured) as refusal:
            connect(**changes).session(sandbox.code())
        assert refusal.value.code == code

    def test_login_gives_up_after_three_seconds(self, connect: Connect, sandbox: Sandbox) -> None:
        patient = connect(timeout=60)
        sandbox.fault(LOGIN, "delay", 5)

        began = time.monotonic()
        with pytest.raises(api.Unanswered):
            patient.session("whatever")
        assert time.monotonic() - began < 3.5


class TestPhoneNumber:
    def test_a_phone_code_brings_the_number(self, wechat: WeChat, sandbox: Sandbox) -> None:
        assert wechat.phone_number(sandbox.code("phone", "o_tian")) == "13800000004"

    def test_a_foreign_number_keeps_its_country(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.control("people", openid="o_hk", phone="+852 51234567")

        assert wechat.phone_number(sandbox.code("phone", "o_hk")) == "+85251234567"

    def test_it_works_once(self, wechat: WeChat, sandbox: Sandbox) -> None:
        code = sandbox.code("phone")
        wechat.phone_number(code)

        with pytest.raises(api.CodeInvalid):
            wechat.phone_number(code)

    def test_it_works_for_five_minutes(self, wechat: WeChat, sandbox: Sandbox) -> None:
        code = sandbox.code("phone")
        sandbox.control("clock", shift=301)

        with pytest.raises(api.CodeInvalid):
            wechat.phone_number(code)

    def test_the_code_of_another_app_or_a_login_code_is_invalid(self, wechat: WeChat, sandbox: Sandbox) -> None:
        for code in (sandbox.code("phone", appid=ANOTHER_APPID), sandbox.code("login")):
            with pytest.raises(api.CodeInvalid):
                wechat.phone_number(code)

    def test_the_token_and_the_number_together_take_three_seconds_at_most(
        self, connect: Connect, sandbox: Sandbox
    ) -> None:
        sandbox.fault(TOKEN, "delay", 2)
        sandbox.fault(PHONE, "delay", 2)

        began = time.monotonic()
        with pytest.raises(api.Unanswered):
            connect(timeout=60).phone_number("whatever")
        assert time.monotonic() - began < 3.5

    @pytest.mark.parametrize("mark", ['{"appid": "wx00000000000another"}', "{}"])
    def test_a_number_with_the_watermark_of_another_app_is_not_taken(
        self, wechat: WeChat, sandbox: Sandbox, mark: str
    ) -> None:
        info = f'{{"purePhoneNumber": "13800000009", "countryCode": "86", "watermark": {mark}}}'
        sandbox.fault(PHONE, "garbled", f'{{"errcode": 0, "phone_info": {info}}}')

        with pytest.raises(api.CodeInvalid):
            wechat.phone_number("a")


class TestTrouble:
    def test_nobody_listening_means_nothing_was_done(self, connect: Connect) -> None:
        with pytest.raises(api.Unreachable):
            connect(base_url="http://127.0.0.1:1").session("a")

    @pytest.mark.parametrize("kind", ["drop", "drop_reply", "garbled"])
    def test_a_cut_or_garbled_answer_is_no_answer(self, wechat: WeChat, sandbox: Sandbox, kind: str) -> None:
        sandbox.fault(LOGIN, kind)

        with pytest.raises(api.Unanswered):
            wechat.session(sandbox.code())

    @pytest.mark.parametrize(("status", "kind"), [(404, api.Unreachable), (502, api.Unanswered), (302, api.Unanswered)])
    def test_an_answer_of_the_way_there_is_told_apart(
        self, wechat: WeChat, sandbox: Sandbox, status: int, kind: type[api.WeChatError]
    ) -> None:
        sandbox.fault(LOGIN, "http", status)

        with pytest.raises(kind):
            wechat.session(sandbox.code())

    def test_an_errcode_that_nobody_heard_of_is_still_our_error(self, wechat: WeChat, sandbox: Sandbox) -> None:
        sandbox.fault(LOGIN, "errcode", 89503)

        with pytest.raises(api.WeChatError) as refusal:
            wechat.session(sandbox.code())
        assert refusal.value.code == 89503

    def test_wechatpy_knows_no_other_address_than_ours(self, wechat: WeChat, sandbox: Sandbox) -> None:
        client = wechat._client

        assert client.access_token == wechat._tokens._kept()
        assert {client.API_BASE_URL, client.wxa.API_BASE_URL} == {f"{sandbox.url}/"}
        with pytest.raises(NotImplementedError):
            client.fetch_access_token()
        with pytest.raises(ValueError, match="base_url"):
            WeChat(appid=APPID, secret=SECRET, base_url="api.weixin.qq.com", redis=Redis())


class TestSecrets:
    def test_none_is_in_logs_reprs_and_tracebacks(
        self, connect: Connect, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        # The product keeps urllib3 quiet; here even what it would say must be clean.
        caplog.set_level(logging.DEBUG, logger="urllib3")
        client = connect(timeout=1)
        session = client.session(login := sandbox.code())
        client.phone_number(phone := sandbox.code("phone"))
        token = client._tokens._kept()
        told = [repr(client), repr(session), str(session), repr(client._client)]
        for call in (lambda: client.session(login), lambda: client.phone_number(phone)):
            for fault in (None, "drop", "garbled", "http"):
                if fault:
                    sandbox.fault("*", fault, 500)
                with pytest.raises(api.WeChatError) as refusal:
                    call()
                told.append(whole_story(refusal.value))
                sandbox.control("faults", "DELETE")
        for base in ("http://127.0.0.1:1", "http://127.0.0.1:1/deeper"):
            with pytest.raises(api.Unreachable) as refusal:
                connect(base_url=base).session(login)
            told.append(whole_story(refusal.value))

        heard = "\n".join([*told, caplog.text, *capfd.readouterr()])
        assert "jscode2session" in caplog.text
        for secret in (SECRET, token, session.session_key, login, phone, "13800000001"):
            assert secret not in heard
