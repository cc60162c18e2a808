"""In which region reported positions lie, many at a time. Loads the counties' boundaries: for the bulk queue only."""

from collections.abc import Sequence
from functools import reduce

from sqlalchemy import Row, select, text

from backend.core.db import db
from backend.regions import names
from backend.regions.boundaries import Location, Unlocated, locate
from backend.regions.datum import Datum
from healthcode.itinerary.models import Sighting
from healthcode.itinerary.rules import Presence

BATCH = 1000
WRITE = text("""
WITH found AS (
    SELECT * FROM unnest(CAST(:days AS date[]), CAST(:ids AS uuid[]), CAST(:regions AS text[]), CAST(:doubts AS text[]))
    AS f (day, id, region_code, doubt)
), written AS (
    UPDATE itinerary.sighting s
    SET region_code = f.region_code, located = true, doubt = f.doubt,
        presence = CASE WHEN f.doubt IS NULL THEN s.presence ELSE :unproven END
    FROM found f WHERE s.day = f.day AND s.id = f.id
    RETURNING s.person_id, s.at, s.region_code
)
UPDATE itinerary.last_seen l SET region_code = w.region_code
FROM written w WHERE l.person_id = w.person_id AND l.at = w.at
""")


def locate_sightings() -> int:
    """Look up the regions of the oldest positions that wait for it; returns how many."""
    waiting = db.session.execute(
        select(Sighting.day, Sighting.id, Sighting.lon, Sighting.lat, Sighting.accuracy_m)
        .where(~Sighting.located)
        .order_by(Sighting.at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not waiting:
        return 0
    _write(waiting, [locate(row.lon, row.lat, accuracy_m=row.accuracy_m, datum=Datum.WGS84) for row in waiting])
    return len(waiting)


def _write(waiting: Sequence[Row[*tuple[object, ...]]], found: Sequence[Location]) -> None:
    values = {
        "days": [row.day for row in waiting],
        "ids": [row.id for row in waiting],
        "regions": [sure_region(location) for location in found],
        "doubts": [_doubt(location) for location in found],
        "unproven": Presence.UNPROVEN.value,
    }
    db.session.execute(WRITE, values)


def sure_region(location: Location) -> str | None:
    """The smallest region that the position lies in for certain: near a county's border it is the city or the province
    that both sides share, near a province's border none.
    """
    if not location.candidates:
        return None
    shared = reduce(_shared, (names.lineage(code) for code in location.candidates))
    return shared[-1] if shared else None


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(a for a, b in zip(one, other, strict=False) if a == b)


def _doubt(location: Location) -> str | None:
    if location.candidates:
        return None
    sentences = {
        Unlocated.OUTSIDE: "定位不在中国境内，或在海上，只能记为未证实。",
        Unlocated.INACCURATE: "定位误差太大，看不出在哪个县区，只能记为未证实。",
    }
    return sentences[location.reason or Unlocated.OUTSIDE]
