from datetime import datetime, timedelta
from itertools import count

import pytest

from backend.core.transactions import transaction
from healthcode.itinerary import actions, queries
from healthcode.itinerary.rules import Spot
from healthcode.itinerary.tasks import stays
from tests.conftest import NOON
from tests.factories.accounts import make_acting, make_person
from tests.factories.itinerary import make_place

HOUR = timedelta(hours=1)
TONGREN, BORDER, WUHAN, KUNSHAN = "520602", "520600", "420106", "320583"
PLACES = {TONGREN: (109.19, 27.72), BORDER: (109.2, 27.7), WUHAN: (114.3, 30.55), KUNSHAN: (120.95, 31.39)}
keys = count()


@pytest.fixture
def person(app, clock):
    del app, clock
    return make_person()


@pytest.fixture
def place(person):
    del person
    return make_place(make_acting())[0]


def see(person, place, *points: tuple[float, str]) -> None:
    """An officer saw the person so many hours from noon in these regions."""
    with transaction():
        for hours, region in points:
            spot = Spot(place.id, region, *PLACES[region], 300)
            at = NOON + hours * HOUR
            actions.see_by_officer(person_id=person.id, place=spot, at=at, request_key=str(next(keys)))
    stays()


def built(person) -> list[tuple[str, float, float]]:
    lines = reversed(queries.list_stays(person))
    return [(line.region_code, hours(line.since), hours(line.until)) for line in lines]


def hours(moment: datetime) -> float:
    return (moment - NOON) / HOUR


def test_proofs_in_one_region_are_one_stay_and_nothing_is_assumed_between_regions(person, place):
    see(person, place, (-30, TONGREN), (-20, TONGREN), (-3, WUHAN), (-1, WUHAN), (0, KUNSHAN))
    assert built(person)[:2] == [(TONGREN, -30, -20), (WUHAN, -3, -1)]
    assert built(person)[2:] == [(KUNSHAN, 0, 0)]


def test_later_proofs_lengthen_a_stay_and_late_ones_split_it(person, place):
    see(person, place, (-12, TONGREN))
    see(person, place, (-2, TONGREN))
    assert built(person) == [(TONGREN, -12, -2)]
    see(person, place, (-7, WUHAN))
    assert built(person) == [(TONGREN, -12, -12), (WUHAN, -7, -7), (TONGREN, -2, -2)]


def test_more_than_a_day_without_a_proof_is_no_stay(person, place):
    see(person, place, (-60, TONGREN), (-30, TONGREN), (-10, TONGREN))
    assert built(person) == [(TONGREN, -60, -60), (TONGREN, -30, -10)]


def test_a_proof_near_a_border_goes_with_the_county_before_it(person, place):
    see(person, place, (-9, TONGREN), (-6, BORDER), (-3, BORDER), (-1, TONGREN))
    assert built(person) == [(TONGREN, -9, -1)]


def test_what_no_vehicle_could_do_is_marked(person, place):
    see(person, place, (-20, TONGREN), (-5, TONGREN), (-4.5, KUNSHAN), (-1, KUNSHAN))
    assert [line.contradicted for line in queries.list_stays(person)] == [True, True]


def test_a_train_is_no_contradiction(person, place):
    see(person, place, (-20, TONGREN), (-10, TONGREN), (-2, KUNSHAN))
    assert not any(line.contradicted for line in queries.list_stays(person))


def test_an_unproven_meeting_makes_no_stay(person, place):
    with transaction():
        actions.see_by_officer(
            person_id=person.id, place=Spot(place.id, WUHAN, *PLACES[WUHAN], 300), at=NOON, request_key="x", doubt="?"
        )
    stays()
    assert built(person) == []


def test_building_again_changes_nothing(person, place):
    see(person, place, (-12, TONGREN), (-2, TONGREN))
    before = queries.list_stays(person)
    stays()
    assert queries.list_stays(person) == before
