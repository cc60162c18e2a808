"""The register of kinds of data, and the reports of erasure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import Row, select

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Person
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, NotFound
from backend.core.features import DataKind, Way
from backend.evidence import queries as evidence
from backend.privacy.evidence import ERASURE
from backend.privacy.models import Copy, ErasureReport, Export, Hold
from backend.privacy.rules import Line

PAGE = 50


@dataclass(frozen=True, slots=True)
class Judged:
    """A report, and whether it still says what was recorded of it."""

    report: ErasureReport
    lines: list[Line]
    fault: str
    """Why it can't be trusted; "" when it says what the evidence log committed to."""


def list_kinds() -> list[DataKind]:
    """Every kind of data, in the order of the features from the ground up."""
    return [kind for feature in current_app.extensions["linghuo.features"] for kind in feature.data]


def get_newest_report(day: date | None = None) -> ErasureReport | None:
    """The newest report, or the newest of a day."""
    rows = select(ErasureReport).order_by(ErasureReport.id.desc()).limit(1)
    return db.session.scalar(rows.where(ErasureReport.day == day) if day else rows)


def list_reports(*, seen_by: Acting, before: UUID | None = None, limit: int = PAGE) -> Sequence[ErasureReport]:
    """The newest reports, or the newest before one. Refuses: NotFound to an office that may not know of them."""
    _check_may_know(seen_by)
    rows = select(ErasureReport).order_by(ErasureReport.id.desc()).limit(limit)
    return db.session.scalars(rows.where(ErasureReport.id < before) if before else rows).all()


def judge_report(report_id: UUID, *, seen_by: Acting) -> Judged:
    """A report, compared with what the evidence log committed to. Refuses: NotFound."""
    _check_may_know(seen_by)
    report = db.session.get(ErasureReport, report_id)
    if report is None:
        raise NotFound
    return Judged(report, [Line.from_json(line) for line in report.lines], _fault(report.id))


def _check_may_know(acting: Acting) -> None:
    if acting.kind not in ERASURE.known_to:
        raise NotFound


def _fault(report_id: UUID) -> str:
    try:
        evidence.open_record(evidence.get_record(report_id))
    except NotFound:
        return "存证日志里没有这份报告，它不是系统写下的。"
    except Conflict as refused:
        return refused.message
    return ""


def list_exports(*, seen_by: Acting, before: UUID | None = None, limit: int = PAGE) -> Sequence[Row[Export, Operator]]:
    """What the own office's operators took out of the system, newest first, paged by id."""
    rows = (
        select(Export, Operator)
        .join(Operator, Operator.id == Export.operator_id)
        .where(Export.organisation_id == seen_by.organisation_id)
        .order_by(Export.id.desc())
        .limit(limit)
    )
    return db.session.execute(rows.where(Export.id < before) if before else rows).all()


def list_copies(person: Person) -> Sequence[Copy]:
    """When copies of all that is kept of a person were taken, the newest first."""
    return db.session.scalars(select(Copy).where(Copy.person_id == person.id).order_by(Copy.id.desc())).all()


def get_gauges() -> dict[str, tuple[str, float]]:
    """What the watchers see of the erasure."""
    newest = get_newest_report()
    age = (clock.now() - newest.at).total_seconds() if newest else math.inf
    return {
        "linghuo_erasure_failed": ("Tables that the newest erasure left undone", float(newest.failed if newest else 0)),
        "linghuo_erasure_age_seconds": ("Time since the newest erasure report", age),
    }


def list_held_kinds() -> list[DataKind]:
    """The kinds of data of which days can be held: those that are kept by the day."""
    return [kind for kind in list_kinds() if kind.way is Way.PARTITIONS]


def held_days(kind: DataKind) -> set[date]:
    """The days of a kind that an authority holds now."""
    now = Hold.lifted_at.is_(None) & (Hold.until >= clock.today()) & (Hold.kind == kind.name)
    spans = db.session.execute(select(Hold.first_day, Hold.last_day).where(now))
    return {first + timedelta(days=at) for first, last in spans for at in range((last - first).days + 1)}


def list_holds(*, seen_by: Acting) -> Sequence[Row[Hold, str]]:
    """(hold, who entered it) of the last year, newest first. Refuses: NotFound, as the reports."""
    _check_may_know(seen_by)
    since = clock.now() - timedelta(days=366)
    query = select(Hold, Operator.name).join(Operator, Operator.id == Hold.operator_id).where(Hold.at >= since)
    return db.session.execute(query.order_by(Hold.id.desc())).all()
