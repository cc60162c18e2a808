"""Proofs that can be checked offline, as text (C2SP tlog-proof) or as JSON.

The text form's extra data is the opening of the commitment: the canonical JSON (RFC 8785) of the object that the JSON
form has under "record". A proof can be written in one way only, so that no byte of a file can change unseen.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.evidence.commitment import Opening, check_depth
from backend.evidence.merkle import HASH_BYTES, check_inclusion, leaf_hash
from backend.evidence.note import Malformed, Note, decode64, encode64
from backend.evidence.policy import Agreement, Policy

HEADER = "c2sp.org/tlog-proof@v1"
FORMAT = "linghuo.evidence/proof@1"
"""What the JSON form calls itself."""
FIELDS = frozenset({"format", "record", "index", "path", "checkpoint"})
RECORD = frozenset({"id", "kind", "salt", "content"})
INDEX = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
MOST_HASHES = 63
SAFE = 2**53 - 1
"""Whole numbers up to this one are themselves in every reader of JSON (RFC 7493)."""


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
        """The proof that a text of either form is. Raises Malformed."""
        return cls._parse_text(text) if text.startswith(HEADER) else cls._parse_json(text)

    @classmethod
    def _parse_text(cls, text: str) -> "Proof":
        head, gap, note = text.partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER or not gap or not lines:
            raise Malformed("not a proof")
        opening = load_opening(decode64(lines.pop(0)[6:])) if lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index ") or not INDEX.fullmatch(lines[0][6:]):
            raise Malformed("a proof without the leaf's index")
        return cls(int(lines[0][6:]), _hashes(lines[1:]), Note.parse(note), opening)

    @classmethod
    def _parse_json(cls, text: str) -> "Proof":
        said = load_json(text)
        if not isinstance(said, dict) or said.keys() != FIELDS or said["format"] != FORMAT:
            raise Malformed("not a proof")
        index, path, note = said["index"], said["path"], said["checkpoint"]
        if type(index) is not int or index < 0:
            raise Malformed("a proof without the leaf's index")
        if not isinstance(path, list) or not all(isinstance(each, str) for each in [*path, note]):
            raise Malformed("a path or a checkpoint that isn't text")
        return cls(index, _hashes(path), Note.parse(note), _opening(said["record"]))

    def dump_json(self) -> str:
        """The JSON form, for people to read and programs to take apart. Raises Malformed without an opening."""
        if self.opening is None:
            raise Malformed("a proof without its record")
        opening = self.opening
        said = {
            "format": FORMAT,
            "record": {
                "id": str(opening.id),
                "kind": opening.kind,
                "salt": encode64(opening.salt),
                "content": json.loads(opening.canonical),
            },
            "index": self.index,
            "path": [encode64(each) for each in self.path],
            "checkpoint": str(self.checkpoint),
        }
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"

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
    """The opening as canonical JSON: content, id, kind, and the salt in base64."""
    rest = f',"id":"{opening.id}","kind":"{opening.kind}","salt":"{encode64(opening.salt)}"}}'
    return b'{"content":' + opening.canonical + rest.encode()


def load_opening(content: bytes) -> Opening:
    """The opening that a canonical JSON says. Raises Malformed."""
    try:
        opening = _opening(load_json(content.decode()))
    except UnicodeDecodeError as why:
        raise Malformed("not the opening of a record") from why
    if dump_opening(opening) != content:
        raise Malformed("an opening that isn't canonical JSON")
    return opening


def _opening(said: Any) -> Opening:  # noqa: ANN401 - any JSON
    if not isinstance(said, dict) or said.keys() != RECORD:
        raise Malformed("not the opening of a record")
    record_id, kind, salt = said["id"], said["kind"], said["salt"]
    if not (isinstance(record_id, str) and isinstance(kind, str) and isinstance(salt, str)):
        raise Malformed("not the opening of a record")
    try:
        opening = Opening.of(UUID(record_id), kind, said["content"], decode64(salt))
    except ValueError as why:
        raise Malformed("not the opening of a record") from why
    if str(opening.id) != record_id:
        raise Malformed("an id that isn't written as one")
    return opening


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    path = tuple(map(decode64, lines))
    if len(path) > MOST_HASHES or any(len(each) != HASH_BYTES for each in path):
        raise Malformed("a path that isn't made of hashes")
    return path


def load_json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """What a JSON says, read as every reader would: numbers are doubles, no key stands twice. Raises Malformed."""
    try:
        check_depth(text)
        return json.loads(text, object_pairs_hook=_object, parse_int=_number, parse_constant=_no_constant)
    except (ValueError, RecursionError) as why:
        raise Malformed("not JSON") from why


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("a key that stands twice")
    return found


def _number(digits: str) -> int | float:
    double = float(digits)
    return int(digits) if abs(double) <= SAFE else double


def _no_constant(name: str) -> float:
    raise Malformed(f"{name} is no JSON")
