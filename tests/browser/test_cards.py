"""Printed identity cards in a real Chromium: printed by an official, seen by an officer's camera, lost by family."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.queries import get_operator
from backend.core.db import db
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes.models import Card, Lookup
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.browser.test_worker_pages import LOW, PHONE_NUMBER, PRESSED, SMALL, enter
from tests.factories.accounts import PASSWORD, make_acting, make_agreeing_account, make_person
from tests.factories.cards import make_officer, print_card
from tests.factories.codes import declare, make_issuer_key
from tests.factories.itinerary import make_place
from tests.factories.transfers import make_roster
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser

VERDICT = "#verdict:not([hidden])"


@pytest.fixture
def officer(app: Application) -> Acting:
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    acting = make_officer()
    make_place(acting, name="铜仁站东门")
    return acting


@pytest.fixture
def person(officer: Acting) -> Person:
    """Who has a card, and family with a phone."""
    del officer
    worker = make_person(make_agreeing_account(PHONE_NUMBER), name="石桂英")
    declare(worker)
    return worker


@pytest.fixture
def page(officer: Acting, server: str, stage: Stage) -> Iterator[Page]:
    """A phone; what its console complains of fails the test."""
    del officer, server
    expect.set_options(timeout=20_000)
    stage.take_faults(())
    page = stage.phone(permissions=["camera"])
    yield page
    page.context.close()
    assert stage.take_faults((401, 409), offline=True) == []


def sign_in(page: Page, server: str, acting: Acting, path: str) -> None:
    operator = get_operator(acting.operator_id)
    assert operator is not None
    page.goto(f"{server}{path}")
    page.wait_for_url("**/console/sign-in**")
    page.locator("[name=username]").fill(operator.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{server}{path}")


def test_the_officers_camera_sees_a_card_on_a_shift_and_with_a_network(
    page: Page, server: str, stage: Stage, officer: Acting, person: Person, tmp_path: Path
) -> None:
    card = print_card(person, make_acting())
    sign_in(page, server, officer, "/checkpoint/")
    expect(page.locator("#keys")).to_have_text("密钥 刚更新")
    page.locator("#typed").fill(card.text)
    page.locator("#typed").press("Enter")
    expect(page.get_by_text("您还没有上岗")).to_be_visible()
    page.get_by_role("link", name="没有手机的人").click()
    page.get_by_label("地点").select_option(label="铜仁站东门")
    page.get_by_role("button", name="上岗").click()
    expect(page.get_by_role("heading", name="查一个人")).to_be_visible()
    assert page.get_by_label("为什么没有亮码").get_by_text("出示卡片").count() == 0

    stage.point_camera_at(card.text)
    page.goto(f"{server}/checkpoint/")
    page.wait_for_selector(VERDICT)
    expect(page.locator("#told")).to_contain_text("通过")
    expect(page.locator(".verdict__person")).to_have_text(f"石某{person.resident_id_mask[-4:]}")
    page.screenshot(path=folder(tmp_path) / "card-verdict.png")
    stage.point_camera_at("")
    page.get_by_label("测得体温，摄氏度").fill("36.6")
    page.get_by_role("button", name="记录").click()
    expect(page.locator(".measure__said")).to_contain_text("已记录")
    page.locator("#next").click()

    page.context.set_offline(True)
    page.locator("#typed").fill(card.text.lower())
    page.locator("#typed").press("Enter")
    expect(page.locator("#told")).to_contain_text("身份卡上没有健康状况，要联网才能查")
    expect(page.locator("#told")).not_to_contain_text("已记下")
    page.screenshot(path=folder(tmp_path) / "card-offline.png")
    page.locator("#next").click()
    page.context.set_offline(False)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Lookup)) == 1


def test_whoever_speaks_for_the_person_says_that_the_card_was_lost(
    page: Page, server: str, person: Person, tmp_path: Path
) -> None:
    office = make_acting()
    print_card(person, office)
    card = print_card(person, office)
    enter(page, server)
    expect(page.locator(".code__word")).to_have_text("绿码")
    page.goto(f"{server}/w/#/cards")
    expect(page.get_by_text("第 2 版 · 可以使用")).to_be_visible()
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.screenshot(path=folder(tmp_path) / f"cards-{size['width']}.png", full_page=True)
    assert page.evaluate(SMALL) == []
    assert page.evaluate(LOW, PRESSED) == []
    assert page.evaluate(WIDE) is False
    page.get_by_role("button", name="卡丢了，挂失").click()
    expect(page.get_by_text("第 2 版 · 已挂失")).to_be_visible()
    db.session.rollback()
    assert db.session.get_one(Card, card.card.id).ended_at is not None


def test_an_official_prints_for_the_list_and_for_one_person(
    officer: Acting, server: str, stage: Stage, tmp_path: Path
) -> None:
    del officer
    expect.set_options(timeout=20_000)
    transfer, origin, _ = make_roster(12)
    desk = stage.desk()
    sign_in(desk, server, origin, f"/console/transfers/{transfer.id}/roster/")
    desk.get_by_role("link", name="打印身份卡").click()
    expect(desk.get_by_role("heading", name="打印身份卡")).to_be_visible()
    for size in (PHONE, DESK):
        desk.set_viewport_size(size)
        desk.screenshot(path=folder(tmp_path) / f"print-cards-{size['width']}.png", full_page=True)
        assert desk.evaluate(WIDE) is False
        assert desk.evaluate(UNNAMED) == []
        assert desk.evaluate(FAINT) == []
    desk.get_by_label("打印用途（本人会看到）").fill("发给没有手机的乘客")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载 PDF").click()
    assert len(PdfReader(BytesIO(download.value.path().read_bytes())).pages) == 2
    desk.get_by_role("link", name="回到花名册").click()
    desk.locator("tbody a").first.click()
    desk.get_by_role("link", name="身份卡").click()
    expect(desk.get_by_text("第 1 版")).to_be_visible()
    for size in (PHONE, DESK):
        desk.set_viewport_size(size)
        desk.screenshot(path=folder(tmp_path) / f"worker-cards-{size['width']}.png", full_page=True)
        assert desk.evaluate(WIDE) is False
        assert desk.evaluate(UNNAMED) == []
        assert desk.evaluate(FAINT) == []
    desk.get_by_role("button", name="挂失").click()
    expect(desk.get_by_text("已挂失，这张卡不能再用")).to_be_visible()
    desk.context.close()
