"""Imports of rosters: how far they are, what they would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, select, tuple_

from backend.accounts.acting import Acting
from backend.accounts.models import Operator
from backend.core import files, sealed_files
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.transfers.models import Entry, ImportRow, RosterImport, Transfer, Trip
from healthcode.transfers.queries.transfers import PAGE, beyond, visible_to
from healthcode.transfers.rules import Change, ImportState

DETAILS = {
    "address_mask": "户籍地址",
    "phone_mask": "联系电话",
    "poor": "建档立卡",
    "skills": "技能",
    "enterprise": "用工企业",
    "position": "岗位",
    "seat": "座位号",
}
"""What a comparison names when it differs."""


def list_imports(transfer: Transfer, limit: int = PAGE) -> Sequence[Row[RosterImport, str]]:
    """(import, operator's name) of a transfer, the newest first."""
    query = (
        select(RosterImport, Operator.name)
        .join(Operator, Operator.id == RosterImport.operator_id)
        .where(RosterImport.transfer_id == transfer.id)
        .order_by(RosterImport.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def list_waiting_imports(*, seen_by: Acting) -> Sequence[RosterImport]:
    """The office's own files that wait for somebody to confirm what they change, the oldest first."""
    query = (
        select(RosterImport)
        .join(Transfer, Transfer.id == RosterImport.transfer_id)
        .where(
            RosterImport.state == ImportState.WAITING,
            visible_to(seen_by),
            Transfer.origin_id == seen_by.organisation_id,
        )
        .order_by(RosterImport.id)
        .limit(PAGE)
    )
    return db.session.scalars(query).all()


def get_import(import_id: UUID, *, seen_by: Acting) -> RosterImport:
    """Refuses: NotFound unless the asking office is the transfer's origin, whose file it is."""
    roster_import = db.session.scalar(
        select(RosterImport)
        .join(Transfer, Transfer.id == RosterImport.transfer_id)
        .where(RosterImport.id == import_id, visible_to(seen_by), Transfer.origin_id == seen_by.organisation_id)
    )
    if roster_import is None:
        raise NotFound
    return roster_import


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row of a waiting import that the roster doesn't hold, or holds otherwise."""

    row: ImportRow
    entry: Entry | None
    differences: tuple[str, ...]
    """The columns that differ, by their Chinese titles."""


def list_import_rows(
    roster_import: RosterImport, change: Change, *, after: bytes | None = None, limit: int = PAGE
) -> list[ChangedRow]:
    """What a waiting import adds or changes, by name; paged by the row's `resident_id_index`."""
    key = tuple_(ImportRow.sort_key, ImportRow.resident_id_index)
    query = (
        select(ImportRow, Entry, Trip)
        .outerjoin(
            Entry,
            (Entry.resident_id_index == ImportRow.resident_id_index) & (Entry.transfer_id == roster_import.transfer_id),
        )
        .outerjoin(Trip, Trip.id == Entry.trip_id)
        .where(ImportRow.import_id == roster_import.id, ImportRow.change == change)
        .order_by(*key.clauses)
        .limit(limit)
    )
    if after:
        last = select(*key.clauses).where(ImportRow.import_id == roster_import.id, ImportRow.resident_id_index == after)
        query = query.where(beyond(key, last))
    return [ChangedRow(row, entry, _differences(row, entry, trip)) for row, entry, trip in db.session.execute(query)]


def _differences(row: ImportRow, entry: Entry | None, trip: Trip | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    found = ["姓名"] if row.name_index != entry.name_index else []
    found += [title for name, title in DETAILS.items() if getattr(row, name) != getattr(entry, name)]
    if row.phone_index != entry.phone_index and "联系电话" not in found:
        found.append("联系电话")
    if row.departs_at != (trip.departs_at if trip else None):
        found.append("出发时间")
    if row.vehicle != (trip.vehicle if trip else ""):
        found.append("车次/车牌")
    if trip and row.mode != trip.mode:
        found.append("交通方式")
    # A house number that the mask hides is all that is left.
    return tuple(found) or ("户籍地址",)


def list_missing(roster_import: RosterImport, *, after: UUID | None = None, limit: int = PAGE) -> Sequence[Entry]:
    """Rows of the roster that a waiting import's file doesn't hold, by name; paged by the entry's id."""
    key = tuple_(Entry.sort_key, Entry.id)
    in_file = select(ImportRow.resident_id_index).where(
        ImportRow.import_id == roster_import.id, ImportRow.resident_id_index == Entry.resident_id_index
    )
    query = (
        select(Entry)
        .where(Entry.transfer_id == roster_import.transfer_id, ~in_file.exists())
        .order_by(*key.clauses)
        .limit(limit)
    )
    if after:
        query = query.where(beyond(key, select(*key.clauses).where(Entry.id == after)))
    return db.session.scalars(query).all()


def read_faults(roster_import: RosterImport) -> bytes:
    """The workbook of the rows that were not taken. Refuses: NotFound when there were none, or it was cleared away."""
    name = roster_import.faults_file
    if not name or not files.store().exists(name):
        raise NotFound
    return sealed_files.read(name)
