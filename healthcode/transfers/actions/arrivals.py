"""Arrivals: somebody of a roster was proven to be in the destination's region."""

from uuid import UUID

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db
from healthcode.itinerary.events import Sighted
from healthcode.transfers.actions.counting import mark_uncounted

# The newest proven point of each person whose vehicle should have left. A region's codes begin alike (GB/T 2260); of
# the many who are elsewhere most are told by their province.
ARRIVALS = text("""
UPDATE transfers.entry e SET arrived_at = l.at
FROM transfers.transfer t, itinerary.last_seen l
WHERE t.id = e.transfer_id AND t.state NOT IN ('draft', 'closed', 'cancelled')
  AND e.arrived_at IS NULL AND e.person_id IS NOT NULL AND l.person_id = e.person_id
  AND (cast(:person_id AS uuid) IS NULL OR e.person_id = :person_id)
  AND left(l.region_code, 2) IN (SELECT left(destination_region, 2) FROM transfers.transfer
                                 WHERE state NOT IN ('draft', 'closed', 'cancelled'))
  AND starts_with(l.region_code,
                  CASE WHEN t.destination_region LIKE '%0000' THEN left(t.destination_region, 2)
                       WHEN t.destination_region LIKE '%00' THEN left(t.destination_region, 4)
                       ELSE t.destination_region END)
  AND coalesce((SELECT coalesce(trip.departed_at, trip.departs_at) FROM transfers.trip WHERE trip.id = e.trip_id),
               t.offered_at) <= l.at
RETURNING e.transfer_id
""")


def mark_arrivals(*, person_id: UUID | None = None) -> int:
    """Note when those on the way, or one person, were first known to be in the destination's region.

    A sighting before the planned departure is none; returns how many arrived.
    """
    arrived = db.session.scalars(ARRIVALS, {"person_id": person_id, "now": clock.now()}).all()
    mark_uncounted(set(arrived))
    return len(arrived)


def note_sighting(event: Sighted) -> None:
    """A worker scanned a place or told a position: perhaps that of the destination."""
    if event.proven:
        mark_arrivals(person_id=event.person_id)
