"""Travellers are reminded before they leave: once a departure, anew when it changes, never those who don't travel."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.models import Trip
from healthcode.transfers.tasks import remind
from tests.conftest import Travel
from tests.factories.boarding import Door, make_door

HOUR = timedelta(hours=1)


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """A coach that leaves at 18:00; it is noon, and the second of its two people has not declared."""
    del app
    clock.shift(-20 * HOUR)
    door = make_door(2, green=(1,))
    with transaction():
        db.session.get_one(Trip, door.trip.id).departs_at = clock() + 26 * HOUR
    return door


def told(number: int, door: Door) -> list[tuple[str, str]]:
    db.session.expire_all()
    person_id = door.entry(number).person_id
    about = select(Message.title, Message.body).where(Message.person_id == person_id, Message.topic.like("departs:%"))
    return [(title, body) for title, body in db.session.execute(about.order_by(Message.created_at))]


def test_the_day_before_and_hours_before_once_each(door: Door, clock: Travel) -> None:
    for _ in range(2):
        remind()
    ((title, body),) = told(1, door)
    assert title == "明天出发"
    assert "3月22日 18:00 出发，包车 贵D00000，座位" in body
    assert "今天已申报" in body
    assert "没有绿码不能上车" in told(2, door)[0][1]
    clock.shift(23 * HOUR)
    for _ in range(2):
        remind()
    assert [title for title, _ in told(1, door)] == ["明天出发", "几小时后出发"]


def test_another_departure_is_told_anew(door: Door) -> None:
    remind()
    with transaction():
        trip = db.session.get_one(Trip, door.trip.id)
        trip.departs_at = (trip.departs_at or door.trip.departs_at) - HOUR
    remind()
    assert sorted("17:00" in body for _, body in told(1, door)) == [False, True]


def test_nobody_is_woken_for_tomorrow(door: Door, clock: Travel) -> None:
    clock.shift(7 * HOUR)
    remind()
    assert told(1, door) == []


def test_neither_who_boarded_nor_who_stays_nor_after_departure(door: Door, clock: Travel) -> None:
    clock.shift(23 * HOUR)
    door.board(1)
    door.take(door.said(MarkKind.STRUCK, 2, words="不去了"))
    remind()
    assert (told(1, door), told(2, door)) == ([], [])
    clock.shift(4 * HOUR)
    remind()
    assert told(1, door) == []
