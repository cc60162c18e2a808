"""From boarding to leaving, a person's place is the vehicle's: what is proven of one aboard is the others' place too.

Who was ticked aboard counts, with each change of vehicle; a vehicle's roster without a tick says too little for this,
since a colour may follow from a stay. A vehicle gives one point an hour and region, so that fifty people who all report
where they are make fifty points each at the most in two days, not 2,500. What one phone alone says of itself is nobody
else's place: an officer saw somebody of the vehicle in that hour and region, or two of them say so. No colour by one
hand.
"""

from datetime import timedelta

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.actions import Carried

BATCH = 20_000
LATELY = timedelta(hours=6)
"""How far back each minute's look goes, however long the journey; what comes in later than that waits for the next
look at all of it.
"""
LATE = timedelta(hours=12)
"""For how long after its end a vehicle's phones may still hand in what they noted without a network."""

FIND = text("""
WITH aboard AS (
    SELECT r.trip_id, e.person_id, r.boarded_at, coalesce(r.left_at, 'infinity') AS left_at
    FROM transfers.trip
    JOIN transfers.ride r ON r.trip_id = trip.id
    JOIN transfers.entry e ON e.id = r.entry_id AND e.person_id IS NOT NULL
    WHERE trip.state IN ('on_the_way', 'returning') OR trip.ended_at >= cast(:now AS timestamptz) - :late
), seen AS (
    SELECT a.trip_id, s.id, s.day, s.at, date_trunc('hour', s.at) AS hour, s.region_code, s.lon, s.lat,
           coalesce(s.accuracy_m, 0) AS accuracy_m, s.person_id, s.source
    FROM aboard a
    JOIN itinerary.sighting s ON s.person_id = a.person_id AND s.at >= a.boarded_at AND s.at < a.left_at
    WHERE s.day >= :first AND s.at >= :since AND s.presence = 'proven' AND s.source <> 'vehicle'
      AND s.region_code IS NOT NULL AND s.lon IS NOT NULL
), vouched AS (
    SELECT trip_id, hour, region_code FROM seen
    GROUP BY trip_id, hour, region_code HAVING bool_or(source = 'officer') OR count(DISTINCT person_id) > 1
), point AS (
    SELECT DISTINCT ON (trip_id, hour, region_code)
           trip_id, day, at, region_code, lon, lat, accuracy_m,
           concat_ws('.', trip_id, floor(extract(epoch FROM at) / 3600), region_code) AS key
    FROM seen JOIN vouched USING (trip_id, hour, region_code)
    ORDER BY trip_id, hour, region_code, at, id
)
SELECT a.person_id, p.at, p.region_code, p.lon, p.lat, p.accuracy_m, p.key
FROM point p
JOIN aboard a ON a.trip_id = p.trip_id AND p.at >= a.boarded_at AND p.at < a.left_at
WHERE NOT EXISTS (SELECT FROM itinerary.sighting k
                  WHERE k.day = p.day AND k.person_id = a.person_id AND (k.request_key = p.key OR k.at = p.at))
LIMIT :batch
""")


def carry(*, within: timedelta) -> int:
    """Take the points of vehicles from within this time to all aboard then, a batch; returns how many were new."""
    now = clock.now()
    # From a whole hour on, since a vehicle gives one point an hour.
    since = (now - within).replace(minute=0, second=0, microsecond=0)
    about = {"now": now, "late": LATE, "since": since, "first": clock.local(since).date(), "batch": BATCH}
    rows = db.session.execute(FIND, about).all()
    return itinerary.carry(points=[Carried(*row) for row in rows])
