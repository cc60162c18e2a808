from datetime import timedelta

import pytest

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.regions.datum import Datum, Point, to_gcj02
from healthcode.itinerary import actions, queries
from healthcode.itinerary.models import LastSeen, Place, Sighting
from healthcode.itinerary.rules import Position, Presence, Source, Spot
from healthcode.itinerary.tasks import locate, stays
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.itinerary import KUNSHAN_STATION, TONGREN_STATION, make_place


@pytest.fixture
def by(app: Application, clock: Travel) -> Acting:
    """An official of Tongren."""
    del app, clock
    return make_acting()


@pytest.fixture
def person(by: Acting) -> Person:
    del by
    return make_person()


def scan(
    person: Person, text: str, position: Position | None = None, *, key: str = "one", datum: Datum = Datum.WGS84
) -> Sighting:
    with transaction():
        return actions.scan_place(person=person, text=text, position=position, datum=datum, request_key=key)


def report(person: Person, position: Position, *, key: str = "one", datum: Datum = Datum.WGS84) -> Sighting:
    with transaction():
        return actions.report_position(person=person, position=position, datum=datum, request_key=key)


def spot_of(place: Place) -> Spot:
    return Spot(place.id, place.region_code, place.lon, place.lat, place.radius_m)


def last_seen(person: Person) -> LastSeen:
    db.session.expire_all()
    return db.session.get_one(LastSeen, person.id)


def test_a_scan_at_the_place_is_proven_and_makes_a_point(by: Acting, person: Person) -> None:
    place, poster = make_place(by)
    sighting = scan(person, queries.poster_url(poster), TONGREN_STATION)
    assert (sighting.presence, sighting.doubt, sighting.region_code) == (Presence.PROVEN, None, "520602")
    (point,) = queries.itinerary_of(person)
    assert (point.place_name, point.at, point.source) == ("铜仁火车站", NOON, Source.PLACE)
    seen = last_seen(person)
    assert (seen.at, seen.sign_at, seen.place_id) == (NOON, NOON, place.id)


def test_a_forwarded_place_code_proves_no_presence(by: Acting, person: Person) -> None:
    _, poster = make_place(by)
    sighting = scan(person, queries.poster_url(poster), KUNSHAN_STATION)
    assert sighting.presence is Presence.UNPROVEN
    assert sighting.doubt is not None
    assert "公里" in sighting.doubt
    seen = last_seen(person)
    assert (seen.at, seen.place_id, seen.sign_at) == (None, None, NOON)


def test_a_scan_without_a_position_proves_nothing(by: Acting, person: Person) -> None:
    _, poster = make_place(by)
    assert scan(person, queries.poster_url(poster)).presence is Presence.UNPROVEN


def test_a_vague_position_proves_nothing(by: Acting, person: Person) -> None:
    _, poster = make_place(by)
    vague = Position(TONGREN_STATION.lon, TONGREN_STATION.lat, 800)
    assert scan(person, queries.poster_url(poster), vague).presence is Presence.UNPROVEN


def test_a_chinese_phone_at_the_place_is_at_the_place(by: Acting, person: Person) -> None:
    """GCJ-02 is some 500 m off: read as WGS-84 it would lie outside a radius of 100 m."""
    _, poster = make_place(by, radius_m=100)
    lon, lat = to_gcj02(Point(TONGREN_STATION.lon, TONGREN_STATION.lat))
    url = queries.poster_url(poster)
    assert scan(person, url, Position(lon, lat, 20), datum=Datum.GCJ02).presence is Presence.PROVEN
    assert scan(person, url, Position(lon, lat, 20), key="two").presence is Presence.UNPROVEN


def test_the_same_request_is_one_scan_across_midnight(by: Acting, person: Person, clock: Travel) -> None:
    _, poster = make_place(by)
    clock.set(NOON + timedelta(hours=11, minutes=59))
    first = scan(person, queries.poster_url(poster), TONGREN_STATION)
    clock.shift(timedelta(minutes=2))
    assert scan(person, queries.poster_url(poster), TONGREN_STATION).id == first.id
    assert len(queries.itinerary_of(person)) == 1


