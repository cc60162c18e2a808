"""The drivers' shifts, and the list of what a vehicle still lacks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from healthcode.transfers.planned import CHANGE_EVERY, Post, Standing, Supply, missing, shifts
from healthcode.transfers.rules import Mode

EIGHT = datetime(2020, 3, 22, 0, 0, tzinfo=UTC)
COMPLETE = Standing(
    mode=Mode.COACH,
    vehicle="贵D12345",
    journey=timedelta(hours=20),
    travellers=22,
    allowed=22,
    unseated=0,
    observation_taken=0,
    beside_strangers=0,
    carrier="铜仁某客运公司（虚构）",
    crew=frozenset(Post),
    leader=True,
    deputy=True,
    hands_over=True,
    supplies={Supply.MASK: 44, Supply.THERMOMETER: 2, Supply.DISINFECTANT: 1},
)


def test_two_drivers_change_every_two_hours_until_the_arrival() -> None:
    found = shifts(EIGHT, EIGHT + timedelta(hours=5))
    assert [shift.driver for shift in found] == [Post.DRIVER_1, Post.DRIVER_2, Post.DRIVER_1]
    assert found[0].begins == EIGHT
    assert found[-1].ends == EIGHT + timedelta(hours=5)
    assert all(shift.ends - shift.begins <= CHANGE_EVERY for shift in found)


def test_a_complete_plan_lacks_nothing() -> None:
    assert missing(COMPLETE) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"crew": frozenset({Post.DRIVER_1, Post.ESCORT})}, "行程超过两小时，没有第二名驾驶员"),
        ({"travellers": 25}, "比当天允许的人数多 3 人"),
        ({"allowed": None}, "没有填座位数"),
        ({"unseated": 2}, "2 人没有座位"),
        ({"observation_taken": 1}, "1 人坐在留给观察的后两排"),
        ({"hands_over": False}, "没有发热人员移交地点"),
        ({"leader": False}, "没有指定车长"),
        ({"supplies": {Supply.MASK: 44, Supply.DISINFECTANT: 1}}, "没有体温计"),
    ],
)
def test_what_is_missing_is_said(change: dict[str, object], sentence: str) -> None:
    assert missing(replace(COMPLETE, **change)) == [sentence]  # type: ignore[arg-type] # one field at a time


def test_a_train_has_drivers_and_seats_of_its_own() -> None:
    train = replace(COMPLETE, mode=Mode.TRAIN, crew=frozenset({Post.ESCORT}), allowed=None)
    assert missing(train) == []


def test_who_drives_the_own_car_needs_no_plan() -> None:
    assert missing(replace(COMPLETE, mode=Mode.OWN_CAR, carrier="", crew=frozenset(), leader=False)) == []
