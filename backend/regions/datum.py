"""Positions and the datum they are given in. China's phones and maps shift theirs (GCJ-02), by 100 to 700 m.

The shift was never published. The formula is the one recovered in 2013 and in general use since (documented by the
projects eviltransform and PRCoords); it agrees with WeChat's and AutoNavi's answers within about a metre.
"""

from enum import StrEnum
from math import cos, isfinite, pi, sin, sqrt
from typing import NamedTuple

from backend.core.errors import Invalid

SEMI_MAJOR_AXIS = 6378245.0  # Krasovsky 1940, metres
ECCENTRICITY_SQUARED = 0.00669342162296594323
ITERATIONS = 5  # each one shrinks the error about a thousandfold


class Datum(StrEnum):
    """What a pair of coordinates is measured against; to be named with every position that comes from outside."""

    WGS84 = "wgs84"
    """GPS, browsers' geolocation, our boundaries (CGCS2000 differs from it by centimetres)"""
    GCJ02 = "gcj02"
    """`wx.getLocation` with type gcj02, Tencent's and AutoNavi's maps"""


class Point(NamedTuple):
    """A place in WGS-84, in degrees."""

    lon: float
    lat: float


def to_wgs84(lon: float, lat: float, datum: Datum) -> Point:
    """The place that these coordinates of this datum mean; exact to a centimetre as far as the formula goes.

    Refuses: Invalid when they are no coordinates.
    """
    if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees
        raise Invalid("regions.bad_position", "位置的经纬度不对，请重新定位。")
    if datum is Datum.WGS84:
        return Point(lon, lat)
    guess = Point(lon, lat)
    for _ in range(ITERATIONS):
        seen = to_gcj02(guess)
        guess = Point(guess.lon + lon - seen[0], guess.lat + lat - seen[1])
    return guess


def to_gcj02(point: Point) -> tuple[float, float]:
    """Longitude and latitude that a Chinese phone or map gives this place; unshifted far from China."""
    lon, lat = point
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):  # noqa: PLR2004 - the formula's own rectangle
        return lon, lat
    east, north = _shift(lon - 105.0, lat - 35.0)
    bend = 1 - ECCENTRICITY_SQUARED * sin(lat * pi / 180) ** 2
    metres_north = SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / (bend * sqrt(bend)) * pi / 180
    metres_east = SEMI_MAJOR_AXIS / sqrt(bend) * cos(lat * pi / 180) * pi / 180
    return lon + east / metres_east, lat + north / metres_north


def _shift(x: float, y: float) -> tuple[float, float]:
    """Metres to the east and to the north at x, y degrees from 105° E, 35° N."""
    wave = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    root = sqrt(abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))) * 2 / 3
    return east, north


def _waves(angle: float, *terms: tuple[float, float]) -> float:
    return sum(height * sin(angle * pi * rate) for height, rate in terms)
