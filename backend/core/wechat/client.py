"""The mini program's server side. Source: 小程序服务端 documentation of WeChat."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from redis import Redis
from requests import Response

from backend.core.wechat import wire
from backend.core.wechat.errors import Busy, CodeInvalid, TokenRefused, Unanswered
from backend.core.wechat.push import check_signature, decrypted, encrypted_part
from backend.core.wechat.tokens import Tokens

T = TypeVar("T")

WAITING_USER = 3.0
"""Seconds that login and phone number may take at most, whatever the configured timeout: a user waits for them."""

BUSY_PAUSE = 0.2
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
CONTENT_CHARACTERS = 2500
LONGEST_LINK_DAYS = 30
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Scene(IntEnum):
    """Where a checked text will be shown."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL_LOG = 4


class Suggestion(StrEnum):
    PASS = "pass"  # noqa: S105 - WeChat's word
    REVIEW = "review"
    RISKY = "risky"


@dataclass(frozen=True, slots=True)
class WeChatSession:
    """Who logged in: `openid` within this app, `unionid` across the owner's apps (empty when they aren't linked)."""

    openid: str
    unionid: str
    session_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """WeChat's opinion of a text; `label` is its category (100 normal), `trace_id` its receipt."""

    suggestion: Suggestion
    label: int
    trace_id: str


