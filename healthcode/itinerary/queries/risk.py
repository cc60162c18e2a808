"""Reads of the risk of regions. Levels are public: every government sees all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.accounts.models import Operator, Organisation
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions import names
from healthcode.itinerary.models import RegionRisk, RiskList
from healthcode.itinerary.risk import Level, RiskSource

PAGE = 50
OFFICIAL_FIRST = case((RegionRisk.source == RiskSource.OFFICIAL, 0), else_=1)


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A region's level on a day, and the list that says so."""

    risk: RegionRisk
    title: str


def _holding(day: date) -> ColumnElement[bool]:
    return (RegionRisk.since <= day) & or_(RegionRisk.until.is_(None), RegionRisk.until >= day)


def level_of(region_code: str, day: date) -> Level:
    """A region's level: its own, else that of the city above it, else low; a list stands above a computed level."""
    codes = [region_code, names.city(region_code)]
    found = db.session.execute(
        select(RegionRisk.level)
        .where(RegionRisk.region_code.in_(codes), _holding(day))
        .order_by(RegionRisk.region_code != region_code, OFFICIAL_FIRST)
        .limit(1)
    ).scalar()
    return found or Level.LOW


def _of_day(day: date) -> Select[RegionRisk]:
    """One row a region: the official one where there are two."""
    return (
        select(RegionRisk)
        .where(_holding(day))
        .ext(distinct_on(RegionRisk.region_code))
        .order_by(RegionRisk.region_code, OFFICIAL_FIRST)
    )


def list_risk(
    *,
    day: date,
    level: Level | None = None,
    source: RiskSource | None = None,
    regions: Iterable[str] | None = None,
    after: str = "",
    limit: int = PAGE,
) -> list[RiskLine]:
    """The regions with a level on this day, by code; `regions` are codes to which it is narrowed."""
    held = _of_day(day).subquery()
    query = (
        select(RegionRisk, RiskList.title)
        .join(held, held.c.id == RegionRisk.id)
        .join(RiskList, RiskList.id == RegionRisk.list_id)
        .where(RegionRisk.region_code > after)
        .order_by(RegionRisk.region_code)
        .limit(limit)
    )
    if level:
        query = query.where(RegionRisk.level == level)
    if source:
        query = query.where(RegionRisk.source == source)
    if regions is not None:
        query = query.where(RegionRisk.region_code.in_(list(regions)))
    return [RiskLine(risk, title) for risk, title in db.session.execute(query)]


def count_risk(*, day: date) -> dict[Level, int]:
    """How many regions have each level on this day."""
    held = _of_day(day).subquery()
    counts = dict.fromkeys(Level, 0)
    for level, count in db.session.execute(select(held.c.level, func.count()).group_by(held.c.level)):
        counts[level] = count
    return counts


def risk_history(region_code: str) -> list[RiskLine]:
    """All that is known of a region's levels, the newest first."""
    query = (
        select(RegionRisk, RiskList.title)
        .join(RiskList, RiskList.id == RegionRisk.list_id)
        .where(RegionRisk.region_code == region_code)
        .order_by(RegionRisk.since.desc(), OFFICIAL_FIRST)
    )
    return [RiskLine(risk, title) for risk, title in db.session.execute(query)]


def list_risk_lists(*, after: UUID | None = None, limit: int = PAGE) -> Sequence[Row[RiskList, str | None, str | None]]:
    """Lists, the newest first: (list, office, operator), the last two None where the platform computed it."""
    query = (
        select(RiskList, Organisation.name, Operator.name)
        .outerjoin(Organisation, Organisation.id == RiskList.organisation_id)
        .outerjoin(Operator, Operator.id == RiskList.operator_id)
        .order_by(RiskList.id.desc())
        .limit(limit)
    )
    if after:
        query = query.where(RiskList.id < after)
    return db.session.execute(query).all()


def get_risk_list(list_id: UUID) -> RiskList:
    """Refuses: NotFound."""
    found = db.session.get(RiskList, list_id)
    if found is None:
        raise NotFound
    return found


def lock_risk_list(list_id: UUID) -> RiskList:
    """The same, held until the transaction ends. Refuses: NotFound."""
    query = select(RiskList).where(RiskList.id == list_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found
