from concurrent.futures import ThreadPoolExecutor
from math import nan

import pytest

from backend.core.errors import Invalid
from backend.regions import boundaries, names
from backend.regions.boundaries import Level, Unlocated, locate
from backend.regions.datum import Datum, Point, to_gcj02

TONGREN_STATION = Point(109.19, 27.72)
KUNSHAN_STATION = Point(120.95, 31.39)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (TONGREN_STATION, "520602"),
        (KUNSHAN_STATION, "320583"),
        (Point(114.30, 30.55), "420106"),
        (Point(113.75, 23.02), "441900"),
        (Point(98.28, 39.77), "620200"),
        (Point(112.60, 35.07), "419001"),
        (Point(121.56, 25.03), "710000"),
        (Point(114.12, 22.37), "810000"),
        (Point(113.54, 22.19), "820000"),
        (Point(101.2053, 38.0941), "620000"),
    ],
)
@pytest.mark.parametrize("datum", list(Datum))
def test_a_known_place_lies_in_its_county_whichever_datum_says_so(place: Point, code: str, datum: Datum) -> None:
    lon, lat = place if datum is Datum.WGS84 else to_gcj02(place)

    found = locate(lon, lat, accuracy_m=30, datum=datum)

    assert (found.code, found.certain, found.candidates) == (code, True, (code,))
    assert found.lies_within(code) is True


def test_near_a_border_every_possible_county_is_named_and_none_is_certain() -> None:
    found = locate(116.391, 39.9087, datum=Datum.WGS84)

    assert not found.certain
    assert found.code in found.candidates
    assert set(found.candidates) == {"110101", "110102"}
    assert found.lies_within("110101") is None
    assert found.lies_within("110000") is True
    assert found.lies_within("520000") is False


def test_a_vague_position_is_less_certain_than_a_sharp_one() -> None:
    sharp = locate(*KUNSHAN_STATION, accuracy_m=30, datum=Datum.WGS84)
    vague = locate(*KUNSHAN_STATION, accuracy_m=20_000, datum=Datum.WGS84)
    useless = locate(*KUNSHAN_STATION, accuracy_m=80_000, datum=Datum.WGS84)

    assert sharp.certain
    assert not vague.certain
    assert vague.candidates[0] == "320583"
    assert vague.lies_within("320583") is None
    assert (useless.code, useless.reason, useless.lies_within("320000")) == (None, Unlocated.INACCURATE, None)


@pytest.mark.parametrize("place", [Point(126, 20), Point(0, 0), Point(2.35, 48.86), Point(139.69, 35.69)])
def test_at_sea_and_abroad_there_is_no_county(place: Point) -> None:
    found = locate(*place, datum=Datum.WGS84)

    assert (found.code, found.candidates, found.reason) == (None, (), Unlocated.OUTSIDE)
    assert found.lies_within("520000") is False


def test_in_a_harbour_it_is_the_harbours_county_but_not_for_certain() -> None:
    found = locate(122.11, 30.0, datum=Datum.WGS84)

    assert not found.certain
    assert names.within(found.code or "", "330900")


@pytest.mark.parametrize(("lon", "lat", "accuracy"), [(200, 30, 0), (120, 30, -1), (120, nan, 0), (120, 30, nan)])
def test_what_is_no_position_is_refused(lon: float, lat: float, accuracy: float) -> None:
    with pytest.raises(Invalid):
        locate(lon, lat, accuracy_m=accuracy, datum=Datum.WGS84)


def test_threads_load_the_boundaries_once() -> None:
    boundaries._load.cache_clear()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: locate(*TONGREN_STATION, datum=Datum.WGS84), range(8)))

    assert {f.code for f in found} == {"520602"}
    assert boundaries._load.cache_info().misses == 1


def test_every_county_boundary_stands_for_a_region_in_force() -> None:
    for boundary in boundaries.read(Level.COUNTY):
        if boundary.code:
            assert not names.get(boundaries.standard(boundary.code)).replaced_by
