"""Records: each against its place in the log, against its opening, and against the rows that it was made of."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, CollectionAggregate, Row, Uuid, any_, literal, select, text
from sqlalchemy.exc import OperationalError

from backend.core import clock
from backend.core.crypto import keyring
from backend.core.db import db
from backend.core.features import EvidenceKind, Rebuild, Rows, load
from backend.core.transactions import transaction
from backend.evidence.audit.findings import Findings
from backend.evidence.audit.models import Erasure
from backend.evidence.audit.rules import MOST_KEPT, Cause, recorded_on
from backend.evidence.commitment import Opening as Opened
from backend.evidence.models import Opening, Pending, Record
from backend.evidence.note import decode64
from backend.evidence.queries import SEALED_PLACE, SUBJECT_PURPOSE, list_kinds
from backend.evidence.rules import last_day

BATCH = 2000
RECORDS = text("""
SELECT r.id, r.kind, r.commitment, l.index AS place, l.commitment AS logged, p.commitment AS waiting,
       (SELECT count(*) FROM evidence.leaf d WHERE d.commitment = r.commitment) AS places
FROM (SELECT * FROM evidence.record WHERE id > :after ORDER BY id LIMIT :limit) r
LEFT JOIN evidence.leaf l ON l.record_id = r.id
LEFT JOIN evidence.pending p ON p.record_id = r.id
ORDER BY r.id
""")
Recorded = Row[tuple[Any, ...]]
NO_KEY = UUID(int=0)


class Records:
    """One walk over all records, by their ids, and over what names them."""

    def __init__(self, findings: Findings) -> None:
        self.count = self.opened = 0
        self._findings = findings
        self._kinds = {kind.name: kind for kind in list_kinds()}

    def walk(self) -> None:
        """Check every record, then what should have one."""
        after = NO_KEY
        while True:
            with transaction():
                rows = db.session.execute(RECORDS, {"after": after, "limit": BATCH}).all()
                if not rows:
                    break
                self._check(rows)
            after = rows[-1].id
        with transaction():
            self._find_strays()
        for kind in self._kinds.values():
            if kind.rows:
                self._check_rows(kind)

    def _check(self, rows: Sequence[Recorded]) -> None:
        ids = [row.id for row in rows]
        openings: dict[UUID, list[tuple[bytes, bytes]]] = {}
        wanted = select(Opening.record_id, Opening.subject_index, Opening.sealed).where(
            Opening.record_id == _among(ids)
        )
        for record_id, subject_index, sealed in db.session.execute(wanted):
            openings.setdefault(record_id, []).append((bytes(subject_index), bytes(sealed)))
        gone = [record_id for record_id in ids if record_id not in openings]
        erased = {*db.session.scalars(select(Erasure.record_id).where(Erasure.record_id == _among(gone)))}
        said = {row.id: self._unseal(row, openings[row.id]) for row in rows if row.id in openings}
        rebuilt = self._rebuild(rows, said)
        for row in rows:
            self.count += 1
            self._check_place(row)
            if row.id in openings:
                self._check_opening(row, said[row.id], rebuilt)
            elif row.id not in erased and self._is_kept(row):
                self._add(Cause.OPENING_MISSING, row)

    def _add(self, cause: Cause, row: Recorded) -> None:
        self._findings.add(cause, kind=row.kind, record_id=row.id, index=row.place)

    def _check_place(self, row: Recorded) -> None:
        """A record waits, or has one place in the log."""
        if row.place is None and row.waiting is None:
            self._add(Cause.RECORD_UNLOGGED, row)
        if row.places > 1 or (row.place is not None and row.waiting is not None):
            self._add(Cause.RECORD_DOUBLED, row)
        if any(each is not None and each != row.commitment for each in (row.logged, row.waiting)):
            self._add(Cause.LEAF_CHANGED, row)

    def _is_kept(self, row: Recorded) -> bool:
        """Whether the opening's day isn't over, by the days of its kind and the moment that its id tells."""
        kind = self._kinds.get(row.kind)
        return kind is not None and clock.today() <= last_day(kind.days, recorded_on(row.id))

    def _unseal(self, row: Recorded, openings: Sequence[tuple[bytes, bytes]]) -> dict[str, Any] | None:
        """What the opening says; None where it can't be read."""
        if len(openings) > 1:
            self._add(Cause.OPENING_DOUBLED, row)
        ring, (subject_index, sealed) = keyring(), openings[0]
        try:
            said = cast("dict[str, Any]", json.loads(ring.unseal_bytes(sealed, SEALED_PLACE)))
        except (ValueError, LookupError):
            self._add(Cause.OPENING_UNREADABLE, row)
            return None
        if ring.index(said["subject"], SUBJECT_PURPOSE) != subject_index:
            self._add(Cause.OPENING_MISFILED, row)
        return said

    def _check_opening(self, row: Recorded, said: dict[str, Any] | None, rebuilt: dict[UUID, Any]) -> None:
        """What the record says now is what was committed to."""
        if said is None:
            return
        if "content" not in said and row.kind not in self._kinds:
            self._add(Cause.KIND_UNKNOWN, row)
            return
        if "content" not in said and row.id not in rebuilt:
            self._add(Cause.CONTENT_MISSING, row)
            return
        self.opened += 1
        try:
            content = said["content"] if "content" in said else rebuilt[row.id]
            commitment = Opened.of(row.id, row.kind, content, decode64(said["salt"])).commitment
        except ValueError:
            commitment = b""
        if commitment != row.commitment:
            self._add(Cause.CONTENT_CHANGED, row)

    def _rebuild(self, rows: Iterable[Recorded], said: dict[UUID, dict[str, Any] | None]) -> dict[UUID, Any]:
        """The contents of those records whose opening keeps none, from their contexts' rows."""
        wanted: dict[str, list[UUID]] = {}
        for row in rows:
            opening = said.get(row.id)
            if opening is not None and "content" not in opening and row.kind in self._kinds:
                wanted.setdefault(row.kind, []).append(row.id)
        found: dict[UUID, Any] = {}
        for kind, ids in wanted.items():
            if self._kinds[kind].rebuild:
                found |= _rebuild(cast("Rebuild", load(self._kinds[kind].rebuild)), ids)
        return found

    def _find_strays(self) -> None:
        """Openings and waiting commitments without a record."""
        for table, cause in ((Opening, Cause.OPENING_STRAY), (Pending, Cause.RECORD_MISSING)):
            lone = select(table.record_id).outerjoin(Record, Record.id == table.record_id).where(Record.id.is_(None))
            for record_id in db.session.scalars(lone.limit(MOST_KEPT)):
                self._findings.add(cause, record_id=record_id)

    def _check_rows(self, kind: EvidenceKind) -> None:
        """The rows that say that they were recorded, and weren't."""
        rows, after = cast("Rows", load(kind.rows)), NO_KEY
        while True:
            with transaction():
                ids = list(rows(after, BATCH))
                known = {
                    *db.session.scalars(select(Record.id).where(Record.id == _among(ids), Record.kind == kind.name))
                }
            for row_id in ids:
                if row_id not in known:
                    self._findings.add(Cause.ROW_UNRECORDED, kind=kind.name, record_id=row_id)
            if len(ids) < BATCH:
                return
            after = ids[-1]


def _among(ids: Sequence[UUID]) -> CollectionAggregate[bool]:
    """Any of these, as one parameter."""
    return any_(literal(ids, ARRAY(Uuid())))


def _rebuild(rebuild: Rebuild, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The contents; of a row that somebody made such that nothing can be read from it, None."""
    try:
        return dict(rebuild(ids))
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - a forged row may break its context's reading in any way; then one by one
        return {ids[0]: None} if len(ids) == 1 else {k: v for each in ids for k, v in _rebuild(rebuild, [each]).items()}
