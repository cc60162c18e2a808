"""What is said of a vehicle that doesn't fare as planned."""

from dataclasses import replace
from datetime import timedelta

import pytest

from healthcode.transfers.alarms import Alarm, Course, alarms
from healthcode.transfers.rules import TripState
from tests.conftest import NOON

HOUR = timedelta(hours=1)
ON_THE_WAY = Course(
    state=TripState.ON_THE_WAY,
    departs_at=NOON - 5 * HOUR,
    arrives_at=NOON + 5 * HOUR,
    fevers=0,
    not_green=0,
    undeclared=3,
    lacking=["没有填承运单位"],
)
WAITING = replace(ON_THE_WAY, state=TripState.WAITING, departs_at=NOON + 5 * HOUR, lacking=[], undeclared=0)


def said(course: Course) -> list[Alarm]:
    return [one.alarm for one in alarms(course, NOON)]


def words(course: Course) -> str:
    (one,) = alarms(course, NOON)
    return one.words


@pytest.mark.parametrize("course", [ON_THE_WAY, WAITING])
def test_a_vehicle_that_fares_as_planned_has_no_line(course: Course) -> None:
    assert said(course) == []


def test_a_fever_stands_before_all_else() -> None:
    course = replace(ON_THE_WAY, fevers=1, not_green=2, arrives_at=NOON - 2 * HOUR)
    assert said(course) == [Alarm.FEVER, Alarm.NOT_GREEN, Alarm.LATE]


def test_half_an_hour_is_no_delay_and_a_minute_more_is_one() -> None:
    assert said(replace(ON_THE_WAY, arrives_at=NOON - timedelta(minutes=30))) == []
    assert words(replace(ON_THE_WAY, arrives_at=NOON - timedelta(minutes=31))) == "晚点 31 分钟"
    assert words(replace(ON_THE_WAY, arrives_at=NOON - 27 * HOUR)) == "晚点 1 天 3 小时"


def test_who_was_called_back_is_not_late() -> None:
    assert said(replace(ON_THE_WAY, state=TripState.RETURNING, arrives_at=NOON - 3 * HOUR)) == []


def test_a_coach_that_should_have_left_says_for_how_long() -> None:
    late = replace(WAITING, departs_at=NOON - timedelta(hours=1, minutes=10))
    assert words(late) == "过了发车时间 1 小时 10 分，没有登记发车"


def test_a_plan_is_asked_for_from_a_day_before_departure() -> None:
    lacking = replace(WAITING, lacking=["没有填承运单位", "没有体温计"])
    assert words(lacking) == "方案不全：没有填承运单位 等 2 项"
    assert said(replace(lacking, departs_at=NOON + 25 * HOUR)) == []
    assert said(replace(lacking, departs_at=None)) == []


def test_declarations_are_asked_for_hours_before_departure_only() -> None:
    assert said(replace(WAITING, undeclared=4)) == []
    assert said(replace(WAITING, undeclared=4, departs_at=NOON + 2 * HOUR)) == [Alarm.UNDECLARED]
    assert said(replace(WAITING, not_green=1)) == [Alarm.NOT_GREEN]
