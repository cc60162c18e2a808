import gzip
import json
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from backend.core.errors import NotFound
from backend.core.files import store
from backend.core.requests import Application
from backend.regions import maps, names

pytestmark = pytest.mark.usefixtures("app")


def features(code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gzip.decompress(maps.map_geojson(code)))["features"]
    return found


def codes(code: str) -> list[str]:
    return [feature["properties"]["code"] for feature in features(code)]


def test_the_country_shows_its_provinces_and_the_lines_at_sea() -> None:
    found = codes("100000")

    assert {code for code in found if code} == {province.code for province in names.provinces()}
    assert found.count("") == 8


def test_a_city_shows_its_counties() -> None:
    tongren = next(f["properties"] for f in features("520600") if f["properties"]["code"] == "520602")

    assert sorted(codes("520600")) == [county.code for county in names.children("520600")]
    assert (tongren["name"], tongren["label"]) == ("碧江区", "碧江区")
    assert tongren["cp"] == pytest.approx([109.2, 27.7], abs=0.1)


def test_a_province_shows_its_counties_in_one_map_below_100_kilobytes() -> None:
    assert len(codes("520000")) == 88
    for province in ("520000", "320000", "650000", "100000"):
        assert len(maps.map_geojson(province)) < 100_000


@pytest.mark.parametrize("code", ["441900", "810000", "320583"])
def test_a_region_without_counties_shows_itself(code: str) -> None:
    assert codes(code) == [code]


def test_neighbours_still_meet() -> None:
    areas = [shape(feature["geometry"]) for feature in features("520000")]
    together = shapely.union_all(shapely.make_valid(areas))
    overlap = sum(area.area for area in areas) - together.area

    assert abs(overlap) < together.area * 0.001
    gaps = sum(shapely.Polygon(ring).area for part in shapely.get_parts(together) for ring in part.interiors)
    assert gaps < together.area * 0.00001


def test_a_replaced_code_shows_its_successor_and_an_unknown_one_nothing() -> None:
    assert codes("320684") == ["320614"]
    for code in ("999999", "../etc", "", "52"):
        with pytest.raises(NotFound):
            maps.map_geojson(code)


def test_a_map_is_drawn_once() -> None:
    maps.map_geojson("522600")
    store().write(f"regions/{maps.edition()}/maps/522600.json.gz", b"kept")

    assert maps.map_geojson("522600") == b"kept"


def test_the_command_draws_all_maps_beforehand(app: Application) -> None:
    said = app.test_cli_runner().invoke(args=["regions", "build"])

    assert "已生成 368 幅地图" in said.output
    assert store().exists(f"regions/{maps.edition()}/maps/320500.json.gz")


def test_the_command_tells_where_a_position_lies(app: Application) -> None:
    said = app.test_cli_runner().invoke(args=["regions", "locate", "120.95", "31.39"])

    assert said.output == "320583 江苏省苏州市昆山市\n确定\n"
