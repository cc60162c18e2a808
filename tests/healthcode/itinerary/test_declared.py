"""Journeys that workers declare: kept as they say, proving nothing, and marked where something contradicts them."""

from datetime import timedelta

import pytest

from backend.accounts.models import Person
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.regions.datum import Point
from backend.regions.distance import distance_km
from healthcode.itinerary import actions, queries
from healthcode.itinerary.declared import Journey, Proof, Spot, doubts, leaps, tidy_number
from healthcode.itinerary.models import DeclaredTrip
from healthcode.itinerary.rules import Vehicle
from healthcode.itinerary.tasks import stays
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_person

HOUR = timedelta(hours=1)
TONGREN, CHANGSHA, KUNSHAN = Spot(109.19, 27.72), Spot(113.0, 28.2), Spot(120.96, 31.4)


@pytest.fixture
def person(app: Application, clock: Travel) -> Person:
    del app, clock
    return make_person()


def declare(person: Person, *, key: str = "one", hours: float = 10, **more) -> DeclaredTrip:
    said = {
        "vehicle": Vehicle.TRAIN,
        "number": "G1234",
        "seat": "05车12F",
        "from_region": "520602",
        "to_region": "320583",
        "departs_at": NOON - 4 * HOUR,
    } | more
    with transaction():
        return actions.declare_trip(
            person=person, arrives_at=said["departs_at"] + hours * HOUR, request_key=key, **said
        )


def km(one: Spot, other: Spot) -> float:
    return distance_km(Point(*one), Point(*other))


def journey(start: Spot, end: Spot, *, departs: float = 0, hours: float = 10, fastest: float = 350) -> Journey:
    at = NOON + departs * HOUR
    return Journey("火车 G1234", at, at + hours * HOUR, start, end, fastest)


def proof(spot: Spot, hours: float, accuracy_km: float = 0.1) -> Proof:
    return Proof(NOON + hours * HOUR, spot, accuracy_km, "铜仁火车站")


def test_a_declared_journey_is_kept_tidily_and_sent_again_it_is_the_same(person):
    first = declare(person, number=" g 1234 ", seat=" 05车  12F ")
    assert (first.number, first.seat) == ("G1234", "05车 12F")
    assert declare(person, number="g1234", seat="05车 12F").id == first.id
    with pytest.raises(Conflict):
        declare(person, number="G1235")


def test_it_proves_nothing(person):
    declare(person)
    stays()
    assert queries.list_stays(person) == []
    assert queries.itinerary_of(person) == []


def test_declaring_the_same_twice_is_refused_until_it_is_taken_back(person):
    trip = declare(person)
    with pytest.raises(Conflict, match="已经申报过"):
        declare(person, key="two")
    for _ in range(2):
        with transaction():
            actions.withdraw_trip(person=person, trip_id=trip.id)
    assert queries.list_declared(person) == []
    assert [one.id for one in queries.list_declared(person, withdrawn=True)] == [trip.id]
    declare(person, key="two")


def test_nobody_takes_back_anothers_journey(person):
    trip = declare(person)
    with pytest.raises(NotFound):
        actions.withdraw_trip(person=make_person(), trip_id=trip.id)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"number": "高铁"}, {"number"}),
        ({"number": ""}, {"number"}),
        ({"vehicle": Vehicle.FLIGHT, "number": "3694"}, {"number"}),
        ({"vehicle": Vehicle.CAR, "number": "贵D1234567890"}, {"number"}),
        ({"seat": "座" * 21}, {"seat"}),
        ({"from_region": "999999"}, {"from_region"}),
        ({"to_region": "520000"}, {"to_region"}),
        ({"to_region": "520602"}, {"to_region"}),
        ({"departs_at": NOON - timedelta(days=15)}, {"departs_at"}),
        ({"departs_at": NOON + timedelta(days=31)}, {"departs_at"}),
        ({"hours": 0}, {"arrives_at"}),
        ({"hours": -3}, {"arrives_at"}),
        ({"hours": 121}, {"arrives_at"}),
    ],
)
def test_what_can_be_no_journey_is_refused_with_the_field(person, said, fields):
    with pytest.raises(Invalid) as refused:
        declare(person, **said)
    assert set(refused.value.fields) == fields


