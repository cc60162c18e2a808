"""The middle of each region, for labels and rough distances, without loading any boundary once they are worked out."""

import json
from functools import cache

import shapely
from shapely.geometry.base import BaseGeometry

from backend.core.files import store
from backend.regions import boundaries, names
from backend.regions.datum import Point


def centroid(code: str) -> Point | None:
    """A point inside the region, near its middle; None for a code of no region.

    A code that was replaced since 2019 has its successor's.
    """
    found = _centroids().get(names.current(code))
    return Point(*found) if found else None


def middle(area: BaseGeometry) -> tuple[float, float]:
    """Longitude and latitude of an area's centroid, or of another point of it where that lies outside."""
    centre = area.centroid if area.contains(area.centroid) else area.representative_point()
    return round(float(centre.x), 4), round(float(centre.y), 4)


@cache
def _centroids() -> dict[str, tuple[float, float]]:
    file = f"regions/{boundaries.version()}/centroids.json"
    if not store().exists(file):
        store().write(file, json.dumps(_work_out()).encode())
    found: dict[str, tuple[float, float]] = json.loads(store().read(file))
    return found


def _work_out() -> dict[str, tuple[float, float]]:
    return {
        boundary.code: middle(shapely.make_valid(boundary.geometry))
        for level in boundaries.Level
        for boundary in boundaries.read(level)
        if names.find(boundary.code)
    }
