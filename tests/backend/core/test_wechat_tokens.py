import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisGone
from redis.retry import Retry

from backend.core import wechat as api
from backend.core.wechat import Scene, Suggestion, WeChat
from tests.factories.sandbox import APPID, Sandbox

TOKEN = "cgi-bin/stable_token"
SEND = "cgi-bin/message/subscribe/send"
LINK = "wxa/generate_urllink"
REMINDER = {"thing1": "今天还没有健康申报", "time2": "2020年3月22日 20:00", "thing3": "点开马上申报"}
INDEX = "pages/index/index"
Connect = Callable[..., WeChat]


class TestToken:
    def test_twenty_threads_fetch_one_token(self, connect: Connect, sandbox: Sandbox) -> None:
        start = threading.Barrier(20)
        clients = [connect() for _ in range(20)]

        def ask(client: WeChat) -> Suggestion:
            start.wait()
            return client.check_text("o_yang", Scene.PROFILE, "你好").suggestion

        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(ask, clients)) == {Suggestion.PASS}
        assert sandbox.calls(TOKEN) == 1

    def test_it_is_kept_until_wechat_gives_out_the_next_one(self, wechat: WeChat, redis: Redis) -> None:
        wechat.url_link(INDEX)

        assert 6890 <= redis.ttl(f"wechat:token:{APPID}") <= 6900

    def test_twenty_threads_with_a_stale_token_fetch_one_successor(self, connect: Connect, sandbox: Sandbox) -> None:
        connect().url_link(INDEX)
        sandbox.control("tokens", how="revoked")
        start = threading.Barrier(20)

        def ask(client: WeChat) -> str:
            start.wait()
            return client.url_link(INDEX)

        with ThreadPoolExecutor(20) as pool:
            assert len(set(pool.map(ask, [connect() for _ in range(20)]))) == 20
        assert sandbox.calls(TOKEN) == 2

    @pytest.mark.parametrize("how", ["expired", "revoked", "stuck"])
    def test_a_stale_token_costs_one_repetition(self, wechat: WeChat, sandbox: Sandbox, how: str) -> None:
        wechat.url_link(INDEX)
        sandbox.control("tokens", how=how)

        assert wechat.url_link(INDEX)
        assert sandbox.calls(LINK) == 3

    @pytest.mark.parametrize("code", [40001, 40014, 42001])
    def test_a_token_that_is_always_refused_costs_one_repetition_and_no_more(
        self, wechat: WeChat, sandbox: Sandbox, code: int
    ) -> None:
        sandbox.fault(LINK, "errcode", code, times=50)

        with pytest.raises(api.TokenRefused) as refusal:
            wechat.url_link(INDEX)
        assert refusal.value.code == code
        assert sandbox.calls(LINK) == 2
        assert sandbox.calls(TOKEN) <= 3

    def test_a_token_from_a_redis_that_speaks_bytes_is_the_same(self, connect: Connect, redis_url: str) -> None:
        with Redis.from_url(redis_url) as client:
            assert connect(redis=client).url_link(INDEX)
            assert connect(redis=client).url_link(INDEX)

    def test_the_fetch_is_bounded_in_time(self, connect: Connect, sandbox: Sandbox) -> None:
        sandbox.fault(TOKEN, "delay", 5)

        began = time.monotonic()
        with pytest.raises(api.Unreachable):
            connect(timeout=1).url_link(INDEX)
        assert time.monotonic() - began < 1.5

    def test_waiting_for_another_process_that_fetches_is_bounded_in_time(self, connect: Connect, redis: Redis) -> None:
        redis.set(f"wechat:token:{APPID}:lock", "somebody")

        began = time.monotonic()
        with pytest.raises(api.Unreachable):
            connect(timeout=1).url_link(INDEX)
        assert time.monotonic() - began < 1.5

    def test_the_lock_of_a_killed_process_ends_by_itself(self, connect: Connect, redis: Redis) -> None:
        redis.set(f"wechat:token:{APPID}:lock", "killed", px=500)

        assert connect().url_link(INDEX)

    def test_a_message_whose_token_could_not_be_fetched_was_not_sent(self, connect: Connect, sandbox: Sandbox) -> None:
        sandbox.fault(TOKEN, "drop_reply")

        with pytest.raises(api.Unreachable):
            connect().send_subscribe("o_yang", "demo-declare", INDEX, REMINDER)
        assert sandbox.calls(SEND) == 0

    @pytest.mark.parametrize("text", ["{}", '{"access_token": 5, "expires_in": 7200}', '{"access_token": "t"}', "[]"])
    def test_a_token_reply_of_another_shape_is_not_kept(
        self, wechat: WeChat, sandbox: Sandbox, redis: Redis, text: str
    ) -> None:
        sandbox.fault(TOKEN, "garbled", text)

        with pytest.raises(api.Unreachable):
            wechat.url_link(INDEX)
        assert redis.get(f"wechat:token:{APPID}") is None

    def test_without_redis_it_is_unreachable_and_login_goes_on(self, connect: Connect, sandbox: Sandbox) -> None:
        with Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)) as gone:
            alone = connect(redis=gone)
            assert alone.session(sandbox.code()).openid == "o_yang"
            with pytest.raises(api.Unreachable):
                alone.url_link(INDEX)
            with pytest.raises(RedisGone):
                gone.ping()

    def test_the_force_of_wechats_day_used_up_is_too_frequent(self, wechat: WeChat, sandbox: Sandbox) -> None:
        assert wechat.url_link(INDEX)
        for turn in range(1, 21):
            sandbox.control("clock", shift=31 * turn)
            sandbox.control("tokens", how="stuck")
            assert wechat.url_link(INDEX)
        sandbox.control("clock", shift=31 * 21)
        sandbox.control("tokens", how="stuck")

        with pytest.raises(api.TooFrequent) as refusal:
            wechat.url_link(INDEX)
        assert refusal.value.code == 45009
