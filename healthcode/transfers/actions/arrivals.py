"""Arrivals: somebody of a roster was proven to be in the destination's region."""

from uuid import UUID

from sqlalchemy import text

from backend.core.db import db
from healthcode.itinerary.events import Sighted
from healthcode.transfers.actions.counting import mark_uncounted

ARRIVED = text("""
SELECT e.id, l.at
FROM itinerary.last_seen l
JOIN transfers.entry e ON e.person_id = l.person_id AND e.arrived_at IS NULL
JOIN transfers.transfer t ON t.id = e.transfer_id AND t.state NOT IN ('draft', 'closed', 'cancelled')
LEFT JOIN transfers.trip ON trip.id = e.trip_id
WHERE (cast(:person_id AS uuid) IS NULL OR e.person_id = :person_id)
  AND left(l.region_code, 2) = ANY (ARRAY(SELECT DISTINCT left(destination_region, 2) FROM transfers.transfer
                                          WHERE state NOT IN ('draft', 'closed', 'cancelled')))
  AND starts_with(l.region_code,
                  CASE WHEN t.destination_region LIKE '%0000' THEN left(t.destination_region, 2)
                       WHEN t.destination_region LIKE '%00' THEN left(t.destination_region, 4)
                       ELSE t.destination_region END)
  AND l.at >= coalesce(trip.departed_at, trip.departs_at, t.offered_at)
""")
"""The newest proven point of each person whose vehicle should have left. A region's codes begin alike (GB/T 2260); of
the many who are elsewhere most are told by their province.
"""
ARRIVALS = text("""
UPDATE transfers.entry e SET arrived_at = said.at
FROM unnest(cast(:entry_ids AS uuid[]), cast(:times AS timestamptz[])) AS said (id, at)
WHERE e.id = said.id AND e.arrived_at IS NULL
RETURNING e.transfer_id
""")
"""A statement of its own: one that writes is carried out by one process, however many rows it reads."""


def mark_arrivals(*, person_id: UUID | None = None) -> int:
    """Note when those on the way, or one person, were first known to be in the destination's region.

    A sighting before the planned departure is none; returns how many arrived.
    """
    found = db.session.execute(ARRIVED, {"person_id": person_id}).all()
    if not found:
        return 0
    noted = {"entry_ids": [row.id for row in found], "times": [row.at for row in found]}
    arrived = db.session.scalars(ARRIVALS, noted).all()
    mark_uncounted(set(arrived))
    return len(arrived)


def note_sighting(event: Sighted) -> None:
    """A worker scanned a place or told a position: perhaps that of the destination."""
    if event.proven:
        mark_arrivals(person_id=event.person_id)
