"""What is not as it should be with a vehicle, as far as its own plan, clock and people say so. Pure.

Where it is, and whether anybody heard of it, the checks find. Sources: the plan's own times; 人社部明电〔2020〕4号
(nobody with a fever travels on, green at the door, 一车一方案).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from healthcode.transfers.rules import UNDER_WAY, TripState

LATE_AFTER = timedelta(minutes=30)
"""A coach that leaves or comes so much later than planned is worth a call."""
LOOKS_AHEAD = timedelta(hours=24)
"""So long before departure a plan should be whole, and everybody green who has declared."""
DECLARED_BEFORE = timedelta(hours=3)
"""A declaration holds for a day: before that nobody need have declared for the way."""


class Alarm(StrEnum):
    FEVER = "fever"
    NOT_GREEN = "not_green"
    LATE = "late"
    NOT_LEFT = "not_left"
    UNDECLARED = "undeclared"
    LACKING = "lacking"


ALARM_NAMES = {
    Alarm.FEVER: "车上有人发热",
    Alarm.NOT_GREEN: "有人不是绿码",
    Alarm.LATE: "晚点",
    Alarm.NOT_LEFT: "过时未发车",
    Alarm.UNDECLARED: "有人未申报",
    Alarm.LACKING: "方案不全",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing about a vehicle, with how many or how long."""

    alarm: Alarm
    words: str


@dataclass(frozen=True, slots=True)
class Course:
    """How a vehicle stands at a moment."""

    state: TripState
    departs_at: datetime | None
    arrives_at: datetime | None
    fevers: int
    """Aboard, by the last temperature that others took within a day."""
    not_green: int
    """Yellow or red: of those aboard, before departure of the list."""
    undeclared: int
    """Grey, of the list."""
    lacking: Sequence[str]
    """What the plan lacks, a sentence each."""


def alarms(course: Course, now: datetime) -> list[Said]:
    """What needs somebody, the most pressing first; nothing for a vehicle that fares as planned."""
    waits = course.state is TripState.WAITING
    until_departure = course.departs_at - now if waits and course.departs_at else None
    soon = until_departure is not None and until_departure <= LOOKS_AHEAD
    found = [
        (course.fevers > 0, Said(Alarm.FEVER, f"车上 {course.fevers} 人发热")),
        (course.not_green > 0 and (soon or not waits), Said(Alarm.NOT_GREEN, f"{course.not_green} 人不是绿码")),
        (_late(course, now), Said(Alarm.LATE, f"晚点 {_span(now, course.arrives_at)}")),
        (
            until_departure is not None and until_departure < -LATE_AFTER,
            Said(Alarm.NOT_LEFT, f"过了发车时间 {_span(now, course.departs_at)}，没有登记发车"),
        ),
        (
            until_departure is not None and until_departure <= DECLARED_BEFORE and course.undeclared > 0,
            Said(Alarm.UNDECLARED, f"{course.undeclared} 人没有有效的健康申报"),
        ),
        (soon and bool(course.lacking), Said(Alarm.LACKING, _lacks(course.lacking))),
    ]
    return [said for holds, said in found if holds]


def _late(course: Course, now: datetime) -> bool:
    """Whoever was called back comes to no plan's time."""
    on_the_way = course.state in UNDER_WAY - {TripState.RETURNING}
    return on_the_way and course.arrives_at is not None and now - course.arrives_at > LATE_AFTER


def _span(now: datetime, since: datetime | None) -> str:
    """2 天 3 小时, 4 小时 10 分, 40 分钟."""
    minutes = int((now - since) / timedelta(minutes=1)) if since else 0
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} 天 {hours - days * 24} 小时"
    return f"{hours} 小时 {minutes - hours * 60} 分" if hours else f"{minutes} 分钟"


def _lacks(sentences: Sequence[str]) -> str:
    more = f" 等 {len(sentences)} 项" if len(sentences) > 1 else ""
    return f"方案不全：{sentences[0]}{more}" if sentences else ""
