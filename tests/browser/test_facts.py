"""A certificate of health from the phone to the official, results with their second signature, in a real Chromium."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.acting import Acting
from backend.accounts.models import Organisation, Person
from backend.core import clock
from backend.core.db import db
from backend.core.partitions import make_partitions
from backend.core.transactions import transaction
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.browser.test_appeals import NUMBER, enter, sign_in
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.appeals import PNG
from tests.factories.codes import make_issuer_key
from tests.factories.facts import bring, result_line
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser


@pytest.fixture
def person(app) -> Person:
    """Somebody of the city who has declared nothing."""
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    expect.set_options(timeout=20_000)
    return make_person(make_agreeing_account(NUMBER))


@pytest.fixture
def offices(person) -> tuple[Acting, Acting]:
    del person
    city = make_organisation()
    return make_acting(city), make_acting(db.session.get_one(Organisation, city.id))


def look(page: Page, pictures: Path, name: str) -> None:
    """On a phone and on a desk it fits, every field has a name, and all of it can be read."""
    shown = page.viewport_size
    for size, on in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        page.screenshot(path=pictures / f"facts-{name}-{on}.png", full_page=True)
        assert not page.evaluate(WIDE), name
        assert page.evaluate(UNNAMED) == [], name
        assert page.evaluate(FAINT) == [], name
    page.set_viewport_size(shown or PHONE)


def test_a_certificate_from_the_phone_over_the_official_to_green(offices, server: str, stage: Stage, tmp_path):
    pictures, today = folder(tmp_path), clock.today()
    stage.take_faults(())
    phone = stage.phone()
    enter(phone, server)
    expect(phone.get_by_text("未申报").first).to_be_visible()
    phone.goto(f"{server}/w/#/facts")
    expect(phone.get_by_text("还没有查过")).to_be_visible()
    look(phone, pictures, "empty")
    phone.get_by_role("link", name="上传健康证明").click()
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("请拍一张证明的照片")).to_be_visible()
    look(phone, pictures, "wrong")
    phone.get_by_label("出具证明的机构").fill("碧江区人民医院")
    phone.get_by_label("证明编号").fill("TR-2026-0322")
    phone.get_by_label("出具日期").fill(today.isoformat())
    phone.get_by_label("有效期的最后一天").fill((today + timedelta(days=5)).isoformat())
    phone.get_by_label("照片或 PDF").set_input_files([{"name": "p.png", "mimeType": "image/png", "buffer": PNG}])
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("健康证明已提交")).to_be_visible()
    phone.get_by_role("button", name="现在查一次").click()
    expect(phone.get_by_text("正在查询")).to_be_visible()
    look(phone, pictures, "waiting")
    assert stage.take_faults((401,)) == []

    desk = stage.desk()
    sign_in(desk, server, offices[0])
    desk.get_by_role("link", name="健康证明等待核对").click()
    look(desk, pictures, "certificates")
    desk.locator("#main tbody a").first.click()
    look(desk, pictures, "certificate")
    desk.get_by_role("button", name="确认", exact=True).click()
    expect(desk.get_by_text("已确认。")).to_be_visible()
    phone.goto(f"{server}/w/#/code")
    phone.reload()
    expect(phone.get_by_text("有健康证明：碧江区人民医院").first).to_be_visible()
    phone.screenshot(path=pictures / "facts-green-phone.png", full_page=True)


def test_a_list_with_its_second_signature(offices, person, server: str, stage: Stage, tmp_path):
    pictures, at = folder(tmp_path), clock.now() - timedelta(hours=2)
    first, second = offices
    made = bring(
        first, result_line(person, at, "阳性"), result_line(person, at - timedelta(days=1)), "坏行", "张三,1,2,3,4,5"
    )
    desk = stage.desk()
    sign_in(desk, server, second)
    desk.get_by_role("link", name="检测名单等待复核").click()
    look(desk, pictures, "lists")
    desk.goto(f"{server}/console/results/new")
    look(desk, pictures, "new")
    desk.goto(f"{server}/console/results/{made.id}")
    look(desk, pictures, "list")
    desk.get_by_role("button", name="复核无误").click()
    expect(desk.get_by_text("已登记 2 条检测结果")).to_be_visible()
    phone = stage.phone()
    enter(phone, server)
    expect(phone.get_by_text("核酸检测阳性").first).to_be_visible()
    look(phone, pictures, "red")
    phone.goto(f"{server}/w/#/facts")
    expect(phone.get_by_text("阳性 ·")).to_be_visible()
    look(phone, pictures, "results")
