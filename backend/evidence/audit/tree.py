"""The tree, recomputed from the stored leaves: its roots against the checkpoints, its tiles against the published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select, text

from backend.core.db import db
from backend.core.transactions import transaction
from backend.evidence import publishing
from backend.evidence.audit.findings import Findings
from backend.evidence.audit.notes import Notes
from backend.evidence.audit.rules import Cause
from backend.evidence.edge import Edge
from backend.evidence.models import Checkpoint, Cosignature, Leaf
from backend.evidence.policy import Policy
from backend.evidence.tiles import HEIGHT, WIDTH, Tile, decode_bundle, split_hashes

BATCH = 32 * WIDTH
"""Leaves that are in memory at a time."""
CHECKPOINTS = 500
LEAVES = text("""
SELECT l.index AS place, l.record_id, l.commitment, r.id IS NOT NULL AS recorded
FROM evidence.leaf l LEFT JOIN evidence.record r ON r.id = l.record_id
WHERE l.index >= :start AND l.index < :stop ORDER BY l.index
""")
Signed = Row[int, bytes, str, datetime]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What the stored leaves make."""

    size: int
    root: bytes
    checkpoints: int
    files: int


def recompute(findings: Findings, policy: Policy) -> Recomputed:
    """Walk all leaves, in memory that doesn't grow with them, and compare what hangs on them."""
    walk = _Walk(findings, policy)
    for start in range(0, walk.end, BATCH):
        walk.feed(start, walk.read(start, min(start + BATCH, walk.end)))
    return Recomputed(walk.edge.size, walk.edge.root, walk.checkpoints, walk.files)


class _Walk:
    """One walk over the log as it stood when it began."""

    def __init__(self, findings: Findings, policy: Policy) -> None:
        self.edge = Edge()
        self.checkpoints = self.files = 0
        self._findings, self._notes, self._store = findings, Notes(findings, policy), publishing.log_store()
        with transaction():
            self._signed = db.session.scalar(select(func.max(Checkpoint.size))) or 0
            leaves = db.session.scalar(select(func.max(Leaf.index) + 1)) or 0
        self.end = max(self._signed, leaves)
        self._ahead = self._read_checkpoints()
        self._due = next(self._ahead, None)
        self._before = 0
        self._sound = True

    def read(self, start: int, stop: int) -> list[bytes]:
        """The entries of these leaves; an empty one where a leaf is missing."""
        with transaction():
            rows = db.session.execute(LEAVES, {"start": start, "stop": stop}).all()
        entries = [b""] * (stop - start)
        for row in rows:
            entries[row.place - start] = bytes(row.commitment)
            if not row.recorded:
                self._findings.add(Cause.RECORD_MISSING, record_id=row.record_id, index=row.place)
        for place, entry in enumerate(entries):
            if not entry:
                self._findings.add(Cause.LEAF_MISSING, index=start + place)
        return entries

    def feed(self, start: int, entries: Sequence[bytes]) -> None:
        """Let the tree grow from checkpoint to checkpoint; leaves behind the last one wait for theirs."""
        while self._due and self.edge.size < start + len(entries):
            stop = min(self._due.size, start + len(entries))
            for tile, content in self.edge.append(entries[self.edge.size - start : stop - start]):
                self._compare(tile, content)
            if self.edge.size == self._due.size:
                self._check(self._due)
                self._due = next(self._ahead, None)

    def _check(self, signed: Signed) -> None:
        """A checkpoint that is reached. Of those that are wrong in a row the first is told: the others follow."""
        self.checkpoints += 1
        sound = self.edge.root == signed.root
        if self._sound and not sound:
            self._findings.add(Cause.ROOT_DIFFERS, detail=str(signed.size))
        self._sound = sound
        for tile, content in self.edge.unfinished(self._before):
            if self._signed >> HEIGHT * ((tile.level or 0) + 1) <= tile.place:
                self._compare(tile, content, needed=signed.size == self._signed)
        self._before = signed.size

    def _compare(self, tile: Tile, content: bytes, *, needed: bool = True) -> None:
        """A published file, byte by byte. Partial ones of older trees may be gone."""
        try:
            published = publishing.fetch(tile) if needed else self._store.read(tile.path)
        except FileNotFoundError:
            if needed:
                self._findings.add(Cause.FILE_MISSING, detail=tile.path)
            return
        self.files += 1
        if published != content:
            self._explain(tile, content, published)

    def _explain(self, tile: Tile, content: bytes, published: bytes) -> None:
        """Which of its entries or hashes aren't those of the tree."""
        split = decode_bundle if tile.level is None else split_hashes
        try:
            found = split(published)
        except ValueError:
            found = []
        ours = split(content)
        if len(found) != len(ours):
            self._findings.add(Cause.TILE_DIFFERS, detail=f"{tile.path}: {len(published)} bytes")
            return
        for place, (theirs, mine) in enumerate(zip(found, ours, strict=True), tile.place * WIDTH):
            if theirs != mine and tile.level is None:
                self._findings.add(Cause.ENTRY_DIFFERS, index=place, record_id=_record_at(place), detail=tile.path)
            elif theirs != mine:
                index = None if tile.level else place
                self._findings.add(Cause.TILE_DIFFERS, index=index, detail=f"{tile.path}: {place % WIDTH}")

    def _read_checkpoints(self) -> Iterator[Signed]:
        """The checkpoints by size, their notes and cosignatures checked on the way."""
        after = -1
        while rows := self._read_more(after):
            yield from rows
            after = rows[-1].size

    def _read_more(self, after: int) -> Sequence[Signed]:
        sizes = select(Checkpoint.size, Checkpoint.root, Checkpoint.note, Checkpoint.at).order_by(Checkpoint.size)
        with transaction():
            rows = db.session.execute(
                sizes.where(Checkpoint.size > after, Checkpoint.size <= self._signed).limit(CHECKPOINTS)
            ).all()
            lines = select(Cosignature.size, Cosignature.witness, Cosignature.line)
            wanted = lines.where(Cosignature.size.in_([row.size for row in rows])).order_by(Cosignature.size)
            cosigned = db.session.execute(wanted).all() if rows else []
        known = {row.size: row for row in rows}
        for row in rows:
            self._notes.check(row.size, row.root, row.note, row.at)
        for size, witness, line in cosigned:
            self._notes.check_cosignature(size, known[size].note, known[size].at, witness, line)
        return rows


def _record_at(index: int) -> UUID | None:
    with transaction():
        return db.session.scalar(select(Leaf.record_id).where(Leaf.index == index))
