"""Where those are who are under way, or should have arrived, and what is to be found of it.

Two statements read and group everybody; what is found is judged and worded here, for those few of whom something is.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text

from backend.core import clock
from backend.core.db import db
from backend.core.features import load
from backend.regions.datum import Point
from healthcode.checks.actions.statements import SCOPE, Theirs
from healthcode.checks.rules import CORRIDOR_KM, OVERDUE_AFTER, SEEN_WITHIN, SILENT_AFTER, Kind
from healthcode.itinerary.risk import LEVEL_NAMES, Level

HOUR = timedelta(hours=1)
GRID = 100
"""Steps of a degree, about a kilometre each: nothing to a corridor of 150, and a coach's people share one reckoning."""
MEMORY = text("SET LOCAL work_mem = '64MB'")
"""Everybody's rows are joined and grouped once in ten minutes, by one process: in memory, not in files beside it."""

VEHICLES = text(f"""
SELECT aboard.trip_id, aboard.transfer_id, trip.route::text AS route,
       coalesce(nullif(trip.vehicle, ''), '没有车号的车辆') AS vehicle, people, heard,
       round(place[2] * {GRID}) / {GRID} AS lon, round(place[3] * {GRID}) / {GRID} AS lat
FROM (
    SELECT trip.id AS trip_id, trip.transfer_id, count(*) AS people,
           greatest(max(l.sign_at), coalesce(trip.departed_at, trip.departs_at)) AS heard,
           max(ARRAY[extract(epoch FROM l.at)::float8, l.lon, l.lat])
               FILTER (WHERE l.at >= coalesce(trip.departed_at, trip.departs_at) AND l.lon IS NOT NULL) AS place
    FROM transfers.trip
    JOIN transfers.transfer t ON t.id = trip.transfer_id AND NOT t.elsewhere
    JOIN (
        SELECT trip_id, entry_id FROM transfers.ride
        WHERE left_at IS NULL
          AND (cast(:of_vehicles AS uuid[]) IS NULL OR trip_id = ANY (cast(:of_vehicles AS uuid[])))
        UNION ALL
        SELECT unticked.id, e.id
        FROM transfers.trip AS unticked
        JOIN transfers.entry e ON e.trip_id = unticked.id
        WHERE unticked.state IN ('on_the_way', 'returning')
          AND (cast(:of_vehicles AS uuid[]) IS NULL OR unticked.id = ANY (cast(:of_vehicles AS uuid[])))
          AND NOT EXISTS (SELECT FROM transfers.ride r WHERE r.trip_id = unticked.id)
          AND NOT EXISTS (SELECT FROM transfers.ride r WHERE r.entry_id = e.id AND r.left_at IS NULL)
    ) AS on_it ON on_it.trip_id = trip.id
    JOIN transfers.entry e ON e.id = on_it.entry_id AND e.arrived_at IS NULL
    LEFT JOIN itinerary.last_seen l ON l.person_id = e.person_id
    WHERE trip.state IN ('on_the_way', 'returning')
    GROUP BY trip.id
) AS aboard
JOIN transfers.trip ON trip.id = aboard.trip_id
""")  # noqa: S608 - constants
"""Until it arrives, a vehicle's people are where it is: whoever of them was heard of last speaks for all.

Who boarded is known from rides; a vehicle without any has its roster aboard. Its place is the newest proven position
since departure.
"""

TRAVELLERS = text(f"""
WITH {SCOPE}, known AS (
    SELECT entry_id, trip_id, transfer_id, aboard, received, region_code,
           coalesce(at >= arrives_at, false) AS seen_late,
           at >= cast(:now AS timestamptz) - :seen_within AS seen_lately,
           CASE WHEN greatest(sign_at, departs_at) < cast(:now AS timestamptz) - :silent
                THEN date_trunc('minute', greatest(sign_at, departs_at)) END AS silent_since,
           CASE WHEN NOT aboard AND at BETWEEN departs_at AND arrives_at THEN round(lon * {GRID}) END AS lon,
           CASE WHEN NOT aboard AND at BETWEEN departs_at AND arrives_at THEN round(lat * {GRID}) END AS lat
    FROM scope
    LEFT JOIN itinerary.last_seen l ON l.person_id = scope.person_id
    WHERE scope.person_id IS NOT NULL AND arrived_at IS NULL AND departs_at <= :now
      AND NOT EXISTS (
          SELECT FROM transfers.ride JOIN transfers.trip AS under_way ON under_way.id = ride.trip_id
          WHERE ride.entry_id = scope.entry_id AND ride.left_at IS NULL
            AND under_way.state IN ('on_the_way', 'returning') AND under_way.arrives_at > :now
      )
), alike AS MATERIALIZED (
    SELECT trip_id, transfer_id, aboard, received, region_code, seen_late, seen_lately, silent_since, lon, lat,
           count(*) AS people, array_agg(entry_id)::text AS rows
    FROM known
    GROUP BY trip_id, transfer_id, aboard, received, region_code, seen_late, seen_lately, silent_since, lon, lat
), risk AS (
    SELECT DISTINCT ON (region_code) region_code, level
    FROM itinerary.region_risk
    WHERE since <= :day AND (until IS NULL OR until >= :day)
    ORDER BY region_code, source <> 'official'
)
SELECT alike.transfer_id, trip.arrives_at, trip.route::text AS route, aboard, seen_late, silent_since, people, rows,
       trip.state IS NOT DISTINCT FROM 'returning' AS called_back,
       CASE WHEN seen_lately THEN coalesce(county.level, city.level) END AS level,
       alike.region_code IS NOT NULL AND NOT starts_with(alike.region_code,
           CASE WHEN t.destination_region LIKE '%0000' THEN left(t.destination_region, 2)
                WHEN t.destination_region LIKE '%00' THEN left(t.destination_region, 4)
                ELSE t.destination_region END) AS outside,
       lon / {GRID} AS lon, lat / {GRID} AS lat
FROM alike
JOIN transfers.transfer t ON t.id = alike.transfer_id
LEFT JOIN transfers.trip ON trip.id = alike.trip_id
LEFT JOIN risk AS county ON county.region_code = alike.region_code
LEFT JOIN risk AS city ON city.region_code = left(alike.region_code, 4) || '00'
WHERE NOT received AND (NOT aboard OR trip.arrives_at <= :now)
""")  # noqa: S608 - constants
"""Travellers without a vehicle under way, and those whose vehicle should have arrived: in groups of whom the same is
so, for most are well and beside each other.

For most people of a busy day their vehicle speaks: by NOT EXISTS they are left out before all else is asked.
"""


