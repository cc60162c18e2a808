"""One line of time of everything that is known of a person; what contradicts is marked, and nothing is left out."""

from datetime import timedelta

import pytest

from backend.accounts.models import Person
from backend.core.db import db, new_key
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.rules import Spot, Vehicle
from healthcode.itinerary.tasks import stays
from healthcode.transfers import queries
from healthcode.transfers.queries.timeline import Item, Kind
from healthcode.transfers.tasks import carry
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.itinerary import make_place

HOUR = timedelta(hours=1)


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """A coach under way with two people."""
    del app, clock
    door = make_door(3)
    door.board(1, 2)
    door.leave()
    return door


@pytest.fixture
def person(door: Door) -> Person:
    return db.session.get_one(Person, door.entry(1).person_id)


def see(person: Person, door: Door, where: tuple[str, float, float], clock: Travel) -> None:
    place, _ = make_place(door.origin, name=f"站{new_key().hex[-6:]}")
    with transaction():
        spot = Spot(place.id, *where, 300)
        itinerary.see_by_officer(person_id=person.id, place=spot, at=clock(), request_key=new_key().hex)


def declare(person: Person, **more) -> None:
    said = {
        "vehicle": Vehicle.TRAIN,
        "number": "G1234",
        "seat": "",
        "from_region": "520602",
        "to_region": "320583",
        "departs_at": NOON + HOUR,
        "arrives_at": NOON + 11 * HOUR,
    } | more
    with transaction():
        itinerary.declare_trip(person=person, request_key=new_key().hex, **said)


def of_kind(person: Person, kind: Kind, **more) -> list[Item]:
    return [item for item in queries.timeline_of(person, **more).items if item.kind is kind]


def test_the_vehicle_that_somebody_boarded_is_known_already(door, person, clock):
    clock.shift(2 * HOUR)
    (ride,) = of_kind(person, Kind.RIDE)
    assert (ride.at, ride.title, ride.proven) == (NOON, f"包车 {door.trip.vehicle}", True)
    assert ride.lines[0] == "铜仁 → 昆山"


def test_whoever_was_not_ticked_has_no_ride(door):
    person = db.session.get_one(Person, door.entry(3).person_id)
    assert of_kind(person, Kind.RIDE) == []


def test_a_train_declared_while_aboard_a_coach_is_marked(person, clock):
    clock.shift(2 * HOUR)
    declare(person)
    (said,) = of_kind(person, Kind.DECLARED)
    assert "包车" in said.doubts[0]
    assert "重叠" in said.doubts[0]


def test_a_train_declared_for_while_the_coach_should_still_be_under_way_is_marked(door, person):
    assert door.trip.arrives_at
    declare(person, departs_at=door.trip.arrives_at - HOUR, arrives_at=door.trip.arrives_at + 9 * HOUR)
    assert "重叠" in of_kind(person, Kind.DECLARED)[0].doubts[0]


def test_two_trains_at_once_are_marked_on_both(person):
    declare(person, departs_at=NOON - 60 * HOUR, arrives_at=NOON - 50 * HOUR)
    declare(person, number="K586", departs_at=NOON - 55 * HOUR, arrives_at=NOON - 40 * HOUR)
    assert ["重叠" in item.doubts[0] for item in of_kind(person, Kind.DECLARED)] == [True, True]


def test_what_is_only_declared_says_so_and_makes_stays_of_its_own_kind(person):
    declare(person, departs_at=NOON - 80 * HOUR, arrives_at=NOON - 70 * HOUR)
    declare(
        person,
        from_region="320500",
        to_region="520602",
        departs_at=NOON - 30 * HOUR,
        arrives_at=NOON - 20 * HOUR,
    )
    (stay,) = of_kind(person, Kind.DECLARED_STAY)
    assert (stay.at, stay.until, stay.region_code) == (NOON - 70 * HOUR, NOON - 30 * HOUR, "320583")
    assert not stay.proven
    assert "没有证明" in stay.lines[0]
    assert of_kind(person, Kind.STAY) == []


def test_the_sleepers_line_has_the_vehicles_stay_and_not_each_of_its_points(door, person, clock):
    awake = db.session.get_one(Person, door.entry(2).person_id)
    for _ in range(3):
        clock.shift(2 * HOUR)
        see(awake, door, ("431202", 110.0, 27.55), clock)
    carry()
    stays()
    assert [item.region_code for item in of_kind(person, Kind.STAY)] == ["431202"]
    assert of_kind(person, Kind.SEEN) == []


def test_an_impossible_leap_is_kept_and_marked_at_both_ends(person, door, clock):
    clock.shift(HOUR)
    see(person, door, ("431202", 110.0, 27.55), clock)
    clock.shift(timedelta(minutes=10))
    see(person, door, ("320583", 120.96, 31.4), clock)
    assert ["时间来不及" in item.doubts[0] for item in of_kind(person, Kind.SEEN)] == [True, True]
    assert queries.timeline_of(person).contradictions == 2


def test_the_newest_comes_first_by_days_of_china(person):
    declare(person, departs_at=NOON - 60 * HOUR, arrives_at=NOON - 50 * HOUR)
    days = [day.isoformat() for day, _ in queries.timeline_of(person).days]
    assert days == ["2026-03-22", "2026-03-20"]


def test_an_office_sees_no_ride_of_other_offices_transfers(door, person):
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    assert of_kind(person, Kind.RIDE, seen_by=stranger) == []
    assert len(of_kind(person, Kind.RIDE, seen_by=door.destination)) == 1


def test_what_the_transfer_does_not_cover_is_left_out_for_an_office(person, clock):
    declare(person, departs_at=NOON - 60 * HOUR, arrives_at=NOON - 50 * HOUR)
    clock.shift(HOUR)
    items = queries.timeline_of(person, covers=lambda at: at >= NOON).items
    assert [item.kind for item in items] == [Kind.RIDE]


def test_declared_company_is_told_apart_and_only_from_the_offices_rosters(door, person):
    other = db.session.get_one(Person, door.entry(2).person_id)
    declare(person, seat="05车12F")
    declare(other, seat="05车11F")
    since = NOON - timedelta(days=14)
    (found,) = queries.declared_with(door.entry(1), since=since, seen_by=door.origin)
    assert (found.entry.number, found.number, found.seat, found.others_seat) == (2, "G1234", "05车11F", "05车12F")
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    assert queries.declared_with(door.entry(1), since=since, seen_by=stranger) == []
