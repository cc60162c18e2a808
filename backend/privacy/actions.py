"""Erasing what is past its time, and saying so; what an authority holds; what is taken out of the system."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnClause, column, func, select, table

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import Role
from backend.core import clock, partitions
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.features import DataKind, Way, load
from backend.core.limits import limit
from backend.evidence import actions as evidence
from backend.privacy import queries
from backend.privacy.evidence import ERASURE, HOLD, hold_content, report_content
from backend.privacy.models import Copy, ErasureReport, Export, Hold
from backend.privacy.rules import Line, check_hold


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
    """Drop the days that are over, counted before they go; those that an authority has asked for stay."""
    held = queries.held_days(kind)
    due = partitions.due_days(name)
    kept, going = [each for each in due if each in held], [each for each in due if each not in held]
    schema, bare = name.split(".")
    day: ColumnClause[date] = column("day")
    rows = select(func.count()).select_from(table(bare, day, schema=schema)).where(day.in_(going))
    erased = db.session.scalar(rows) or 0 if going else 0
    partitions.drop_partitions(name, going)
    return Line(kind.name, name, first, [each.isoformat() for each in going], erased, [one.isoformat() for one in kept])


def hold(
    *, kind_name: str, first: date, last: date, until: date, authority: str, document: str, reason: str, by: Acting
) -> Hold:
    """Keep days of what is erased by the day, because an authority has asked for it in writing; it ends by itself.

    Whoever looks at the erasures sees it, and the evidence log has it. Refuses: Forbidden to all but the platform's
    administrators; Invalid with a sentence a field, also for a kind that isn't kept by the day.
    """
    _check_administrator(by)
    words = {"authority": authority, "document": document, "reason": reason}
    faults = check_hold(first=first, last=last, until=until, words=words, today=clock.today())
    if kind_name not in {kind.name for kind in queries.list_held_kinds()}:
        faults["kind"] = "请选择按天存放的数据。"
    if faults:
        raise Invalid("privacy.hold", "请按提示修改后再提交。", fields=faults)
    held = Hold(
        id=new_key(),
        kind=kind_name,
        first_day=first,
        last_day=last,
        until=until,
        operator_id=by.operator_id,
        at=clock.now(),
        **words,
    )
    evidence.record(kind=HOLD.name, subject=str(held.id), content=hold_content(held, "held"))
    db.session.add(held)
    return held


def lift(*, hold_id: UUID, by: Acting) -> Hold:
    """Let a hold end now; what is due goes with the next erasure.

    Refuses: as `hold`; NotFound; Conflict for one that has ended.
    """
    _check_administrator(by)
    held = db.session.get(Hold, hold_id, with_for_update=True)
    if held is None:
        raise NotFound
    if held.lifted_at is not None or held.until < clock.today():
        raise Conflict("privacy.hold_over", "这次留存已经结束。")
    held.lifted_at, held.lifted_by = clock.now(), by.operator_id
    evidence.record(kind=HOLD.name, subject=str(held.id), content=hold_content(held, "lifted"))
    return held


def _check_administrator(by: Acting) -> None:
    if by.role is not Role.ADMINISTRATOR:
        raise Forbidden("privacy.administrators_only", "依法留存由平台管理员凭书面文件办理。")


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
