"""From boarding to leaving a person's place is the vehicle's, by whoever of those aboard is proven somewhere."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts.models import Person
from backend.core.db import db, new_key
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.regions.datum import Datum
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary import queries
from healthcode.itinerary.models import LastSeen, Place, Sighting
from healthcode.itinerary.rules import Position, Source, Spot
from healthcode.itinerary.tasks import locate, stays
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.tasks import carry, carry_late
from tests.conftest import Travel
from tests.factories.boarding import HANDOVER, Door, make_door
from tests.factories.itinerary import make_place

HOUR = timedelta(hours=1)
HUAIHUA, CHANGSHA = ("431202", 110.0, 27.55), ("430102", 113.0, 28.2)


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """Three people of whom the first two are aboard a coach that has left."""
    del app, clock
    door = make_door(3)
    door.board(1, 2)
    door.leave()
    return door


@pytest.fixture
def place(door: Door) -> Place:
    return make_place(door.origin)[0]


def person_of(door: Door, number: int) -> Person:
    return db.session.get_one(Person, door.entry(number).person_id)


def see(person: Person, place: Place, where: tuple[str, float, float], clock: Travel) -> None:
    region, lon, lat = where
    with transaction():
        spot = Spot(place.id, region, lon, lat, 300)
        itinerary.see_by_officer(person_id=person.id, place=spot, at=clock(), request_key=new_key().hex)


def carried(person: Person) -> list[str]:
    rows = select(Sighting.region_code).where(Sighting.person_id == person.id, Sighting.source == Source.VEHICLE)
    return list(db.session.scalars(rows.order_by(Sighting.at)))


def test_a_sleepers_stays_are_the_vehicles(door, place, clock):
    awake, asleep = person_of(door, 1), person_of(door, 2)
    for _ in range(3):
        clock.shift(2 * HOUR)
        see(awake, place, HUAIHUA, clock)
    carry()
    stays()
    (stay,) = queries.list_stays(asleep)
    assert (stay.region_code, stay.until - stay.since) == ("431202", 4 * HOUR)
    assert [line.region_code for line in queries.list_stays(awake)] == ["431202"]
    assert carried(awake) == []


def test_whoever_never_boarded_or_has_left_is_not_carried(door, place, clock):
    awake, left, behind = (person_of(door, number) for number in (1, 2, 3))
    clock.shift(HOUR)
    see(awake, place, HUAIHUA, clock)
    door.take(door.said(MarkKind.TO_HEALTH, 2, place=HANDOVER))
    clock.shift(HOUR)
    see(awake, place, CHANGSHA, clock)
    carry()
    assert (carried(left), carried(behind)) == ([], [])


def test_whoever_left_keeps_the_places_until_then(door, place, clock):
    awake, left = person_of(door, 1), person_of(door, 2)
    clock.shift(HOUR)
    see(awake, place, HUAIHUA, clock)
    clock.shift(HOUR)
    door.take(door.said(MarkKind.TO_HEALTH, 2, place=HANDOVER))
    clock.shift(HOUR)
    see(awake, place, CHANGSHA, clock)
    carry()
    assert carried(left) == ["431202"]


def test_many_reports_are_one_point_an_hour_and_carrying_again_changes_nothing(door, place, clock):
    awake, asleep = person_of(door, 1), person_of(door, 2)
    clock.shift(HOUR)
    for _ in range(5):
        clock.shift(timedelta(minutes=5))
        see(awake, place, HUAIHUA, clock)
    for _ in range(3):
        carry()
    assert carried(asleep) == ["431202"]


def test_people_of_one_vehicle_carry_each_other_once_and_not_in_circles(door, place, clock):
    one, other = person_of(door, 1), person_of(door, 2)
    clock.shift(HOUR)
    see(one, place, HUAIHUA, clock)
    clock.shift(timedelta(minutes=70))
    see(other, place, CHANGSHA, clock)
    for _ in range(2):
        carry()
    assert (carried(one), carried(other)) == (["430102"], ["431202"])
    assert db.session.scalar(select(func.count()).select_from(Sighting)) == 4


def test_what_a_phone_hands_in_after_arrival_is_carried_for_half_a_day(door, place, clock):
    awake, asleep = person_of(door, 1), person_of(door, 2)
    clock.shift(10 * HOUR)
    on_the_way = clock() - 5 * HOUR
    door.arrive()
    clock.shift(HOUR)
    with transaction():
        spot = Spot(place.id, *HUAIHUA, 300)
        itinerary.see_by_officer(person_id=awake.id, place=spot, at=on_the_way, request_key="late")
    carry()
    assert carried(asleep) == ["431202"]


def test_what_comes_in_late_on_a_long_journey_waits_for_the_look_at_all_of_it(door, place, clock):
    awake, asleep = person_of(door, 1), person_of(door, 2)
    clock.shift(40 * HOUR)
    with transaction():
        spot = Spot(place.id, *HUAIHUA, 300)
        itinerary.see_by_officer(person_id=awake.id, place=spot, at=clock() - 7 * HOUR, request_key="late")
    see(awake, place, CHANGSHA, clock)
    carry()
    assert carried(asleep) == ["430102"]
    carry_late()
    assert carried(asleep) == ["431202", "430102"]


def test_somebody_proven_elsewhere_while_ticked_aboard_is_contradicted_and_no_colour_follows(door, place, clock):
    awake, elsewhere = person_of(door, 1), person_of(door, 2)
    clock.shift(HOUR)
    see(awake, place, HUAIHUA, clock)
    clock.shift(timedelta(minutes=5))
    see(elsewhere, place, ("320583", 120.96, 31.4), clock)
    carry()
    stays()
    assert [line.contradicted for line in queries.list_stays(elsewhere)] == [True, True]


def test_a_sleeper_has_not_arrived_or_been_heard_of_by_anothers_phone(door, place, clock):
    asleep = person_of(door, 2)
    before = db.session.get(LastSeen, asleep.id)
    known = (before.sign_at, before.at) if before else None
    clock.shift(15 * HOUR)
    see(person_of(door, 1), place, ("320583", 120.96, 31.4), clock)
    carry()
    db.session.expire_all()
    after = db.session.get(LastSeen, asleep.id)
    assert ((after.sign_at, after.at) if after else None) == known
    assert door.entry(2).arrived_at is None


@pytest.mark.usefixtures("app")
def test_what_one_phone_says_of_itself_is_nobody_elses_place_until_another_aboard_says_so(clock):
    door = make_door(3)
    door.board(1, 2, 3)
    door.leave()
    clock.shift(HOUR)
    report(person_of(door, 1))
    carry()
    assert carried(person_of(door, 2)) == []
    report(person_of(door, 3))
    carry()
    assert len(carried(person_of(door, 2))) == 1


def report(person: Person) -> None:
    position = Position(HUAIHUA[1], HUAIHUA[2], 30)
    with transaction():
        itinerary.report_position(person=person, position=position, datum=Datum.WGS84, request_key=new_key().hex)
    locate()
