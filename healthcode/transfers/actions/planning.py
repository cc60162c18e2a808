"""Where a trip leads, and when it should be there: reckoned from the middles of the two regions."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from backend.core.db import db
from backend.core.features import load
from backend.regions.datum import Point
from backend.regions.distance import distance_km
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.rules import arrival


def plan_trips(*, transfer_id: UUID) -> None:
    """Give the transfer's unplanned trips their route and planned arrival; twice is once.

    The middles of regions come from their boundaries, which load here: call it in the bulk worker.
    """
    transfer = db.session.get_one(Transfer, transfer_id)
    centroid: Callable[[str], Point | None] = load("backend.regions.centroids:centroid")
    start, end = centroid(transfer.origin_region), centroid(transfer.destination_region)
    unplanned = select(Trip).where(Trip.transfer_id == transfer_id, Trip.route.is_(None)).with_for_update()
    for trip in db.session.scalars(unplanned):
        if start is None or end is None:
            trip.route = []
            continue
        trip.route = [list(start), list(end)]
        if trip.departs_at is not None:
            trip.arrives_at = arrival(trip.mode, trip.departs_at, distance_km(start, end))


def find_unplanned() -> list[UUID]:
    """Transfers with trips that nobody has planned yet."""
    return list(db.session.scalars(select(Trip.transfer_id).where(Trip.route.is_(None)).distinct()))
