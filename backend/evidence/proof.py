"""Proofs that can be checked offline (C2SP tlog-proof), whose extra data is the opening of the commitment."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.evidence.commitment import Opening
from backend.evidence.merkle import HASH_BYTES, check_inclusion, leaf_hash
from backend.evidence.note import Malformed, Note, decode64, encode64
from backend.evidence.policy import Agreement, Policy

HEADER = "c2sp.org/tlog-proof@v1"
INDEX = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """That a record's commitment is the leaf at `index` of a signed checkpoint's tree."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    opening: Opening | None = None
    """What was committed to; without it a proof shows that a commitment is in the log, not what it says."""

    def __str__(self) -> str:
        extra = f"extra {encode64(dump_opening(self.opening))}\n" if self.opening else ""
        hashes = "".join(f"{encode64(each)}\n" for each in self.path)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """The proof that a file's text is. Raises Malformed."""
        head, gap, note = text.partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER or not gap or not lines:
            raise Malformed("not a proof")
        extra = lines.pop(0).removeprefix("extra ") if lines[0].startswith("extra ") else ""
        if not lines or not lines[0].startswith("index ") or not INDEX.fullmatch(lines[0][6:]):
            raise Malformed("a proof without the leaf's index")
        path = tuple(map(decode64, lines[1:]))
        if len(path) > MOST_HASHES or any(len(each) != HASH_BYTES for each in path):
            raise Malformed("a path that isn't made of hashes")
        opening = load_opening(decode64(extra)) if extra else None
        return cls(int(lines[0][6:]), path, Note.parse(note), opening)

    def check(self, policy: Policy, commitment: bytes | None = None) -> Agreement:
        """Check everything: signatures, path, and that the opening opens the leaf.

        `commitment` is needed where the proof carries no opening. Whether the quorum is met stands in the answer.
        Raises Malformed, Unsigned or Unproven.
        """
        if self.opening is not None:
            commitment = self.opening.commitment
        if commitment is None:
            raise Malformed("a proof without its record")
        agreement = policy.check(self.checkpoint)
        tree = agreement.checkpoint
        check_inclusion(index=self.index, size=tree.size, leaf=leaf_hash(commitment), path=self.path, root=tree.root)
        return agreement


def dump_opening(opening: Opening) -> bytes:
    """The opening as JSON: id, kind, salt in base64, and the content."""
    said = {
        "id": str(opening.id),
        "kind": opening.kind,
        "salt": encode64(opening.salt),
        "content": json.loads(opening.canonical),
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def load_opening(content: bytes) -> Opening:
    """The opening that a JSON says. Raises Malformed."""
    try:
        said: dict[str, Any] = json.loads(content)
        return Opening.of(UUID(said["id"]), str(said["kind"]), said["content"], decode64(said["salt"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as why:
        raise Malformed("not the opening of a record") from why
