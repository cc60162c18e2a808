"""The worker's pages in a real Chromium, against the real server."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from backend.accounts.models import Person
from backend.core import clock
from backend.core.config import Config
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.sign_in_codes import waiting_code
from healthcode.codes.models import Declaration, Pack
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.models import Screen
from healthcode.itinerary.queries import poster_url
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_agreeing_account, make_person
from tests.factories.codes import declare, make_issuer_key
from tests.factories.itinerary import TONGREN_STATION, make_place, make_screen
from tests.factories.sandbox import Sandbox, start_sandbox, stop_sandbox
from tests.factories.transfers import make_roster
from tests.story.stage import DESK, Stage

PHONE_NUMBER = "13800000001"
AT_THE_STATION = {"latitude": TONGREN_STATION.lat, "longitude": TONGREN_STATION.lon, "accuracy": 20}
ROUTES = (
    "declare scan position inbox mine people trips itinerary journeys photos readers copy cards appeals appeal consents"
    " help register refused code facts certificate"
)
SMALL = """() => [...document.querySelectorAll("main *, header *, nav *")]
  .filter((e) => e.checkVisibility() && !e.closest(".unseen, .weui-badge"))
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim()))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 16)
  .map((e) => e.textContent)"""
PRESSED = (
    "button, .weui-btn, .weui-cell_access, .weui-cell_switch, nav a, select, summary, .toggle, "
    "input:not([type=checkbox], [type=radio], [type=file])"
)
LOW = """(pressed) => [...document.querySelectorAll(pressed)]
  .filter((e) => e.checkVisibility() && !e.closest(".stepper__value"))
  .filter((e) => e.getBoundingClientRect().height < 44)
  .map((e) => e.outerHTML.slice(0, 90))"""
IS_PACKED = """async () => {
  const { names } = await import("/w/core/locker.js");
  return (await names("pack.")).length > 0;
}"""
WHOLE_STORE = """async () => {
  const { transact } = await import("/w/core/vault.js");
  const all = await transact("readonly", (table) => table.getAll());
  const texts = all.map((one) => (one?.data ? new TextDecoder().decode(one.data) : JSON.stringify(one)));
  return texts.join(" ");
}"""
WIDE = "() => document.documentElement.scrollWidth > innerWidth"
END_SOON = """() => {
  const name = Object.keys(localStorage).find((key) => key.startsWith("linghuo.code."));
  const kept = JSON.parse(localStorage[name]);
  kept.code.expires_at = new Date(Date.now() + 30000).toISOString();
  localStorage[name] = JSON.stringify(kept);
  location.reload();
}"""
END_ACCESS = """() => {
  const session = JSON.parse(localStorage["linghuo.session"]);
  localStorage["linghuo.session"] = JSON.stringify({ ...session, ends: 0 });
}"""

pytestmark = pytest.mark.browser


@pytest.fixture
def sandbox(config: Config, tmp_path: Path) -> Iterator[Sandbox]:
    """WeChat's stand-in, where the server looks for it."""
    process = start_sandbox(config.port + 1, tmp_path / "sandbox.db", config.base_url)
    try:
        yield Sandbox(config.sandbox_url)
    finally:
        stop_sandbox(process)


@pytest.fixture
def phone(app: Application, server: str, stage: Stage) -> Iterator[Page]:
    """A phone on which nobody is signed in, at the station; what its console complains of fails the test."""
    del app, server
    make_issuer_key()
    # The server looks for issuers' keys every ten seconds, and each test empties the database.
    expect.set_options(timeout=20_000)
    stage.take_faults(())
    page = stage.phone(geolocation=AT_THE_STATION)
    yield page
    page.context.close()
    assert stage.take_faults((401, 404, 422, 429, 503), offline=True) == []


def enter(page: Page, server: str, number: str = PHONE_NUMBER) -> None:
    """Sign in by SMS."""
    page.goto(f"{server}/w/")
    page.get_by_label("手机号").fill(number)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("短信验证码").wait_for()
    waiting = waiting_code(blind_index(number, "phone").hex())
    assert waiting
    page.get_by_label("短信验证码").fill(waiting[1])
    page.get_by_role("button", name="登录", exact=True).click()


