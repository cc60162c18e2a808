"""The checkpoint at the station: the officer's page, every outcome of a scan."""

import re
import sys
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.story import cast
from tests.story.people import World


def open_page(world: World) -> None:
    tale, page = world.tale, world.officer
    with tale.step("查验员登录后直接进入查验页，在线、校时、密钥都看得见", refusals=(401,)):
        page.goto(f"{world.url}/checkpoint/")
        page.wait_for_url(lambda url: "sign-in" in url)
        page.get_by_label("用户名").fill("officer")
        page.get_by_label("密码").fill(tale.instance.password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{world.url}/checkpoint/")
        expect(page.locator("#clock")).to_have_text("时间准")
        expect(page.locator("#keys")).to_have_text(re.compile("刚更新"))
        page.get_by_label("所在地点").select_option(index=1)
        tale.shoot(page, "卡口-查验页")


def _type(page: Page, text: str) -> None:
    """As a hand scanner does."""
    page.locator("#typed").fill(text)
    page.locator("#typed").press("Enter")
    expect(page.locator("#verdict")).to_be_visible()


def _next(page: Page) -> None:
    if page.locator("#next").is_visible():
        page.locator("#next").click()
    expect(page.locator("#verdict")).to_be_hidden()


def _verdict(page: Page, word: str) -> None:
    expect(page.locator(".verdict__word")).to_have_text(word)


def scan_codes(world: World) -> None:
    """What passes, what is refused, and why."""
    tale, page = world.tale, world.officer
    green, yellow = world.codes[cast.RAN.name], world.codes[cast.LUO.name]
    with tale.step("绿码通过，姓名首字和身份证后四位放大，供对照身份证"):
        _type(page, green)
        _verdict(page, "通过")
        expect(page.locator(".verdict__name")).to_have_text(f"{cast.RAN.name[0]}某")
        expect(page.locator(".verdict__four")).to_have_text(cast.RAN.last_four)
        tale.shoot(page, "卡口-通过")
        _next(page)
    with tale.step("黄码不能通过，写明原因和下一步"):
        _type(page, yellow)
        _verdict(page, "不能通过")
        expect(page.locator(".verdict__reason")).to_contain_text("37.8")
        tale.shoot(page, "卡口-不能通过")
        _next(page)
    with tale.step("同一个码在第二处出现，要警告"):
        page.get_by_label("所在地点").select_option(index=2)
        _type(page, green)
        expect(page.locator(".verdict__warning")).to_contain_text("另一处")
        tale.shoot(page, "卡口-第二处警告")
        _next(page)
        page.get_by_label("所在地点").select_option(index=1)


def scan_odd_codes(world: World) -> None:
    """What can't be checked: nobody passes by it, and the officer is told why."""
    tale, page = world.tale, world.officer
    with tale.step("过期两分钟以上的码（截图）要求刷新"):
        green = world.codes[cast.LI.name]
        old, ahead, foreign = tale.instance.run(sys.executable, "-m", "tests.story.odd_codes", green).splitlines()[-3:]
        _type(page, old)
        _verdict(page, "码已过期")
        tale.shoot(page, "卡口-码已过期")
        _next(page)
    middle = len(green) // 2
    forged = green[:middle] + ("A" if green[middle] != "A" else "B") + green[middle + 1 :]
    for text, what in (
        (foreign, "密钥不认识"),
        (ahead, "签发时间"),
        (green[:-12], "不完整"),
        (world.poster, "场所码"),
        ("https://example.com/sukangma?id=1", "别的系统"),
    ):
        with tale.step(f"无法核验：{what}"):
            _type(page, text)
            _verdict(page, "无法核验")
            expect(page.locator(".verdict__reason")).to_contain_text(what)
            _next(page)
    with tale.step("改动过的码无法核验"):
        _type(page, forged)
        _verdict(page, "无法核验")
        tale.shoot(page, "卡口-无法核验")
        _next(page)


def scan_without_network(world: World) -> None:
    tale, page = world.tale, world.officer
    with tale.step("没有网络，查验页照样打开，摄像头照样查验", offline=True):
        tale.stage.point_camera_at(world.codes[cast.LI.name])
        page.context.grant_permissions(["camera"], origin=world.url)
        page.context.set_offline(True)
        page.reload()
        expect(page.locator("#net")).to_have_text("离线")
        _verdict(page, "通过")
        expect(page.locator(".verdict__alone")).to_be_visible()
        tale.shoot(page, "卡口-离线通过")
    with tale.step("联网后自动上传", offline=True):
        tale.stage.point_camera_at("")
        page.reload()
        expect(page.locator("#waiting")).to_have_text(re.compile("待上传 [1-9]"))
        page.context.set_offline(False)
        expect(page.locator("#waiting")).to_have_text("待上传 0")
        page.wait_for_load_state("networkidle")


def scan_by_camera(world: World) -> None:
    tale, page = world.tale, world.officer
    with tale.step("摄像头自动打开，对准码就有结果"):
        tale.stage.point_camera_at(world.codes[cast.RAN.name])
        page.context.grant_permissions(["camera"], origin=world.url)
        page.reload()
        expect(page.locator(".verdict__word")).to_have_text("通过")
        tale.shoot(page, "卡口-摄像头")
    with tale.step("手机时间不准就不下结论，说明怎么调"):
        wrong = page.context.new_page()
        wrong.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=6))
        wrong.goto(f"{world.url}/checkpoint/")
        expect(wrong.locator("#clock_off")).to_be_visible()
        tale.shoot(wrong, "卡口-时间不准")
        wrong.close()