class WeChat:
    """WeChat's interfaces, one method each. They refuse with `WeChatError` and its kinds.

    `timeout` (seconds) bounds each call as a whole: waiting for a token, one repetition after a stale one, all; the
    time limits towards Redis are those of the client given.
    `push_token` and `push_key` (EncodingAESKey) are those of the message push; without them no push is believed.
    """

    def __init__(
        self,
        *,
        appid: str,
        secret: str,
        base_url: str,
        redis: Redis,
        timeout: float = 5.0,
        push_token: str = "",
        push_key: str = "",
    ) -> None:
        if urlsplit(base_url).scheme not in {"http", "https"}:
            raise ValueError("base_url is no http(s) address")
        self.appid = appid
        self._secret = secret
        self._timeout = timeout
        self._push_token = push_token
        self._push_key = push_key
        self._tokens = Tokens(redis, appid, self._fetch_token)
        self._client = wire.Client(
            appid=appid,
            secret=secret,
            base_url=base_url.rstrip("/"),
            token=lambda: self._tokens.current(self._until()),
        )

    def __repr__(self) -> str:
        return f"WeChat({self.appid})"

    def session(self, login_code: str) -> WeChatSession:
        """Exchange the code of `wx.login` (once, within 5 minutes) for the user, in 3 seconds at most.

        Refuses: CodeInvalid, CodeUsed, UserBlocked, TooFrequent (100 a minute a user), Unreachable, Unanswered.
        """
        until = self._until(WAITING_USER)
        # A list instead of a dict: to a dict wechatpy would add an access token, which this call doesn't need.
        query = [
            ("appid", self.appid),
            ("secret", self._secret),
            ("js_code", login_code),
            ("grant_type", "authorization_code"),
        ]

        def send(left: float) -> object:
            return self._client.get("sns/jscode2session", params=query, timeout=left)

        reply = wire.fields(_once_more_when_busy(lambda: wire.exchange(until, send)))
        return WeChatSession(
            openid=wire.text(reply, "openid"),
            unionid=str(reply.get("unionid") or ""),
            session_key=wire.text(reply, "session_key"),
        )

    def phone_number(self, phone_code: str) -> str:
        """Exchange the code of the phone-number button (once, within 5 minutes) for the number, in 3 seconds at most.

        Eleven digits for a number of the mainland, else "+", country code and number. Refuses: CodeInvalid,
        TooFrequent, Unreachable, Unanswered.
        """
        until = self._until(WAITING_USER)
        path, body = "wxa/business/getuserphonenumber", {"code": phone_code}
        reply = wire.fields(_once_more_when_busy(lambda: self._call(path, body, until)))
        info = wire.fields(reply.get("phone_info"))
        if wire.fields(info.get("watermark")).get("appid") != self.appid:
            raise CodeInvalid("the number was given to another app")
        country, number = str(info.get("countryCode")), wire.text(info, "purePhoneNumber")
        return number if country == "86" else f"+{country}{number}"

    def qr_code(
        self,
        scene: str,
        page: str | None = None,
        *,
        check_path: bool = True,
        env_version: str = "release",
        width: int = 430,
    ) -> bytes:
        """A mini program code (JPEG or PNG) that opens `page` with `scene`, 1 to 32 of WeChat's characters.

        `page` is the first page when None; `width` is in pixels, 280 to 1280. Refuses: ValueError for an impossible
        scene, BadPage, TooFrequent, Unreachable, Unanswered.
        """
        if not SCENE.fullmatch(scene):
            raise ValueError("scene takes 1 to 32 of WeChat's characters")
        body = {"scene": scene, "check_path": check_path, "env_version": env_version, "width": width}
        if page is not None:
            body["page"] = page
        # A refusal is JSON; what wechatpy cannot read as JSON it hands over as the response itself.
        reply = self._call("wxa/getwxacodeunlimit", body, self._until())
        picture = reply.content if isinstance(reply, Response) else b""
        if not picture.startswith(PICTURES):
            raise Unanswered("the answer is no picture")
        return picture

    def send_subscribe(
        self, openid: str, template: str, page: str, data: Mapping[str, str], *, state: str = "formal"
    ) -> None:
        """Send one subscribe message, which uses up one consent; `data` is field key to value.

        `page` opens on a tap (empty: none), `state` is developer, trial or formal. WeChat knows no idempotency key:
        after Unanswered the message may have gone out. Refuses: NoConsent, UserUnknown, BadTemplate, BadValue,
        BadPage, TooFrequent, Busy, Unreachable, Unanswered.
        """
        body = {
            "touser": openid,
            "template_id": template,
            "data": {key: {"value": value} for key, value in data.items()},
            "miniprogram_state": state,
            "lang": "zh_CN",
        }
        if page:
            body["page"] = page
        # Only errcode 0 says that it went; whatever else the answer is, it may have.
        if wire.fields(self._call("cgi-bin/message/subscribe/send", body, self._until())).get("errcode") != 0:
            raise Unanswered("the answer lacks errcode")

    def check_text(self, openid: str, scene: Scene, text: str) -> TextVerdict:
        """Ask whether a user's text of 1 to 2,500 characters may be shown to others.

        Refuses: ValueError for another length, UserUnknown, BadContent, TooFrequent, Unreachable, Unanswered.
        """
        if not 0 < len(text) <= CONTENT_CHARACTERS:
            raise ValueError(f"a text of 1 to {CONTENT_CHARACTERS} characters can be checked")
        body = {"version": 2, "openid": openid, "scene": int(scene), "content": text}
        reply = wire.fields(self._call("wxa/msg_sec_check", body, self._until()))
        result = wire.fields(reply.get("result"))
        suggest, label = result.get("suggest"), result.get("label")
        if suggest not in set(Suggestion) or not isinstance(label, int):
            raise Unanswered("the answer has no verdict")
        return TextVerdict(Suggestion(suggest), label, str(reply.get("trace_id") or ""))

    def url_link(self, path: str, query: str = "", *, days: int = LONGEST_LINK_DAYS) -> str:
        """A link for SMS that opens the mini program's page `path` with `query`, for 1 to 30 days.

        Refuses: ValueError for other days, BadPage, TooFrequent, Unreachable, Unanswered.
        """
        if not 0 < days <= LONGEST_LINK_DAYS:
            raise ValueError(f"a link lives 1 to {LONGEST_LINK_DAYS} days")
        body = {"path": path, "query": query, "expire_type": 1, "expire_interval": days}
        return wire.text(wire.fields(self._call("wxa/generate_urllink", body, self._until())), "url_link")

    def verify_push(self, *, signature: str, timestamp: str, nonce: str, echostr: str, at: datetime) -> str:
        """What to answer to the GET by which WeChat checks the push address: `echostr`. Refuses: PushForged."""
        check_signature(self._push_token, signature, timestamp, nonce, at=at)
        return echostr

    def read_push(self, body: bytes, *, msg_signature: str, timestamp: str, nonce: str, at: datetime) -> dict[str, Any]:
        """The event in a pushed message of secure mode, JSON. Answer within 5 seconds. Refuses: PushForged."""
        encrypted = encrypted_part(body)
        check_signature(self._push_token, msg_signature, timestamp, nonce, encrypted, at=at)
        return decrypted(encrypted, push_key=self._push_key, appid=self.appid)

    def _until(self, at_most: float | None = None) -> float:
        return time.monotonic() + min(self._timeout, at_most or self._timeout)

    def _fetch_token(self, until: float, *, force: bool) -> tuple[str, int]:
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self._secret,
            "force_refresh": force,
        }

        def send(left: float) -> object:
            # An empty list instead of a dict, see `session`.
            return self._client.post("cgi-bin/stable_token", params=[], data=body, timeout=left)

        reply = wire.fields(wire.exchange(until, send))
        life = reply.get("expires_in")
        if not isinstance(life, int) or life <= 0:
            raise Unanswered("the answer lacks expires_in")
        return wire.text(reply, "access_token"), life

    def _call(self, path: str, body: Mapping[str, object], until: float) -> Any:  # noqa: ANN401 - see wire.exchange
        """POST with the token, and once more with another when WeChat calls it stale."""
        token = self._tokens.current(until)
        try:
            return self._post(path, body, token, until)
        except TokenRefused:
            token = self._tokens.current(until, stale=token)
        return self._post(path, body, token, until)

    def _post(self, path: str, body: Mapping[str, object], token: str, until: float) -> Any:  # noqa: ANN401 - see wire.exchange
        def send(left: float) -> object:
            return self._client.post(path, params={"access_token": token}, data=dict(body), timeout=left)

        return wire.exchange(until, send)


def _once_more_when_busy(call: Callable[[], T]) -> T:
    """What WeChat asks for on -1; for calls that a user waits for. Tasks have a repetition of their own."""
    try:
        return call()
    except Busy:
        time.sleep(BUSY_PAUSE)
    return call()
