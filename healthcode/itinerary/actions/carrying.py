"""Writes: where people are whose vehicle is known, by what is proven of somebody else aboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db

# What was last seen of a person stays what it was: who sleeps wasn't heard of, and hasn't arrived by another's phone.
CARRY = text("""
WITH told AS (
    SELECT * FROM unnest(CAST(:people AS uuid[]), CAST(:moments AS timestamptz[]), CAST(:days AS date[]),
                         CAST(:regions AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]),
                         CAST(:accuracies AS float8[]), CAST(:keys AS text[]))
    AS t (person_id, at, day, region_code, lon, lat, accuracy_m, request_key)
), carried AS (
    INSERT INTO itinerary.sighting (day, id, person_id, at, source, presence, region_code, lon, lat, accuracy_m,
                                    located, request_key)
    SELECT day, gen_random_uuid(), person_id, at, 'vehicle', 'proven', region_code, lon, lat, accuracy_m,
           true, request_key
    FROM told
    ON CONFLICT (day, person_id, request_key) DO NOTHING
    RETURNING id
)
SELECT count(*) FROM carried
""")


@dataclass(frozen=True, slots=True)
class Carried:
    """Somebody was where the vehicle was; the same key is the same point."""

    person_id: UUID
    at: datetime
    region_code: str
    lon: float
    lat: float
    accuracy_m: float
    key: str


def carry(*, points: Sequence[Carried]) -> int:
    """Give people the places of the vehicles that carried them; returns how many were new."""
    if not points:
        return 0
    values = {
        "people": [one.person_id for one in points],
        "moments": [one.at for one in points],
        "days": [clock.local(one.at).date() for one in points],
        "regions": [one.region_code for one in points],
        "lons": [one.lon for one in points],
        "lats": [one.lat for one in points],
        "accuracies": [one.accuracy_m for one in points],
        "keys": [one.key for one in points],
    }
    return db.session.scalar(CARRY, values) or 0
