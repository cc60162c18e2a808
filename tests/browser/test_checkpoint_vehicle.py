"""A leader holds up the vehicle's code, an officer's camera sees it: two real Chromium phones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.queries import get_person
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes.models import Reading
from healthcode.transfers import actions
from tests.browser.checkpoints import officers_phone
from tests.browser.looks import WIDE, folder
from tests.browser.test_worker_pages import LOW, PHONE_NUMBER, PRESSED, SMALL, enter
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.codes import declare, make_issuer_key
from tests.factories.itinerary import make_place
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser

LIST = "#vehicle:not([hidden])"


@pytest.fixture
def door(app: Application) -> Door:
    """Twelve aboard a coach under way; numbers 5 and 9 aren't green."""
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    door = make_door(12, leader_phone=PHONE_NUMBER)
    door.board(*range(1, 13))
    door.leave()
    declare(person(door, 5), temperature=378)
    declare(person(door, 9), contact=True)
    return door


def person(door: Door, number: int) -> Person:
    person_id = door.entry(number).person_id
    assert person_id is not None
    return get_person(person_id)


@pytest.fixture
def officer(door: Door) -> Acting:
    del door
    gate = make_organisation("昆山高速出口卡口", kind=OrganisationKind.CHECKPOINT, region="320583")
    acting = make_acting(gate, role=Role.OFFICER)
    make_place(acting, name="昆山高速出口", region="320583")
    return acting


@pytest.fixture
def phone(officer: Acting, server: str, stage: Stage) -> Iterator[Page]:
    """The officer's, signed in at the exit."""
    stage.take_faults(())
    page = officers_phone(officer, server, stage, "昆山高速出口（昆山）")
    yield page
    page.context.close()
    assert stage.take_faults((401, 409, 422), offline=True) == []


def point_at(phone: Page, stage: Stage, text: str) -> None:
    page = phone.url
    phone.goto("about:blank")
    stage.point_camera_at(text)
    phone.goto(page)


def readings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def test_one_look_of_the_camera_is_the_whole_coach(phone: Page, door: Door, stage: Stage, tmp_path: Path) -> None:
    point_at(phone, stage, actions.issue_vehicle_code(trip=door.trip).text)
    phone.wait_for_selector(LIST)
    expect(phone.locator(".vehicle__counts")).to_have_text("车上 12 人，通过 10 人，不能通过 2 人")
    first = phone.locator(".vehicle__row").first
    expect(first).to_contain_text(door.entry(9).resident_id_mask[-4:])
    expect(first).to_contain_text("红码")
    for size in (DESK, PHONE):
        phone.set_viewport_size(size)
        phone.screenshot(path=folder(tmp_path) / f"checkpoint-vehicle-{size['width']}.png")
        assert phone.evaluate(WIDE) is False
    record = phone.get_by_role("button", name="记录 12 人已查验（2 人不能通过）")
    phone.context.set_offline(True)
    record.click()
    expect(phone.locator(".vehicle__said")).to_contain_text("没有网络，还没有记下来")
    assert readings() == 0
    phone.context.set_offline(False)
    record.click()
    expect(phone.locator(".vehicle__said")).to_have_text("已记录：通过 10 人，不能通过 2 人。")
    record.click()
    expect(record).to_be_enabled()
    assert readings() == 12
    first.get_by_role("button").click()
    expect(phone.locator(".verdict__word")).to_have_text("不能通过")
    phone.locator("#next").click()
    expect(phone.locator(LIST)).to_be_visible()
    phone.get_by_role("button", name="关闭，回到扫码").click()
    expect(phone.locator("#vehicle")).to_be_hidden()
    assert readings() == 12


def test_without_a_network_the_page_says_what_to_do_instead(
    phone: Page, door: Door, stage: Stage, tmp_path: Path
) -> None:
    text = actions.issue_vehicle_code(trip=door.trip).text
    phone.wait_for_function("navigator.serviceWorker.ready.then(() => caches.match('/checkpoint/vehicle.js'))")
    phone.context.set_offline(True)
    point_at(phone, stage, text)
    phone.wait_for_selector("#verdict:not([hidden])")
    expect(phone.locator(".verdict__word")).to_have_text("需要网络")
    expect(phone.locator("#told")).to_contain_text("请逐人扫健康码")
    phone.screenshot(path=folder(tmp_path) / "checkpoint-vehicle-offline.png")
    phone.locator("#next").click()
    expect(phone.locator("#waiting")).to_have_text("待上传 0")


def test_a_refused_code_is_explained(phone: Page, door: Door) -> None:
    text = actions.issue_vehicle_code(trip=door.trip).text
    door.arrive()
    phone.locator("#typed").fill(text)
    phone.locator("#typed").press("Enter")
    expect(phone.locator(".verdict__word")).to_have_text("不能用")
    expect(phone.locator("#told")).to_contain_text("这辆车已到达，车辆码已经作废")


def test_the_leaders_phone_shows_it_and_takes_it_away_with_the_network(
    door: Door, server: str, stage: Stage, tmp_path: Path
) -> None:
    expect.set_options(timeout=20_000)
    stage.take_faults(())
    page = stage.phone()
    enter(page, server)
    expect(page.locator(".code__word")).to_have_text("绿码")
    page.goto(f"{server}/w/#/trips")
    page.get_by_role("link", name="贵D00000").click()
    page.get_by_role("button", name="出示车辆码").click()
    expect(page.get_by_role("img", name="车辆码二维码，请查验员扫描")).to_be_visible()
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.screenshot(path=folder(tmp_path) / f"vehicle-code-{size['width']}.png", full_page=True)
        assert page.evaluate(WIDE) is False
    assert page.evaluate(SMALL) == []
    assert page.evaluate(LOW, PRESSED) == []
    page.get_by_role("button", name="收起车辆码").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="出示车辆码").click()
    expect(page.get_by_text("请每个人各自亮健康码")).to_be_visible()
    page.context.set_offline(False)
    door.arrive()
    page.get_by_role("button", name="收起车辆码").click()
    page.reload()
    expect(page.get_by_text("这辆车已经结束")).to_be_visible()
    expect(page.get_by_role("button", name="出示车辆码")).to_have_count(0)
    page.context.close()
    assert stage.take_faults((), offline=True) == []
