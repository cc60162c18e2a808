"""Whoever missed a vehicle, and the next ones of the same transfer that have a seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select

from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.transfers import seating
from healthcode.transfers.models import Entry, Ride, Transfer, Trip
from healthcode.transfers.queries.boarding import has_rides, list_passengers
from healthcode.transfers.queries.plans import get_plan, percent_of
from healthcode.transfers.rules import Mode, State, TripState

MOST_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """A later vehicle; `free` is None where the number of its seats is unknown."""

    trip: Trip
    free: int | None


def missed(entry: Entry, trip: Trip | None, transfer: Transfer) -> bool:
    """Whether the vehicle left without somebody of its list, who is aboard no other one and has not arrived."""
    if (
        trip is None
        or trip.departed_at is None
        or entry.arrived_at
        or transfer.state
        not in {
            State.DEPARTING,
            State.IN_TRANSIT,
        }
    ):
        return False
    of_the_person = exists().where(
        Ride.entry_id == Entry.id, Entry.resident_id_index == entry.resident_id_index, Ride.left_at.is_(None)
    )
    rode = exists().where(Ride.entry_id == entry.id, Ride.trip_id == trip.id)
    return has_rides(trip) and not db.session.scalar(select(of_the_person | rode))


def offers(trip: Trip) -> Sequence[Offer]:
    """The next vehicles of a transfer that wait and have a seat left, the soonest first."""
    later = (
        select(Trip)
        .where(Trip.transfer_id == trip.transfer_id, Trip.state == TripState.WAITING, Trip.departs_at > clock.now())
        .order_by(Trip.departs_at, Trip.id)
    )
    found = (Offer(one, free_seats(one)) for one in db.session.scalars(later))
    return [offer for offer in found if offer.free is None or offer.free > 0][:MOST_OFFERED]


def free_seats(trip: Trip) -> int | None:
    """How many more may travel by a coach, by the rule of its day; None where its seats are unknown."""
    plan = get_plan(trip)
    if trip.mode is not Mode.COACH or plan is None or not plan.seats:
        return None
    listed = sum(one.travels for one in list_passengers(trip))
    return max(0, seating.most_seated(plan.seats, percent_of(trip)) - listed)


def own_row(entry_id: UUID, person_id: UUID) -> tuple[Entry, Trip | None, Transfer]:
    """A person's own row of a roster with its vehicle. Refuses: NotFound."""
    query = (
        select(Entry, Trip, Transfer)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .outerjoin(Trip, Trip.id == Entry.trip_id)
        .where(Entry.id == entry_id, Entry.person_id == person_id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]
