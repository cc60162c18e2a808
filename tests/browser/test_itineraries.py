"""The line of time, a place's screens and their link, at a desk and on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.rules import Spot, Vehicle
from healthcode.itinerary.tasks import stays
from healthcode.transfers.models import Entry
from healthcode.transfers.tasks import carry
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.browser.test_consoles import sign_in
from tests.factories.boarding import Door, make_door
from tests.factories.itinerary import make_place, make_screen
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser

HOUR = timedelta(hours=1)
SEEN = ((-5, ("520602", 109.19, 27.72)), (-3, ("431202", 110.0, 27.55)), (-1, ("430102", 113.0, 28.2)))


@pytest.fixture
def door(app: Application) -> Door:
    """A coach six hours under way, whose first passenger declared a train for the same time."""
    del app
    with transaction():
        make_partitions()
    door = make_door(3)
    began = clock.now() - 6 * HOUR
    door.board(1, 2, at=began)
    door.leave(at=began + timedelta(minutes=1))
    place, _ = make_place(door.origin)
    make_screen(place, door.origin)
    person = person_of(door, 1)
    with transaction():
        for hours, (region, lon, lat) in SEEN:
            itinerary.see_by_officer(
                person_id=person_of(door, 2).id,
                place=Spot(place.id, region, lon, lat, 300),
                at=clock.now() + hours * HOUR,
                request_key=new_key().hex,
            )
        itinerary.declare_trip(
            person=person,
            vehicle=Vehicle.TRAIN,
            number="G1234",
            seat="05车12F",
            from_region="520602",
            to_region="320583",
            departs_at=clock.now() - 4 * HOUR,
            arrives_at=clock.now() + 6 * HOUR,
            request_key=new_key().hex,
        )
    carry()
    stays()
    return door


def person_of(door: Door, number: int) -> Person:
    return db.session.get_one(Person, db.session.get_one(Entry, door.entry(number).id).person_id)


@pytest.fixture
def desk(door: Door, server: str, stage: Stage) -> Iterator[Page]:
    stage.take_faults(())
    page = stage.desk()
    sign_in(page, server, door.origin)
    yield page
    page.context.close()
    assert stage.take_faults((404, 422)) == []


def look(desk: Page, name: str, tmp_path: Path) -> None:
    for size in (DESK, PHONE):
        desk.set_viewport_size(size)
        desk.wait_for_load_state("networkidle")
        desk.wait_for_timeout(1000)
        desk.screenshot(path=folder(tmp_path) / f"{name}-{size['width']}.png", full_page=True)
        assert desk.evaluate(WIDE) is False, f"{name} at {size['width']}"
        assert desk.evaluate(UNNAMED) == [], name
        assert desk.evaluate(FAINT) == [], name
    desk.set_viewport_size(DESK)


def test_an_official_sees_a_sleepers_way_and_what_contradicts_it(desk, door, server, tmp_path):
    desk.goto(f"{server}/console/workers/{door.entry(1).id}/")
    desk.get_by_role("link", name="时间线和地图").click()
    desk.get_by_label("为什么要看").fill("核实 14 天行程")
    desk.get_by_role("button", name="查看行程").click()
    expect(desk.get_by_text("处互相矛盾")).to_be_visible()
    expect(desk.locator(".doubt").first).to_contain_text("重叠")
    expect(desk.locator(".map")).to_have_attribute("data-shown", "100000")
    look(desk, "console-itinerary", tmp_path)


def test_an_official_adds_a_screen_and_stops_it(desk, server, tmp_path):
    desk.goto(f"{server}/console/places/")
    desk.locator("#main tbody a").first.click()
    desk.get_by_label("新加一块屏幕，放在哪里").fill("二号门")
    desk.get_by_role("button", name="生成链接").click()
    expect(desk.get_by_role("img", name="屏幕的链接")).to_be_visible()
    look(desk, "console-screen-link", tmp_path)
    desk.go_back()
    desk.reload()
    expect(desk.get_by_role("link", name="等待设备打开链接")).to_be_visible()
    look(desk, "console-place", tmp_path)
    desk.get_by_role("row", name="二号门").get_by_role("button", name="停用").click()
    desk.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(desk.get_by_text("已停用屏幕“二号门”")).to_be_visible()
