"""Logs as static files, written with the pure modules alone: what a follower of the specifications sees of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.commitment import Opening
from backend.evidence.merkle import consistency_proof, fold, inclusion_proof, leaf_hashes, root_hash
from backend.evidence.note import Algorithm, Note, PrivateKey
from backend.evidence.policy import Policy
from backend.evidence.proof import Proof
from backend.evidence.tiles import WIDTH, Tile, encode_bundle, new_tiles, reader

ORIGIN = "log.linghuo.test/kunshan"
SEEN = 1_584_850_800
"""2020-03-22 12:20:00 in Shanghai."""


@dataclass
class Log:
    """A log in a folder with witnesses that always agree; the quorum is all of them."""

    folder: Path
    witnesses: Sequence[str] = ("regulator.test", "bank.test")
    entries: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = PrivateKey.generate(ORIGIN, Algorithm.LOG)
        self.witness_keys = [PrivateKey.generate(name, Algorithm.COSIGNATURE) for name in self.witnesses]
        self._levels: list[list[bytes]] = [[]]

    @property
    def policy_text(self) -> str:
        lines = [f"witness {each.name} {each.public} http://127.0.0.1/{each.name}" for each in self.witness_keys]
        quorum = f"group everybody all {' '.join(self.witnesses)}\nquorum everybody" if lines else "quorum none"
        return "\n".join([f"log {self.key.public}", *lines, quorum, ""])

    @property
    def policy(self) -> Policy:
        return Policy.parse(self.policy_text)

    def grow(self, entries: Iterable[bytes]) -> Note:
        """Append the entries, write the new tiles and then the checkpoint; returns the checkpoint."""
        old = len(self.entries)
        self.entries += entries
        self._levels[0] += leaf_hashes(self.entries[old:])
        level = 0
        while len(self._levels[level]) >= WIDTH:
            self._levels += [[]] * (level + 2 > len(self._levels))
            below, above = self._levels[level], self._levels[level + 1]
            above += (fold(below[at : at + WIDTH]) for at in range(len(above) * WIDTH, len(below) - WIDTH + 1, WIDTH))
            level += 1
        for tile in new_tiles(old, len(self.entries)):
            self._write(tile.path, self._content(tile))
        note = self.checkpoint()
        self._write("checkpoint", str(note).encode())
        return note

    def _content(self, tile: Tile) -> bytes:
        part = slice(tile.place * WIDTH, tile.place * WIDTH + tile.width)
        return encode_bundle(self.entries[part]) if tile.level is None else b"".join(self._levels[tile.level][part])

    def _write(self, path: str, content: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def fetch(self, tile: Tile) -> bytes:
        return (self.folder / tile.path).read_bytes()

    def checkpoint(self, size: int | None = None, at: int = SEEN) -> Note:
        """The checkpoint of this size (the newest without one), signed and cosigned by all."""
        size = len(self.entries) if size is None else size
        text = Checkpoint(ORIGIN, size, self.root(size)).text
        return Note(text, (self.key.sign(text), *(each.cosign(text, at) for each in self.witness_keys)))

    def root(self, size: int) -> bytes:
        return root_hash(size, self._read)

    def _read(self, height: int, place: int) -> bytes:
        level, inside = divmod(height, 8)
        return fold(self._levels[level][place << inside : (place + 1) << inside])

    def prove(self, index: int, opening: Opening | None = None, size: int | None = None) -> Proof:
        """The inclusion proof from the published tiles, under the checkpoint of this size (the newest without one)."""
        size = len(self.entries) if size is None else size
        path = inclusion_proof(index, size, reader(size, self.fetch))
        return Proof(index, tuple(path), self.checkpoint(size), opening)

    def prove_growth(self, old: int, new: int) -> list[bytes]:
        """The consistency proof from the published tiles."""
        return consistency_proof(old, new, reader(new, self.fetch))


def numbered(count: int, start: int = 0) -> list[bytes]:
    """So many entries that differ."""
    return [f"entry {number}".encode() for number in range(start, start + count)]
