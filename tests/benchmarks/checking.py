"""The location check over everybody: 220,000 workers, beside one statement that reads and groups the same rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from statistics import median
from time import perf_counter

from sqlalchemy import text

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.checks import actions
from healthcode.checks.rules import Check
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.rejudging import PEOPLE
from tests.benchmarks.rosters import as_owner
from tests.benchmarks.setting import Setting
from tests.factories.transfers import make_offices

WORKERS, FEW = 220_000, 22_000
A_TRANSFER, A_COACH = 1_100, 25
ROUNDS = 3
EMPTY = "TRUNCATE transfers.transfer, accounts.organisation, accounts.person CASCADE"
ABOUT = {"a_transfer": A_TRANSFER, "a_coach": A_COACH}
TRANSFERS = text("""
INSERT INTO transfers.transfer (id, title, origin_id, destination_id, origin_region, destination_region, state,
                                created_at, offered_at, elsewhere, entries)
SELECT md5('transfer' || n)::uuid, '铜仁赴昆山 ' || n, :origin, :destination, '520600', '320583', 'in_transit',
       :now, CAST(:now AS timestamptz) - interval '9 hours', false, :a_transfer
FROM generate_series(0, :workers / :a_transfer - 1) n
""")
IMPORTS = text("""
INSERT INTO transfers.roster_import (id, transfer_id, operator_id, file_name, digest, state, tries, rows_read, added,
                                     changed, same, missing, wrong, remove_missing, removed, notes, created_at)
SELECT md5('import' || n)::uuid, md5('transfer' || n)::uuid, :operator, '花名册.xlsx', '', 'done', 1, 0, 0, 0, 0, 0, 0,
       false, 0, '[]', :now
FROM generate_series(0, :workers / :a_transfer - 1) n
""")
COACHES = text("""
INSERT INTO transfers.trip (id, transfer_id, vehicle, mode, departs_at, arrives_at, route, state, departed_at, entries,
                            claimed, green, yellow, red, arrived)
SELECT md5('coach' || n)::uuid, md5('transfer' || n / (:a_transfer / :a_coach))::uuid, '贵D' || n,
       CASE WHEN n % 5 = 0 THEN 'train' ELSE 'coach' END,
       CAST(:now AS timestamptz) - interval '8 hours', CAST(:now AS timestamptz) + interval '8 hours',
       '[[109.19, 27.72], [112.98, 28.19], [120.98, 31.39]]',
       CASE WHEN n % 5 = 0 THEN 'waiting' ELSE 'on_the_way' END,
       CASE WHEN n % 5 <> 0 THEN CAST(:now AS timestamptz) - interval '8 hours' END, :a_coach, 0, 0, 0, 0, 0
FROM generate_series(0, :workers / :a_coach - 1) n
""")
ENTRIES = text("""
INSERT INTO transfers.entry (id, transfer_id, trip_id, person_id, number, name, name_mask, name_index, sort_key,
                             resident_id, resident_id_mask, resident_id_index, last_four_index, sex, address_mask,
                             phone_mask, poor, skills, enterprise, position, seat, colour, content_hash, import_id)
SELECT md5('entry' || n)::uuid, md5('transfer' || n / :a_transfer)::uuid,
       md5('coach' || n / :a_coach)::uuid, md5('worker' || n + 1)::uuid,
       n + 1, '', '杨**', '', 'yang', '', '5206**********1234', decode(md5('i' || n), 'hex'), '', '男', '', '', false,
       '', '', '', '', 'green', '', md5('import' || n / :a_transfer)::uuid
FROM generate_series(0, :workers - 1) n
""")
RIDES = text("""
INSERT INTO transfers.ride (id, trip_id, entry_id, seat, boarded_at, left_place)
SELECT md5('ride' || e.number)::uuid, e.trip_id, e.id, '', CAST(:now AS timestamptz) - interval '8 hours', ''
FROM transfers.entry e WHERE (e.number - 1) / :a_coach % 5 <> 0
""")
PLANS = text("""
INSERT INTO transfers.plan (trip_id, carrier, crew_masks, leader_id, deputy_id, stops, supplies, operator_id,
                            updated_at)
SELECT trip_id, '', '{}', md5('entry' || min(number) - 1)::uuid, md5('entry' || min(number))::uuid, '[]', '{}',
       :operator, :now
