"""Whoever missed the coach takes a seat on the next one; nobody else does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.accounts.models import Person
from backend.accounts.queries import get_person
from backend.core.db import new_key
from backend.core.errors import Conflict, NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MARK_NAMES, MarkKind
from healthcode.transfers.models import Mark, Trip
from tests.conftest import Travel
from tests.factories.boarding import OUTLINE, Door, make_door


def left_without_its_second(door: Door, clock: Travel) -> Door:
    door.board(1)
    clock.shift(timedelta(minutes=1))
    door.leave()
    return door


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """Two coaches; of the first one's two people number 1 boarded, and it left without number 2."""
    del app
    return left_without_its_second(make_door(4, vehicles=2), clock)


@pytest.fixture
def late(door: Door) -> Person:
    person_id = door.entry(2).person_id
    assert person_id is not None
    return get_person(person_id)


def other(door: Door) -> Trip:
    return next(trip for trip in queries.list_trips(door.transfer) if trip.id != door.trip.id)


def take(door: Door, person: Person, trip: Trip, *, number: int = 2, key: str = "") -> Mark:
    with transaction():
        return actions.take_next(
            person=person, entry_id=door.entry(number).id, trip_id=trip.id, key=key or new_key().hex
        )


def test_the_next_vehicle_is_offered_and_taken_once(door: Door, late: Person) -> None:
    row = queries.own_row(door.entry(2).id, late.id)
    assert queries.missed(*row)
    (offer,) = queries.offers(door.trip)
    assert offer.trip.id == other(door).id
    mark = take(door, late, offer.trip, key="next-0001")
    assert take(door, late, other(door), key="next-0001").id == mark.id
    assert (mark.kind, mark.leader_id, mark.words) == (
        MarkKind.ADDED,
        door.entry(2).id,
        "本人没赶上 贵D00000，改乘本车",
    )
    assert door.entry(2).trip_id == other(door).id
    assert not queries.missed(*queries.own_row(door.entry(2).id, late.id))
    with pytest.raises(Conflict):
        take(door, late, other(door))
    assert MARK_NAMES[mark.kind]


def test_who_is_aboard_or_waits_has_missed_nothing(door: Door) -> None:
    for number in (1, 3):
        person = get_person(door.entry(number).person_id or new_key())
        assert not queries.missed(*queries.own_row(door.entry(number).id, person.id))
        with pytest.raises(Conflict):
            take(door, person, other(door), number=number)


def test_neither_another_persons_row_nor_a_vehicle_that_has_left(door: Door, late: Person, clock: Travel) -> None:
    someone_else = get_person(door.entry(3).person_id or new_key())
    with pytest.raises(NotFound):
        take(door, someone_else, other(door))
    with pytest.raises(NotFound):
        take(door, late, Trip(id=new_key()))
    clock.shift(timedelta(hours=7))
    assert queries.offers(door.trip) == []
    with pytest.raises(Conflict):
        take(door, late, other(door))


def test_a_full_coach_is_not_offered(app: Application, clock: Travel) -> None:
    del app
    door = left_without_its_second(make_door(8, vehicles=2), clock)
    late = get_person(door.entry(2).person_id or new_key())
    assert queries.free_seats(other(door)) is None
    for seats, free in ((16, 4), (10, 0)):
        with transaction():
            outline = replace(OUTLINE, seats=seats, leader=5, deputy=6)
            actions.save_plan(transfer=door.transfer, trip=other(door), outline=outline, by=door.origin)
        assert queries.free_seats(other(door)) == free
    assert queries.offers(door.trip) == []
    with pytest.raises(Conflict):
        take(door, late, other(door))
