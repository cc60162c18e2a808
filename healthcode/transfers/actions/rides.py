"""Rides as the vehicle's own course begins and ends them: the list closes at departure, whoever is aboard arrives."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from backend.core.clock import shown
from backend.core.db import db
from backend.core.errors import Invalid
from backend.evidence import actions as evidence
from healthcode.transfers import queries
from healthcode.transfers.boarding import ENDS
from healthcode.transfers.evidence import ABOARD, aboard_content
from healthcode.transfers.models import Ride, Trip
from healthcode.transfers.rules import TripState


def check_departure(trip: Trip, at: datetime) -> None:
    """Refuses: Invalid for a departure before somebody of those aboard boarded."""
    last = db.session.scalar(select(func.max(Ride.boarded_at)).where(Ride.trip_id == trip.id, Ride.left_at.is_(None)))
    if last is not None and last > at:
        sentence = f"{shown(last)} 还有人登记上车，发车时间不能早于这一刻。"
        raise Invalid("transfers.trip_moment", sentence, fields={"at": sentence})


def close_list(trip: Trip, at: datetime) -> None:
    """Nobody new boards from departure on: who is aboard is put on record."""
    if queries.has_rides(trip):
        record_aboard(trip, "departed", list(db.session.scalars(queries.entries_aboard(trip.id))), at)


def end_rides(trip: Trip, to: TripState, at: datetime, place: str) -> None:
    """Whoever is still aboard leaves as the vehicle ends: handed over, returned, or never gone.

    A ride that began after a moment written down late ends as it began.
    """
    aboard = (Ride.trip_id == trip.id) & Ride.left_at.is_(None)
    left = func.greatest(Ride.boarded_at, at)
    ended = update(Ride).where(aboard).values(left_at=left, left_as=ENDS[to], left_place=place).returning(Ride.entry_id)
    if entries := list(db.session.scalars(ended)):
        record_aboard(trip, to.value, entries, at)


def record_aboard(trip: Trip, what: str, entry_ids: Sequence[UUID], at: datetime, place: str = "") -> None:
    """Put on record what happened to these people of a vehicle; the record holds a digest of who they are."""
    content = aboard_content(trip, what, entry_ids, at, place)
    evidence.record(kind=ABOARD.name, subject=str(trip.transfer_id), content=content)
