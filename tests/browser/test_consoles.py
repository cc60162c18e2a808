"""The consoles in a real Chromium: signing in, lists, dialogs, imports, maps; each page at both sizes."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.queries import get_operator, list_speakers
from backend.accounts.rules import OrganisationKind, Relation
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.checks.actions import run_check
from healthcode.checks.rules import Check
from healthcode.codes import actions as codes
from healthcode.itinerary import actions as itinerary
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Entry, RosterImport, Transfer
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.factories import rosters
from tests.factories.accounts import PASSWORD, make_agreeing_account, make_organisation, make_person, resident_id
from tests.factories.colours import make_colour_pages
from tests.factories.itinerary import make_place
from tests.factories.transfers import confirm, go_on, make_roster, roster_file, send
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser

PEOPLE = 55


class Scene(NamedTuple):
    """A running transfer with people in all states, and who looks at it."""

    transfer: Transfer
    origin: Acting
    destination: Acting


@pytest.fixture
def scene(app: Application) -> Scene:
    """Fifty-five people: some declared, one ill, one seen at the station, one claim that waits for the clerk."""
    del app
    with transaction():
        make_partitions()
    transfer, origin, destination = make_roster(PEOPLE)
    place, _ = make_place(origin)
    people = [_claim(line) for line in rosters.lines(4)]
    for at, person in enumerate(people[:3]):
        account = list_speakers([person.id])[0][1]
        with transaction():
            codes.declare(
                person=person,
                account_id=account.id,
                temperature=379 if at == 1 else 365,
                symptoms=(),
                contact=at == 2,
                abroad=False,
                request_key=new_key().hex,
            )
            itinerary.see_by_officer(person_id=person.id, place=place, at=clock.now(), request_key=new_key().hex)
    make_person(make_agreeing_account(), name="冉小芳", number=resident_id(), verified=False)
    with transaction():
        transfers.recount(transfer_id=transfer.id)
        run_check(check=Check.HEALTH)
    return Scene(transfer, origin, destination)


def _claim(line: rosters.Line) -> Person:
    with transaction():
        outcome = transfers.claim(
            account=make_agreeing_account(str(line[5])),
            name=str(line[1]),
            resident_id=str(line[3]),
            relation=Relation.SELF,
            until=None,
            region_code=None,
        )
        return db.session.get_one(Person, outcome.holding.person_id)


@pytest.fixture
def desk(scene: Scene, server: str, stage: Stage) -> Iterator[Page]:
    """The origin's clerk at a desk, signed in; what the page's console complains of fails the test."""
    stage.take_faults(())
    page = stage.desk()
    sign_in(page, server, scene.origin)
    yield page
    page.context.close()
    assert stage.take_faults((404, 422)) == []


def sign_in(page: Page, server: str, acting: Acting) -> None:
    operator = get_operator(acting.operator_id)
    assert operator is not None
    page.goto(f"{server}/console/")
    page.get_by_label("用户名").fill(operator.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="首页")).to_be_visible()


def test_typing_narrows_the_roster_and_the_address_keeps_the_search(desk, scene, server):
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}/roster/")
    expect(desk.locator("#list tbody tr")).to_have_count(50)
    line = next(rosters.lines(1))

    desk.get_by_label("姓名、身份证号").fill(str(line[3]))
    expect(desk.locator("#list tbody tr")).to_have_count(1)
    assert desk.url.endswith(f"?search={line[3]}&sort=name")

    desk.reload()
    expect(desk.locator("#list tbody tr")).to_have_count(1)
    desk.get_by_label("姓名、身份证号").fill("")
    desk.get_by_label("健康码").select_option(label="黄码")
    expect(desk.locator("#list tbody tr")).to_have_count(1)
    expect(desk.locator("#list tbody tr")).to_contain_text("黄码")


def test_the_next_page_follows_and_back_leads_back(desk, scene, server):
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}/roster/")
    desk.get_by_role("link", name="下一页").click()
    expect(desk.locator("#list tbody tr")).to_have_count(PEOPLE - 50)
    desk.get_by_role("link", name="第一页").click()
    expect(desk.locator("#list tbody tr")).to_have_count(50)


def test_an_upload_shows_its_progress_and_then_by_itself_what_came_of_it(desk, scene, server, tmp_path):
    file = rosters.write_xlsx(tmp_path / "第二版.xlsx", rosters.lines(PEOPLE - 1, first=2))
    desk.goto(f"{server}/console/imports/of/{scene.transfer.id}")
    expect(desk.get_by_role("button", name="上传并检查")).to_be_disabled()
    desk.locator("#file").set_input_files(file)
    expect(desk.get_by_text("第二版.xlsx（")).to_be_visible()
    desk.get_by_role("button", name="上传并检查").click()
    expect(desk.locator("#progress")).to_contain_text("排队中")

    db.session.rollback()
    newest = db.session.scalars(select(RosterImport).order_by(RosterImport.id.desc())).first()
    assert newest is not None
    go_on(newest.id)

    expect(desk.get_by_text("同时移除缺少的 2 人")).to_be_visible()
    desk.get_by_label("同时移除缺少的 2 人").check()
    desk.get_by_role("button", name="确认写入").click()
    expect(desk.locator("#progress")).to_contain_text("写入中")
    go_on(newest.id)
    expect(desk.get_by_text("移除 2 人")).to_be_visible()


def test_a_move_says_what_will_happen_and_asks_for_the_reason(desk, scene, server):
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}")
    desk.get_by_role("button", name="取消输送").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{PEOPLE} 人")

    dialog.get_by_role("button", name="取消输送").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("原因").fill("企业推迟复工")
    dialog.get_by_role("button", name="取消输送").click()

    expect(desk.get_by_text("输送现在是“已取消”")).to_be_visible()
    expect(desk.get_by_text("企业推迟复工")).to_be_visible()


def test_full_data_is_shown_once_for_a_purpose(desk, scene, server):
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}/roster/?sort=number")
    desk.locator("#list tbody a").first.click()
    number = str(next(rosters.lines(1))[3])
    assert number not in desk.content()

    desk.get_by_label("为什么要查看").fill("打电话核对身份")
    desk.get_by_role("button", name="查看完整信息").click()
    expect(desk.get_by_text(number)).to_be_visible()

    desk.goto(desk.url.partition("#")[0])
    assert number not in desk.content()


def test_the_map_is_drawn_of_the_country_and_of_a_city(desk, scene, server):
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}/map")
    figure = desk.locator("[data-map]")
    expect(figure).to_have_attribute("data-shown", "100000")
    expect(desk.locator(".map-table tbody tr")).to_contain_text(["贵州省铜仁市碧江区"])

    desk.get_by_role("button", name="铜仁市").click()
    expect(figure).to_have_attribute("data-shown", "520600")
    expect(desk.get_by_role("button", name="铜仁市")).to_have_attribute("aria-pressed", "true")


def test_a_broken_connection_is_told_with_a_way_to_try_again(desk, scene, server, stage):
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}/roster/")
    desk.route("**/roster/**", lambda route: route.abort())
    desk.get_by_label("姓名、身份证号").fill("张")
    expect(desk.get_by_text("没有读到数据")).to_be_visible()
    desk.unroute("**/roster/**")

    desk.get_by_role("button", name="重新读取").click()
    expect(desk.get_by_text("没有读到数据")).to_be_hidden()
    assert any("ERR_FAILED" in fault for fault in stage.take_faults(()))


def test_the_menu_opens_and_closes_on_a_phone(desk, server):
    desk.set_viewport_size(PHONE)
    desk.goto(f"{server}/console/")
    expect(desk.get_by_role("link", name="场所码")).to_be_hidden()
    desk.get_by_role("button", name="菜单").click()
    desk.get_by_role("link", name="场所码").click()
    expect(desk.get_by_role("heading", name="场所码")).to_be_visible()


def test_an_enterprise_with_a_long_name_is_read_whole_on_a_phone(desk, scene, server):
    long = "昆山晨星电子科技精密制造股份有限公司昆山经济技术开发区第二分公司（虚构）"
    make_organisation(long, kind=OrganisationKind.ENTERPRISE, region="320583")
    desk.set_viewport_size(PHONE)
    desk.goto(f"{server}/console/transfers/{scene.transfer.id}/employers/")
    chosen = desk.get_by_role("combobox").first
    before = chosen.bounding_box()["height"]
    chosen.select_option(label=long)
    assert chosen.bounding_box()["height"] > 1.5 * before
    desk.get_by_role("button", name="保存").first.click()
    expect(desk.get_by_role("combobox").first.locator("option:checked")).to_have_text(long)
    assert desk.evaluate(WIDE) is False


def test_each_page_fits_both_sizes_and_can_be_read_by_all(desk, scene, server, tmp_path):
    waiting = send(scene.transfer, scene.origin, roster_file([*rosters.lines(PEOPLE + 2, first=1)]), "第二版.xlsx")
    done = confirm(waiting, scene.origin)
    waiting = send(scene.transfer, scene.origin, roster_file([*rosters.lines(PEOPLE, first=4)]), "第三版.xlsx")
    for name, path in _pages(scene, done, waiting, server, desk):
        for size in (DESK, PHONE):
            desk.set_viewport_size(size)
            desk.goto(f"{server}{path}")
            desk.wait_for_load_state("networkidle")
            desk.screenshot(path=folder(tmp_path) / f"{name}-{size['width']}.png", full_page=True)
            assert desk.evaluate(WIDE) is False, f"{name} at {size['width']}"
            assert desk.evaluate(UNNAMED) == [], name
            assert desk.evaluate(FAINT) == [], name


def _pages(
    scene: Scene, done: RosterImport, waiting: RosterImport, server: str, page: Page
) -> Iterator[tuple[str, str]]:
    base = f"/console/transfers/{scene.transfer.id}"
    yield from {"home": "/console/", "transfers": "/console/transfers/", "new": "/console/transfers/new"}.items()
    yield from {"overview": base, "roster": f"{base}/roster/", "trips": f"{base}/trips"}.items()
    yield from {"findings": f"{base}/findings", "map": f"{base}/map", "all-findings": "/console/findings/"}.items()
    yield "imports", f"/console/imports/of/{scene.transfer.id}"
    yield from {"done": f"/console/imports/{done.id}", "waiting": f"/console/imports/{waiting.id}"}.items()
    for name, listed in (("claim", "/console/claims/"), ("place", "/console/places/")):
        yield f"{name}s", listed
        page.goto(f"{server}{listed}")
        yield name, str(page.locator("#main tbody a").first.get_attribute("href"))
    yield "place-new", "/console/places/new"
    entry = db.session.scalars(select(Entry).where(Entry.person_id.is_not(None)).order_by(Entry.number)).first()
    yield "worker", f"/console/workers/{entry.id}/"
    yield from make_colour_pages(scene.origin, db.session.get_one(Person, entry.person_id)).items()
    yield "decision-new", f"/console/decisions/of/{entry.id}"
    yield from {"accesses": "/console/accesses/", "refusal": "/console/nowhere", "offices": "/console/offices"}.items()
