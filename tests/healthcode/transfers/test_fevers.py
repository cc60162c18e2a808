"""Temperatures at the door and in rounds on the way; a fever is observed and handed over at a named stop."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.models import Person
from backend.core.db import db
from backend.core.requests import Application
from healthcode.codes.models import Measurement
from healthcode.codes.queries import status_of
from healthcode.codes.rules import Colour, Taker
from healthcode.transfers import queries
from healthcode.transfers.actions import Writer
from healthcode.transfers.boarding import MarkKind, Standing
from healthcode.transfers.models import Mark, Ride
from healthcode.transfers.rules import Leaving
from tests.conftest import Travel
from tests.factories.boarding import HANDOVER, Door, make_door
from tests.factories.codes import account_of, declare

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    del app, clock
    return make_door(4, green=(1, 2, 3))


def person(door: Door, number: int) -> Person:
    return db.session.get_one(Person, door.entry(number).person_id)


def test_whoever_has_a_fever_at_the_door_does_not_board(door: Door) -> None:
    assert door.take(door.said(MarkKind.MEASURED, 2, temperature=378))[0].accepted
    assert status_of(person(door, 2)).colour is Colour.YELLOW
    (refused,) = door.board(2)
    assert refused.message.startswith("测得体温 37.8 ℃，不能上车。请到旁边等候")
    assert door.take(door.said(MarkKind.TO_HEALTH, 2, place="铜仁市疾控中心"))[0].accepted
    assert queries.list_passengers(door.trip)[1].standing is Standing.STRUCK


def test_a_mistyped_fever_is_mended_at_the_door_in_ten_minutes(door: Door, clock: Travel) -> None:
    declare(person(door, 4), temperature=385)
    assert "黄码" in door.board(4)[0].message
    for _ in range(2):
        clock.shift(timedelta(minutes=11))
        door.take(door.said(MarkKind.MEASURED, 4, temperature=365))
    assert door.board(4)[0].accepted


def test_a_round_is_kept_once_under_the_leaders_name(door: Door, clock: Travel) -> None:
    door.board(1, 2, 3)
    door.leave()
    clock.shift(timedelta(hours=2))
    leader = Writer(leader=door.entry(1), account_id=account_of(person(door, 1)).id)
    degrees = (365, 366, 376)
    said = [door.said(MarkKind.MEASURED, number, temperature=tenths) for number, tenths in enumerate(degrees, 1)]
    for _ in range(2):
        assert all(one.accepted for one in door.take(*said, by=leader))
    rows = db.session.scalars(select(Measurement).order_by(Measurement.temperature)).all()
    assert [(row.temperature, row.taker, row.taker_id) for row in rows] == [
        (tenths, Taker.LEADER, leader.account_id) for tenths in degrees
    ]
    assert rows[0].place == "贵D00000上"
    assert db.session.query(Mark).filter_by(kind=MarkKind.MEASURED).count() == 3
    assert [one.feverish for one in queries.list_passengers(door.trip)] == [False, False, True, False]


@pytest.mark.parametrize("tenths", [None, 0, 339, 431, 365_000])
def test_what_is_no_temperature_is_not_kept(door: Door, tenths: int | None) -> None:
    (taken,) = door.take(door.said(MarkKind.MEASURED, 1, temperature=tenths))
    assert not taken.accepted
    assert db.session.query(Measurement).count() == db.session.query(Mark).count() == 0


def test_a_fever_goes_to_the_observation_seats_and_is_handed_over_where_the_plan_says(
    door: Door, clock: Travel
) -> None:
    door.board(1, 2, 3)
    clock.shift(timedelta(minutes=1))
    door.leave()
    clock.shift(timedelta(hours=1))
    (kept, *_) = queries.observation_seats(door.trip)
    assert not door.take(door.said(MarkKind.OBSERVED, 3, words="发热 37.6", seat="5"))[0].accepted
    door.take(door.said(MarkKind.OBSERVED, 3, words="发热 37.6"))
    assert db.session.scalars(select(Ride.seat).where(Ride.entry_id == door.entry(3).id)).one() == kept
    assert HANDOVER in door.take(door.said(MarkKind.TO_HEALTH, 3, place="玉屏"))[0].message
    door.take(door.said(MarkKind.TO_HEALTH, 3, place=HANDOVER))
    ride = db.session.scalars(select(Ride).where(Ride.entry_id == door.entry(3).id)).one()
    assert (ride.left_as, ride.left_place) == (Leaving.TO_HEALTH, HANDOVER)
    assert door.aboard() == [1, 2]
