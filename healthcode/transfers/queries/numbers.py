"""Planned, boarded, arrived, on duty: by day, and of registered poor households, over all transfers of an office.

One statement each, over the transfers that run or ended within the last 14 days: what ended before is in its report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select, text

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.queries.transfers import visible_to
from healthcode.transfers.rules import ACCESS_AFTER_END, State

DAYS_BACK, DAYS_AHEAD = 14, 7


class Count(StrEnum):
    PLANNED = "planned"
    BOARDED = "boarded"
    ARRIVED = "arrived"
    ON_DUTY = "on_duty"


COUNT_NAMES = {Count.PLANNED: "计划", Count.BOARDED: "上车", Count.ARRIVED: "到达", Count.ON_DUTY: "上岗"}

# A vehicle that left without any tick carried its whole list; whoever changed vehicles boarded the first one.
BY_DAY = text("""
WITH trips AS (
    SELECT * FROM transfers.trip WHERE transfer_id = ANY (cast(:ids AS uuid[]))
), told AS (
    SELECT 'planned' AS what, departs_at AS at, transfer_id, id AS trip_id, entries AS people
    FROM trips WHERE state <> 'cancelled' AND entries > 0
    UNION ALL
    SELECT 'boarded', departed_at, transfer_id, id, entries FROM trips
    WHERE entries > 0 AND NOT EXISTS (SELECT FROM transfers.ride r WHERE r.trip_id = trips.id)
    UNION ALL
    SELECT 'boarded', at, transfer_id, trip_id, 1 FROM (
        SELECT DISTINCT ON (r.entry_id) r.boarded_at AS at, trips.transfer_id, r.trip_id
        FROM transfers.ride r JOIN trips ON trips.id = r.trip_id ORDER BY r.entry_id, r.boarded_at, r.id
    ) AS first
    UNION ALL
    SELECT 'arrived', least(e.arrived_at, r.at), e.transfer_id, coalesce(r.trip_id, e.trip_id), 1
    FROM transfers.entry e
    LEFT JOIN (
        SELECT r.entry_id, max(r.left_at) AS at, (array_agg(r.trip_id))[1] AS trip_id
        FROM transfers.ride r JOIN trips ON trips.id = r.trip_id WHERE r.left_as = 'handed_over' GROUP BY r.entry_id
    ) AS r ON r.entry_id = e.id
    WHERE e.transfer_id = ANY (cast(:ids AS uuid[]))
    UNION ALL
    SELECT 'on_duty', day AT TIME ZONE 'Asia/Shanghai', transfer_id, trip_id, 1 FROM (
        SELECT DISTINCT ON (s.entry_id) s.kind, cast(s.day AS timestamp) AS day, e.transfer_id, e.trip_id
        FROM transfers.start s JOIN transfers.entry e ON e.id = s.entry_id
        WHERE e.transfer_id = ANY (cast(:ids AS uuid[])) ORDER BY s.entry_id, s.id DESC
    ) AS last WHERE kind = 'started'
)
SELECT what, cast(at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, transfer_id, trip_id, sum(people) AS people
FROM told WHERE at >= :since AND at < :until
GROUP BY 1, 2, 3, 4
""")
POOR = text("""
WITH shown AS (
    SELECT id, destination_region FROM transfers.transfer
    WHERE id = ANY (cast(:ids AS uuid[])) AND state <> 'cancelled'
), rides AS (
    SELECT DISTINCT r.entry_id, r.trip_id FROM transfers.ride r JOIN transfers.trip t ON t.id = r.trip_id
    WHERE t.transfer_id IN (SELECT id FROM shown)
), unticked AS (
    SELECT t.id FROM transfers.trip t
    WHERE t.transfer_id IN (SELECT id FROM shown) AND t.departed_at IS NOT NULL
      AND t.id NOT IN (SELECT trip_id FROM rides)
), last AS (
    SELECT DISTINCT ON (s.entry_id) s.entry_id, s.kind
    FROM transfers.start s JOIN transfers.entry e ON e.id = s.entry_id
    WHERE e.transfer_id IN (SELECT id FROM shown) ORDER BY s.entry_id, s.id DESC
), one AS (
    SELECT e.transfer_id, shown.destination_region, e.enterprise, e.poor, e.arrived_at IS NOT NULL AS arrived,
           e.arrived_at IS NOT NULL OR e.id IN (SELECT entry_id FROM rides) OR e.trip_id IN (SELECT id FROM unticked)
               AS boarded,
           last.kind IS NOT DISTINCT FROM 'started' AS on_duty
    FROM transfers.entry e
    JOIN shown ON shown.id = e.transfer_id
    LEFT JOIN last ON last.entry_id = e.id
)
SELECT transfer_id, destination_region, enterprise,
       count(*) FILTER (WHERE poor) AS planned, count(*) FILTER (WHERE poor AND boarded) AS boarded,
       count(*) FILTER (WHERE poor AND arrived) AS arrived, count(*) FILTER (WHERE poor AND on_duty) AS on_duty,
       count(*) AS everybody, count(*) FILTER (WHERE on_duty) AS everybody_on_duty
FROM one GROUP BY transfer_id, destination_region, enterprise
""")


@dataclass(frozen=True, slots=True)
class OfDay:
    """So many people of a vehicle (None: without one) on a day."""

    count: Count
    day: date
    transfer_id: UUID
    trip_id: UUID | None
    people: int


@dataclass(frozen=True, slots=True)
class Poor:
    """The registered poor households of a transfer for one enterprise, and everybody beside them."""

    transfer_id: UUID
    destination_region: str
    enterprise: str
    planned: int
    boarded: int
    arrived: int
    on_duty: int
    everybody: int
    everybody_on_duty: int


def list_recent(*, seen_by: Acting) -> Sequence[Transfer]:
    """The transfers that the numbers are about: offered ones that run, or ended within the last 14 days."""
    recent = or_(Transfer.ended_at.is_(None), Transfer.ended_at > clock.now() - ACCESS_AFTER_END)
    query = select(Transfer).where(visible_to(seen_by), Transfer.state != State.DRAFT, recent)
    return db.session.scalars(query.order_by(Transfer.id.desc())).all()


def days_shown() -> list[date]:
    """The last 14 days, today, and the next 7."""
    today = clock.today()
    return [today + timedelta(days=at) for at in range(-DAYS_BACK, DAYS_AHEAD + 1)]


def count_by_day(transfers: Sequence[Transfer]) -> list[OfDay]:
    """How many were to leave, boarded, arrived and began work on each of the days shown, by vehicle."""
    days = days_shown()
    since, until = (datetime.combine(day, time(), clock.SHANGHAI) for day in (days[0], days[-1] + timedelta(days=1)))
    about = {"ids": [transfer.id for transfer in transfers], "since": since, "until": until}
    rows = db.session.execute(BY_DAY, about)
    return [OfDay(Count(row.what), row.day, row.transfer_id, row.trip_id, int(row.people)) for row in rows]


def count_poor(transfers: Sequence[Transfer]) -> list[Poor]:
    """Registered poor households by transfer and enterprise, as the roster names it."""
    rows = db.session.execute(POOR, {"ids": [transfer.id for transfer in transfers]})
    return [Poor(*row) for row in rows]


def trips_by_id(trip_ids: Sequence[UUID]) -> dict[UUID, Trip]:
    """These vehicles; whose of them an office sees was asked before."""
    return {trip.id: trip for trip in db.session.scalars(select(Trip).where(Trip.id.in_(trip_ids)))}
