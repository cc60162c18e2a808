"""Checkpoints: what a log says its tree is (C2SP tlog-checkpoint)."""

import re
from dataclasses import dataclass

from backend.evidence.merkle import HASH_BYTES
from backend.evidence.note import Malformed, decode64, encode64

SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
MOST = 2**63 - 1
LEAST_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, the size of its tree in leaves, and the tree's root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text of the note that says so."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint that a note's text is; lines after the third are somebody's extensions. Raises Malformed."""
        origin, *rest = text.split("\n")
        if len(rest) < LEAST_LINES or rest[-1] or not origin or not all(rest[:-1]):
            raise Malformed("not a checkpoint")
        if not SIZE.fullmatch(rest[0]) or int(rest[0]) > MOST:
            raise Malformed("not the size of a tree")
        root = decode64(rest[1])
        if len(root) != HASH_BYTES:
            raise Malformed("not the root of a tree")
        return cls(origin, int(rest[0]), root)
