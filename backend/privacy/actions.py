"""Erasing what is past its time, and saying so; writing down what is taken out of the system."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnClause, column, func, select, table

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock, partitions
from backend.core.db import db
from backend.core.features import DataKind, Way, load
from backend.core.limits import limit
from backend.evidence import actions as evidence
from backend.privacy.evidence import ERASURE, report_content
from backend.privacy.models import Copy, ErasureReport, Export
from backend.privacy.rules import Line


def erase(kind: DataKind, table_names: Iterable[str]) -> list[Line]:
    """Erase what is past its time of these tables of a kind; a line for each."""
    days = kind.days or 0
    first = clock.today() - timedelta(days=days)
    before = datetime.combine(first, time(), clock.SHANGHAI)
    if kind.way is Way.PARTITIONS:
        return [_drop(kind, name, first) for name in table_names]
    if kind.way is Way.ROWS:
        return [Line(kind.name, name, first, rows=partitions.erase_aged(name, before)) for name in table_names]
    if kind.way is Way.OWN:
        erased = load(kind.erase)(before)
        return [Line(kind.name, name, first, rows=erased.get(name, 0)) for name in table_names]
    return []


def _drop(kind: DataKind, name: str, first: date) -> Line:
    """Drop the days that are over, counted before they go."""
    due = partitions.due_days(name)
    schema, bare = name.split(".")
    day: ColumnClause[date] = column("day")
    rows = select(func.count()).select_from(table(bare, day, schema=schema)).where(day.in_(due))
    erased = db.session.scalar(rows) or 0 if due else 0
    partitions.drop_old_partitions(name)
    return Line(kind.name, name, first, [each.isoformat() for each in due], erased)


def report(lines: Sequence[Line]) -> ErasureReport:
    """Keep what an erasure did, and record it in the evidence log."""
    moment, day, said = clock.now(), clock.today(), [line.to_json() for line in lines]
    record_id = evidence.record(
        kind=ERASURE.name, subject=ERASURE.name, content=report_content(day=day, at=moment, lines=said)
    )
    kept = ErasureReport(id=record_id, day=day, at=moment, lines=said, failed=sum(bool(line.problem) for line in lines))
    db.session.add(kept)
    db.session.flush()
    return kept


def note_export(*, document: str, rows: int, purpose: str, by: Acting, transfer_id: UUID | None = None) -> Export:
    """Write down that a list leaves the system, in the transaction that makes it; its id goes into the watermark."""
    export = Export(
        at=clock.now(),
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        document=document,
        transfer_id=transfer_id,
        purpose=purpose,
        rows=rows,
    )
    db.session.add(export)
    db.session.flush()
    return export


def note_copy(*, person: Person, account_id: UUID) -> Copy:
    """Write down that a person takes a copy of all that is kept of them.

    Refuses: TooMany beyond three an hour, since it reads everything.
    """
    limit("copy", str(person.id), times=3, seconds=3600)
    taken = Copy(at=clock.now(), account_id=account_id, person_id=person.id)
    db.session.add(taken)
    db.session.flush()
    return taken
