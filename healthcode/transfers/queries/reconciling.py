"""Planned, boarded, arrived, on duty: how each row of a roster ended, and by name those whose end wasn't planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from backend.core.db import db
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.rules import Fate

# A vehicle that left without any tick carried its whole list. Whoever was seen at the destination has arrived,
# whatever was ticked.
FATES = """
WITH ticked AS (
    SELECT DISTINCT r.trip_id FROM transfers.ride r JOIN transfers.trip t ON t.id = r.trip_id
    WHERE t.transfer_id = :transfer
), fates AS (
    SELECT e.id AS entry_id, e.trip_id, e.number,
           CASE
               WHEN s.kind = 'started' THEN 'on_duty'
               WHEN s.kind = 'absent' THEN 'no_show'
               WHEN e.arrived_at IS NOT NULL OR r.left_as = 'handed_over' THEN 'arrived'
               WHEN r.left_as = 'to_health' OR (m.kind = 'to_health' AND r.entry_id IS NULL) THEN 'to_health'
               WHEN r.left_as = 'returned' THEN 'returned'
               WHEN r.left_as = 'not_received' OR (m.kind = 'not_received' AND r.entry_id IS NULL) THEN 'missing'
               WHEN r.entry_id IS NOT NULL AND r.left_at IS NULL THEN 'aboard'
               WHEN m.kind = 'struck' THEN 'struck'
               WHEN t.id IS NULL OR t.state = 'waiting' THEN 'waiting'
               WHEN t.state = 'cancelled' THEN 'cancelled'
               WHEN ticked.trip_id IS NOT NULL THEN 'left_behind'
               WHEN t.state IN ('on_the_way', 'returning') THEN 'aboard'
               WHEN t.state = 'returned' THEN 'returned'
               ELSE 'missing'
           END AS fate,
           EXISTS (SELECT FROM transfers.mark a WHERE a.entry_id = e.id AND a.kind = 'added') AS joined,
           CASE WHEN s.kind = 'absent' THEN s.at ELSE coalesce(r.left_at, m.at) END AS at,
           CASE WHEN s.kind = 'absent' THEN s.words
                ELSE coalesce(nullif(r.left_place, ''), nullif(m.words, ''), m.place, '') END AS why
    FROM transfers.entry e
    LEFT JOIN transfers.trip t ON t.id = e.trip_id
    LEFT JOIN ticked ON ticked.trip_id = e.trip_id
    LEFT JOIN LATERAL (
        SELECT entry_id, left_at, left_as, left_place FROM transfers.ride
        WHERE entry_id = e.id ORDER BY boarded_at DESC, id DESC LIMIT 1
    ) AS r ON true
    LEFT JOIN LATERAL (
        SELECT kind, at, words, place FROM transfers.mark
        WHERE entry_id = e.id AND kind IN ('struck', 'to_health', 'added', 'boarded', 'received', 'not_received')
        ORDER BY at DESC, id DESC LIMIT 1
    ) AS m ON true
    LEFT JOIN LATERAL (
        SELECT kind, words, at FROM transfers.start WHERE entry_id = e.id ORDER BY id DESC LIMIT 1
    ) AS s ON true
    WHERE e.transfer_id = :transfer
)
"""
COUNT = text(f"""{FATES}
SELECT trip_id, fate, count(*) AS people, count(*) FILTER (WHERE joined) AS joined FROM fates GROUP BY trip_id, fate
""")  # noqa: S608 - constants
DIFFER = text(f"""{FATES}
SELECT entry_id, fate, joined, at, why FROM fates
WHERE joined OR fate = ANY (cast(:fates AS text[])) ORDER BY fate, number LIMIT :limit
""")  # noqa: S608 - constants
EACH = text(f"{FATES} SELECT entry_id, fate FROM fates")  # noqa: S608 - constants
DIFFERENCES = (Fate.NO_SHOW, Fate.LEFT_BEHIND, Fate.STRUCK, Fate.TO_HEALTH, Fate.RETURNED, Fate.MISSING)
"""Ends that were not planned."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the people of one vehicle, or those without one, ended."""

    trip: Trip | None
    people: dict[Fate, int]
    joined: int
    """How many came to the list after the roster was made."""

    @property
    def planned(self) -> int:
        return sum(self.people.values())

    @property
    def boarded(self) -> int:
        """Who was aboard at some time: now, arrived, handed to a health office, or brought back."""
        return self.arrived + sum(self.people.get(fate, 0) for fate in (Fate.ABOARD, Fate.TO_HEALTH, Fate.RETURNED))

    @property
    def arrived(self) -> int:
        """Those whom the enterprise has spoken of among them."""
        return sum(self.people.get(fate, 0) for fate in (Fate.ARRIVED, Fate.ON_DUTY, Fate.NO_SHOW))


@dataclass(frozen=True, slots=True)
class Difference:
    """Somebody for whom it isn't as planned, when and why as far as somebody wrote it down."""

    entry: Entry
    trip: Trip | None
    fate: Fate
    joined: bool
    at: datetime | None
    why: str


def reconcile(transfer: Transfer) -> list[Tally]:
    """Each vehicle's people by how they ended, in the order of departure; those without a vehicle last."""
    counted: dict[UUID | None, dict[Fate, int]] = {}
    joined: dict[UUID | None, int] = {}
    for trip_id, fate, people, came in db.session.execute(COUNT, {"transfer": transfer.id}):
        counted.setdefault(trip_id, {})[Fate(fate)] = people
        joined[trip_id] = joined.get(trip_id, 0) + came
    trips = db.session.scalars(
        select(Trip).where(Trip.transfer_id == transfer.id).order_by(Trip.departs_at.nulls_last(), Trip.id)
    )
    tallies = [Tally(trip, counted[trip.id], joined[trip.id]) for trip in trips if trip.id in counted]
    return tallies + ([Tally(None, counted[None], joined[None])] if None in counted else [])


def fates_of(transfer: Transfer) -> dict[UUID, Fate]:
    """How each row of a roster ended, or stands."""
    rows = db.session.execute(EACH, {"transfer": transfer.id})
    return {entry_id: Fate(fate) for entry_id, fate in rows}


def list_differences(transfer: Transfer, limit: int) -> Sequence[Difference]:
    """Those by name for whom it isn't as planned, and who joined late; by what happened, then by number."""
    about = {"transfer": transfer.id, "fates": [fate.value for fate in DIFFERENCES], "limit": limit}
    found: Sequence[Row[Any]] = db.session.execute(DIFFER, about).all()
    query = select(Entry, Trip).outerjoin(Trip, Trip.id == Entry.trip_id)
    rows = db.session.execute(query.where(Entry.id.in_([row.entry_id for row in found])))
    people = {entry.id: (entry, trip) for entry, trip in rows}
    return [Difference(*people[row.entry_id], Fate(row.fate), row.joined, row.at, row.why) for row in found]
