"""When an opening is erased, and what stops the sequencer."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

LONGEST_BY_DAY = 60
"""Days; an opening kept longer goes with its month's others, so that there are few partitions."""
DECEMBER = 12


class AlarmCause(StrEnum):
    """Why the sequencer stands still until a person has looked."""

    KEY = "key"  # the log's key or the policy is missing, or they don't fit together
    PUBLISHED_AHEAD = "published_ahead"  # what is published is larger than what the database knows
    WITNESS_AHEAD = "witness_ahead"  # a witness cosigned more than what the database knows
    FORKED = "forked"  # what is published isn't a checkpoint of ours, or the database holds other leaves
    TILES = "tiles"  # the published tiles are gone, or don't lead to the signed root


class Stopped(Exception):  # noqa: N818 - a state to be told, like a refusal
    """The log must not go on as it is."""

    def __init__(self, cause: AlarmCause, detail: str) -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail


def last_day(kept_days: int, today: date) -> date:
    """The last day on which an opening made today, of a kind kept so many days, can be read."""
    day = today + timedelta(days=kept_days)
    if kept_days <= LONGEST_BY_DAY:
        return day
    return date(day.year + 1, 1, 1) if day.month == DECEMBER else date(day.year, day.month + 1, 1)


def last_days(kept_days: Iterable[int], first: date, last: date) -> set[date]:
    """Every such day of openings made from `first` to `last`, of kinds that are kept so long."""
    span = range((last - first).days + 1)
    return {last_day(kept, first + timedelta(days=n)) for kept in set(kept_days) for n in span}
