"""Tongren, which sends workers out: the transfer, its roster, its place codes, its claims."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.story import cast
from tests.story.people import STATION, STATION_NAME, World
from tests.story.tale import read_qr

IMPORT_MS = 40_000


def sign_in(world: World, page: Page, username: str) -> None:
    """Through the consoles' sign-in to the first page of whoever that is."""
    page.goto(f"{world.url}/console/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(world.tale.instance.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def figure(page: Page, label: str) -> int:
    """One of the large figures of a page."""
    found = page.locator(".figure", has=page.get_by_text(label, exact=True)).locator("strong")
    return int(found.inner_text().replace(",", ""))


def make_transfer(world: World) -> None:
    """Sign in, and make a transfer to Kunshan that nobody else sees yet."""
    tale, page = world.tale, world.tongren
    with tale.step("未登录的人被带到登录页，密码错了有中文说明", refusals=(422, 401, 403)):
        page.goto(f"{world.url}/console/transfers/")
        expect(page.get_by_role("heading", name="单位人员登录")).to_be_visible()
        page.get_by_label("用户名").fill("tongren")
        page.get_by_label("密码").fill("不是这个密码")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_be_visible()
        tale.shoot(page, "登录")
    with tale.step("铜仁市人社局经办人登录，看到首页"):
        sign_in(world, page, "tongren")
        expect(page.get_by_text("铜仁市人力资源和社会保障局").first).to_be_visible()
        expect(page.get_by_role("heading", name="首页")).to_be_visible()
        page.wait_for_load_state("networkidle")
        tale.shoot(page, "铜仁-首页")
    with tale.step("新建到昆山的输送，只有草稿"):
        page.get_by_role("link", name="点对点输送").first.click()
        page.get_by_role("link", name="新建输送").first.click()
        page.get_by_label("名称").fill(cast.TITLE)
        page.get_by_label("输入地主管部门").fill("昆山")
        page.locator(".pick", has_text="昆山").click()
        tale.shoot(page, "铜仁-新建输送")
        page.get_by_role("button", name="创建草稿").click()
        expect(page.get_by_role("heading", name=cast.TITLE)).to_be_visible()
        expect(page.get_by_text("草稿", exact=True)).to_be_visible()
        world.transfer_id = page.url.rstrip("/").rsplit("/", 1)[-1]


def _upload(world: World, file: Path) -> None:
    page = world.tongren
    page.goto(f"{world.url}/console/imports/of/{world.transfer_id}")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()


def _wait_for(page: Page, state: str) -> None:
    """Until the page, which follows the import by itself, says so."""
    expect(page.locator("#progress .tag")).to_have_text(state, timeout=IMPORT_MS)


def import_roster(world: World) -> None:
    """The clerk's ugly file goes in; what is wrong comes back, row by row."""
    tale, page, files = world.tale, world.tongren, world.files
    with tale.step(f"导入难看的花名册：{files.good} 人入册，{files.wrong} 行退回，页面自己显示进度"):
        _upload(world, files.ugly)
        expect(page.locator("#progress")).to_be_visible()
        _wait_for(page, "已完成")
        assert (figure(page, "新增"), figure(page, "有问题，没有收")) == (files.good, files.wrong)
        tale.shoot(page, "铜仁-导入结果")
    with tale.step("下载有问题的行，每行写明原因"):
        with page.expect_download() as download:
            page.get_by_role("link", name="下载有问题的").click()
        world.faults = world.folder / "待修改.xlsx"
        download.value.save_as(world.faults)
        why = cast.reasons(world.faults)
        assert len(why) == files.wrong, why
        assert any("存成了数字" in each for each in why), why
        assert any("重复" in each for each in why), why
        assert any("16" in each for each in why), why
    with tale.step("同一个文件再导一次，谁也不会重复"):
        _upload(world, files.ugly)
        _wait_for(page, "已完成")
        assert (figure(page, "新增"), figure(page, "与花名册相同")) == (0, files.good)
    with tale.step("改好的退回表直接导入，先说明变化，别的人都保留"):
        corrected = world.folder / "待修改（已改）.xlsx"
        left = cast.correct(world.faults, corrected)
        _upload(world, corrected)
        _wait_for(page, "待确认")
        assert (figure(page, "新增"), figure(page, "文件里没有")) == (left, files.good)
        page.get_by_role("button", name="确认写入").click()
        _wait_for(page, "已完成")
    with tale.step("有变化的文件先显示新增、变化、缺少的人，不确认就不移除"):
        _upload(world, files.changed)
        _wait_for(page, "待确认")
        assert (figure(page, "新增"), figure(page, "有变化"), figure(page, "文件里没有")) == (1, 1, left + 1)
        expect(page.locator("#changed")).to_contain_text("座位")
        tale.shoot(page, "铜仁-导入前看变化")
        page.get_by_role("button", name="确认写入").click()
        _wait_for(page, "已完成")
        world.rostered = files.good + left + 1
    with tale.step("不是花名册的文件被整份退回，说明怎么办"):
        broken = world.folder / "照片.xlsx"
        broken.write_bytes(b"\xff\xd8\xff\xe0" + bytes(2000))
        _upload(world, broken)
        _wait_for(page, "未能导入")
        tale.shoot(page, "铜仁-文件不能导入")


def offer(world: World) -> None:
    """The roster's pages, and the transfer offered."""
    tale, page = world.tale, world.tongren
    home = f"{world.url}/console/transfers/{world.transfer_id}"
    with tale.step(f"花名册上是 {world.rostered} 人，姓名和证件打码，能搜能筛"):
        page.goto(f"{home}/roster/")
        expect(page.get_by_text(f"共 {world.rostered} 人")).to_be_visible()
        assert cast.RAN.resident_id not in page.content()
        tale.shoot(page, "铜仁-花名册")
        page.locator("#search").fill(cast.AN.last_four)
        expect(page.locator("#list tbody tr")).to_have_count(1)
        assert "search=" in page.url
        tale.shoot(page, "铜仁-花名册搜索")
    with tale.step("车次、导入记录、地图都打得开"):
        page.goto(f"{home}/trips")
        expect(page.get_by_text(cast.COACH).first).to_be_visible()
        tale.shoot(page, "铜仁-车次")
        page.get_by_role("link", name="导入", exact=True).click()
        expect(page.get_by_text("花名册更新.csv")).to_be_visible()
        tale.shoot(page, "铜仁-导入记录")
    with tale.step("提交给昆山，之前写清楚对方会看到什么"):
        page.goto(home)
        tale.shoot(page, "铜仁-输送概览")
        page.get_by_role("button", name="提交给输入地").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"{world.rostered} 人")
        tale.shoot(page, "铜仁-提交前确认")
        dialog.get_by_role("button", name="提交给输入地").click()
        expect(page.get_by_text("待输入地确认", exact=True)).to_be_visible()


