"""Who takes a vehicle's people over, what was said of each of them, and the signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import digest_of
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.handover import ANSWERS
from healthcode.transfers.models import Handover, Mark, Receiver, Transfer, Trip
from healthcode.transfers.queries.boarding import Passenger, has_rides, list_passengers
from healthcode.transfers.rules import ENDED, OPENED, Leaving, TripState

RECEIVES = frozenset({TripState.ON_THE_WAY, TripState.ARRIVED})
"""States of a vehicle in which its people can be taken over."""
STAYED = frozenset({MarkKind.STRUCK, MarkKind.TO_HEALTH})
TAKEN_OVER = frozenset({Leaving.HANDED_OVER, Leaving.NOT_RECEIVED})


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody whom the receivers look for; `due` is False for those of the list who didn't board."""

    passenger: Passenger
    due: bool
    answer: Mark | None
    """The last one."""
    answered_by: str
    """The receiver's masked name; empty without an answer."""


def list_awaited(trip: Trip) -> list[Awaited]:
    """Everybody who should come with a vehicle, and those of its list who perhaps came all the same, by number."""
    marks = (
        select(Mark, Receiver.name_mask)
        .ext(distinct_on(Mark.entry_id))
        .join(Receiver, Receiver.id == Mark.receiver_id)
        .where(Mark.trip_id == trip.id, Mark.kind.in_(ANSWERS))
        .order_by(Mark.entry_id, Mark.at.desc(), Mark.id.desc())
    )
    answers = {mark.entry_id: (mark, name) for mark, name in db.session.execute(marks)}
    ticked = has_rides(trip)
    awaited = []
    for one in list_passengers(trip):
        answer, name = answers.get(one.entry.id, (None, ""))
        if _may_come(one, answer):
            awaited.append(Awaited(one, one.ride is not None or not ticked, answer, name))
    return awaited


def _may_come(one: Passenger, answer: Mark | None) -> bool:
    if answer is not None:
        return True
    if one.ride is not None:
        return one.ride.left_at is None or one.ride.left_as in TAKEN_OVER
    return one.settled is None or one.settled.kind not in STAYED


def list_receivers(trip: Trip) -> Sequence[Receiver]:
    """All who were named for a vehicle, those withdrawn among them, in the order in which they were."""
    return db.session.scalars(select(Receiver).where(Receiver.trip_id == trip.id).order_by(Receiver.id)).all()


def get_receiver(trip: Trip, receiver_id: UUID) -> Receiver:
    """Refuses: NotFound for another vehicle's."""
    receiver = db.session.scalar(select(Receiver).where(Receiver.id == receiver_id, Receiver.trip_id == trip.id))
    if receiver is None:
        raise NotFound
    return receiver


def find_link(token: str) -> Receiver | None:
    """Whose link it is, while it can be opened or was by a phone."""
    return _valid(Receiver.token_hash == digest_of(token))


def find_phone(receiver_id: UUID, secret: str) -> Receiver | None:
    """The receiver whose one phone keeps this secret."""
    return _valid((Receiver.id == receiver_id) & (Receiver.device_hash == digest_of(secret)))


def _valid(which: ColumnElement[bool]) -> Receiver | None:
    now = clock.now()
    valid = Receiver.withdrawn_at.is_(None) & (Receiver.ends_at > now)
    return db.session.scalar(select(Receiver).where(which, valid))


def get_handover(trip: Trip) -> Handover | None:
    """The signature under a vehicle's list, if there is one."""
    return db.session.get(Handover, trip.id)


def trips_signed(transfer: Transfer) -> set[UUID]:
    """The vehicles of a transfer whose people were signed for."""
    signed = select(Trip.id).where(Trip.transfer_id == transfer.id, exists().where(Handover.trip_id == Trip.id))
    return set(db.session.scalars(signed))


def may_name_receivers(transfer: Transfer, trip: Trip, seen_by: Acting) -> bool:
    """Whether this office may let somebody take the vehicle's people over now."""
    coming = trip.state in RECEIVES | {TripState.WAITING}
    open_to = transfer.state in OPENED - ENDED
    return transfer.destination_id == seen_by.organisation_id and open_to and coming and get_handover(trip) is None