FROM transfers.entry e WHERE (number - 1) / :a_coach % 5 <> 0 GROUP BY trip_id
""")
SEEN = text("""
INSERT INTO itinerary.last_seen (person_id, sign_at, at, region_code, lon, lat, accuracy_m)
SELECT person_id, heard, heard, '430100', 112.98, 28.19, 30
FROM transfers.entry
CROSS JOIN LATERAL (SELECT CAST(:now AS timestamptz) - CASE WHEN (number - 1) / :a_coach % 20 IN (5, 6)
                           THEN interval '7 hours 30 minutes' ELSE interval '1 hour' END AS heard) AS known
""")
"""One in five is on a train of whose departure nobody said anything, each alone; the others' coaches have a leader and
a deputy. One coachload in ten is silent, half of them on trains.
"""
CHANGED = text("""
UPDATE itinerary.last_seen l SET sign_at = CASE WHEN l.sign_at < CAST(:now AS timestamptz) - interval '6 hours'
                                                THEN CAST(:now AS timestamptz) - interval '1 hour'
                                                ELSE CAST(:now AS timestamptz) - interval '7 hours 30 minutes' END
FROM transfers.entry e
WHERE e.person_id = l.person_id AND (e.number - 1) / :a_coach / 5 % 100 = :changes
""")
"""Of each hundred times five coachloads, one train's and four coaches', one is heard of again or no longer."""
FLOOR = text("""
SELECT count(*), max(silent), max(lon) FROM (
    SELECT e.transfer_id, coalesce(r.trip_id, e.id) AS whose, max(l.sign_at) AS silent, max(l.lon) AS lon,
           max(coalesce(trip.departed_at, t.offered_at)) AS departed_at, bool_or(f.id IS NOT NULL) AS found
    FROM transfers.transfer t
    JOIN transfers.entry e ON e.transfer_id = t.id
    LEFT JOIN transfers.ride r ON r.entry_id = e.id AND r.left_at IS NULL
    LEFT JOIN transfers.trip ON trip.id = coalesce(r.trip_id, e.trip_id)
    LEFT JOIN itinerary.last_seen l ON l.person_id = e.person_id
    LEFT JOIN checks.finding f ON f.entry_id = e.id AND f.closed_at IS NULL
    WHERE t.state NOT IN ('draft', 'closed', 'cancelled')
    GROUP BY e.transfer_id, whose
) AS grouped
""")


def measure_location(setting: Setting) -> Iterator[Figure]:
    """Ours: silence, routes, arrivals, risk, findings with their counts and messages; one coachload in a hundred
    changes, one in ten has something found. It is noon: at night nobody would be told.
    """
    noon = datetime.combine(clock.today(), time(12), clock.SHANGHAI)
    with setting.app.app_context(), at(noon):
        few, _ = _measure(setting, FEW)
        ours, floor = _measure(setting, WORKERS)
    yield Figure("healthcode.location_check", "s", ours, floor, Bound.RATIO_AT_MOST, 3)
    yield Figure("healthcode.location_check_x10", "s", ours, few, Bound.RATIO_AT_MOST, 11)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The product's clock stands at this moment until the block ends."""
    source = clock.Clock.source
    clock.Clock.source = staticmethod(lambda: moment)
    try:
        yield
    finally:
        clock.Clock.source = source


def _measure(setting: Setting, workers: int) -> tuple[float, float]:
    """Seconds of checking and of the floor: the medians of rounds in turn."""
    as_owner(setting, EMPTY)
    origin, destination = make_offices()
    lay_out(workers, origin, destination)
    as_owner(setting, "VACUUM ANALYZE")
    _check()
    checked, grouped = [], []
    for changes in range(5, 5 + ROUNDS):
        with transaction():
            db.session.execute(CHANGED, {"now": clock.now(), "changes": changes} | ABOUT)
        checked.append(_seconds(_check))
        grouped.append(_seconds(lambda: db.session.execute(FLOOR).one()))
        db.session.rollback()
    return median(checked), median(grouped)


def lay_out(workers: int, origin: Acting, destination: Acting) -> None:
    """Everybody is under way: most on coaches, some on trains."""
    about = {
        "now": clock.now(),
        "workers": workers,
        "origin": origin.organisation_id,
        "destination": destination.organisation_id,
        "operator": origin.operator_id,
    } | ABOUT
    with transaction():
        for statement in (PEOPLE, TRANSFERS, IMPORTS, COACHES, ENTRIES, RIDES, PLANS, SEEN):
            db.session.execute(statement, about)


def _check() -> None:
    with transaction():
        actions.run_check(check=Check.LOCATION)


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