def post_place_code(world: World) -> None:
    """A place at a Tongren station, and the poster that hangs there."""
    tale, page = world.tale, world.tongren
    with tale.step("铜仁在车站新建场所，打印场所码"):
        page.goto(f"{world.url}/console/places/new")
        page.get_by_label("场所名称").fill(STATION_NAME)
        page.get_by_label("所在县区").fill("碧江")
        page.locator(".pick", has_text="碧江").first.click()
        page.locator("#lon").fill(str(STATION["longitude"]))
        page.locator("#lat").fill(str(STATION["latitude"]))
        page.locator("#datum").select_option("wgs84")
        tale.shoot(page, "铜仁-新建场所")
        page.get_by_role("button", name="创建").click()
        expect(page.get_by_role("heading", name=STATION_NAME)).to_be_visible()
        tale.shoot(page, "铜仁-场所")
        page.get_by_role("link", name="打印场所码").click()
        expect(page.get_by_text("微信“扫一扫”")).to_be_visible()
        tale.shoot(page, "铜仁-场所码海报")
        world.poster = read_qr(page.locator(".poster-code"))
        assert world.poster.startswith(f"{world.url}/p/"), world.poster
        expect(page.locator("main")).to_contain_text(world.poster.rsplit("/", 1)[-1])
        page.goto(f"{world.url}/console/places/")
        expect(page.get_by_text(STATION_NAME)).to_be_visible()
        tale.shoot(page, "铜仁-场所列表")


def decide_claims(world: World) -> None:
    """The clerk looks at the claims: one confirmed, one refused, each with a word that the claimant reads."""
    tale, page = world.tale, world.tongren
    with tale.step("两件认领在“身份核实”里等着"):
        page.goto(f"{world.url}/console/claims/")
        for person in (cast.SHI, cast.XIANG):
            expect(page.locator("tbody tr", has_text=person.last_four)).to_be_visible()
        tale.shoot(page, "铜仁-身份核实")
    with tale.step("经办人看完整信息要写原因，看过留痕，然后确认名单外的人"):
        page.locator("tbody tr", has_text=cast.XIANG.last_four).get_by_role("link", name="核实").click()
        page.get_by_label("为什么要查看").fill("打电话核对身份")
        page.get_by_role("button", name="查看完整信息").click()
        expect(page.get_by_text(cast.XIANG.resident_id)).to_be_visible()
        tale.shoot(page, "铜仁-核实一个人")
        page.get_by_label("核实方式或拒绝原因").fill("已打电话核对身份证")
        page.get_by_role("button", name="确认是本人或有权代办").click()
        expect(page.get_by_role("status").first).to_be_visible()
    with tale.step("后来的第二个账号没有核对上，经办人写明原因拒绝"):
        page.goto(f"{world.url}/console/claims/")
        page.locator("tbody tr", has_text=cast.SHI.last_four).get_by_role("link", name="核实").click()
        expect(page.get_by_text("现在为此人亮码的账号")).to_be_visible()
        page.get_by_label("核实方式或拒绝原因").fill("本人说不认识对方")
        page.get_by_role("button", name="拒绝").click()
        page.goto(f"{world.url}/console/claims/")
        expect(page.locator("tbody tr", has_text=cast.SHI.last_four)).to_have_count(0)
