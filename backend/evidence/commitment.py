"""Commitments: what the log publishes of a record, which says nothing to whoever lacks the opening.

A commitment is HMAC-SHA-256 (RFC 2104) under a salt of 32 random bytes over
`"linghuo.evidence/1" 0x00 kind 0x00 id (16 bytes) canonical JSON (RFC 8785)`. It hides the content as long as the salt
is unknown, and binds to it: HMAC with a key of fixed length is collision-resistant where SHA-256 is.
"""

import hmac
import os
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785

DOMAIN = b"linghuo.evidence/1"
SALT_BYTES = 32
DEEPEST = 100
BRACKET = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*"', re.DOTALL)
KIND = re.compile(r"[a-z_]+(\.[a-z_]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """All that it takes to see what a commitment says. Its representation shows none of it."""

    id: UUID
    kind: str
    salt: bytes
    canonical: bytes

    def __repr__(self) -> str:
        return f"Opening({self.kind})"

    @property
    def commitment(self) -> bytes:
        """The 32 bytes that the log publishes."""
        message = b"\0".join((DOMAIN, self.kind.encode(), self.id.bytes + self.canonical))
        return hmac.digest(self.salt, message, "sha256")

    @classmethod
    def of(cls, record_id: UUID, kind: str, content: Any, salt: bytes | None = None) -> "Opening":  # noqa: ANN401 - any JSON
        """The opening of this content, under a fresh salt unless one is given.

        Raises ValueError for a kind that isn't a dotted name, a salt of another length, or what JSON can't say.
        """
        if not KIND.fullmatch(kind):
            raise ValueError(f"not a kind of record: {kind!r}")
        if salt is None:
            salt = os.urandom(SALT_BYTES)
        if len(salt) != SALT_BYTES:
            raise ValueError("not a salt")
        try:
            canonical = rfc8785.dumps(content)
        except RecursionError as why:
            raise ValueError("nested too deep") from why
        check_depth(canonical.decode())
        return cls(record_id, kind, salt, canonical)


def check_depth(text: str) -> None:
    """Raises ValueError for a JSON that nests deeper than anything that is recorded: parsers end in different places.

    Python's own may end the process where a library has raised its limit of recursion.
    """
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for found in BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEEPEST:
            raise ValueError("nested too deep")
