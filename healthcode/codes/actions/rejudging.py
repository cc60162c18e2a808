"""Judging people anew by a set of rules: SQL finds those with a fact or a colour to lose, Python judges only them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.db import db
from backend.regions import names
from healthcode.codes import queries, rules
from healthcode.codes.actions.changing import Judged, write_verdicts
from healthcode.codes.colour_rules import MISTYPED, Kind, Rule, reasons_from
from healthcode.codes.known import Certified, Known, Measured, Positive, Provincial, Stayed
from healthcode.codes.models import Status
from healthcode.codes.provinces import code_name
from healthcode.codes.rules import BASIS_NAMES, ORDERED, Basis, Colour, Reason, Symptom
from healthcode.itinerary.rules import ITINERARY, STAY_COUNTS

LONG_AGO = datetime(2000, 1, 1, tzinfo=clock.SHANGHAI)
HOUR = timedelta(hours=1)
FOUND_ANEW = frozenset({MISTYPED, Kind.CERTIFIED})
"""The reasons for green that follow from facts at each judgement; that of a declaration is kept as it is."""
DECLARED = (Kind.CONTACT, Kind.ABROAD, Kind.FEVER, Kind.SYMPTOMS)
PROVINCIAL = (Kind.PROVINCE_RED, Kind.PROVINCE_YELLOW)

# The level of a region on a day is its own, else that of the city above it, else low; a list stands above what is
# computed. Only stays in cities that had any level but low are looked at, and each region and day once.
FIND = text("""
WITH declared AS (
    SELECT person_id,
           max(at) FILTER (WHERE contact) AS contact_at,
           max(at) FILTER (WHERE abroad) AS abroad_at,
           max(at) FILTER (WHERE temperature >= :fever) AS fever_at,
           (array_agg(temperature ORDER BY at DESC) FILTER (WHERE temperature >= :fever))[1] AS fever,
           max(at) FILTER (WHERE symptoms <> '[]'::jsonb) AS symptoms_at,
           (array_agg(symptoms ORDER BY at DESC) FILTER (WHERE symptoms <> '[]'::jsonb))[1] AS symptoms
    FROM codes.declaration
    WHERE day >= :declared_since AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))
      AND (contact OR abroad OR temperature >= :fever OR symptoms <> '[]'::jsonb)
    GROUP BY person_id
), measured AS (
    SELECT person_id, max(at) AS measured_at, (array_agg(temperature ORDER BY at DESC))[1] AS measured,
           (array_agg(place ORDER BY at DESC))[1] AS measured_place
    FROM codes.measurement
    WHERE day >= :measured_since AND temperature >= :measured_fever
      AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))
    GROUP BY person_id
), normal AS (
    SELECT d.person_id, min(m.at) AS normal_first, max(m.at) AS normal_last
    FROM declared d LEFT JOIN measured ON measured.person_id = d.person_id
    JOIN codes.measurement m ON m.person_id = d.person_id AND m.day >= :declared_since
     AND m.at > greatest(d.fever_at, measured.measured_at)
    WHERE d.fever_at IS NOT NULL AND m.taker = 'officer' AND m.temperature < least(:fever, :measured_fever)
      AND NOT EXISTS (SELECT FROM accounts.operator o WHERE o.id = m.taker_id AND o.device_key IS NOT NULL)
    GROUP BY d.person_id
), risky AS (
    SELECT DISTINCT left(region_code, 4) AS city FROM itinerary.region_risk
    WHERE level <> 'low' AND (until IS NULL OR until >= :stayed_since)
), near AS MATERIALIZED (
    SELECT s.person_id, s.region_code, s.since, s.until, (s.since AT TIME ZONE 'Asia/Shanghai')::date AS first, s.day
    FROM itinerary.stay s JOIN risky ON risky.city = left(s.region_code, 4)
    WHERE s.day >= :stayed_since AND NOT s.contradicted AND s.until > s.since
      AND (CAST(:people AS uuid[]) IS NULL OR s.person_id = ANY(:people))
), days AS (
    SELECT DISTINCT region_code, d::date AS day
    FROM near CROSS JOIN generate_series(greatest(first, :stayed_since), near.day, interval '1 day') d
), levels AS (
    SELECT days.region_code, days.day, r.level
    FROM days CROSS JOIN LATERAL (
        SELECT level FROM itinerary.region_risk r
        WHERE r.region_code IN (days.region_code, left(days.region_code, 4) || '00')
          AND r.since <= days.day AND (r.until IS NULL OR r.until >= days.day)
        ORDER BY r.region_code <> days.region_code, r.source <> 'official' LIMIT 1
    ) AS r
    WHERE r.level <> 'low'
), parts AS (
    SELECT near.person_id, levels.level, levels.region_code,
           greatest(near.since, levels.day::timestamp AT TIME ZONE 'Asia/Shanghai') AS since,
           least(near.until, (levels.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') AS until
    FROM near JOIN levels ON levels.region_code = near.region_code AND levels.day BETWEEN near.first AND near.day
), stayed AS (
    SELECT person_id,
           sum(until - since) FILTER (WHERE level = 'high') AS high,
           max(until) FILTER (WHERE level = 'high') AS high_until,
           (array_agg(region_code ORDER BY until DESC) FILTER (WHERE level = 'high'))[1] AS high_region,
           sum(until - since) FILTER (WHERE level = 'medium') AS medium,
           max(until) FILTER (WHERE level = 'medium') AS medium_until,
           (array_agg(region_code ORDER BY until DESC) FILTER (WHERE level = 'medium'))[1] AS medium_region
    FROM parts GROUP BY person_id
), decided AS (
    SELECT d.person_id,
           jsonb_agg(jsonb_build_object(
               'colour', d.colour, 'basis', d.basis, 'reason', d.reason, 'until', d.ends_at, 'proposer', p.name,
               'approver', a.name)) FILTER (WHERE d.kind = 'order') AS orders,
           jsonb_object_agg(d.rule, d.decided_at) FILTER (WHERE d.kind = 'lift') AS lifted
    FROM codes.decision d
    JOIN accounts.organisation p ON p.id = d.proposed_office JOIN accounts.organisation a ON a.id = d.decided_office
    WHERE d.state = 'in_force' AND d.ends_at > :now AND (CAST(:people AS uuid[]) IS NULL OR d.person_id = ANY(:people))
    GROUP BY d.person_id
), tested AS (
    SELECT person_id, max(sampled_at) AS positive_at,
           (array_agg(laboratory ORDER BY sampled_at DESC))[1] AS laboratory
    FROM codes.nucleic_test
    WHERE result = 'positive' AND sampled_at >= :tested_since
      AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))
    GROUP BY person_id
), negative AS (
    SELECT t.person_id, min(n.sampled_at) AS negative_first, max(n.sampled_at) AS negative_last
    FROM tested t JOIN codes.nucleic_test n
      ON n.person_id = t.person_id AND n.result = 'negative' AND n.sampled_at > t.positive_at
    GROUP BY t.person_id
), certified AS (
    SELECT DISTINCT ON (person_id) person_id, issued_on, valid_until, institution
    FROM codes.certificate
    WHERE state = 'confirmed' AND valid_until >= :today
      AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))
    ORDER BY person_id, valid_until DESC, issued_on DESC
), provincial AS (
    SELECT DISTINCT ON (person_id, province) person_id, province, colour, answered_at
    FROM codes.provincial_query
    WHERE state = 'answered' AND answered_at >= :provincial_since
      AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))
    ORDER BY person_id, province, answered_at DESC
), elsewhere AS (
    SELECT person_id, jsonb_agg(jsonb_build_array(colour, province, answered_at) ORDER BY answered_at) AS provinces
    FROM provincial WHERE colour IN ('yellow', 'red') GROUP BY person_id
), people AS MATERIALIZED (
    SELECT person_id FROM declared UNION SELECT person_id FROM measured UNION SELECT person_id FROM stayed
    UNION SELECT person_id FROM decided UNION SELECT person_id FROM tested UNION SELECT person_id FROM certified
    UNION SELECT person_id FROM elsewhere UNION SELECT unnest(CAST(:people AS uuid[]))
    UNION SELECT person_id FROM codes.status
    WHERE colour IN ('yellow', 'red') AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))
), known AS (
    SELECT person_id, colour, reasons, judged_at FROM codes.status WHERE person_id IN (SELECT person_id FROM people)
)
SELECT *
FROM people LEFT JOIN declared USING (person_id) LEFT JOIN stayed USING (person_id)
LEFT JOIN decided USING (person_id) LEFT JOIN measured USING (person_id) LEFT JOIN normal USING (person_id)
LEFT JOIN tested USING (person_id) LEFT JOIN negative USING (person_id) LEFT JOIN certified USING (person_id)
LEFT JOIN elsewhere USING (person_id) LEFT JOIN known USING (person_id)
""")


def rejudge(*, person_id: UUID | None = None, people: Sequence[UUID] | None = None) -> int:
    """Judge everybody, these people or one of them anew by the rules in force, and write another colour or reason.

    Returns how many colours changed. Twice is like once. Somebody who declares at the same moment is left as judged
    there, and is looked at again the next time.
    """
    now = clock.now()
    by = queries.rules_in_force().rules
    whom = [person_id] if person_id else people
    judged = [one for one, same in _judge_all(by, now, whom) if not same]
    unknown = [one.person_id for one in judged if one.seen == LONG_AGO]
    if unknown:
        values = {"colour": Colour.GREY, "reasons": [], "since": now, "judged_at": LONG_AGO}
        rows = [{"person_id": person_id} | values for person_id in unknown]
        db.session.execute(insert(Status).on_conflict_do_nothing(), rows)
    return len(write_verdicts(judged, now))


def try_rules(by: Sequence[Rule]) -> list[Judged]:
    """Who would have another colour by these rules at this moment; nothing is written."""
    return [one for one, _ in _judge_all(by, clock.now()) if one.verdict.colour is not one.before]


def _judge_all(by: Sequence[Rule], now: datetime, whom: Sequence[UUID] | None = None) -> Iterator[tuple[Judged, bool]]:
    """Each person with a fact or a colour to lose, judged; and whether the status says just that already."""
    for row in db.session.execute(FIND, _window(by, now) | {"now": now, "people": whom}):
        old = [Reason.from_json(value) for value in row.reasons or ()]
        found = reasons_from(_known(row), by)
        green = [reason for reason in old if reason.colour is Colour.GREEN and reason.rule not in FOUND_ANEW]
        verdict = rules.judge([*found, *green], now)
        before = Colour(row.colour) if row.colour else Colour.GREY
        same = verdict.colour is before and verdict.reasons_json() == (row.reasons or [])
        yield Judged(row.person_id, before, verdict, row.judged_at or LONG_AGO), same


def _window(by: Sequence[Rule], now: datetime) -> dict[str, Any]:
    """How far back a fact may lie to hold still, and from which temperature on it may count."""
    today = clock.local(now).date()
    return {
        "today": today,
        "declared_since": _day_before(today, _longest(by, *DECLARED)),
        "measured_since": _day_before(today, _longest(by, Kind.MEASURED)),
        "stayed_since": today - ITINERARY,
        "tested_since": now - _longest(by, Kind.POSITIVE) * HOUR,
        "provincial_since": now - _longest(by, *PROVINCIAL) * HOUR,
        "fever": _fever(by, Kind.FEVER),
        "measured_fever": _fever(by, Kind.MEASURED),
    }


def _longest(by: Sequence[Rule], *kinds: Kind) -> int:
    """For how many hours at most a fact of these kinds holds."""
    return max((rule.hours for rule in by if rule.on and rule.kind in kinds), default=0)


def _fever(by: Sequence[Rule], kind: Kind) -> int:
    return next((rule.limit for rule in by if rule.kind is kind), rules.FEVER)


def _day_before(today: date, hours: int) -> date:
    return today - timedelta(days=hours // 24 + 1)


def _known(row: Row[Any]) -> Known:
    """The facts of one row. Time in high-risk regions that is too short to count as such counts as medium."""
    high, medium = row.high or timedelta(0), row.medium or timedelta(0)
    last = [(row.medium_until, row.medium_region)]
    if high < STAY_COUNTS:
        medium += high
        last.append((row.high_until, row.high_region))
    return Known(
        contact_at=row.contact_at,
        abroad_at=row.abroad_at,
        fever=(row.fever_at, row.fever) if row.fever_at else None,
        symptoms=(row.symptoms_at, tuple(Symptom(one) for one in row.symptoms)) if row.symptoms_at else None,
        measured=Measured(row.measured_at, row.measured, row.measured_place) if row.measured_at else None,
        normal=(row.normal_first, row.normal_last) if row.normal_first else None,
        high=_stayed(high, row.high_until, row.high_region),
        medium=_stayed(medium, *max(last, key=lambda one: one[0] or LONG_AGO)),
        positive=Positive(row.positive_at, row.laboratory) if row.positive_at else None,
        negative=(row.negative_first, row.negative_last) if row.negative_first else None,
        certified=Certified(row.issued_on, row.valid_until, row.institution) if row.valid_until else None,
        province_red=_provincial(row.provinces, Colour.RED),
        province_yellow=_provincial(row.provinces, Colour.YELLOW),
        ordered=tuple(ordered(**order) for order in row.orders or ()),
        lifted={rule: datetime.fromisoformat(at) for rule, at in (row.lifted or {}).items()},
    )


def ordered(*, colour: str, basis: str, reason: str, until: str, proposer: str, approver: str) -> Reason:
    """The reason that an order gives: on what basis, why, by which two offices."""
    fact = f"{BASIS_NAMES[Basis(basis)]}：{reason}（{proposer}提出，{approver}批准）。"
    return Reason(ORDERED, Colour(colour), fact, datetime.fromisoformat(until), approver)


def _provincial(answers: Sequence[Sequence[str]] | None, colour: Colour) -> Provincial | None:
    """The newest answer of this colour, from whichever province."""
    for said, province, at in reversed(answers or ()):
        if said == colour:
            return Provincial(datetime.fromisoformat(at), names.get(province).name, code_name(province))
    return None


def _stayed(length: timedelta, until: datetime | None, region: str | None) -> Stayed | None:
    return Stayed(length / HOUR, names.full_name(region), until) if until and region else None
