"""Stays: in which region a person was from when to when, built from proven sightings for thousands at a time.

Two proofs in one region, at most a day apart and with nothing elsewhere between them, are one stay; a single proof is
a stay of no length. A proof near a border, of which only the city or the province is sure, goes with the county before
it when it fits. Between the last proof in one region and the first in the next nobody knows where somebody was, and
nothing is assumed. Proofs between which no vehicle could have gone contradict each other: both stays are marked.
"""

from uuid import UUID

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db
from healthcode.itinerary.rules import FASTEST_KMH, ITINERARY, LONGEST_GAP, NEAR_KM

BATCH = 20_000
"""Sightings a transaction."""
LOCK = 0x6C68_7374

TAKE = text("""
UPDATE itinerary.sighting s SET in_stay = true
FROM (
    SELECT day, id FROM itinerary.sighting
    WHERE NOT in_stay AND presence = 'proven' AND region_code IS NOT NULL
    ORDER BY day, id LIMIT :batch
) AS waiting
WHERE s.day = waiting.day AND s.id = waiting.id
RETURNING s.person_id
""")
FORGET = text("DELETE FROM itinerary.stay WHERE person_id = ANY (CAST(:people AS uuid[]))")
BUILD = text("""
WITH counties AS (
    SELECT person_id, at, region_code, lon, lat, accuracy_m,
           count(*) FILTER (WHERE right(region_code, 2) <> '00')
               OVER (PARTITION BY person_id ORDER BY at, id) AS nth
    FROM itinerary.sighting
    WHERE person_id = ANY (CAST(:people AS uuid[])) AND day >= :first AND presence = 'proven'
      AND region_code IS NOT NULL
), carried AS (
    SELECT *, first_value(region_code) OVER (PARTITION BY person_id, nth ORDER BY at) AS county FROM counties
), placed AS (
    SELECT person_id, at, lon, lat, accuracy_m,
           CASE WHEN starts_with(county, CASE WHEN region_code LIKE '%0000' THEN left(region_code, 2)
                                              WHEN region_code LIKE '%00' THEN left(region_code, 4)
                                              ELSE region_code END)
                THEN county ELSE region_code END AS region_code
    FROM carried
), steps AS (
    SELECT *,
           lag(region_code) OVER w IS DISTINCT FROM region_code OR at - lag(at) OVER w > :gap AS begins,
           coalesce(2 * 6371 * asin(least(1, sqrt(
               sin(radians(lat - lag(lat) OVER w) / 2) ^ 2 + cos(radians(lat)) * cos(radians(lag(lat) OVER w))
               * sin(radians(lon - lag(lon) OVER w) / 2) ^ 2)))
               - (accuracy_m + lag(accuracy_m) OVER w) / 1000, 0) AS km,
           extract(epoch FROM at - lag(at) OVER w) / 3600 AS hours
    FROM placed
    WINDOW w AS (PARTITION BY person_id ORDER BY at, region_code)
), marked AS (
    SELECT *, sum(begins::integer) OVER w AS stay,
           km > :near AND km > hours * :fastest OR lead(km > :near AND km > hours * :fastest, 1, false) OVER w
               AS contradicted
    FROM steps
    WINDOW w AS (PARTITION BY person_id ORDER BY at, region_code)
)
INSERT INTO itinerary.stay (day, person_id, since, until, region_code, proofs, contradicted)
SELECT (max(at) AT TIME ZONE 'Asia/Shanghai')::date, person_id, min(at), max(at), min(region_code), count(*),
       coalesce(bool_or(contradicted), false)
FROM marked
GROUP BY person_id, stay
""")


def build_stays() -> int:
    """Build anew the stays of people with new proofs, a batch; returns how many sightings were taken in."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    taken: list[UUID] = list(db.session.scalars(TAKE, {"batch": BATCH}))
    if not taken:
        return 0
    people = sorted(set(taken))
    db.session.execute(FORGET, {"people": people})
    first = clock.today() - ITINERARY
    limits = {"gap": LONGEST_GAP, "near": NEAR_KM, "fastest": FASTEST_KMH}
    db.session.execute(BUILD, {"people": people, "first": first} | limits)
    return len(taken)
