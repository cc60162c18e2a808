"""A witness, as the log asks it: C2SP tlog-witness over HTTP."""

# ruff: noqa: N818 - they are named for what happened, as the refusals of the product are

from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from backend.core import outbound
from backend.evidence.checkpoint import SIZE
from backend.evidence.note import Malformed, Note, Signature, encode64

TIMEOUT = 3.0
"""Seconds for a whole exchange."""
REFUSALS = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
)
MOST_SAID = 200
"""Characters of a witness's own words that are kept."""


class WitnessError(Exception):
    """The witness didn't cosign."""


class WitnessAway(WitnessError):
    """No answer, or none of the protocol: ask again later."""


class WitnessElsewhere(WitnessError):
    """The witness has cosigned a tree of another size than the request said (409)."""

    def __init__(self, size: int) -> None:
        super().__init__(f"at {size}")
        self.size = size


class WitnessRefused(WitnessError):
    """The witness doesn't know the log, or finds that it doesn't extend what was cosigned; says its own words."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"HTTP {status}: {said}")
        self.status = status


class WitnessGateway(Protocol):
    """One witness."""

    def add(self, *, old: int, proof: Sequence[bytes], checkpoint: Note) -> tuple[Signature, ...]:
        """Ask for cosignatures of a checkpoint, with the proof that it extends the tree of size `old`.

        What comes back is unchecked. Refuses: WitnessElsewhere, WitnessRefused, WitnessAway.
        """
        ...

    def newest(self, origin: str) -> Note | None:
        """The newest checkpoint that it cosigned of the log, unchecked; None for none. Refuses: WitnessAway."""
        ...


class WitnessClient:
    """The live `WitnessGateway`; `url` is both the submission and the monitoring prefix."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("a witness without an http(s) address")
        self._url = url.rstrip("/")
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"WitnessClient({self._url})"

    def add(self, *, old: int, proof: Sequence[bytes], checkpoint: Note) -> tuple[Signature, ...]:
        """See WitnessGateway."""
        hashes = "".join(encode64(each) + "\n" for each in proof)
        body = f"old {old}\n{hashes}\n{checkpoint}"
        status, said = self._exchange("POST", "add-checkpoint", body)
        size = said.removesuffix("\n")
        if status == HTTPStatus.CONFLICT and SIZE.fullmatch(size):
            raise WitnessElsewhere(int(size))
        if status in REFUSALS:
            raise WitnessRefused(status, said[:MOST_SAID].strip())
        if status != HTTPStatus.OK:
            raise WitnessAway(f"HTTP {status}")
        try:
            return Note.parse(f"{checkpoint.text}\n{said}").signatures
        except Malformed as why:
            raise WitnessAway(f"not the protocol: {why}") from why

    def newest(self, origin: str) -> Note | None:
        """See WitnessGateway."""
        status, said = self._exchange("GET", f"{sha256(origin.encode()).hexdigest()}/checkpoint", "")
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status != HTTPStatus.OK:
            raise WitnessAway(f"HTTP {status}")
        try:
            return Note.parse(said)
        except Malformed as why:
            raise WitnessAway(f"not the protocol: {why}") from why

    def _exchange(self, method: str, path: str, body: str) -> tuple[int, str]:
        with outbound.Exchange() as http:
            try:
                reply = http.request(method, f"{self._url}/{path}", data=body.encode(), timeout=self._timeout)
                return reply.status_code, reply.content.decode()
            except (outbound.NotSent, outbound.Unanswered) as error:
                raise WitnessAway(str(error)) from error
            except UnicodeDecodeError as why:
                raise WitnessAway("not the protocol: not UTF-8") from why
