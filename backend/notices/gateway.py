"""The SMS provider: what the product asks of one, and the live client of the provider's HTTP interface.

`POST {base}/sms/v1/messages` with a bearer key and an `Idempotency-Key`; `GET` of a message by its id or by that key.
"""

# ruff: noqa: N818 - they are named for what happened, as the refusals of the product are

import json
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from backend.core import outbound


class SmsState(StrEnum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class SmsReport:
    """How a message fares; `reason` is the provider's code for undelivered ones, such as "phone.off"."""

    provider_id: str
    state: SmsState
    reason: str = ""


class SmsError(Exception):
    """The provider did not take the message, or may not have."""


class SmsRefused(SmsError):
    """For good: sending the same again brings the same. `reason` is the provider's code, "number.unassigned"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SmsUnreachable(SmsError):
    """The provider has not taken it; it may be sent again, after `retry_after` seconds where the provider says so."""

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SmsUnknown(SmsError):
    """It left, and no answer came: ask by the idempotency key (`find`), never just send again."""


class SmsGateway(Protocol):
    """One SMS provider."""

    def send(self, *, phone: str, text: str, idempotency_key: str) -> str:
        """Hand over a message; returns the provider's id. Refuses: SmsRefused, SmsUnreachable, SmsUnknown."""
        ...

    def state(self, provider_id: str) -> SmsReport:
        """How it fares. Refuses: SmsRefused when the provider knows no such message, SmsUnreachable."""
        ...

    def find(self, idempotency_key: str) -> SmsReport | None:
        """The message sent under this key; None: it never arrived and may be sent. Refuses: SmsUnreachable."""
        ...


class SmsClient:
    """The live `SmsGateway`. `timeout` (seconds) bounds each call."""

    def __init__(self, base_url: str, key: str, timeout: float = 5.0) -> None:
        if urlsplit(base_url).scheme not in {"http", "https"}:
            raise ValueError("base_url is no http(s) address")
        self._url = f"{base_url.rstrip('/')}/sms/v1/messages"
        self._timeout = timeout
        self._http = outbound.Exchange()
        self._http.headers["Authorization"] = f"Bearer {key}"

    def __repr__(self) -> str:
        return f"SmsClient({self._url})"

    def send(self, *, phone: str, text: str, idempotency_key: str) -> str:
        """See SmsGateway. The same key with the same message is one message, however often it is sent."""
        status, body = self._exchange(
            "POST", self._url, {"Idempotency-Key": idempotency_key}, {"phone": phone, "text": text}
        )
        if status not in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
            raise SmsUnknown(f"HTTP {status}")
        return _report(body).provider_id

    def state(self, provider_id: str) -> SmsReport:
        """See SmsGateway."""
        return self._asked(f"{self._url}/{quote(provider_id, safe='')}")

    def find(self, idempotency_key: str) -> SmsReport | None:
        """See SmsGateway."""
        try:
            return self._asked(f"{self._url}?idempotency_key={quote(idempotency_key, safe='')}")
        except SmsRefused as refusal:
            if refusal.reason == "message.unknown":
                return None
            raise

    def _asked(self, url: str) -> SmsReport:
        try:
            _, body = self._exchange("GET", url, {}, None)
            return _report(body)
        except SmsUnknown as unknown:
            # A question changes nothing, so it may be asked again.
            raise SmsUnreachable(str(unknown)) from None

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], message: dict[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        try:
            reply = self._http.request(method, url, headers=headers, json=message, timeout=self._timeout)
        except outbound.NotSent as error:
            raise SmsUnreachable(f"not connected: {error}") from error
        except outbound.Unanswered as error:
            raise SmsUnknown(f"no whole answer: {error}") from error
        status = reply.status_code
        if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            after = reply.headers.get("Retry-After", "")
            raise SmsUnreachable(f"HTTP {status}", int(after) if after.isdecimal() else None)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SmsUnknown(f"HTTP {status}")
        body = _object(reply.content)
        if status >= HTTPStatus.BAD_REQUEST:
            refusal = body.get("error")
            raise SmsRefused(str(refusal.get("code")) if isinstance(refusal, dict) else f"http.{status}")
        return status, body


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {}


def _report(body: dict[str, Any]) -> SmsReport:
    identifier, state = body.get("id"), body.get("state")
    if not isinstance(identifier, str) or not identifier or state not in set(SmsState):
        raise SmsUnknown("the answer is not the provider's protocol")
    return SmsReport(identifier, SmsState(state), str(body.get("reason") or ""))
