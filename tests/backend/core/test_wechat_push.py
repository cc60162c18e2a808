import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.core import wechat as api
from backend.core.wechat import WeChat
from tests.factories.sandbox import Sandbox

ANOTHER_APPID = "wx00000000000another"
Connect = Callable[..., WeChat]


class TestPush:
    def test_the_check_of_the_address_is_answered_with_echostr(self, wechat: WeChat, sandbox: Sandbox) -> None:
        query = sandbox.control("push")["query"]

        assert wechat.verify_push(**query, at=datetime.now(UTC)) == query["echostr"]

    @pytest.mark.parametrize("signature", ["", "0" * 40, "签" * 40])
    def test_a_forged_check_is_refused(self, wechat: WeChat, sandbox: Sandbox, signature: str) -> None:
        query = sandbox.control("push")["query"] | {"signature": signature}

        with pytest.raises(api.PushForged):
            wechat.verify_push(**query, at=datetime.now(UTC))

    def test_without_a_token_nobody_is_believed(self, connect: Connect) -> None:
        stamp = str(int(time.time()))
        signature = hashlib.sha1("".join(sorted(["", stamp, "1"])).encode(), usedforsecurity=False).hexdigest()

        with pytest.raises(api.PushForged):
            connect(push_token="").verify_push(
                signature=signature, timestamp=stamp, nonce="1", echostr="x", at=datetime.now(UTC)
            )

    @pytest.mark.parametrize("shift", [timedelta(minutes=11), timedelta(minutes=-11)])
    def test_an_old_one_is_a_replay(self, wechat: WeChat, sandbox: Sandbox, shift: timedelta) -> None:
        query = sandbox.control("push")["query"]

        with pytest.raises(api.PushForged):
            wechat.verify_push(**query, at=datetime.now(UTC) + shift)

    def read(self, client: WeChat, push: dict[str, Any], **changes: str) -> dict[str, Any]:
        query = {name: push["query"][name] for name in ("msg_signature", "timestamp", "nonce")} | changes
        return client.read_push(push["body"].encode(), **query, at=datetime.now(UTC))

    def test_an_encrypted_event_is_read(self, wechat: WeChat, sandbox: Sandbox) -> None:
        event = {"MsgType": "event", "Event": "subscribe_msg_popup_event", "FromUserName": "o_yang", "话": "好" * 99}

        assert self.read(wechat, sandbox.control("push", event=event)) == event

    def test_the_signature_of_the_check_opens_no_event(self, wechat: WeChat, sandbox: Sandbox) -> None:
        push = sandbox.control("push", event={"a": 1})

        with pytest.raises(api.PushForged):
            self.read(wechat, push, msg_signature=push["query"]["signature"])

    def test_a_changed_event_is_refused(self, wechat: WeChat, sandbox: Sandbox) -> None:
        push = sandbox.control("push", event={"a": 1})
        other = sandbox.control("push", event={"a": 2})

        with pytest.raises(api.PushForged):
            self.read(wechat, {**push, "body": other["body"]})

    def test_the_event_of_another_app_is_refused(self, wechat: WeChat, sandbox: Sandbox) -> None:
        with pytest.raises(api.PushForged):
            self.read(wechat, sandbox.control("push", event={"a": 1}, appid=ANOTHER_APPID))

    @pytest.mark.parametrize(
        "body", ["", "[]", "<xml/>", "{}", '{"Encrypt": 5}', '{"Encrypt": "' + "A" * 100_001 + '"}', "[" * 99_999]
    )
    def test_a_body_of_another_shape_is_refused(self, wechat: WeChat, sandbox: Sandbox, body: str) -> None:
        push = sandbox.control("push", event={"a": 1})

        with pytest.raises(api.PushForged):
            self.read(wechat, {**push, "body": body})

    @pytest.mark.parametrize("encrypted", ["", "????", "AAAA", base64.b64encode(b"x" * 64).decode()])
    def test_a_well_signed_body_that_cannot_be_decrypted_is_refused(self, wechat: WeChat, encrypted: str) -> None:
        stamp = str(int(time.time()))
        parts = sorted(["demo-push-token", stamp, "1", encrypted])
        query = {"msg_signature": hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()}

        with pytest.raises(api.PushForged):
            wechat.read_push(
                json.dumps({"Encrypt": encrypted}).encode(), **query, timestamp=stamp, nonce="1", at=datetime.now(UTC)
            )

    def test_without_a_key_no_event_is_read(self, connect: Connect, sandbox: Sandbox) -> None:
        with pytest.raises(api.PushForged):
            self.read(connect(push_key=""), sandbox.control("push", event={"a": 1}))
