import pytest

from backend.regions.datum import Point
from backend.regions.distance import distance_km

TONGREN = Point(109.19, 27.72)
KUNSHAN = Point(120.95, 31.39)


def test_tongren_and_kunshan_are_1209_km_apart() -> None:
    assert distance_km(TONGREN, KUNSHAN) == pytest.approx(1209.311, abs=0.001)
    assert distance_km(TONGREN, TONGREN) == 0
