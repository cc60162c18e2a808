"""What a log submits: the size that it believes the witness to be at, a consistency proof, and a checkpoint."""

import re
from dataclasses import dataclass

from backend.evidence.checkpoint import SIZE, Checkpoint
from backend.evidence.merkle import HASH_BYTES
from backend.evidence.note import Malformed, Note, decode64

MOST_HASHES = 63
MOST_LEAVES = (1 << 63) - 1
"""What the store's integers hold."""
MOST_BYTES = 256 * 1024
"""Of a body: the proof, and a checkpoint with many more signatures than the sixteen that every verifier must take."""
OLD = re.compile(f"old ({SIZE.pattern})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Submission:
    old: int
    proof: tuple[bytes, ...]
    note: Note
    tree: Checkpoint
    """What the note says."""

    @classmethod
    def parse(cls, body: bytes) -> "Submission":
        """The submission that a request's body is; no signature is checked yet. Raises Malformed."""
        try:
            head, gap, rest = body.decode().partition("\n\n")
        except UnicodeDecodeError as why:
            raise Malformed("not UTF-8") from why
        first, *lines = head.split("\n")
        size = OLD.fullmatch(first)
        if not gap or not size or len(lines) > MOST_HASHES:
            raise Malformed("not an old size, a proof and a checkpoint")
        proof = tuple(map(decode64, lines))
        if any(len(each) != HASH_BYTES for each in proof):
            raise Malformed("a proof that isn't made of hashes")
        note = Note.parse(rest)
        tree = Checkpoint.parse(note.text)
        if max(tree.size, int(size[1])) > MOST_LEAVES:
            raise Malformed("a tree that large can't be")
        return cls(int(size[1]), proof, note, tree)