def agree(page: Page, *purposes: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("使用前请看一看")
    for purpose in purposes:
        page.locator(f"#agree-{purpose}").check()
    page.get_by_role("button", name="同意已勾选的，继续").click()


def register(page: Page, name: str, number: str) -> None:
    page.get_by_label("姓名").fill(name)
    page.get_by_label("身份证号").fill(number)
    page.get_by_role("button", name="登记", exact=True).click()


def fill_declaration(page: Page, temperature: str = "36.5") -> None:
    page.get_by_label("今天的体温").fill(temperature)
    page.get_by_label("都没有").check()
    page.locator("#contact-no").check()
    page.locator("#abroad-no").check()


@pytest.fixture
def green(phone: Page, server: str) -> Page:
    """A phone that shows a green code."""
    person = make_person(make_agreeing_account(PHONE_NUMBER))
    declare(person)
    enter(phone, server)
    expect(phone.locator(".code__word")).to_have_text("绿码")
    return phone


def test_from_the_first_visit_to_a_green_code(phone, server):
    make_roster(2)
    line = next(rosters.lines(1))
    enter(phone, server)
    agree(phone, "basic", "sensitive", "sharing")
    register(phone, str(line[1]), str(line[3]))
    expect(phone.get_by_role("heading", name="登记好了")).to_be_focused()
    phone.get_by_role("link", name="去申报今天的健康").click()
    fill_declaration(phone)
    phone.get_by_role("button", name="提交申报").click()
    expect(phone.locator(".code__word")).to_have_text("绿码")
    expect(phone.locator(".holder__name")).to_contain_text(str(line[3])[-4:])
    assert phone.locator(".qr").bounding_box()["width"] >= 240


def test_somebody_on_no_roster_goes_to_the_clerk_and_declares_meanwhile(phone, server):
    enter(phone, server)
    agree(phone, "basic", "sensitive")
    register(phone, "石无名", "522201199003078121")
    for _ in range(3):
        phone.locator("select").last.select_option(index=1)
        phone.wait_for_load_state("networkidle")
    phone.get_by_role("button", name="登记", exact=True).click()
    expect(phone.get_by_role("heading", name="已交工作人员核对")).to_be_visible()
    expect(phone.get_by_role("link", name="去申报今天的健康")).to_be_visible()


def test_without_agreeing_to_sensitive_data_the_other_way_is_shown(phone, server):
    enter(phone, server)
    agree(phone, "basic")
    expect(phone.get_by_role("alert").filter(visible=True)).to_contain_text("不同意就没有健康码")
    phone.get_by_role("button", name="同意已勾选的，继续").click()
    expect(phone.get_by_label("身份证号")).to_be_visible()


def test_a_mistyped_number_is_told_before_it_is_sent(phone, server):
    enter(phone, server)
    agree(phone, "basic", "sensitive")
    register(phone, "杨秀英", "52220119900307812x")
    expect(phone.get_by_label("身份证号")).to_have_value("52220119900307812X")
    expect(phone.get_by_label("身份证号")).to_have_attribute("aria-invalid", "true")
    expect(phone.get_by_label("身份证号")).to_be_focused()


def test_login_codes_leave_the_address_at_once_and_a_failure_leaves_the_sms(phone, server):
    phone.goto(f"{server}/w/#wx=secret-login-code&phone=secret-phone-code")
    expect(phone.get_by_role("alert").filter(visible=True)).to_contain_text("手机号登录")
    assert "secret" not in phone.url
    assert "secret" not in phone.evaluate("JSON.stringify([localStorage, sessionStorage, history.state])")
    expect(phone.get_by_label("手机号")).to_be_visible()


def test_one_tap_in_wechat_signs_in(phone, server, sandbox):
    login, number = sandbox.code("login", "o_yang"), sandbox.code("phone", "o_yang")
    phone.goto(f"{server}/w/#wx={login}&phone={number}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("使用前请看一看")
    assert login not in phone.url


def test_the_code_renews_itself_before_it_ends(green):
    first = green.locator(".qr__ink").get_attribute("d")
    with green.expect_response("**/code"):
        green.evaluate(END_SOON)
    expect(green.locator(".qr__ink")).not_to_have_attribute("d", first or "")


def test_the_clock_runs(green):
    clock = green.locator(".band__clock")
    seen = clock.text_content()
    expect(clock).not_to_have_text(seen or "")


def test_without_a_network_a_valid_code_shows_and_an_ended_one_never(green):
    green.evaluate("navigator.serviceWorker.ready")
    green.wait_for_function("async () => await caches.match('/w/app.js') !== undefined")
    green.context.set_offline(True)
    green.reload()
    expect(green.locator(".code__word")).to_have_text("绿码")
    expect(green.locator(".code__offline")).to_contain_text("这个码还能用 4 分")
    green.clock.install()
    green.clock.fast_forward(4 * 3600 * 1000 + 60_000)
    green.clock.run_for(2000)
    expect(green.locator(".ring__title")).to_have_text("现在没有可用的码")
    expect(green.locator(".qr")).to_have_count(0)
    expect(green.locator(".code__word")).to_have_count(0)
    green.context.set_offline(False)


def packed(page: Page, *, packed: bool = True) -> None:
    """Wait until codes for stretches without a network lie on the phone, or don't."""
    for _ in range(40):
        if page.evaluate(IS_PACKED) is packed:
            return
        page.wait_for_timeout(250)
    raise AssertionError("the phone has none" if packed else "the phone has some still")


def test_without_a_network_the_code_that_was_given_ahead_is_shown_as_such(green):
    packed(green)
    drawn = green.locator(".qr__ink").get_attribute("d")
    green.evaluate("navigator.serviceWorker.ready")
    green.wait_for_function("async () => await caches.match('/w/app.js') !== undefined")
    green.context.set_offline(True)
    green.clock.install()
    green.clock.fast_forward(16 * 60 * 1000)
    green.clock.run_for(2000)
    expect(green.locator(".code__word")).to_have_text("绿码")
    expect(green.locator(".code__offline")).to_contain_text("离线码")
    expect(green.locator(".code__offline")).to_contain_text("用到 ")
    assert green.locator(".qr__ink").get_attribute("d") != drawn
    green.reload()
    expect(green.locator(".code__offline")).to_contain_text("离线码")
    green.clock.fast_forward(4 * 3600 * 1000)
    green.clock.run_for(2000)
    expect(green.locator(".ring__title")).to_have_text("现在没有可用的码")
    green.context.set_offline(False)


def test_codes_on_the_phone_are_encrypted_and_asked_for_once(green):
    packed(green)
    asked = []
    green.on("request", lambda request: asked.append(request.url) if request.url.endswith("/pack") else None)
    for _ in range(2):
        green.reload()
        expect(green.locator(".code__word")).to_have_text("绿码")
        green.wait_for_timeout(1000)
    assert asked == []
    assert "LH1:" not in green.evaluate(WHOLE_STORE)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Pack)) == 1


