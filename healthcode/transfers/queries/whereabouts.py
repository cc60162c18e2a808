"""Where the people of transfers are: counts by region, for maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from backend.core.db import db
from healthcode.codes.rules import Colour

COUNT = text("""
WITH vehicle AS (
    SELECT DISTINCT ON (r.trip_id) r.trip_id, l.at, l.region_code
    FROM transfers.trip
    JOIN transfers.ride r ON r.trip_id = trip.id AND r.left_at IS NULL
    JOIN transfers.entry e ON e.id = r.entry_id
    JOIN itinerary.last_seen l ON l.person_id = e.person_id AND l.at >= trip.departed_at
    WHERE trip.transfer_id = ANY (:ids) AND trip.state IN ('on_the_way', 'returning')
    ORDER BY r.trip_id, l.at DESC, r.entry_id
)
SELECT CASE WHEN vehicle.at > l.at OR l.at IS NULL THEN vehicle.region_code ELSE l.region_code END AS region_code,
       e.colour, count(*) AS people
FROM transfers.entry e
LEFT JOIN transfers.ride r ON r.entry_id = e.id AND r.left_at IS NULL
LEFT JOIN vehicle ON vehicle.trip_id = r.trip_id
LEFT JOIN itinerary.last_seen l ON l.person_id = e.person_id
WHERE e.transfer_id = ANY (:ids)
GROUP BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How many people of a colour (as last counted) were last proven to be in a region; None: nowhere yet."""

    region_code: str | None
    colour: Colour
    people: int


def count_whereabouts(transfer_ids: Sequence[UUID]) -> list[Whereabouts]:
    """By region and colour, over all rows of these transfers; its cost grows with them, so it belongs to an extra.

    From boarding to leaving, somebody's place is the vehicle's: the newest proven one of anybody aboard.
    """
    rows = db.session.execute(COUNT, {"ids": list(transfer_ids)})
    return [Whereabouts(row.region_code, Colour(row.colour), row.people) for row in rows]
