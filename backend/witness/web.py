"""The witness over HTTP (RSGI): the protocol, and the verification page with this witness's own policy.

Bodies are awaited, not waited for: somebody who never finishes a request holds up nobody else.
"""

import asyncio
import mimetypes
import sqlite3
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import structlog
from granian.rsgi import (  # type: ignore[attr-defined] # public by its documentation
    HTTPProtocol,
    ProtocolClosed,
    ProtocolError,
    Scope,
)

import backend.evidence
from backend.witness.cosigner import Cosigner
from backend.witness.rules import ClockBehindError
from backend.witness.submission import MOST_BYTES

log = structlog.get_logger()
PAGE = Path(backend.evidence.__file__).parent / "static" / "verify"
PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
BODY_SECONDS = 5.0
"""For a whole body; a log sends some hundred bytes."""
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    ("content-security-policy", STRICT),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),
]


class TooLargeError(Exception):
    """A body larger than any submission."""


@dataclass(frozen=True, slots=True)
class Reply:
    content: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = PLAIN
    location: str = ""


def _plain(status: HTTPStatus) -> Reply:
    """In a line: whoever asks is a program."""
    return Reply(f"{status.phrase}\n".encode(), status)


@dataclass(frozen=True)
class Witness:
    """The witness as an application; `policy` is the text that `cosigner` judges by."""

    cosigner: Cosigner
    policy: str
    parts: dict[str, Path] = field(default_factory=lambda: {each.name: each for each in PAGE.iterdir()})
    """Of the verification page; no other file can be named."""

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        try:
            reply = await self._answer(scope, protocol)
        except (ProtocolClosed, ProtocolError):  # who asked is gone
            return
        headers = [("content-type", reply.content_type), *HEADERS]
        headers += [("location", reply.location)] if reply.location else []
        protocol.response_bytes(reply.status, headers, reply.content)

    async def _answer(self, scope: Scope, protocol: HTTPProtocol) -> Reply:
        path = scope.path.split("/")[1:]
        if path == ["add-checkpoint"]:
            return await self._receive(protocol) if scope.method == "POST" else _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        if scope.method != "GET":
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        return await asyncio.to_thread(self._show, path)

    def _show(self, path: list[str]) -> Reply:
        match path:
            case [origin_hash, "checkpoint"] if note := self.cosigner.checkpoint(origin_hash):
                return Reply(note.encode())
            case ["verify"]:  # the page finds its parts relative to itself
                return Reply(b"", HTTPStatus.PERMANENT_REDIRECT, location="verify/")
            case ["verify", "policy"]:
                return Reply(self.policy.encode())
            case ["verify", name] if part := self.parts.get(name or "index.html"):
                content_type = mimetypes.guess_type(part.name)[0] or "application/octet-stream"
                return Reply(part.read_bytes(), content_type=f"{content_type}; charset=utf-8")
        return _plain(HTTPStatus.NOT_FOUND)

    async def _receive(self, protocol: HTTPProtocol) -> Reply:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(protocol)
        except TooLargeError:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except TimeoutError:
            return _plain(HTTPStatus.REQUEST_TIMEOUT)
        return await asyncio.to_thread(self._add, body)

    def _add(self, body: bytes) -> Reply:
        try:
            answer = self.cosigner.add(body)
        except ClockBehindError as why:
            log.error("witness.clock_behind", witness=self.cosigner.key.name, why=str(why))  # noqa: TRY400 - no traceback
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE)
        except sqlite3.Error as why:
            log.error("witness.disk", witness=self.cosigner.key.name, why=str(why))  # noqa: TRY400 - no traceback
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE)
        return Reply(answer.said.encode(), answer.status, PLAIN if answer.size is None else SIZE)


async def _read(protocol: HTTPProtocol) -> bytes:
    body = bytearray()
    async for chunk in protocol:
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLargeError
    return bytes(body)