def test_a_key_used_at_another_place_is_refused(by: Acting, person: Person) -> None:
    _, poster = make_place(by)
    _, other = make_place(by, name="铜仁南站")
    scan(person, poster.token)
    with pytest.raises(Conflict):
        scan(person, other.token)


def test_a_replaced_poster_is_refused_and_the_new_one_works(by: Acting, person: Person) -> None:
    place, old = make_place(by)
    with transaction():
        new = actions.renew_poster(place=place, by=by)
    with pytest.raises(Invalid, match="作废"):
        scan(person, queries.poster_url(old), TONGREN_STATION)
    assert scan(person, queries.poster_url(new), TONGREN_STATION).presence is Presence.PROVEN
    assert queries.get_poster(place).version == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "itinerary.empty"),
        ("  \n", "itinerary.empty"),
        ("LH1:NCFOXN%TSMAHN", "itinerary.health_code"),
        ("https://weixin.qq.com/q/abc", "itinerary.other_system"),
        ("https://127.0.0.1.evil.example/p/AAAAAAAAAAAAAAAAAAAAAA", "itinerary.other_system"),
        ("HC1:6BFOXN", "itinerary.other_system"),
        ("{base}/p/short", "itinerary.cut"),
        ("{base}/p/AAAAAAAAAAAAAAAAAAAAAA", "itinerary.unknown_poster"),
        ("AAAAAAAAAAAAAAAAAAAAAA", "itinerary.unknown_poster"),
        ("http://[::1", "itinerary.other_system"),
    ],
)
def test_what_is_no_place_code_of_ours_is_refused(by: Acting, person: Person, text: str, code: str) -> None:
    _, poster = make_place(by)
    base = queries.poster_url(poster).removesuffix(f"/p/{poster.token}")
    with pytest.raises(Invalid) as refused:
        scan(person, text.format(base=base))
    assert refused.value.code == code
    assert queries.itinerary_of(person) == []


def test_the_link_as_the_mini_program_carries_it_is_read(by: Acting, person: Person) -> None:
    _, poster = make_place(by)
    quoted = queries.poster_url(poster).replace(":", "%3A").replace("/", "%2F")
    assert scan(person, quoted).place_id is not None


def test_positions_get_their_region_in_bulk(by: Acting, person: Person) -> None:
    del by
    report(person, Position(120.9600, 31.4000, 30))
    assert last_seen(person).region_code is None
    locate()
    assert last_seen(person).region_code == "320583"
    assert queries.itinerary_of(person)[0].region_code == "320583"
    assert queries.itinerary_of(person)[0].located


def test_a_position_near_a_border_has_the_region_that_both_sides_share(by: Acting, person: Person) -> None:
    """Between 碧江区 and 万山区, both of 铜仁市."""
    del by
    report(person, Position(109.2090, 27.6500, 4000))
    locate()
    assert last_seen(person).region_code == "520600"


@pytest.mark.parametrize("position", [Position(0, 0, 10), Position(2.35, 48.85, 10), Position(109.2, 27.7, 9000)])
def test_a_position_that_says_nothing_is_kept_as_unproven(by: Acting, person: Person, position: Position) -> None:
    del by
    sighting = report(person, position)
    assert (sighting.presence, sighting.located) == (Presence.UNPROVEN, True)
    assert last_seen(person).at is None


def test_a_position_at_sea_is_unproven_once_it_is_looked_up(by: Acting, person: Person) -> None:
    del by
    report(person, Position(125.0, 28.0, 10))
    locate()
    (point,) = queries.itinerary_of(person)
    assert (point.presence, point.region_code, point.located) == (Presence.UNPROVEN, None, True)