def test_the_codes_go_with_the_green(green):
    packed(green)
    db.session.rollback()
    declare(db.session.scalars(select(Person)).one(), temperature=380)
    green.reload()
    expect(green.locator(".code__word")).to_have_text("黄码")
    packed(green, packed=False)
    db.session.rollback()
    assert db.session.scalars(select(Pack)).one().denied_at


def test_the_codes_go_with_the_consent(green):
    packed(green)
    green.goto(green.url.split("#")[0] + "#/consents")
    green.get_by_role("button", name="撤回同意").nth(1).click()
    green.get_by_role("button", name="确定撤回").click()
    packed(green, packed=False)


def test_a_second_visit_loads_less_than_100_kb(green):
    green.evaluate("navigator.serviceWorker.ready")
    green.wait_for_function("async () => await caches.match('/w/app.js') !== undefined")
    sizes = []
    session = green.context.new_cdp_session(green)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    green.reload()
    expect(green.locator(".code__word")).to_have_text("绿码")
    assert sum(sizes) < 100_000


def test_two_taps_are_one_declaration(green, app):
    del app
    green.goto(green.url.split("#")[0] + "#/declare")
    fill_declaration(green, "36.8")
    green.get_by_role("button", name="提交申报").dblclick()
    expect(green.locator(".code__fact").first).to_contain_text("36.8")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Declaration)) == 2


def test_two_tabs_renew_the_sign_in_once(green):
    other = green.context.new_page()
    other.goto(green.url)
    renewals: list[str] = []
    green.context.on("request", lambda request: "refresh" in request.url and renewals.append(request.url))
    green.evaluate(END_ACCESS)
    for page in (green, other):
        page.evaluate("location.hash = '#/inbox'")
    for page in (green, other):
        expect(page.get_by_text("还没有消息")).to_be_visible()
    assert len(renewals) == 1


