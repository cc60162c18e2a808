from math import inf, nan

import pytest
from fast_geocn.coord import wgs84_to_gcj02
from hypothesis import given
from hypothesis.strategies import floats

from backend.core.errors import Invalid
from backend.regions.datum import Datum, Point, to_gcj02, to_wgs84
from backend.regions.distance import distance_km


@given(lon=floats(73.5, 135), lat=floats(3.5, 53.5))
def test_there_and_back_is_less_than_a_centimetre_apart(lon: float, lat: float) -> None:
    place = Point(lon, lat)

    assert distance_km(to_wgs84(*to_gcj02(place), Datum.GCJ02), place) < 0.00001


@given(lon=floats(73.5, 135), lat=floats(3.5, 53.5))
def test_the_shift_is_the_one_that_others_know(lon: float, lat: float) -> None:
    shown = to_gcj02(Point(lon, lat))

    assert shown == pytest.approx(wgs84_to_gcj02(lon, lat), abs=1e-9)
    assert distance_km(Point(lon, lat), Point(*shown)) < 1.5


def test_abroad_nothing_is_shifted() -> None:
    assert to_wgs84(2.35, 48.86, Datum.GCJ02) == Point(2.35, 48.86)


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (nan, 30), (110, inf), (-200, 30)])
@pytest.mark.parametrize("datum", list(Datum))
def test_what_are_no_coordinates_is_refused(lon: float, lat: float, datum: Datum) -> None:
    with pytest.raises(Invalid):
        to_wgs84(lon, lat, datum)
