"""A place's code on a tablet at the gate, in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.acting import Acting
from backend.core.crypto import unseal
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.itinerary import actions
from healthcode.itinerary.models import Place
from tests.browser.looks import FAINT, WIDE, folder
from tests.factories.accounts import make_acting
from tests.factories.itinerary import make_place
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser
HOUR = 60 * 60 * 1000
SEEN = """async () => {
  const { default: decode } = await import("/assets/qr/decode.js");
  const svg = document.querySelector(".screen-code svg");
  const drawing = svg.cloneNode(true);
  drawing.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  drawing.setAttribute("width", "600");
  drawing.setAttribute("height", "600");
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(drawing.outerHTML);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 600, height: 600 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, 600, 600);
  pen.drawImage(image, 0, 0);
  return decode(pen.getImageData(0, 0, 600, 600));
}"""


@pytest.fixture
def by(app: Application) -> Acting:
    del app
    return make_acting()


@pytest.fixture
def place(by: Acting) -> Place:
    return make_place(by)[0]


@pytest.fixture
def tablet(server: str, stage: Stage, place: Place, by: Acting) -> Iterator[Page]:
    """A tablet that has opened the link of the first gate's screen."""
    stage.take_faults(())
    with transaction():
        token = unseal(actions.add_screen(place=place, name="一号门", by=by).token)
    page = stage.desk()
    page.clock.install()
    page.goto(f"{server}/screen/open/{token}")
    page.get_by_role("button", name="在这台设备上显示").click()
    expect(page.locator(".screen-code svg")).to_be_visible()
    yield page
    page.context.close()
    assert stage.take_faults((403,), offline=True) == []


def drawing(page: Page) -> str:
    return page.locator(".screen-code path").get_attribute("d") or ""


def test_a_new_code_is_drawn_each_minute(tablet):
    first = tablet.evaluate(SEEN)
    before = drawing(tablet)
    tablet.clock.run_for(60_000)
    assert drawing(tablet) != before
    second = tablet.evaluate(SEEN)
    assert int(second.split(".")[-2]) == int(first.split(".")[-2]) + 1


def test_without_a_network_it_goes_on_for_an_hour_and_then_says_so(tablet):
    tablet.context.set_offline(True)
    tablet.clock.run_for(5 * 60_000)
    expect(tablet.locator("[data-state]")).to_contain_text("没有网络，还能显示")
    before = drawing(tablet)
    tablet.clock.fast_forward(30 * 60_000)
    tablet.clock.run_for(1000)
    assert drawing(tablet) != before
    expect(tablet.locator(".screen-code")).to_be_visible()
    tablet.clock.fast_forward(HOUR)
    tablet.clock.run_for(1000)
    expect(tablet.locator("[data-stopped]")).to_contain_text("断网太久")
    expect(tablet.locator(".screen-code")).to_be_hidden()
    tablet.context.set_offline(False)


def test_a_revoked_screen_stops(tablet, place, by):
    screen_id = tablet.url.rstrip("/").rsplit("/", 1)[1]
    with transaction():
        actions.revoke_screen(place=place, screen_id=screen_id, by=by)
    tablet.clock.run_for(121_000)
    expect(tablet.locator("[data-stopped]")).to_contain_text("已停用")
    expect(tablet.locator(".screen-code")).to_be_hidden()


def test_it_fills_a_tablet_and_an_old_phone_and_can_be_read(tablet, tmp_path: Path):
    for size in ({"width": 1024, "height": 768}, DESK, PHONE, {"width": 812, "height": 375}):
        tablet.set_viewport_size(size)
        tablet.screenshot(path=folder(tmp_path) / f"screen-{size['width']}.png")
        assert tablet.evaluate(WIDE) is False
        assert tablet.evaluate(FAINT) == []
        box = tablet.locator(".screen-code svg").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 150
