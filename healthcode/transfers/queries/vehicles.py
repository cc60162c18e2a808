"""The vehicles of a transfer: their states, what may be done with them, what was done."""

from collections.abc import Sequence

from sqlalchemy import Row, select

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation
from backend.core.db import db
from healthcode.transfers.models import Transfer, Trip, TripStep
from healthcode.transfers.rules import TRIP_MOVES, Side, State, TripState


def states_of_trips(transfer: Transfer) -> Sequence[TripState]:
    """The different states of the vehicles with people on them."""
    query = select(Trip.state).where(Trip.transfer_id == transfer.id, Trip.entries > 0).distinct()
    return db.session.scalars(query).all()


def possible_trip_moves(transfer: Transfer, trip: Trip, seen_by: Acting) -> list[TripState]:
    """To which states this office may take a vehicle now: none before the transfer is departing."""
    if transfer.state not in {State.DEPARTING, State.IN_TRANSIT}:
        return []
    side = Side.ORIGIN if transfer.origin_id == seen_by.organisation_id else Side.DESTINATION
    return [after for (before, after), who in TRIP_MOVES.items() if before is trip.state and who is side]


def list_trip_steps(trip: Trip) -> Sequence[Row[TripStep, str, str]]:
    """(step, operator, office) of what was done with a vehicle, the oldest first."""
    query = (
        select(TripStep, Operator.name, Organisation.name)
        .join(Operator, Operator.id == TripStep.operator_id)
        .join(Organisation, Organisation.id == TripStep.organisation_id)
        .where(TripStep.trip_id == trip.id)
        .order_by(TripStep.id)
    )
    return db.session.execute(query).all()
