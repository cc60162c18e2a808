"""Somebody who is on no roster yet joins a waiting vehicle at its door."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import Sealed, blind_index, keyring
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from backend.core.names import tidy_name
from backend.core.resident_id import tidy_resident_id
from healthcode.transfers import queries
from healthcode.transfers.actions.applying import link_rows
from healthcode.transfers.actions.marks import Writer, take_mark
from healthcode.transfers.actions.moves import lock_for_origin
from healthcode.transfers.actions.rides import record_aboard
from healthcode.transfers.boarding import MarkKind, Said
from healthcode.transfers.models import Entry, Mark, Transfer, Trip
from healthcode.transfers.rows import Checker, Faults
from healthcode.transfers.rules import TripState
from healthcode.transfers.sealing import COLUMNS, Sealer
from healthcode.transfers.sheets import Column, Raw, Table

FORM = Table("上车登记", [], {Column.NAME: 0, Column.RESIDENT_ID: 1, Column.PHONE: 2}, None, [])
FIELDS = {Column.NAME: "name", Column.RESIDENT_ID: "number", Column.PHONE: "phone"}
NOT_THE_ENTRYS = {"import_id", "entry_id", "departs_at", "mode", "vehicle", "number"}
SEALED = {"name", "resident_id", "address", "phone"}


def join(*, transfer: Transfer, trip: Trip, name: str, resident_id: str, phone: str, key: str, by: Acting) -> Mark:
    """Add somebody by name and ID number to the list of a vehicle that waits, and to the roster if it lacks them.

    Whoever is on the roster already comes from the other vehicle. Refuses: as `lock_for_origin` and `take_mark`;
    Invalid with a sentence a field, and when the roster knows the number under another name.
    """
    lock_for_origin(transfer, by)
    db.session.refresh(queries.get_trip(transfer, trip.id), with_for_update=True)
    if trip.state is not TripState.WAITING:
        raise Conflict("transfers.trip_left", "这个车次已经发车或已取消，不能再加人。")
    number = tidy_resident_id(resident_id)
    same = (Entry.transfer_id == transfer.id) & (Entry.resident_id_index == blind_index(number, "resident_id"))
    entry = db.session.scalar(select(Entry).where(same))
    if entry is not None and bytes(entry.name_index) != blind_index(tidy_name(name), "name"):
        sentence = "花名册上这个身份证号是另一个姓名，请对照身份证核对。"
        raise Invalid("transfers.other_name", sentence, fields={"name": sentence})
    entry_id = entry.id if entry else _newcomer(transfer, trip, name, number, phone)
    said = Said(key=key, kind=MarkKind.ADDED, at=clock.now(), entry_id=entry_id)
    return take_mark(transfer=transfer, trip=trip, said=said, by=Writer(by))


def _newcomer(transfer: Transfer, trip: Trip, name: str, number: str, phone: str) -> UUID:
    row = Checker(clock.now()).check(Raw(FORM, 1, [name, number, phone]))
    if isinstance(row, Faults):
        faults = {FIELDS.get(fault.column, "number"): fault.sentence for fault in row.items}
        raise Invalid("transfers.newcomer", "请对照身份证按提示修改。", fields=faults)
    newest = select(Entry.number, Entry.import_id).where(Entry.transfer_id == transfer.id).order_by(Entry.number.desc())
    last, import_id = db.session.execute(newest.limit(1)).one()
    row = replace(row, serial=last + 1, departs_at=trip.departs_at, mode=trip.mode, vehicle=trip.vehicle)
    sealed = dict(zip(COLUMNS, Sealer(keyring(), import_id).seal(row), strict=True))
    kept = {column: value for column, value in sealed.items() if column not in NOT_THE_ENTRYS}
    for column in SEALED & kept.keys():
        kept[column] = Sealed(kept[column], f"transfers.entry.{column}") if kept[column] else None
    entry = Entry(transfer_id=transfer.id, import_id=import_id, number=last + 1, trip_id=None, **kept)
    db.session.add(entry)
    db.session.flush()
    link_rows(transfer.id)
    record_aboard(trip, "joined", [entry.id], clock.now())
    return entry.id
