"""At the door of the coach: a disputed colour, the list that closes, a coach that breaks down, and the arrival."""

from playwright.sync_api import Locator, Page, expect

from tests.story import cast
from tests.story.origin import sign_in
from tests.story.people import World
from tests.story.worker import declare, shown_code

MISTYPED = "我填错了，早上量的是 36.8 度。"
NEW_COACH = "湘A66666"
STOP = "怀化服务区"


def depart(world: World) -> None:
    tale, page = world.tale, world.tongren
    with tale.step("铜仁开始报名，准备出发，打开包车的上车登记"):
        for move in ("开始报名", "准备出发"):
            page.goto(world.transfer_url)
            _do(page, move)
        _open_coach(page, world)
        page.get_by_role("link", name="上车登记").click()
        expect(_row(page, cast.LUO)).to_contain_text("不能上车")
        expect(_row(page, cast.LUO).get_by_role("checkbox")).to_have_count(0)
        _row(page, cast.RAN).get_by_role("checkbox").check()
        page.get_by_role("button", name="登记上车").click()
        expect(page.get_by_role("heading", name="车上（1）")).to_be_visible()
        tale.shoot(page, "铜仁-上车登记")


def dispute(world: World) -> None:
    """The yellow one says that the number was mistyped; somebody answers while the coach waits."""
    tale, page, phone = world.tale, world.tongren, world.phones["罗"]
    with tale.step("铜仁排好值班，空着的时间用红字标出"):
        page.goto(f"{world.url}/console/duty/")
        expect(page.get_by_text("这些时间没有人值班")).to_be_visible()
        page.get_by_label("开始").fill(page.get_by_label("开始").input_value()[:10] + "T00:00")
        page.get_by_label("结束").fill(page.get_by_label("开始").input_value()[:10] + "T23:59")
        for label, text in (
            ("第一人", "龙主任"),
            ("第一人手机", "13985600001"),
            ("第二人（批准更正）", "石复核"),
            ("第二人手机", "13985600002"),
        ):
            page.get_by_label(label, exact=True).fill(text)
        page.get_by_role("button", name="安排").click()
        expect(page.get_by_text("正在值班")).to_be_visible()
        tale.shoot(page, "铜仁-值班表")
    with tale.step("被拦下的人申诉，值班员 15 分钟内答复"):
        phone.goto(f"{world.url}/w/#/appeals")
        expect(phone.get_by_text("值班员 15 分钟内答复")).to_be_visible()
        phone.get_by_role("link", name="这一条不对，我要申诉").click()
        phone.get_by_label("哪里不对？").fill(MISTYPED)
        phone.get_by_role("button", name="提交申诉").click()
        expect(phone.get_by_text("加急")).to_be_visible()
        tale.shoot(phone, "务工-加急申诉")
    with tale.step("值班员认为成立，第二人批准，黄码取消"):
        page.goto(f"{world.url}/console/appeals/")
        waiting = page.locator("tbody tr", has_text=cast.LUO.last_four)
        expect(waiting).to_contain_text("加急")
        tale.shoot(page, "铜仁-加急申诉")
        waiting.get_by_role("link").first.click()
        page.get_by_label("事实和理由").fill("现场量了两次都是 36.8 度，申报时填错了。")
        page.get_by_role("button", name="申诉成立，提出更正").click()
        second = tale.stage.desk()
        sign_in(world, second, "tongren2")
        second.goto(page.url)
        second.get_by_role("link", name="去看更正决定").click()
        second.get_by_role("button", name="批准并生效").click()
        expect(second.get_by_text("已批准并生效")).to_be_visible()
        second.context.close()
    with tale.step("重新申报体温，绿码，可以上车"):
        phone.goto(f"{world.url}/w/#/declare")
        declare(phone, "36.8")
        shown_code(world, phone, "绿码", cast.LUO)
        _open_coach(page, world)
        page.get_by_role("link", name="上车登记").click()
        _row(page, cast.LUO).get_by_role("checkbox").check()
        page.get_by_role("button", name="登记上车").click()
        expect(page.get_by_role("heading", name="车上（2）")).to_be_visible()


def break_down(world: World) -> None:
    tale, page = world.tale, world.tongren
    with tale.step("发车，名单关闭，没上车的人点名列出"):
        _open_coach(page, world)
        _do(page, "登记发车", note="其余的人自行前往，家里有事没有来。")
        expect(page.get_by_text("发车时没有上车的")).to_be_visible()
        tale.shoot(page, "铜仁-已发车")
    with tale.step("没赶上的人收到通知，可以改乘"):
        late = world.phones["滕"]
        late.goto(f"{world.url}/w/#/trips")
        expect(late.get_by_text("系统里没有您上车的记录")).to_be_visible()
        tale.shoot(late, "务工-没赶上")
    with tale.step("车坏在路上，两个人在怀化服务区换到另一辆车"):
        page.get_by_role("link", name="换乘另一辆车").click()
        page.get_by_label("全选").check()
        page.get_by_label("新车的车牌或车次").fill(NEW_COACH)
        page.get_by_label("换乘地点").fill(STOP)
        page.get_by_label("原因，两地都能看到").fill("发动机故障，原地换车。")
        tale.shoot(page, "铜仁-换乘")
        with page.expect_navigation():
            page.get_by_role("button", name="登记换乘").click()
        page.goto(f"{world.transfer_url}/trips")
        expect(page.locator("tbody tr", has_text=NEW_COACH)).to_contain_text("在途")
        expect(page.locator("tbody tr", has_text=cast.COACH)).to_contain_text("换乘")
        tale.shoot(page, "铜仁-换乘之后")


def arrive(world: World) -> None:
    tale, page = world.tale, world.kunshan
    with tale.step("签收就是到达，车上的人交接下车"):
        page.goto(f"{world.transfer_url}/trips")
        page.get_by_role("link", name=NEW_COACH).click()
        expect(page.get_by_text("已到达").first).to_be_visible()
        page.get_by_role("link", name="上车登记").click()
        expect(page.get_by_role("heading", name="退出和下车（2）")).to_be_visible()
        tale.shoot(page, "昆山-已到达")


def _row(page: Page, person: cast.Person) -> Locator:
    return page.locator("li.passenger", has_text=person.last_four)


def _open_coach(page: Page, world: World) -> None:
    page.goto(f"{world.transfer_url}/trips")
    page.get_by_role("link", name=cast.COACH).click()


def _do(page: Page, label: str, *, note: str = "") -> None:
    """Press the button of a step, and again in its dialog."""
    page.get_by_role("button", name=label, exact=True).click()
    dialog = page.get_by_role("dialog")
    if note:
        dialog.get_by_role("textbox", name="说明").fill(note)
    dialog.get_by_role("button", name=label, exact=True).click()
    expect(dialog).to_be_hidden()
