import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis.strategies import floats

from backend.regions.datum import Point
from backend.regions.distance import distance_km
from backend.regions.route import distance_to_route_km

TONGREN = Point(109.19, 27.72)
CHANGSHA = Point(112.98, 28.2)
KUNSHAN = Point(120.95, 31.39)


def test_a_stop_is_on_the_route() -> None:
    for stop in (TONGREN, CHANGSHA, KUNSHAN):
        assert distance_to_route_km(stop, [TONGREN, CHANGSHA, KUNSHAN]) < 0.001


def test_before_the_start_the_route_is_as_far_as_its_first_stop() -> None:
    assert distance_to_route_km(Point(106, 27), [TONGREN, KUNSHAN]) == pytest.approx(
        distance_km(Point(106, 27), TONGREN)
    )


@pytest.mark.parametrize("route", [[KUNSHAN], [KUNSHAN, KUNSHAN]])
def test_a_route_of_one_place_is_that_place(route: list[Point]) -> None:
    assert distance_to_route_km(TONGREN, route) == pytest.approx(distance_km(TONGREN, KUNSHAN))


def test_a_route_without_stops_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one stop"):
        distance_to_route_km(TONGREN, [])


@settings(max_examples=25, deadline=None)
@given(lon=floats(104, 126), lat=floats(22, 40))
def test_the_distance_to_a_route_is_right_to_half_a_percent(lon: float, lat: float) -> None:
    place = Point(lon, lat)
    leg = Geodesic.WGS84.InverseLine(TONGREN.lat, TONGREN.lon, KUNSHAN.lat, KUNSHAN.lon)
    spots = (leg.Position(leg.s13 * step / 600) for step in range(601))
    exact = min(distance_km(place, Point(spot["lon2"], spot["lat2"])) for spot in spots)

    assert distance_to_route_km(place, [TONGREN, KUNSHAN]) == pytest.approx(exact, rel=0.005, abs=0.5)
