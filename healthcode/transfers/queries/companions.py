"""Who travelled with somebody: the same vehicle at the same time, on every stretch of the way."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, exists, func, literal, select, union_all
from sqlalchemy.orm import aliased

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from healthcode.itinerary.queries import list_declared_with
from healthcode.itinerary.rules import Vehicle
from healthcode.transfers.models import Entry, Plan, Ride, Transfer, Trip
from healthcode.transfers.queries.entries import entries_of_people, withheld_among
from healthcode.transfers.queries.transfers import side_of, visible_to
from healthcode.transfers.rules import OPENED, Mode, Side
from healthcode.transfers.seating import rows_apart

NEAR_ROWS = 3
"""The same row and three before and behind (新型冠状病毒肺炎防控方案: close contacts aboard)."""


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody who was on a vehicle with the other, from when until when, on which seats."""

    entry: Entry
    trip: Trip
    transfer: Transfer
    seat: str
    others_seat: str
    since: datetime
    until: datetime
    apart: int | None
    """Rows between the two seats; None where that can't be told."""
    withheld: bool
    """The person doesn't share with the office, which is the destination: no full name, number or phone."""

    @property
    def near(self) -> bool:
        return self.apart is not None and self.apart <= NEAR_ROWS


@dataclass(frozen=True, slots=True)
class Declared:
    """Somebody of a roster who says to have taken the same train, flight or car; proven by nothing."""

    entry: Entry
    transfer: Transfer
    """On whose roster the person stands."""
    vehicle: Vehicle
    number: str
    seat: str
    others_seat: str
    since: datetime
    until: datetime
    withheld: bool
    """The office is the destination and hasn't agreed to that transfer: no full name, number or phone."""


def declared_with(entry: Entry, *, since: datetime, seen_by: Acting) -> list[Declared]:
    """Everybody on rosters that the office sees who declared the same vehicle at the same time as the person of a row.

    People of the destination's rosters who don't share with it are left out.
    """
    if entry.person_id is None:
        return []
    rows = list_declared_with(entry.person_id, since=since)
    known = {one.person_id: one for one in entries_of_people([theirs.person_id for theirs, _ in rows], seen_by=seen_by)}
    on_rosters = select(Transfer).where(Transfer.id.in_({one.transfer_id for one in known.values()}))
    transfers = {one.id: one for one in db.session.scalars(on_rosters)}
    return [
        Declared(
            known[theirs.person_id],
            transfer,
            theirs.vehicle,
            theirs.number,
            theirs.seat,
            mine.seat,
            max(theirs.departs_at, mine.departs_at),
            min(theirs.arrives_at, mine.arrives_at),
            withheld=side_of(transfer, seen_by) is not Side.ORIGIN and transfer.state not in OPENED,
        )
        for theirs, mine in rows
        if theirs.person_id in known
        for transfer in [transfers[known[theirs.person_id].transfer_id]]
    ]


def companions_of(entry: Entry, *, since: datetime, seen_by: Acting) -> list[Companion]:
    """Everybody who shared a vehicle with the person of a row since a moment, the nearest first, by one statement.

    On whatever transfers the person stands that the office sees. Where people were ticked at the door their rides
    count, with each change of vehicle; a vehicle that left without any tick carried its whole list.
    """
    own = select(Entry.id).where(Entry.resident_id_index == entry.resident_id_index)
    mine, other = stretches(own).subquery("mine"), stretches(None).subquery("other")
    begins, ends = func.greatest(mine.c.since, other.c.since), func.least(mine.c.until, other.c.until)
    query = (
        select(Entry, Trip, Transfer, other.c.seat, mine.c.seat, begins, ends, Plan.seats)
        .select_from(mine)
        .join(other, other.c.trip_id == mine.c.trip_id)
        .join(Trip, Trip.id == mine.c.trip_id)
        .join(Transfer, Transfer.id == Trip.transfer_id)
        .join(Entry, Entry.id == other.c.entry_id)
        .outerjoin(Plan, Plan.trip_id == Trip.id)
        .where(
            visible_to(seen_by), Entry.resident_id_index != entry.resident_id_index, begins < ends, mine.c.until > since
        )
    )
    rows = db.session.execute(query).all()
    withheld = withheld_among(((one, trip, transfer) for one, trip, transfer, *_ in rows), seen_by)
    found = [
        Companion(
            one, trip, transfer, seat, own_seat, began, ended, _apart(trip, seat, own_seat, seats), one.id in withheld
        )
        for one, trip, transfer, seat, own_seat, began, ended, seats in rows
    ]
    return sorted(found, key=lambda one: (one.apart is None, one.apart or 0, one.since, one.entry.number))


def stretches(entries: Select[UUID] | None) -> "CompoundSelect[UUID, UUID, str, datetime, datetime]":
    """(row, vehicle, seat, since, until) of these rows, or of everybody: rides, and lists of vehicles without any."""
    ticked = aliased(Ride)
    now = literal(clock.now())
    rides = select(
        Ride.entry_id.label("entry_id"),
        Ride.trip_id.label("trip_id"),
        Ride.seat.label("seat"),
        Ride.boarded_at.label("since"),
        func.coalesce(Ride.left_at, now).label("until"),
    )
    listed = (
        select(Entry.id, Trip.id, Entry.seat, Trip.departed_at, func.coalesce(Trip.ended_at, now))
        .join(Trip, Trip.id == Entry.trip_id)
        .where(Trip.departed_at.is_not(None), ~exists().where(ticked.trip_id == Trip.id))
    )
    if entries is not None:
        rides, listed = rides.where(Ride.entry_id.in_(entries)), listed.where(Entry.id.in_(entries))
    return union_all(rides, listed)


def _apart(trip: Trip, one: str, other: str, seats: int | None) -> int | None:
    return rows_apart(one, other, seats if trip.mode is Mode.COACH else None)
