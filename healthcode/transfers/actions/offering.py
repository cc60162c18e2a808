"""Whoever missed a vehicle takes a seat on the next one, without an office."""

from uuid import UUID

from sqlalchemy import select

from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict
from healthcode.transfers import queries
from healthcode.transfers.actions.marks import Writer, take_mark
from healthcode.transfers.boarding import MarkKind, Said
from healthcode.transfers.models import Mark
from healthcode.transfers.rules import TripState


def take_next(*, person: Person, entry_id: UUID, trip_id: UUID, key: str) -> Mark:
    """Move somebody who missed a vehicle to a later one of the same transfer; the same key again is the same move.

    Refuses: NotFound for another person's row or another transfer's vehicle; Conflict for whoever missed nothing, and
    for a vehicle that has left or is full.
    """
    entry, missed_trip, transfer = queries.own_row(entry_id, person.id)
    trip = queries.get_trip(transfer, trip_id)
    db.session.refresh(trip, with_for_update=True)
    known = db.session.scalar(select(Mark).where(Mark.trip_id == trip.id, Mark.request_key == key))
    if known is not None and known.entry_id == entry.id:
        return known
    if not queries.missed(entry, missed_trip, transfer):
        raise Conflict("transfers.not_missed", "您的车还没有发车，或者您已登记上车，不用改乘。请刷新页面核对。")
    if trip.state is not TripState.WAITING or trip.departs_at is None or trip.departs_at <= clock.now():
        raise Conflict("transfers.trip_left", "这一班已经发车，请刷新页面选别的车次。")
    missed_vehicle = missed_trip.vehicle if missed_trip else ""
    said = Said(
        key=key, kind=MarkKind.ADDED, at=clock.now(), entry_id=entry.id, words=f"本人没赶上 {missed_vehicle}，改乘本车"
    )
    return take_mark(transfer=transfer, trip=trip, said=said, by=Writer(leader=entry))