class Found(NamedTuple):
    """Something that is so of rows of a roster, or of a vehicle."""

    rows: str | None
    """Their ids as PostgreSQL writes an array, for it alone reads them again."""
    trip_id: UUID | None
    transfer_id: UUID
    kind: Kind
    fact: str


def look_at_location(now: datetime, theirs: Theirs) -> tuple[int, list[Found]]:
    """How many people were looked for, and what was found; for one person without routes, whose libraries are for the
    bulk worker.
    """
    routes = theirs.of_rows is None
    if routes:
        db.session.execute(MEMORY)
    lately = {"now": now, "day": clock.today(), "silent": SILENT_AFTER, "seen_within": SEEN_WITHIN}
    vehicles = db.session.execute(VEHICLES, {"of_vehicles": theirs.of_vehicles}).all()
    groups = db.session.execute(TRAVELLERS, lately | {"of_rows": theirs.of_rows}).all()
    found = [
        *(Found(None, row.trip_id, row.transfer_id, *one) for row in vehicles for one in _of_vehicle(row, now, routes)),
        *(Found(row.rows, None, row.transfer_id, *one) for row in groups for one in _of_travellers(row, now, routes)),
    ]
    looked_at = sum(row.people for row in vehicles) + sum(row.people for row in groups if not row.aboard)
    return looked_at, found


def _of_vehicle(row: Row[Any], now: datetime, routes: bool) -> Iterator[tuple[Kind, str]]:
    if row.heard and row.heard < now - SILENT_AFTER:
        yield Kind.SILENT, f"{row.vehicle} 已 {(now - row.heard) // HOUR} 小时没有消息（{row.people} 人）"
    if routes and (km := _off_route_km(row)):
        yield Kind.OFF_ROUTE, f"{row.vehicle} {_off_route(km)}"


def _of_travellers(row: Row[Any], now: datetime, routes: bool) -> Iterator[tuple[Kind, str]]:
    if row.silent_since and not row.aboard:
        yield Kind.SILENT, f"最后一次消息在 {clock.local(row.silent_since):%m-%d %H:%M}"
    if row.level in {Level.MEDIUM, Level.HIGH} and not row.aboard:
        yield Kind.RISKY, f"最后位置在{LEVEL_NAMES[Level(row.level)]}地区"
    if routes and (km := _off_route_km(row)):
        yield Kind.OFF_ROUTE, _off_route(km)
    if row.called_back:
        return
    if row.seen_late and row.outside and not row.aboard:
        yield Kind.ELSEWHERE, "已过计划到达时间，最后位置不在输入地"
    elif row.arrives_at and row.arrives_at < now - OVERDUE_AFTER:
        yield Kind.OVERDUE, f"计划 {clock.local(row.arrives_at):%m-%d %H:%M} 到达，还没有到达记录"


def _off_route_km(row: Row[Any]) -> float:
    """How far a place is from the route, if farther than roads wind; else nothing, as where either isn't known."""
    if not row.route or row.route == "[]" or row.lon is None:
        return 0.0
    km = _distance(row.route, row.lon, row.lat)
    return km if km > CORRIDOR_KM else 0.0


def _off_route(km: float) -> str:
    """In words, to ten kilometres."""
    return f"离计划路线约 {round(km, -1):.0f} 公里"


@lru_cache(maxsize=20_000)
def _distance(route: str, lon: float, lat: float) -> float:
    """From a point to a route as it is stored; the vehicles of a transfer share theirs."""
    measure = load("backend.regions.route:distance_to_route_km")
    return float(measure(Point(lon, lat), tuple(Point(*stop) for stop in json.loads(route))))