def test_signing_out_leaves_nothing_on_the_phone(green):
    green.goto(green.url.split("#")[0] + "#/mine")
    green.get_by_role("button", name="退出登录").click()
    expect(green.get_by_label("手机号")).to_be_visible()
    assert green.evaluate("Object.keys(localStorage)") == []
    assert green.evaluate("import('/w/core/vault.js').then(({ read }) => read('refresh'))") is None


def test_scanning_a_place_with_a_position_proves_presence(green, server):
    _, poster = make_place(make_acting())
    green.goto(f"{server}/w/?q={poster_url(poster)}")
    expect(green.get_by_role("heading", name="登记好了")).to_be_visible()
    expect(green.get_by_text("铜仁火车站").first).to_be_visible()


def test_refusing_the_position_keeps_the_scan_as_unproven_and_says_what_to_do(green, server):
    _, poster = make_place(make_acting())
    green.context.clear_permissions()
    green.goto(f"{server}/w/#/scan")
    green.get_by_label("没有摄像头？输入码下面的编号").fill(poster.token)
    green.get_by_role("button", name="用编号登记").click()
    green.get_by_role("button", name="不提供位置，只登记").click()
    expect(green.get_by_role("heading", name="记下了，还不算到过")).to_be_visible()
    expect(green.get_by_role("link", name="亮码，请查验员扫")).to_be_visible()


def test_a_screens_code_proves_presence_where_no_position_is_allowed(green, server):
    by = make_acting()
    screen = make_screen(make_place(by)[0], by)
    with transaction():
        (code, *_) = itinerary.take_codes(screen=db.session.get_one(Screen, screen.id)).links
    green.context.clear_permissions()
    green.goto(f"{server}/w/?q={code}")
    expect(green.get_by_role("heading", name="登记好了")).to_be_visible()


def test_the_camera_reads_a_place_code(green, server, stage):
    _, poster = make_place(make_acting())
    stage.point_camera_at(poster_url(poster))
    green.context.grant_permissions(["camera", "geolocation"])
    green.goto(f"{server}/w/#/scan")
    expect(green.get_by_role("heading", name="登记好了")).to_be_visible(timeout=20_000)


def test_another_systems_code_is_refused_with_a_sentence(green, server):
    green.goto(f"{server}/w/?q=https%3A%2F%2Fweixin.qq.com%2Fx")
    expect(green.get_by_role("alert").filter(visible=True)).to_contain_text("不是本平台的场所码")


