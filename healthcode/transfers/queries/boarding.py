"""Who is aboard a vehicle, who isn't, and what was written down; which vehicle somebody leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from backend.accounts.models import Operator
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.models import Status
from healthcode.codes.queries import last_temperatures, verdict_of
from healthcode.codes.rules import FEVER, Verdict
from healthcode.transfers import seating
from healthcode.transfers.boarding import MarkKind, Standing, standing, why_not
from healthcode.transfers.models import Entry, Mark, Plan, Receiver, Ride, Transfer, Trip
from healthcode.transfers.rules import Mode, State, TripState

SETTLES = frozenset({MarkKind.BOARDED, MarkKind.ADDED, MarkKind.STRUCK, MarkKind.TO_HEALTH})
"""Marks of which the last one says whether somebody travels."""
MEASURED_WITHIN = timedelta(days=1)
STAYS = frozenset({MarkKind.STRUCK, MarkKind.TO_HEALTH})


@dataclass(frozen=True, slots=True)
class Passenger:
    """Somebody of a vehicle's list; `ride` is the last one on this vehicle, `settled` the last mark of whether."""

    entry: Entry
    ride: Ride | None
    settled: Mark | None
    verdict: Verdict
    temperature: int | None = None
    """Tenths of a degree, the last that somebody took of the person within a day."""
    measured_at: datetime | None = None

    @property
    def feverish(self) -> bool:
        return self.temperature is not None and self.temperature >= FEVER

    @property
    def standing(self) -> Standing:
        aboard = self.ride is not None and self.ride.left_at is None
        struck = self.settled is not None and self.settled.kind in STAYS
        return standing(aboard=aboard, left=self.ride is not None, struck=struck)

    @property
    def travels(self) -> bool:
        """Aboard, or still expected."""
        return self.standing in {Standing.EXPECTED, Standing.ABOARD}

    @property
    def seat(self) -> str:
        return self.ride.seat if self.ride else self.entry.seat

    @property
    def last_four(self) -> str:
        return self.entry.resident_id_mask[-4:]

    @property
    def why_not(self) -> str:
        """Why the person may not board now, empty if nothing is against it."""
        return why_not(self.verdict, registered=self.entry.person_id is not None, temperature=self.temperature)


def list_passengers(trip: Trip) -> list[Passenger]:
    """Everybody who is on a vehicle's list or was aboard it, by number, with the colour of this moment."""
    rides = select(Ride).ext(distinct_on(Ride.entry_id)).where(Ride.trip_id == trip.id)
    last = {ride.entry_id: ride for ride in db.session.scalars(rides.order_by(Ride.entry_id, Ride.id.desc()))}
    marks = select(Mark).ext(distinct_on(Mark.entry_id)).where(Mark.trip_id == trip.id, Mark.kind.in_(SETTLES))
    settled = {
        mark.entry_id: mark
        for mark in db.session.scalars(marks.order_by(Mark.entry_id, Mark.at.desc(), Mark.id.desc()))
    }
    listed = or_(Entry.trip_id == trip.id, Entry.id.in_(select(Ride.entry_id).where(Ride.trip_id == trip.id)))
    query = select(Entry, Status.reasons).outerjoin(Status, Status.person_id == Entry.person_id).where(listed)
    now, rows = clock.now(), db.session.execute(query.order_by(Entry.number, Entry.id)).all()
    people = [entry.person_id for entry, _ in rows if entry.person_id]
    measured = last_temperatures(people, since=now - MEASURED_WITHIN)
    return [
        Passenger(
            entry,
            last.get(entry.id),
            settled.get(entry.id),
            verdict_of(reasons, now),
            *(measured.get(entry.person_id, ()) if entry.person_id else ()),
        )
        for entry, reasons in rows
    ]


def has_rides(trip: Trip) -> bool:
    """Whether anybody was ticked as boarded; while nobody was, the whole roster counts as aboard."""
    return bool(db.session.scalar(select(exists().where(Ride.trip_id == trip.id))))


def entries_aboard(trip_id: UUID) -> Select[UUID]:
    """The ids of the rows aboard a vehicle now: by its rides, or its roster where nobody was ever ticked."""
    other = aliased(Ride)
    ridden = select(Ride.entry_id).where(Ride.trip_id == trip_id, Ride.left_at.is_(None))
    listed = select(Entry.id).where(
        Entry.trip_id == trip_id,
        ~exists().where(other.trip_id == trip_id),
        ~exists().where(Ride.entry_id == Entry.id, Ride.left_at.is_(None)),
    )
    return select(Entry.id).where(Entry.id.in_(ridden.union_all(listed)))


