"""The one clock. Stored times are UTC; people see Asia/Shanghai."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _system() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Where the time comes from; tests set another source so that an hour passes at once."""

    source: ClassVar[Callable[[], datetime]] = staticmethod(_system)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return Clock.source()


def local(moment: datetime) -> datetime:
    """The same moment as people in China read it."""
    return moment.astimezone(SHANGHAI)


def today() -> date:
    """The calendar day in China."""
    return local(now()).date()


def shown(moment: datetime | None) -> str:
    """2020-03-22 14:05, in Shanghai time; a dash where nothing happened yet."""
    return local(moment).strftime("%Y-%m-%d %H:%M") if moment else "—"
