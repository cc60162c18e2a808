"""The code on a place's screen: it proves presence in its minute, and nothing a few minutes later."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.regions.datum import Datum
from healthcode.itinerary import actions, queries, rotating
from healthcode.itinerary.models import Screen, Sighting
from healthcode.itinerary.rules import Position, Presence, Source
from healthcode.itinerary.tasks import stays
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.itinerary import KUNSHAN_STATION, TONGREN_STATION, make_place, make_screen

MINUTE = timedelta(minutes=1)


@pytest.fixture
def by(app: Application, clock: Travel) -> Acting:
    """An official of Tongren."""
    del app, clock
    return make_acting()


@pytest.fixture
def person(by: Acting) -> Person:
    del by
    return make_person()


@pytest.fixture
def screen(by: Acting) -> Screen:
    """A tablet at Tongren's station that has been opened."""
    return make_screen(make_place(by)[0], by)


def codes(screen: Screen) -> list[str]:
    with transaction():
        return actions.take_codes(screen=db.session.get_one(Screen, screen.id)).links


def scan(person: Person, text: str, position: Position | None = None, *, key: str = "one") -> Sighting:
    with transaction():
        return actions.scan_place(person=person, text=text, position=position, datum=Datum.WGS84, request_key=key)


def test_a_screens_code_proves_presence_without_a_position(person, screen):
    place = queries.place_of_screen(screen)
    sighting = scan(person, codes(screen)[0])
    assert (sighting.presence, sighting.source, sighting.doubt) == (Presence.PROVEN, Source.SCREEN, None)
    assert (sighting.region_code, sighting.lon, sighting.lat) == ("520602", place.lon, place.lat)


@pytest.mark.parametrize(("later", "proven"), [(-2, False), (-1, True), (0, True), (2, True), (3, False), (60, False)])
def test_a_clock_that_is_a_minute_off_refuses_nobody_and_a_photograph_is_worthless_after_three(
    person, screen, clock, later, proven
):
    """A code is taken a minute early, in its own, and two minutes late: in all less than four minutes."""
    code = codes(screen)[0]
    clock.shift(later * MINUTE)
    assert (scan(person, code).presence is Presence.PROVEN) is proven


def test_a_forwarded_photograph_says_from_when_it_is(person, screen, clock):
    code = codes(screen)[0]
    clock.shift(10 * MINUTE)
    doubt = scan(person, code).doubt
    assert "03-22 12:00" in doubt
    assert "拍照转发" in doubt


def test_a_code_of_a_minute_to_come_proves_nothing(person, screen):
    sighting = scan(person, codes(screen)[30])
    assert sighting.presence is Presence.UNPROVEN
    assert "还没有到" in sighting.doubt


def test_a_fresh_photograph_seen_far_away_is_contradicted_by_the_position(person, screen):
    sighting = scan(person, codes(screen)[0], KUNSHAN_STATION)
    assert sighting.presence is Presence.UNPROVEN
    assert "公里" in sighting.doubt


def test_a_vague_position_takes_nothing_from_a_fresh_code(person, screen):
    assert scan(person, codes(screen)[0], Position(109.2, 27.7, 900)).presence is Presence.PROVEN


def test_an_old_code_with_a_position_at_the_place_is_as_good_as_the_poster(person, screen, clock):
    code = codes(screen)[0]
    clock.shift(10 * MINUTE)
    assert scan(person, code, TONGREN_STATION).presence is Presence.PROVEN


def test_the_same_minute_twice_is_one_scan_whatever_the_keys(person, screen):
    code = codes(screen)[0]
    assert scan(person, code).id == scan(person, code, key="two").id
    assert db.session.scalar(select(func.count()).select_from(Sighting)) == 1


def test_what_was_proven_stays_proven_when_it_is_sent_again_late(person, screen, clock):
    code = codes(screen)[0]
    first = scan(person, code)
    clock.shift(20 * MINUTE)
    assert (scan(person, code).id, scan(person, code).presence) == (first.id, Presence.PROVEN)


def test_a_minute_later_it_is_another_scan(person, screen, clock):
    links = codes(screen)
    first = scan(person, links[0])
    clock.shift(MINUTE)
    assert scan(person, links[1]).id != first.id


def test_somebody_proven_at_two_places_in_one_minute_is_contradicted(person, screen, by):
    kunshan = make_acting(make_organisation("昆山市人社局", region="320583"))
    other = make_screen(make_place(kunshan, name="昆山站", region="320583", at=KUNSHAN_STATION)[0], kunshan)
    assert by.organisation_id != kunshan.organisation_id
    scan(person, codes(screen)[0])
    scan(person, codes(other)[0], key="two")
    stays()
    assert [line.contradicted for line in queries.list_stays(person)] == [True, True]


