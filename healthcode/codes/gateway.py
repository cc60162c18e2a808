"""A province's own health code: what the product asks of it, and the live client of its health query over HTTP.

GB/T 38963-2020 (个人健康信息码 应用接口) lists seven interfaces; one is the query of a user's health information
(用户健康信息查询), served as JSON over HTTPS to applications that the province has registered; the text of the standard
isn't published freely, and each province hands out its own field names. This is such an interface, true to the parts
that are publicly known. `POST {base}/phi/v1/health-query`:

    {"head": {"appId", "requestId", "timestamp", "sign"}, "data": {"name", "idType": "111", "idNumber"}}

is answered with status 200 and

    {"head": {"requestId", "timestamp", "code", "message", "sign"}, "data": {"colour", "queriedAt"}}

`code` is 0000 for somebody who was found, 1001 for nobody; anything else is a refusal. `colour` is green, yellow or
red; times are RFC 3339. `sign` is the HMAC-SHA256, in hex, under the secret that both sides have, of the other values
of `head` in the order above and of `data` as JSON with sorted keys and without spaces, joined by line feeds. An answer
belongs to the one request whose id it repeats.
"""

# ruff: noqa: N818 - they are named for what happened, as the refusals of the product are

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

from backend.core import outbound
from healthcode.codes.rules import CLOCK_SKEW, Colour

RESIDENT_ID_CARD = "111"
FOUND, NOBODY = "0000", "1001"
COLOURS = {colour.value: colour for colour in (Colour.GREEN, Colour.YELLOW, Colour.RED)}
OLDEST = timedelta(hours=24)
"""An older finding of the province says nothing of today."""


class ProvinceError(Exception):
    """The province gave no answer that can be used."""


class ProvinceUnreachable(ProvinceError):
    """It is away or busy; it may be asked again, since a question changes nothing."""


class ProvinceRefused(ProvinceError):
    """It knows us not, or not any more; asking the same again brings the same."""


class ProvinceForged(ProvinceError):
    """What came isn't signed by the province, belongs to another request or another time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The colour that the province's own code has, and when the province found so."""

    colour: Colour
    at: datetime


class ProvincialCodes(Protocol):
    """One province's health query."""

    def query(self, *, name: str, resident_id: str, request_id: str, now: datetime) -> Answer | None:
        """What the province says of somebody; None where it knows nobody of this name and number.

        Refuses: ProvinceUnreachable, ProvinceRefused, ProvinceForged.
        """
        ...


class ProvinceClient:
    """The live `ProvincialCodes`. `timeout` (seconds) bounds each call."""

    def __init__(self, base_url: str, *, app: str, key: str, timeout: float = 5.0) -> None:
        if urlsplit(base_url).scheme not in {"http", "https"}:
            raise ValueError("base_url is no http(s) address")
        self._url = f"{base_url.rstrip('/')}/phi/v1/health-query"
        self._app, self._key, self._timeout = app, key.encode(), timeout
        self._http = outbound.Exchange()

    def __repr__(self) -> str:
        return f"ProvinceClient({self._url})"

    def query(self, *, name: str, resident_id: str, request_id: str, now: datetime) -> Answer | None:
        """See ProvincialCodes."""
        head = {"appId": self._app, "requestId": request_id, "timestamp": now.isoformat()}
        data = {"name": name, "idType": RESIDENT_ID_CARD, "idNumber": resident_id}
        body = self._exchange({"head": head | {"sign": sign(self._key, head, data)}, "data": data})
        told, found = _object(body.get("head")), _object(body.get("data"))
        signed = {field: str(told.get(field, "")) for field in ("requestId", "timestamp", "code", "message")}
        if not hmac.compare_digest(sign(self._key, signed, found).encode(), str(told.get("sign", "")).encode()):
            raise ProvinceForged("signature")
        if signed["requestId"] != request_id:
            raise ProvinceForged("the answer to another request")
        if abs(_moment(signed["timestamp"]) - now) > CLOCK_SKEW:
            raise ProvinceForged("the answer of another time")
        return _answer(signed["code"], found, now)

    def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self._http.request("POST", self._url, json=message, timeout=self._timeout)
        except (outbound.NotSent, outbound.Unanswered) as error:
            raise ProvinceUnreachable(f"no whole answer: {error}") from error
        status = reply.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise ProvinceUnreachable(f"HTTP {status}")
        if status != HTTPStatus.OK:
            raise ProvinceRefused(f"HTTP {status}")
        try:
            return _object(json.loads(reply.content))
        except (ValueError, RecursionError) as garbled:
            raise ProvinceUnreachable("the answer is no JSON") from garbled


def sign(key: bytes, head: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """The signature of a message, as the module's docstring says."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, "\n".join([*head.values(), canonical]).encode(), hashlib.sha256).hexdigest()


def _answer(code: str, found: Mapping[str, Any], now: datetime) -> Answer | None:
    if code == NOBODY:
        return None
    if code != FOUND:
        raise ProvinceRefused(f"code {code[:8]}")
    colour, at = COLOURS.get(str(found.get("colour"))), _moment(str(found.get("queriedAt", "")))
    if colour is None or not now - OLDEST <= at <= now + CLOCK_SKEW:
        raise ProvinceRefused("the answer is not the province's protocol")
    return Answer(colour, at)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise ProvinceForged("no time") from wrong
    if moment.tzinfo is None:
        raise ProvinceForged("a time without its zone")
    return moment


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
