"""HTTP to one partner: its token endpoint, then the signed message."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from redis import Redis
from redis.exceptions import RedisError

from backend.core.outbound import Exchange, NotSent, Unanswered
from backend.partners import keys, signatures
from backend.partners.rules import SIGNATURE_LIFE

TIMEOUT = 15  # seconds
TOKEN_PATH, MESSAGES_PATH = "/partners/v1/token", "/partners/v1/messages"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class PartnerClient:
    """Speaks to one partner with the credentials that it gave us."""

    partner: str
    base_url: str
    client_id: str
    secret: str
    key: str
    """From which our signing key is drawn."""
    redis: Redis

    def deliver(self, content: bytes, now: datetime) -> tuple[int, str]:
        """(status, what it said); 0 when no answer came. The same message may always be sent again."""
        try:
            with Exchange() as exchange:
                status, token = self._token(exchange)
                if status != HTTPStatus.OK:
                    # Wrong credentials are mended by people here: the message isn't refused by that.
                    return 0, token
                answer = exchange.post(
                    self.base_url + MESSAGES_PATH,
                    data=content,
                    headers=self._signed(content, token, now),
                    timeout=TIMEOUT,
                )
        except NotSent:
            return 0, "连不上对方系统"
        except Unanswered:
            return 0, "对方系统没有答复"
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._forget_token()
        if answer.ok and _object(answer).get("status") != "accepted":
            return 0, "对方地址有答复，但不是对接系统的答复，请核对地址"
        return answer.status_code, _sentence(answer)

    def _signed(self, content: bytes, token: str, now: datetime) -> dict[str, str]:
        headers = {
            "content-type": JSON,
            "content-digest": signatures.content_digest(content),
            "authorization": f"Bearer {token}",
        }
        message = signatures.Message("POST", authority_of(self.base_url), MESSAGES_PATH, headers)
        created = int(now.timestamp())
        return headers | signatures.sign(
            message,
            keys.signing_key(self.key),
            key_id=self.client_id,
            created=created,
            expires=created + int(SIGNATURE_LIFE.total_seconds()),
            nonce=secrets.token_urlsafe(18),
        )

    def _token(self, exchange: Exchange) -> tuple[int, str]:
        """(200, token), or a status and what is wrong. Kept in Redis for as long as it is good."""
        if kept := self._kept_token():
            return HTTPStatus.OK, kept
        answer = exchange.post(
            self.base_url + TOKEN_PATH,
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.secret),
            timeout=TIMEOUT,
        )
        if answer.status_code != HTTPStatus.OK:
            return answer.status_code, f"没有拿到对方的访问令牌（{answer.status_code}）：{_sentence(answer)}"
        said = _object(answer)
        token, life = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not isinstance(life, int):
            return 0, "对方地址有答复，但没有给出访问令牌，请核对地址"
        try:
            self.redis.set(self._place, token, ex=max(life - 60, 1))
        except RedisError:
            return HTTPStatus.OK, token
        return HTTPStatus.OK, token

    def _kept_token(self) -> str:
        try:
            return str(self.redis.get(self._place) or "")
        except RedisError:
            return ""

    def _forget_token(self) -> None:
        try:
            self.redis.delete(self._place)
        except RedisError:
            return

    @property
    def _place(self) -> str:
        return f"partners:token:{self.partner}"


def authority_of(url: str) -> str:
    """Host and port as they stand in a signature (RFC 9421, 2.2.3): small letters, without the scheme's own port."""
    parts = urlsplit(url.lower())
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.hostname or "" if parts.port in {None, default} else f"{parts.hostname}:{parts.port}"


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _sentence(answer: requests.Response) -> str:
    """What a refusal says, with the fields at fault."""
    said = _object(answer)
    error = said.get("error")
    if not isinstance(error, dict):
        return str(said.get("error_description") or error or answer.status_code)
    given = error.get("fields")
    fields = list(given.items()) if isinstance(given, dict) else []
    return "；".join([str(error.get("message", "")), *(f"{name}：{text}" for name, text in fields[:5])])