@pytest.mark.parametrize(
    ("vehicle", "number"),
    [
        (Vehicle.TRAIN, "K586"),
        (Vehicle.TRAIN, "1461"),
        (Vehicle.FLIGHT, "CZ3694"),
        (Vehicle.FLIGHT, "3U8888"),
        (Vehicle.COACH, ""),
        (Vehicle.CAR, "贵D·12345"),
    ],
)
def test_usual_numbers_pass(person, vehicle, number):
    assert declare(person, vehicle=vehicle, number=number).number == tidy_number(number)


def test_a_city_that_is_a_province_may_be_declared_and_so_may_a_city(person):
    assert declare(person, from_region="110000", to_region="320500").to_region == "320500"


def test_full_width_letters_and_dots_of_a_plate_are_the_same_number():
    assert tidy_number("Ｇ１２３４") == "G1234"
    assert tidy_number("贵D·12345") == tidy_number("贵d 12345") == "贵D12345"


def test_an_honest_journey_has_no_doubt():
    said = journey(TONGREN, KUNSHAN)
    proofs = [proof(TONGREN, -1), proof(CHANGSHA, 3.5), proof(KUNSHAN, 11)]
    assert doubts(said, [], proofs, km) == []


def test_a_delay_of_two_hours_is_no_doubt():
    assert doubts(journey(TONGREN, KUNSHAN), [], [proof(TONGREN, 2)], km) == []


@pytest.mark.parametrize(
    ("where", "hours"),
    [(KUNSHAN, -0.5), (KUNSHAN, 2), (TONGREN, 8), (Spot(87.6, 43.8), 5), (TONGREN, 10.5)],
    ids=["there before", "there too soon", "still at home", "off the way", "back at once"],
)
def test_being_proven_elsewhere_meanwhile_is_a_doubt_that_says_when_and_where(where, hours):
    (doubt,) = doubts(journey(TONGREN, KUNSHAN), [], [proof(where, hours)], km)
    assert "铜仁火车站" in doubt
    assert "公里" in doubt


def test_a_vague_proof_is_no_doubt():
    assert doubts(journey(TONGREN, KUNSHAN), [], [proof(TONGREN, 8, accuracy_km=1500)], km) == []


def test_an_impossible_speed_is_taken_and_marked(person):
    declare(person, hours=1)
    (doubt,) = doubts(journey(TONGREN, KUNSHAN, hours=1), [], [], km)
    assert "到不了" in doubt


def test_two_journeys_at_once_doubt_each_other():
    one, other = journey(TONGREN, KUNSHAN), journey(CHANGSHA, KUNSHAN, departs=2)
    assert "重叠" in doubts(one, [other], [], km)[0]
    assert "重叠" in doubts(other, [one], [], km)[0]


def test_changing_trains_is_no_overlap_and_changing_across_the_country_is_a_doubt():
    first, then = journey(TONGREN, CHANGSHA, hours=4), journey(CHANGSHA, KUNSHAN, departs=4, hours=5)
    assert doubts(first, [then], [], km) == []
    far = journey(KUNSHAN, TONGREN, departs=4.5)
    assert "中间只有 30 分钟" in doubts(first, [far], [], km)[0]


def test_regions_whose_middle_nobody_knows_are_no_doubt():
    said = Journey("客车", NOON, NOON + HOUR, None, KUNSHAN)
    assert doubts(said, [], [proof(TONGREN, 0.5)], km) == []


def test_leaps_between_proofs_are_marked_at_both_ends():
    found = leaps([proof(TONGREN, 0), proof(KUNSHAN, 0.5), proof(KUNSHAN, 3)], km)
    assert set(found) == {0, 1}
    assert "时间来不及" in found[0]


def test_company_is_who_declared_the_same_train_at_the_same_time(person):
    other, later, unnumbered = make_person(), make_person(), make_person()
    declare(person)
    theirs = declare(other, seat="05车11F", from_region="430102")
    declare(later, departs_at=NOON + 20 * HOUR)
    declare(unnumbered, vehicle=Vehicle.COACH, number="")
    found = queries.list_declared_with(person.id, since=NOON - timedelta(days=14))
    assert [one.id for one, _ in found] == [theirs.id]
    with transaction():
        actions.withdraw_trip(person=other, trip_id=theirs.id)
    assert queries.list_declared_with(person.id, since=NOON - timedelta(days=14)) == []
