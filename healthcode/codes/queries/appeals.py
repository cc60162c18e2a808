"""Reads of appeals against a colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, func, select, text, tuple_

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation, Person
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions import names
from healthcode.codes.appeal_rules import RULE_NAMES, WAITING, AppealState
from healthcode.codes.models import Appeal, AppealFile, AppealStep

COUNTED = timedelta(days=90)
# Whom a rule gave a colour is counted by people: a second change of the same person is no second finding.
STATISTICS = text("""
WITH found AS (
    SELECT reason ->> 'rule' AS rule, count(DISTINCT c.person_id) AS people
    FROM codes.colour_change c CROSS JOIN jsonb_array_elements(c.reasons) reason
    WHERE c.at >= :since AND reason ->> 'colour' IN ('yellow', 'red') GROUP BY 1
), appealed AS (
    SELECT rule, count(*) AS appeals, count(*) FILTER (WHERE state = 'upheld') AS upheld,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - filed_at) / 3600)
           FILTER (WHERE answered_at IS NOT NULL) AS hours
    FROM codes.appeal WHERE filed_at >= :since GROUP BY rule
)
SELECT rule, coalesce(people, 0), coalesce(appeals, 0), coalesce(upheld, 0), hours
FROM found FULL JOIN appealed USING (rule)
""")


def _concerns(acting: Acting) -> ColumnElement[bool]:
    """Appeals that came to the government of a region."""
    if acting.kind is not OrganisationKind.GOVERNMENT:
        return false()
    return Appeal.regions.contains([acting.region_code])


def list_appeals(
    *,
    seen_by: Acting,
    state: AppealState | None = None,
    rule: str = "",
    after: UUID | None = None,
    limit: int = 50,
) -> Sequence[Row[Appeal, Person]]:
    """Appeals that came to an office: those that wait, the soonest due first; or those of a state, answered ones the
    newest first.
    """
    newest = state is not None and state not in WAITING
    key = tuple_(Appeal.due_at, Appeal.id)
    query = select(Appeal, Person).join(Person, Person.id == Appeal.person_id).where(_concerns(seen_by))
    query = query.where(Appeal.state == state if state else Appeal.state.in_(WAITING))
    if rule:
        query = query.where(Appeal.rule == rule)
    if after:
        last = select(Appeal.due_at, Appeal.id).where(Appeal.id == after).scalar_subquery()
        query = query.where(key < last if newest else key > last)
    order = (Appeal.due_at.desc(), Appeal.id.desc()) if newest else (Appeal.due_at, Appeal.id)
    return db.session.execute(query.order_by(*order).limit(limit)).all()


def count_appeals(*, seen_by: Acting) -> dict[AppealState, int]:
    """How many appeals of each state came to an office."""
    query = select(Appeal.state, func.count()).where(_concerns(seen_by)).group_by(Appeal.state)
    counted = {row[0]: row[1] for row in db.session.execute(query)}
    return {state: counted.get(state, 0) for state in AppealState}


def count_open_appeals(*, seen_by: Acting) -> int:
    """How many appeals wait for this office's answer."""
    query = select(func.count()).select_from(Appeal).where(_concerns(seen_by), Appeal.state == AppealState.OPEN)
    return db.session.scalar(query) or 0


def get_appeal(appeal_id: UUID, *, seen_by: Acting) -> Row[Appeal, Person]:
    """Refuses: NotFound for an appeal that didn't come to this office."""
    query = select(Appeal, Person).join(Person, Person.id == Appeal.person_id)
    row = db.session.execute(query.where(Appeal.id == appeal_id, _concerns(seen_by))).one_or_none()
    if row is None:
        raise NotFound
    return row


def lock_appeal(appeal_id: UUID) -> Appeal:
    """An appeal, held until the transaction ends. Refuses: NotFound."""
    query = select(Appeal).where(Appeal.id == appeal_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def appeals_of(person: Person, limit: int = 50) -> Sequence[Row[Appeal, str | None]]:
    """A person's appeals with the office that answered, the newest first."""
    query = (
        select(Appeal, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Appeal.answered_office)
        .where(Appeal.person_id == person.id)
        .order_by(Appeal.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def files_of(appeal_ids: Sequence[UUID]) -> dict[UUID, list[AppealFile]]:
    """What was attached to these appeals, in the order in which it came."""
    found: dict[UUID, list[AppealFile]] = {appeal_id: [] for appeal_id in appeal_ids}
    query = select(AppealFile).where(AppealFile.appeal_id.in_(appeal_ids)).order_by(AppealFile.id)
    for file in db.session.scalars(query):
        found[file.appeal_id].append(file)
    return found


def steps_of(appeal_id: UUID) -> Sequence[Row[AppealStep, str | None, str | None]]:
    """What happened to an appeal, in order: (step, office, operator)."""
    query = (
        select(AppealStep, Organisation.name, Operator.name)
        .outerjoin(Organisation, Organisation.id == AppealStep.organisation_id)
        .outerjoin(Operator, Operator.id == AppealStep.operator_id)
        .where(AppealStep.appeal_id == appeal_id)
        .order_by(AppealStep.at, AppealStep.id)
    )
    return db.session.execute(query).all()


def governed_among(regions: Sequence[str]) -> set[str]:
    """Those of these regions that have a government here."""
    query = select(Organisation.region_code).where(
        Organisation.kind == OrganisationKind.GOVERNMENT, Organisation.region_code.in_(regions)
    )
    return set(db.session.scalars(query))


def office_of(region_code: str) -> str:
    """What people call the government of a region: 贵州省铜仁市主管部门."""
    return f"{names.full_name(region_code) or '国家'}主管部门"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How one rule fared, over all regions."""

    rule: str
    people: int
    """To whom it gave a colour."""
    appeals: int
    upheld: int
    """Wrong colours."""
    hours: float | None
    """Half of the answers came faster."""


def appeal_statistics(*, since: datetime | None = None) -> list[RuleCount]:
    """Each rule with the colours it gave and what came of appeals, over the last 90 days unless told otherwise."""
    rows = db.session.execute(STATISTICS, {"since": since or clock.now() - COUNTED})
    known = {row[0]: RuleCount(row[0], row[1], row[2], row[3], row[4]) for row in rows}
    return [known.get(rule, RuleCount(rule, 0, 0, 0, None)) for rule in RULE_NAMES]
