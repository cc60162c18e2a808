"""Judging everybody anew: 220,000 workers with 3 million stays, beside one statement that reads and groups the rows."""

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from statistics import median

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db
from backend.core.partitions import make_partitions_of
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.cases import cases_of_2020
from healthcode.itinerary.rules import ITINERARY
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.rosters import as_owner
from tests.benchmarks.setting import Setting

WORKERS, FEW = 220_000, 22_000
STAYS = 14
"""Of each worker, one a day: 3 million in all."""
ROUNDS = 3
STORY_DAY = date(2020, 3, 22)
EMPTY = """TRUNCATE codes.status, codes.colour_change, codes.declaration, codes.certificate, codes.provincial_query,
itinerary.stay, itinerary.region_risk"""
PEOPLE = text("""
INSERT INTO accounts.person (id, name, name_mask, name_index, sort_key, resident_id, resident_id_mask,
                             resident_id_index, last_four_index, birth_date, region_code, created_at)
SELECT md5('worker' || n)::uuid, '', '杨**', '', 'yang', '', '5206**********1234', decode(md5('i' || n), 'hex'), '',
       date '1990-01-01', '520602', :now
FROM generate_series(1, :workers) n
ON CONFLICT DO NOTHING
""")
STATUSES = text("""
INSERT INTO codes.status (person_id, colour, reasons, since, until, judged_at)
SELECT md5('worker' || n)::uuid, 'green', CAST(:healthy AS jsonb), :now, CAST(:now AS timestamptz) + interval '1 day',
       :now
FROM generate_series(1, :workers) n
""")
DECLARATIONS = text("""
INSERT INTO codes.declaration (day, id, person_id, account_id, at, temperature, symptoms, contact, abroad, request_key)
SELECT CAST(:today AS date), md5('declared' || n)::uuid, md5('worker' || n)::uuid, md5('account')::uuid, :now, 365,
       '[]', false, false, 'bench'
FROM generate_series(1, :workers) n
""")
STAYED = text("""
INSERT INTO itinerary.stay (day, person_id, since, until, region_code, proofs, contradicted)
SELECT d, md5('worker' || n)::uuid, d::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '9 hours',
       d::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '18 hours',
       CASE WHEN n % 20 = 0 AND back = 3 THEN '420106' ELSE (520602 + n % 40)::text END, 5, false
FROM generate_series(1, :workers) n CROSS JOIN generate_series(1, :stays) back
CROSS JOIN LATERAL (SELECT CAST(:today AS date) - back::integer AS d) AS day
""")
CERTIFICATES = text("""
INSERT INTO codes.certificate (id, person_id, institution, issued_on, valid_until, region_code, origin_code, state,
                               reason, request_key, filed_at)
SELECT md5('paper' || n)::uuid, md5('worker' || n)::uuid, '碧江区人民医院', CAST(:today AS date),
       CAST(:today AS date) + 5, '520602', '520602', 'confirmed', '', 'bench', :now
FROM generate_series(50, :workers, 100) n
""")
PROVINCES = text("""
INSERT INTO codes.provincial_query (id, person_id, province, why, state, attempts, colour, asked_at, answered_at)
SELECT md5('asked' || n)::uuid, md5('worker' || n)::uuid, '320000', 'transfer', 'answered', 1, 'green', :now, :now
FROM generate_series(1, :workers, 10) n
""")
SOME_GREEN = text("""
UPDATE codes.status SET colour = 'green', reasons = CAST(:healthy AS jsonb)
WHERE person_id IN (SELECT md5('worker' || n)::uuid FROM generate_series(100, :workers, 100) n)
""")
FLOOR = text("""
SELECT count(*), max(stays.until), sum(stays.length), max(declared.at)
FROM (
    SELECT person_id, sum(until - since) AS length, max(until) AS until FROM itinerary.stay WHERE day >= :first
    GROUP BY person_id
) AS stays
LEFT JOIN (
    SELECT person_id, max(at) AS at, max(temperature) AS temperature FROM codes.declaration WHERE day >= :first
    GROUP BY person_id
) AS declared USING (person_id)
LEFT JOIN codes.status USING (person_id)
""")
HEALTHY = (
    '[{"rule": "declared.healthy", "colour": "green", "fact": "24 小时内申报体温 36.5 ℃，没有症状。", "until": "%s"}]'
)


def measure_rejudge(setting: Setting) -> Iterator[Figure]:
    """Ours: facts, verdicts, changes with their records and news; one in 20 has a reason, one in 100 changes."""
    with setting.app.app_context():
        few, _ = _measure(setting, FEW)
        ours, floor = _measure(setting, WORKERS)
    yield Figure("healthcode.rejudge", "s", ours, floor, Bound.RATIO_AT_MOST, 3)
    yield Figure("healthcode.rejudge_x10", "s", ours, few, Bound.RATIO_AT_MOST, 11)


def _measure(setting: Setting, workers: int) -> tuple[float, float]:
    """Seconds of judging and of the floor: the medians of rounds in turn."""
    now = clock.now()
    about = {
        "now": now,
        "today": clock.today(),
        "first": clock.today() - ITINERARY,
        "workers": workers,
        "stays": STAYS,
        "healthy": HEALTHY % (now + timedelta(days=1)).isoformat(),
    }
    _lay_out(setting, about)
    judged, grouped = [], []
    for _ in range(ROUNDS):
        with transaction():
            db.session.execute(SOME_GREEN, about)
        judged.append(_seconds(_rejudge))
        grouped.append(_seconds(lambda: db.session.execute(FLOOR, about).one()))
        db.session.rollback()
    return median(judged), median(grouped)


def _lay_out(setting: Setting, about: dict[str, object]) -> None:
    """People who declared that they are well; one in twenty was in Wuhan, and is red for it by now.

    One in a hundred has a certificate of health, and a province has said of one in ten that its own code is green.
    """
    as_owner(setting, EMPTY)
    with transaction():
        today = clock.today()
        make_partitions_of("itinerary.stay", [today - timedelta(days=back) for back in range(1, STAYS + 1)])
        itinerary.compute_risk(counts=cases_of_2020(), day=STORY_DAY, as_of=today)
        for statement in (PEOPLE, STATUSES, DECLARATIONS, STAYED, CERTIFICATES, PROVINCES):
            db.session.execute(statement, about)
    as_owner(setting, "ANALYZE")
    _rejudge()


def _rejudge() -> None:
    with transaction():
        actions.rejudge()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