def count_aboard(trip: Trip, at: datetime) -> int:
    """How many were aboard at a moment."""
    if not has_rides(trip):
        return trip.entries
    then = (Ride.boarded_at <= at) & or_(Ride.left_at.is_(None), Ride.left_at > at)
    return db.session.scalar(select(func.count()).where(Ride.trip_id == trip.id, then)) or 0


def list_marks(trip: Trip) -> Sequence[Row[Mark, Entry | None, str | None, str | None, str | None]]:
    """(mark, about whom, operator, leader's mask, receiver's mask) of a vehicle, the newest first."""
    leader = aliased(Entry)
    query = (
        select(Mark, Entry, Operator.name, leader.name_mask, Receiver.name_mask)
        .outerjoin(Entry, Entry.id == Mark.entry_id)
        .outerjoin(Operator, Operator.id == Mark.operator_id)
        .outerjoin(leader, leader.id == Mark.leader_id)
        .outerjoin(Receiver, Receiver.id == Mark.receiver_id)
        .where(Mark.trip_id == trip.id)
        .order_by(Mark.at.desc(), Mark.id.desc())
    )
    return db.session.execute(query).all()


def list_counts(trip: Trip) -> Sequence[Mark]:
    """The counts of heads of a vehicle, the newest first."""
    counted = (Mark.trip_id == trip.id) & (Mark.kind == MarkKind.COUNTED)
    return db.session.scalars(select(Mark).where(counted).order_by(Mark.at.desc(), Mark.id.desc())).all()


def observation_seats(trip: Trip) -> list[str]:
    """The seats of a coach that are kept free for observation; none where its seats are unknown."""
    plan = db.session.get(Plan, trip.id)
    if trip.mode is not Mode.COACH or plan is None or plan.seats is None:
        return []
    return [str(seat.number) for row in seating.layout(plan.seats) for seat in row if seat.observation]


def list_rides(entry_id: UUID) -> Sequence[Row[Ride, Trip]]:
    """(ride, vehicle) of somebody, the first one first: on which seats of which vehicles the person sat."""
    query = select(Ride, Trip).join(Trip, Trip.id == Ride.trip_id).where(Ride.entry_id == entry_id)
    return db.session.execute(query.order_by(Ride.boarded_at, Ride.id)).all()


def list_other_vehicles(transfer: Transfer, trip: Trip) -> Sequence[Trip]:
    """Vehicles of the transfer that people of this one may change to: those on the same way, and waiting ones."""
    to = {trip.state, TripState.WAITING} if trip.state is TripState.ON_THE_WAY else {trip.state}
    others = (Trip.transfer_id == transfer.id) & (Trip.id != trip.id) & Trip.state.in_(to)
    return db.session.scalars(select(Trip).where(others).order_by(Trip.departs_at, Trip.id)).all()


def _led(person_id: UUID) -> Select[Trip, Transfer, Plan, Entry]:
    return (
        select(Trip, Transfer, Plan, Entry)
        .join(Transfer, Transfer.id == Trip.transfer_id)
        .join(Plan, Plan.trip_id == Trip.id)
        .join(Entry, or_(Entry.id == Plan.leader_id, Entry.id == Plan.deputy_id))
        .where(
            Entry.person_id == person_id,
            Entry.trip_id == Trip.id,
            Transfer.state.not_in([State.DRAFT, State.OFFERED, State.AGREED, State.ENROLLING]),
        )
    )


def list_led(person_id: UUID) -> Sequence[Trip]:
    """The vehicles that a person leads, or helps to lead, from when the transfer departs until they have ended."""
    query = _led(person_id).where(Trip.ended_at.is_(None)).order_by(Trip.departs_at.nulls_last(), Trip.id)
    return [trip for trip, *_ in db.session.execute(query)]


def get_led(person_id: UUID, trip_id: UUID) -> Row[Trip, Transfer, Plan, Entry]:
    """(vehicle, transfer, plan, the person's own row), also once it has ended: phones send late.

    Refuses: NotFound for a vehicle that the person doesn't lead.
    """
    row = db.session.execute(_led(person_id).where(Trip.id == trip_id)).one_or_none()
    if row is None:
        raise NotFound
    return row
