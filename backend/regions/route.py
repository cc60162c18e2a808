"""How far from a planned route, in kilometres. Apart from `distance`, as it brings numpy and shapely along."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil, cos, radians

import numpy as np
import shapely
from geographiclib.geodesic import Geodesic

from backend.regions.datum import Point
from backend.regions.distance import distance_km

PIECE_KM = 50
"""Legs are cut into pieces of this length, so that straight lines in the plane stand for the curved ones."""


def distance_to_route_km(point: Point, route: Sequence[Point]) -> float:
    """How far a place is from the nearest spot of a route whose stops are joined by the shortest ways.

    The nearest spot is looked for in a plane that is true to scale around the place, its distance then measured on the
    ellipsoid: right to 0.5 %. Raises ValueError for a route without stops.
    """
    if not route:
        raise ValueError("a route has one stop at least")
    narrowing = cos(radians(point.lat))
    plane = shapely.LineString((_line(tuple(route)) - point) * (narrowing, 1))
    nearest = plane.interpolate(plane.project(shapely.Point(0, 0)))
    return distance_km(point, Point(point.lon + nearest.x / narrowing, point.lat + nearest.y))


@lru_cache(maxsize=1024)
def _line(route: tuple[Point, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Longitudes and latitudes along a route, the first one twice so that a single stop makes a line too."""
    return np.array([route[0], route[0], *_pieces(route)])


def _pieces(route: tuple[Point, ...]) -> Iterator[Point]:
    for a, b in pairwise(route):
        leg = Geodesic.WGS84.InverseLine(a.lat, a.lon, b.lat, b.lon)
        count = max(1, ceil(leg.s13 / 1000 / PIECE_KM))
        for step in range(1, count + 1):
            spot = leg.Position(leg.s13 * step / count)
            yield Point(spot["lon2"], spot["lat2"])