@pytest.mark.parametrize(
    "position",
    [
        Position(float("nan"), 27, 5),
        Position(200, 27, 5),
        Position(109, 27, -1),
        Position(109, 27, float("inf")),
        Position(109, 27, float("nan")),
    ],
)
def test_what_is_no_position_is_refused(by: Acting, person: Person, position: Position) -> None:
    _, poster = make_place(by)
    with pytest.raises(Invalid):
        report(person, position)
    with pytest.raises(Invalid):
        scan(person, poster.token, position)
    assert queries.itinerary_of(person) == []


@pytest.mark.parametrize(
    ("position", "presence"),
    [
        (Position(109.1830, 27.7200, 0), Presence.PROVEN),
        (Position(109.1885, 27.7200, 0), Presence.UNPROVEN),
        (Position(109.1830, 27.7200, 1e9), Presence.UNPROVEN),
        (Position(2.35, 48.85, 10), Presence.UNPROVEN),
        (Position(0, 0, 0), Presence.UNPROVEN),
    ],
    ids=["no accuracy told, inside", "no accuracy told, outside", "anywhere on Earth", "Paris", "null island"],
)
def test_odd_accuracies_and_places_prove_no_more_than_they_say(
    by: Acting, person: Person, position: Position, presence: Presence
) -> None:
    """An accuracy of nought gives no room beyond the radius, which is 500 m."""
    _, poster = make_place(by)
    sighting = scan(person, poster.token, position)
    assert sighting.presence is presence
    assert (sighting.doubt is None) is (presence is Presence.PROVEN)


def test_a_datum_named_wrongly_is_hundreds_of_metres_off_and_no_other_county(by: Acting, person: Person) -> None:
    _, poster = make_place(by, radius_m=1000)
    lon, lat = to_gcj02(Point(TONGREN_STATION.lon, TONGREN_STATION.lat))
    assert scan(person, poster.token, Position(lon, lat, 20), datum=Datum.WGS84).presence is Presence.PROVEN
    report(person, Position(lon, lat, 20), key="two", datum=Datum.WGS84)
    locate()
    assert last_seen(person).region_code == "520602"


def test_an_impossible_speed_is_kept_and_both_stays_are_marked(by: Acting, person: Person, clock: Travel) -> None:
    _, poster = make_place(by)
    scan(person, poster.token, TONGREN_STATION)
    clock.shift(timedelta(minutes=20))
    report(person, KUNSHAN_STATION, key="two")
    locate()
    stays()
    assert [line.contradicted for line in queries.list_stays(person)] == [True, True]
    assert len(queries.itinerary_of(person)) == 2


def test_a_late_scan_does_not_undo_a_newer_point(by: Acting, person: Person, clock: Travel) -> None:
    tongren, _ = make_place(by)
    report(person, KUNSHAN_STATION)
    with transaction():
        actions.see_by_officer(
            person_id=person.id, place=spot_of(tongren), at=clock.moment - timedelta(hours=3), request_key="late"
        )
    seen = last_seen(person)
    assert (seen.at, seen.place_id) == (NOON, None)
    assert len(queries.itinerary_of(person)) == 2


def test_places_are_seen_by_their_office_and_their_region_alone(by: Acting, person: Person) -> None:
    del person
    place, _ = make_place(by)
    officer = make_acting(
        make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602"), role=Role.OFFICER
    )
    kunshan = make_acting(make_organisation("昆山市人社局", region="320583"))
    assert [p.id for p, _ in queries.list_places(seen_by=officer)] == [place.id]
    assert queries.list_places(seen_by=kunshan) == []
    with pytest.raises(NotFound):
        queries.get_place(place.id, seen_by=kunshan)
    with pytest.raises(NotFound):
        actions.renew_poster(place=place, by=kunshan)
    with pytest.raises(Forbidden):
        make_place(kunshan)


def test_a_place_with_faults_names_each(by: Acting, person: Person) -> None:
    del person
    with pytest.raises(Invalid) as refused:
        make_place(by, name=" ", region="999999", radius_m=5)
    assert set(refused.value.fields) == {"name", "region_code", "radius_m"}
