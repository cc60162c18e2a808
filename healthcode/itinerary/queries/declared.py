"""Reads of journeys that workers declared."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.itinerary.models import DeclaredTrip
from healthcode.itinerary.rules import ITINERARY


def find_declared(person: Person, request_key: str) -> DeclaredTrip | None:
    """The journey that this sender's key stands for."""
    mine = (DeclaredTrip.person_id == person.id) & (DeclaredTrip.request_key == request_key)
    return db.session.scalar(select(DeclaredTrip).where(mine))


def get_declared(person: Person, trip_id: UUID) -> DeclaredTrip:
    """Refuses: NotFound for a journey that the person didn't declare."""
    trip = db.session.get(DeclaredTrip, trip_id)
    if trip is None or trip.person_id != person.id:
        raise NotFound
    return trip


def list_declared(person: Person, *, withdrawn: bool = False) -> Sequence[DeclaredTrip]:
    """The journeys of 14 days and those to come, the last departure first; with those taken back if asked."""
    query = select(DeclaredTrip).where(
        DeclaredTrip.person_id == person.id, DeclaredTrip.arrives_at >= clock.now() - ITINERARY
    )
    if not withdrawn:
        query = query.where(DeclaredTrip.withdrawn_at.is_(None))
    return db.session.scalars(query.order_by(DeclaredTrip.departs_at.desc(), DeclaredTrip.id)).all()


def list_declared_with(person_id: UUID, *, since: datetime) -> Sequence[Row[DeclaredTrip, DeclaredTrip]]:
    """(theirs, this person's) for everybody who declared the same train, flight or plate at the same time.

    Journeys without a number are nobody's company. One train carries different people on different stretches: the
    declared times have to overlap.
    """
    theirs, mine = aliased(DeclaredTrip), aliased(DeclaredTrip)
    query = (
        select(theirs, mine)
        .join(mine, (mine.number == theirs.number) & (mine.vehicle == theirs.vehicle))
        .where(
            mine.person_id == person_id,
            theirs.person_id != person_id,
            mine.number != "",
            mine.withdrawn_at.is_(None),
            theirs.withdrawn_at.is_(None),
            mine.arrives_at > since,
            func.greatest(mine.departs_at, theirs.departs_at) < func.least(mine.arrives_at, theirs.arrives_at),
        )
        .order_by(theirs.departs_at, theirs.id)
    )
    return db.session.execute(query).all()