def test_a_journey_is_declared_marked_where_it_contradicts_and_taken_back(green, server, tmp_path):
    _, poster = make_place(make_acting())
    green.goto(f"{server}/w/?q={poster_url(poster)}")
    expect(green.get_by_role("heading", name="登记好了")).to_be_visible()
    green.goto(f"{server}/w/#/journeys")
    green.get_by_label("火车").check()
    green.get_by_label("车次、航班号或车牌").fill("g1234")
    for at, codes in enumerate((("520000", "520600", "520602"), ("320000", "320500", "320583"))):
        field = green.locator("fieldset.field").filter(has_text=("从哪里出发", "到哪里")[at])
        for level, code in enumerate(codes):
            field.locator("select").nth(level).select_option(code)
            expect(field.locator("select")).to_have_count(min(level + 2, 3))
    now = clock.local(clock.now())
    green.get_by_label("出发时间").fill(f"{now - timedelta(hours=9):%Y-%m-%dT%H:%M}")
    green.get_by_label("到达时间").fill(f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    green.get_by_role("button", name="申报", exact=True).dblclick()
    expect(green.get_by_text("火车 G1234")).to_have_count(1)
    green.screenshot(path=_folder(tmp_path) / "journeys-filled.png", full_page=True)

    green.goto(f"{server}/w/#/itinerary")
    expect(green.get_by_text("有 1 处对不上")).to_be_visible()
    expect(green.locator(".line__item .line__doubt")).to_contain_text("铜仁火车站")
    expect(green.locator(".line__item_unproven")).to_contain_text("本人申报，没有证明")
    green.screenshot(path=_folder(tmp_path) / "itinerary-filled.png", full_page=True)

    green.goto(f"{server}/w/#/journeys")
    green.get_by_role("button", name="撤回这趟").click()
    expect(green.get_by_text("还没有申报过行程")).to_be_visible()


def test_a_journey_with_something_missing_says_what(green, server):
    green.goto(f"{server}/w/#/journeys")
    green.get_by_role("button", name="申报", exact=True).click()
    expect(green.locator("#departs_at-said")).to_have_text("请填写。")
    expect(green.locator("#from_region-said")).to_have_text("请填写。")


def test_the_map_is_fetched_when_somebody_asks_and_bears_its_review_number(green, server, tmp_path):
    _, poster = make_place(make_acting())
    green.goto(f"{server}/w/?q={poster_url(poster)}")
    expect(green.get_by_role("heading", name="登记好了")).to_be_visible()
    fetched: list[str] = []
    green.on("request", lambda request: fetched.append(request.url))
    green.goto(f"{server}/w/#/itinerary")
    expect(green.get_by_role("button", name="看地图")).to_be_visible()
    assert not [url for url in fetched if "echarts" in url or "/maps/" in url]
    green.get_by_role("button", name="看地图").click()
    expect(green.locator(".track__canvas canvas").first).to_be_visible()
    expect(green.locator(".track__note")).to_contain_text("审图号")
    green.wait_for_timeout(1200)
    for size in (green.viewport_size, DESK):
        green.set_viewport_size(size)
        green.screenshot(path=_folder(tmp_path) / f"track-{size['width']}.png", full_page=True)
        assert green.evaluate(WIDE) is False


def test_a_map_that_does_not_come_says_so_and_can_be_asked_for_again(green, server):
    _, poster = make_place(make_acting())
    green.goto(f"{server}/w/?q={poster_url(poster)}")
    expect(green.get_by_role("heading", name="登记好了")).to_be_visible()
    green.goto(f"{server}/w/#/itinerary")
    green.context.route("**/api/v1/maps/**", lambda route: route.fulfill(status=503))
    green.get_by_role("button", name="看地图").click()
    expect(green.get_by_role("alert").filter(visible=True)).to_contain_text("地图没有读到")
    green.context.unroute("**/api/v1/maps/**")
    green.get_by_role("button", name="看地图").click()
    expect(green.locator(".track__canvas canvas").first).to_be_visible()


def test_withdrawing_consent_ends_declaring(green):
    home = green.url.split("#")[0]
    green.goto(f"{home}#/consents")
    green.get_by_role("button", name="撤回同意").nth(1).click()
    green.get_by_role("button", name="确定撤回").click()
    expect(green.get_by_text("没有同意")).to_be_visible()
    green.goto(f"{home}#/declare")
    expect(green.get_by_text("您还没有同意使用")).to_be_visible()


def test_back_leads_back(green):
    green.get_by_role("link", name="我的").click()
    green.get_by_role("link", name="我的车次").click()
    expect(green.get_by_role("heading", level=1)).to_have_text("我的车次")
    green.get_by_role("button", name="返回").click()
    expect(green.get_by_role("heading", level=1)).to_have_text("我的")
    green.go_back()
    expect(green.locator(".qr")).to_be_visible()


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
def test_every_page_is_large_enough_and_fits(green, server, tmp_path, elder):
    green.evaluate(f"localStorage['linghuo.elder'] = '{str(elder).lower()}'")
    green.goto(f"{server}/w/?{uuid4().hex}")
    expect(green.locator(".qr")).to_be_visible()
    for route in ROUTES.split():
        before = green.title()
        green.goto(f"{server}/w/#/{route}")
        green.wait_for_function("(before) => document.title !== before", arg=before)
        green.wait_for_load_state("networkidle")
        for size in (green.viewport_size, DESK):
            green.set_viewport_size(size)
            green.screenshot(path=_folder(tmp_path) / f"{route}-{elder}-{size['width']}.png", full_page=True)
        green.set_viewport_size({"width": 375, "height": 812})
        assert green.evaluate(SMALL) == [], route
        assert green.evaluate(LOW, PRESSED) == [], route
        assert green.evaluate(WIDE) is False, route


def _folder(tmp_path: Path) -> Path:
    """Where the pictures go: SCREENSHOTS, if somebody wants to look at them."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
