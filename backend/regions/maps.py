"""Outlines for maps on screen: GeoJSON made once from the boundaries, small enough for a page.

Neighbours are simplified together (a coverage), so that no gap opens between them. A map's features carry `code`,
`name`, `label` (the short name) and `cp`, the label's place as ECharts reads it; series are to be joined by
`nameProperty: "code"`, for a province may have two districts of one name. The country's map
has the lines of the national border at sea (境界线), which a map of China must show.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from backend.core.errors import NotFound
from backend.core.files import store
from backend.regions import names
from backend.regions.boundaries import Boundary, Level, read, version
from backend.regions.centroids import middle

EDITION = 1
"""To be raised when the drawing below changes."""
DECIMALS = 3  # 100 m, a fifth of what the boundaries themselves are good for
Reader = Callable[[Level], Sequence[Boundary]]


def edition() -> str:
    """Changes with every change of the maps, for addresses that may be kept for ever."""
    return f"{version()}-{EDITION}"


def map_geojson(code: str) -> bytes:
    """The map of a region as GeoJSON, packed with gzip (send it with `Content-Encoding: gzip`).

    The country shows its provinces, a province or city its counties, a region without counties itself. It is made on
    its first use if `flask regions build` hasn't made it.

    Refuses: NotFound for a code of no region.
    """
    code = names.current(code)
    if code != names.COUNTRY and not names.find(code):
        raise NotFound
    if not store().exists(file := _file(code)):
        store().write(file, draw(code, _read))
    return store().read(file)


def build() -> Iterator[str]:
    """Make all maps that a console opens: the country's, each province's and each city's. Yields the code of each."""
    reader = cache(_read)
    cities = (city.code for province in names.provinces() for city in names.children(province.code))
    drawn = (names.COUNTRY, *(province.code for province in names.provinces()), *cities)
    for code in drawn:
        if code.endswith("00"):
            store().write(_file(code), draw(code, reader))
            yield code


def draw(code: str, reader: Reader) -> bytes:
    """One map, from the boundaries that `reader` gives."""
    found = [boundary for boundary in reader(_level(code)) if _belongs(boundary, code)]
    areas = [boundary for boundary in found if boundary.code]
    outlines = shapely.coverage_simplify([area.geometry for area in areas], _tolerance(code))
    features = [_feature(area, outline) for area, outline in zip(areas, outlines, strict=True)]
    features += [_feature(line, line.geometry) for line in found if not line.code]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _file(code: str) -> str:
    return f"regions/{edition()}/maps/{code}.json.gz"


def _read(level: Level) -> Sequence[Boundary]:
    return tuple(read(level))


def _level(code: str) -> Level:
    """The level that a region's map is drawn from: provinces, counties, or its own where it has nothing below."""
    if code == names.COUNTRY:
        return Level.PROVINCE
    if names.children(code):
        return Level.COUNTY
    return {names.Kind.PROVINCE: Level.PROVINCE, names.Kind.CITY: Level.CITY, names.Kind.COUNTY: Level.COUNTY}[
        names.get(code).kind
    ]


def _belongs(boundary: Boundary, code: str) -> bool:
    if not boundary.code:
        return code == names.COUNTRY
    return names.within(boundary.code, code)


def _tolerance(code: str) -> float:
    """In degrees: what a screen can't show is left out."""
    if code == names.COUNTRY:
        return 0.03
    return 0.01 if code.endswith("0000") else 0.005


def _feature(boundary: Boundary, outline: BaseGeometry) -> dict[str, Any]:
    properties: dict[str, Any] = {"code": boundary.code, "name": boundary.name, "label": ""}
    if boundary.code:
        properties["label"] = names.shorten(boundary.name)
        properties["cp"] = middle(shapely.make_valid(boundary.geometry))
    rounded = shapely.transform(outline, lambda corners: np.round(corners, DECIMALS))
    return {"type": "Feature", "properties": properties, "geometry": mapping(rounded)}
