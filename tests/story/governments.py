"""Kunshan, which receives; Zunyi, which has no part in it; and what the checks tell them."""

import sys
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import expect

from backend.core import clock
from healthcode.checks.messages import is_day
from tests.story import cast
from tests.story.origin import figure, sign_in
from tests.story.people import World
from tests.story.tale import until

FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


def agree(world: World) -> None:
    tale, page = world.tale, world.kunshan
    with tale.step("昆山登录，看见提交过来的同一次输送，确认接收"):
        sign_in(world, page, "kunshan")
        page.wait_for_load_state("networkidle")
        tale.shoot(page, "昆山-首页")
        page.get_by_role("link", name="点对点输送").first.click()
        page.get_by_role("link", name=cast.TITLE).click()
        assert page.url.rstrip("/").endswith(world.transfer_id), page.url
        page.get_by_role("button", name="确认接收").click()
        page.get_by_role("dialog").get_by_role("button", name="确认接收").click()
        expect(page.get_by_text("已确认", exact=True)).to_be_visible()
        tale.shoot(page, "昆山-输送概览")
    with tale.step("花名册文件只归输出地：昆山没有“导入”", refusals=(404,)):
        expect(page.get_by_role("link", name="导入", exact=True)).to_have_count(0)
        page.goto(f"{world.url}/console/imports/of/{world.transfer_id}")
        expect(page.get_by_text("没有找到").first).to_be_visible()


def stranger(world: World) -> None:
    tale, page = world.tale, world.zunyi
    with tale.step("遵义登录，列表里没有这次输送，直接打开地址也是“没有找到”", refusals=(404,)):
        sign_in(world, page, "zunyi")
        page.goto(f"{world.url}/console/transfers/")
        expect(page.get_by_text("还没有输送")).to_be_visible()
        tale.shoot(page, "遵义-没有输送")
        for path in ("", "/roster/", "/trips", "/findings", "/map"):
            answer = page.goto(f"{world.transfer_url}{path}")
            assert answer is not None
            assert answer.status == 404, f"{path} {answer.status}"
        expect(page.get_by_text("没有找到").first).to_be_visible()
        tale.shoot(page, "遵义-没有找到")


def look(world: World) -> None:
    """Colours, last places and arrivals as Kunshan sees them."""
    tale, page = world.tale, world.kunshan
    with tale.step("昆山看见每人的码、最后地点，到了昆山的人记为已到达"):
        page.goto(f"{world.transfer_url}/roster/?claimed=yes&sort=number")
        ran = page.locator("tbody tr", has_text=cast.RAN.last_four)
        expect(ran).to_contain_text("绿码")
        expect(ran).to_contain_text("铜仁")
        expect(page.locator("tbody tr", has_text=cast.LUO.last_four)).to_contain_text("黄码")
        expect(page.locator("tbody tr", has_text=cast.SHI.last_four)).to_contain_text("昆山")
        an = page.locator("tbody tr", has_text=cast.AN.last_four)
        expect(an).to_contain_text("绿码")
        expect(an).to_contain_text("本人未同意提供")
        tale.shoot(page, "昆山-花名册")
        page.goto(f"{world.transfer_url}/roster/?arrived=yes")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody tr")).to_contain_text(cast.SHI.last_four)
    with tale.step("一个人的页面：码的原因、地点、申报；完整信息要写原因才看得到"):
        page.goto(f"{world.transfer_url}/roster/?search={cast.RAN.last_four}")
        page.locator("tbody tr a").first.click()
        expect(page.get_by_text("36.5").first).to_be_visible()
        assert cast.RAN.resident_id not in page.content()
        page.get_by_label("为什么要查看").fill("接站核对人员")
        page.get_by_role("button", name="查看完整信息").click()
        expect(page.get_by_text(cast.RAN.resident_id)).to_be_visible()
        tale.shoot(page, "昆山-一个人")
    with tale.step("地图画出人在哪里"):
        page.goto(f"{world.transfer_url}/map")
        page.wait_for_load_state("networkidle")
        expect(page.locator("canvas").first).to_be_visible()
        tale.shoot(page, "昆山-地图")
    with tale.step("导出花名册要写用途，文件里有完整信息和水印"):
        page.goto(f"{world.transfer_url}/roster/?claimed=yes")
        page.get_by_role("button", name="导出", exact=True).click()
        page.get_by_label("导出用途").fill("接站核对人员")
        tale.shoot(page, "昆山-导出")
        with page.expect_download() as download:
            page.get_by_role("button", name="导出 Excel").click()
        file = world.folder / "导出.xlsx"
        download.value.save_as(file)
        assert cast.RAN.resident_id in cast.cells(file)


def check(world: World) -> None:
    """The checks, run now instead of by the schedule."""
    tale, page = world.tale, world.tongren
    with tale.step("运行健康检查和位置检查"):
        runs = [(*FLASK, "checks", "run", one) for one in ("health", "location")]
        if not is_day(clock.now()):
            runs.append((sys.executable, "-m", "tests.story.last_evening"))
        with ThreadPoolExecutor() as pool:
            for line in pool.map(lambda command: tale.instance.run(*command).strip(), runs):
                if line:
                    tale.say(f"      {line}")
    with tale.step("“需要处理”列出没申报的、不是绿码的、偏离路线的人"):
        page.goto(f"{world.transfer_url}/findings")
        listed = page.locator("#list, main").first
        for person in (cast.TENG, cast.LUO, cast.AN):
            expect(listed).to_contain_text(person.last_four)
        tale.shoot(page, "铜仁-需要处理（本次）")
        page.goto(f"{world.url}/console/findings/")
        tale.shoot(page, "铜仁-需要处理")
    with tale.step("发给工人的消息，每条都有送达情况"):
        page.goto(f"{world.transfer_url}/roster/?search={cast.TENG.last_four}")
        page.locator("tbody tr a").first.click()
        until(page, page.get_by_text("已送达").or_(page.get_by_text("已发出")).first)
        expect(page.get_by_text("微信").first).to_be_visible()
        tale.shoot(page, "铜仁-一个人的消息")
    with tale.step("首页先说异常，再说总数"):
        page.goto(f"{world.url}/console/")
        assert figure(page, "今日未申报") > 0
        page.wait_for_load_state("networkidle")
        tale.shoot(page, "铜仁-首页（有事）")
        page.goto(f"{world.url}/console/accesses/")
        tale.shoot(page, "铜仁-查看记录")
