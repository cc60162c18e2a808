import pytest

from backend.core.files import store
from backend.core.requests import Application
from backend.regions import boundaries, centroids, names
from backend.regions.centroids import centroid
from backend.regions.datum import Datum, Point
from backend.regions.distance import distance_km


@pytest.mark.usefixtures("app")
def test_every_region_has_its_middle() -> None:
    assert [code for code in names._regions() if centroid(code) is None] == []
    assert centroid("999999") is None


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("code", ["520602", "320583", "419001", "441900", "460300"])
def test_the_middle_lies_inside(code: str) -> None:
    middle = centroid(code)

    assert middle
    assert boundaries.locate(*middle, datum=Datum.WGS84).code in {code, "460300"}


@pytest.mark.usefixtures("app")
def test_tongrens_middle_is_near_its_station() -> None:
    assert distance_km(centroid("520602") or Point(0, 0), Point(109.19, 27.72)) < 20


@pytest.mark.usefixtures("app")
def test_a_replaced_code_has_its_successors_middle() -> None:
    assert centroid("320684") == centroid("320614")


def test_they_are_worked_out_once_and_kept(app: Application) -> None:
    del app
    centroids._centroids.cache_clear()
    centroid("520602")

    assert store().exists(f"regions/{boundaries.version()}/centroids.json")