def test_the_posters_version_revokes_its_codes_at_once_and_the_screen_gets_the_next(person, screen, by):
    held = codes(screen)
    with transaction():
        actions.renew_poster(place=queries.place_of_screen(screen), by=by)
    with pytest.raises(Invalid, match="作废"):
        scan(person, held[0])
    assert scan(person, codes(screen)[0]).presence is Presence.PROVEN


def test_a_forged_or_altered_code_is_refused_and_keeps_nothing(person, screen):
    one, other = codes(screen)[:2]
    token, minute, _ = one.rsplit("/", 1)[1].split(".")
    for forged in (f"{token}.{minute}.{'A' * 22}", f"{token}.{minute}.{other.rsplit('.', 1)[1]}"):
        with pytest.raises(Invalid) as refused:
            scan(person, forged)
        assert refused.value.code == "itinerary.forged"
    assert queries.itinerary_of(person) == []


def test_a_code_of_one_place_is_none_of_another(person, screen, by):
    _, poster = make_place(by, name="铜仁南站")
    _, minute, proof = codes(screen)[0].rsplit("/", 1)[1].split(".")
    with pytest.raises(Invalid) as refused:
        scan(person, f"{poster.token}.{minute}.{proof}")
    assert refused.value.code == "itinerary.forged"


@pytest.mark.parametrize("part", ["{}.1", "{}.1.short", "{}.-1." + "A" * 22, "{}.9999999999." + "A" * 22])
def test_a_mutilated_code_is_refused(person, screen, part):
    token = queries.get_poster(queries.place_of_screen(screen)).token
    with pytest.raises(Invalid):
        scan(person, codes(screen)[0].rsplit("/", 1)[0] + "/" + part.format(token))


def test_the_hour_ahead_is_held_and_never_the_secret(screen):
    links = codes(screen)
    assert len(links) == 61
    assert len({link.rsplit(".", 1)[1] for link in links}) == 61


def test_a_link_opens_on_one_device_alone(by):
    place, _ = make_place(by)
    with transaction():
        token = unseal(actions.add_screen(place=place, name="一号门", by=by).token)
    with transaction():
        screen, secret = actions.open_screen(token=token)
    assert queries.find_device(screen.id, secret) is not None
    assert queries.find_device(screen.id, "another") is None
    with pytest.raises(Conflict):
        actions.open_screen(token=token)


def test_a_link_that_nobody_opens_ends_after_a_day(by, clock):
    place, _ = make_place(by)
    with transaction():
        token = unseal(actions.add_screen(place=place, name="一号门", by=by).token)
    clock.shift(timedelta(days=1))
    with pytest.raises(NotFound):
        actions.open_screen(token=token)


def test_a_revoked_screen_gets_no_more_codes(by):
    place, _ = make_place(by)
    with transaction():
        token = unseal(actions.add_screen(place=place, name="一号门", by=by).token)
        screen, secret = actions.open_screen(token=token)
    for _ in range(2):
        with transaction():
            actions.revoke_screen(place=place, screen_id=screen.id, by=by)
    assert queries.find_device(screen.id, secret) is None
    assert queries.find_screen_link(token) is None


def test_screens_are_their_own_offices(by, screen):
    place = queries.place_of_screen(screen)
    kunshan = make_acting(make_organisation("昆山市人社局", region="320583"))
    with pytest.raises(NotFound):
        actions.add_screen(place=place, name="二号门", by=kunshan)
    with pytest.raises(NotFound):
        actions.revoke_screen(place=place, screen_id=screen.id, by=kunshan)
    with pytest.raises(NotFound):
        actions.revoke_screen(place=make_place(by, name="铜仁南站")[0], screen_id=screen.id, by=by)


@pytest.mark.parametrize(("name", "refusal"), [("", Invalid), ("门" * 21, Invalid), ("一号门", Conflict)])
def test_a_screen_has_a_name_of_its_own(by, screen, name, refusal):
    with pytest.raises(refusal):
        actions.add_screen(place=queries.place_of_screen(screen), name=name, by=by)


def test_ages_at_the_edges_of_a_minute(clock):
    minute = rotating.minute_of(clock())
    assert rotating.age(minute, clock() + 3 * MINUTE - timedelta(milliseconds=1)) is rotating.Age.PRESENT
    assert rotating.age(minute, clock() + 3 * MINUTE) is rotating.Age.PAST
    assert rotating.age(minute, clock() - MINUTE) is rotating.Age.PRESENT
    assert rotating.age(minute, clock() - MINUTE - timedelta(milliseconds=1)) is rotating.Age.FUTURE
