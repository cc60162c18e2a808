"""Risk levels of regions from case counts: pure.

The rule of 国务院联防联控机制 (February 2020): low = no case, or none new for 14 days; medium = new cases within 14
days with at most 50 in all, or over 50 in all without a cluster within 14 days; high = over 50 in all and a cluster
within 14 days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

WINDOW = timedelta(days=14)
MANY = 50
CLUSTER = 10
"""New cases of 14 days that are taken for a cluster: counts of a city don't tell households from workshops."""
DAY = timedelta(days=1)


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


LEVEL_NAMES = {Level.LOW: "低风险", Level.MEDIUM: "中风险", Level.HIGH: "高风险"}


class RiskSource(StrEnum):
    OFFICIAL = "official"  # a list that an authority published, imported
    COMPUTED = "computed"  # from case counts


RISK_SOURCE_NAMES = {RiskSource.OFFICIAL: "官方名单", RiskSource.COMPUTED: "按病例数计算"}


class ListState(StrEnum):
    WAITING = "waiting"  # a second person decides
    IN_FORCE = "in_force"
    DISCARDED = "discarded"


LIST_STATE_NAMES = {ListState.WAITING: "等待复核", ListState.IN_FORCE: "已生效", ListState.DISCARDED: "已放弃"}


@dataclass(frozen=True, slots=True)
class Period:
    """A region's level from a day on; `until` is the last day, None where no end is known."""

    level: Level
    since: date
    until: date | None
    confirmed: int | None = None
    """All confirmed cases on the last day that was counted; None where the level came from a list."""
    fresh: int | None = None
    """Of these, new within 14 days."""


def judge(confirmed: int, fresh: int, *, cluster: int = CLUSTER) -> Level:
    """The level of a region with so many cases in all, and so many new ones within 14 days."""
    if fresh == 0:
        return Level.LOW
    if confirmed <= MANY:
        return Level.MEDIUM
    return Level.HIGH if fresh >= cluster else Level.MEDIUM


def periods(counts: Mapping[date, int], first: date, last: date, *, cluster: int = CLUSTER) -> list[Period]:
    """A region's levels from `first` to `last` by its cumulative counts; the last period stays open.

    A day without a count has the count of the day before. A count that falls was corrected; what rises after that is
    new, so that a correction hides no case.
    """
    days = list(_daily(counts, first, last, cluster))
    found = []
    for level, group in groupby(days, key=lambda day: day[1]):
        run = list(group)
        *_, (until, _, confirmed, fresh) = run
        found.append(Period(level, run[0][0], None if until == last else until, confirmed, fresh))
    return found


def _daily(counts: Mapping[date, int], first: date, last: date, cluster: int) -> Iterator[tuple[date, Level, int, int]]:
    rises: dict[date, int] = {}
    known = 0
    day = min([first - WINDOW, *counts])
    while day <= last:
        count = counts.get(day, known)
        rises[day] = max(count - known, 0)
        known = count
        if day >= first:
            fresh = sum(rises.get(day - DAY * back, 0) for back in range(WINDOW.days))
            yield day, judge(known, fresh, cluster=cluster), known, fresh
        day += DAY
