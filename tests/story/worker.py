"""The workers' phones: WeChat or SMS, consent, who one is, the declaration, the code, the place."""

import re

from playwright.sync_api import Page, expect

from tests.story import cast
from tests.story.cast import Person
from tests.story.people import FAR_AWAY, KUNSHAN, STATION, STATION_NAME, World
from tests.story.tale import read_qr, until

SMALLEST_QR = 240  # px
LARGE_ENOUGH = "least => (document.querySelector('svg.qr')?.getBoundingClientRect().width ?? 0) >= least"
CONSENTS = ("basic", "sensitive", "sharing")


def open_in_wechat(world: World, page: Page, person: Person) -> None:
    """In the sandbox, which plays WeChat: add the person once, take up the phone, open the mini program."""
    page.goto(world.sandbox_url)
    known = page.locator("button.person", has_text=person.name)
    if known.count():
        known.click()
    else:
        page.get_by_text("加一个人").click()
        page.get_by_label("姓名").fill(person.name)
        page.get_by_label("手机号").fill(person.phone)
        page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("heading", name=f"{person.name}的手机")).to_be_visible()
    page.get_by_role("button", name="打开小程序").click()
    page.wait_for_url(f"{world.url}/w/**")


def sms_code(world: World, page: Page, person: Person) -> str:
    """The newest code that the sandbox's SMS page shows for this phone."""
    page.goto(f"{world.sandbox_url}/messages")
    bubble = page.locator(".bubble", has_text=person.phone).first
    found = re.search(r"(?<!\d)(\d{6})(?!\d)", bubble.locator("p").nth(1).inner_text())
    assert found, bubble.inner_text()
    return found[1]


def agree(page: Page, *, but: tuple[str, ...] = ()) -> None:
    """Each purpose on its own."""
    expect(page.get_by_role("heading", name="使用前请看一看")).to_be_visible()
    for purpose in CONSENTS:
        if purpose not in but:
            page.locator(f"#agree-{purpose}").check()
    page.get_by_role("button", name="同意已勾选的，继续").click()


def claim(page: Page, person: Person, *, name: str = "", family: bool = False) -> None:
    """Type who one is."""
    expect(page.get_by_role("heading", name="登记", exact=True)).to_be_visible()
    if family:
        page.locator("label[for=relation-family]").click()
    page.get_by_label("姓名").fill(name or person.name)
    page.get_by_label("身份证号").fill(person.resident_id)
    page.get_by_role("button", name="登记", exact=True).click()


def declare(page: Page, temperature: str) -> None:
    """Measured, no symptoms, no contact, not abroad; ends at the code."""
    expect(page.get_by_role("heading", name="健康申报")).to_be_visible()
    page.get_by_label("今天的体温").fill(temperature)
    page.get_by_text("都没有", exact=True).click()
    page.locator("label[for=contact-no]").click()
    page.locator("label[for=abroad-no]").click()
    page.get_by_role("button", name="提交申报").click()


def shown_code(world: World, page: Page, colour: str, person: Person) -> str:
    """The code's page in this colour; returns what its QR says, read from the screen."""
    word = page.locator(".code__word strong")
    expect(word).to_have_text(colour)
    expect(page.get_by_text(f"尾号 {person.last_four}")).to_be_visible()
    page.wait_for_function(LARGE_ENOUGH, arg=SMALLEST_QR)
    text = read_qr(page.locator("svg.qr"))
    assert text.startswith("LH1:"), text
    world.codes[person.name] = text
    return text


def first_worker(world: World) -> None:
    """One tap and one form: the whole way of somebody who has WeChat and stands on the roster."""
    tale = world.tale
    page = world.phones["冉"] = tale.stage.phone(geolocation=STATION)
    with tale.step("沙箱里加一个微信用户，打开小程序，直接进入务工人员页面"):
        page.goto(world.sandbox_url)
        tale.shoot(page, "沙箱-首页")
        open_in_wechat(world, page, cast.RAN)
        expect(page.get_by_role("heading", name="使用前请看一看")).to_be_visible()
        assert "wx=" not in page.url, page.url
        tale.shoot(page, "务工-授权")
    with tale.step("先看清谁用什么信息，敏感信息和共享分开同意"):
        page.get_by_role("link", name="都不同意").click()
        expect(page.get_by_role("heading", name="不用手机也能办")).to_be_visible()
        tale.shoot(page, "务工-都不同意")
        page.get_by_role("link", name="回去再看看").click()
        agree(page)
        expect(page.get_by_role("heading", name="登记", exact=True)).to_be_visible()
    with tale.step("身份证号填错一位，马上知道"):
        page.get_by_label("姓名").fill(cast.RAN.name)
        page.get_by_label("身份证号").fill(cast.RAN.resident_id[:-2] + "00")
        page.get_by_label("姓名").focus()
        expect(page.locator("#resident_id-said")).to_have_class(re.compile("wrong"))
        tale.shoot(page, "务工-登记")
    with tale.step("姓名和身份证号与花名册一致，马上登记好"):
        claim(page, cast.RAN)
        expect(page.get_by_role("heading", name="登记好了")).to_be_visible()
        tale.shoot(page, "务工-登记好了")
    with tale.step("没申报之前码是灰色“未申报”，不是绿码"):
        page.get_by_role("link", name="以后再说").click()
        shown_code(world, page, "未申报", cast.RAN)
        tale.shoot(page, "务工-未申报")
    with tale.step("申报体温 36.5 ℃，得到绿码，二维码扫得出"):
        page.get_by_role("link", name=re.compile("申报")).first.click()
        expect(page.get_by_role("heading", name="健康申报")).to_be_visible()
        tale.shoot(page, "务工-申报")
        declare(page, "36.5")
        shown_code(world, page, "绿码", cast.RAN)
        tale.shoot(page, "务工-绿码")
    with tale.step("断网也能亮码，页面说明还能用多久，联网后自己更新", offline=True):
        page.context.set_offline(True)
        page.reload()
        expect(page.locator(".code__word strong")).to_have_text("绿码")
        expect(page.locator(".code__offline")).to_be_visible()
        tale.shoot(page, "务工-断网亮码")
        page.context.set_offline(False)
        expect(page.locator(".code__offline")).to_be_hidden()


def second_worker(world: World) -> None:
    """Without WeChat: an SMS code; another dot in the name."""
    tale = world.tale
    page = world.phones["安"] = tale.stage.phone(geolocation=FAR_AWAY)
    with tale.step("不用微信的人凭短信验证码登录"):
        page.goto(f"{world.url}/w/")
        expect(page.get_by_label("手机号")).to_be_visible()
        tale.shoot(page, "务工-登录")
        page.get_by_label("手机号").fill(cast.AN.phone)
        page.get_by_role("button", name="获取验证码").click()
        expect(page.get_by_label("短信验证码")).to_be_visible()
        tale.shoot(page, "务工-填验证码")
        messages = page.context.new_page()
        code = sms_code(world, messages, cast.AN)
        tale.shoot(messages, "沙箱-短信")
        messages.close()
        page.get_by_label("短信验证码").fill(code)
        page.get_by_role("button", name="登录", exact=True).click()
    with tale.step("只同意必需的两项也能登记，名字里的点换个写法也对得上"):
        agree(page, but=("sharing",))
        claim(page, cast.AN, name=cast.AN.name.replace("·", "•"))
        expect(page.get_by_role("heading", name="登记好了")).to_be_visible()
        page.get_by_role("link", name="去申报今天的健康").click()
        declare(page, "36.8")
        shown_code(world, page, "绿码", cast.AN)
    with tale.step("到了别处，自己报告位置"):
        page.goto(f"{world.url}/w/#/position")
        tale.shoot(page, "务工-报告位置")
        page.get_by_role("button", name="报告现在的位置").click()
        expect(page.get_by_role("heading", name="位置报告好了")).to_be_visible()


def fever(world: World) -> None:
    tale = world.tale
    page = world.phones["罗"] = tale.stage.phone()
    with tale.step("体温 37.8 ℃ 的人得到黄码，写明原因和下一步"):
        open_in_wechat(world, page, cast.LUO)
        agree(page)
        claim(page, cast.LUO)
        page.get_by_role("link", name="去申报今天的健康").click()
        declare(page, "37.8")
        shown_code(world, page, "黄码", cast.LUO)
        expect(page.get_by_text("37.8 ℃").first).to_be_visible()
        tale.shoot(page, "务工-黄码")


def forgetful(world: World) -> None:
    tale = world.tale
    page = world.phones["滕"] = tale.stage.phone()
    with tale.step("有人登记后同意接收微信消息，却忘了申报"):
        page.goto(world.sandbox_url)
        open_in_wechat(world, page, cast.TENG)
        agree(page)
        claim(page, cast.TENG)
        expect(page.get_by_role("heading", name="登记好了")).to_be_visible()
        page.goto(world.sandbox_url)
        page.get_by_role("button", name="同意接收消息").click()
        tale.shoot(page, "沙箱-拿起手机")
        open_in_wechat(world, page, cast.TENG)
        expect(page.locator(".code__word strong")).to_have_text("未申报")


def family(world: World) -> None:
    tale, page = world.tale, world.phones["冉"]
    with tale.step("替没有手机的老人登记，换人亮码"):
        page.goto(f"{world.url}/w/#/people")
        expect(page.get_by_role("heading", name="登记的人", exact=True)).to_be_visible()
        page.get_by_role("link", name="再登记一个人").click()
        claim(page, cast.LI, family=True)
        expect(page.get_by_role("heading", name="登记好了")).to_be_visible()
        page.get_by_role("link", name="去申报今天的健康").click()
        declare(page, "36.4")
        shown_code(world, page, "绿码", cast.LI)
        page.goto(f"{world.url}/w/#/people")
        expect(page.get_by_text("正在亮码")).to_be_visible()
        tale.shoot(page, "务工-登记的人")
        panel = page.locator("section.panel", has_text=cast.RAN.last_four)
        panel.get_by_role("button", name="亮这个人的码").click()
        shown_code(world, page, "绿码", cast.RAN)
        tale.shoot(page, "务工-可换人的绿码")


def second_claim(world: World) -> None:
    """Who comes second neither takes over nor is locked out without a word."""
    tale = world.tale
    first = world.phones["石"] = tale.stage.phone(geolocation=KUNSHAN)
    with tale.step("石旧年自己登记、申报，到昆山报告位置"):
        open_in_wechat(world, first, cast.SHI)
        agree(first)
        claim(first, cast.SHI)
        first.get_by_role("link", name="去申报今天的健康").click()
        declare(first, "36.6")
        shown_code(world, first, "绿码", cast.SHI)
        first.goto(f"{world.url}/w/#/position")
        first.get_by_role("button", name="报告现在的位置").click()
        expect(first.get_by_role("heading", name="位置报告好了")).to_be_visible()
        tale.shoot(first, "务工-位置报告好了")
    page = world.phones["任"] = tale.stage.phone()
    with tale.step("别的账号再认领石旧年：不接管，也不声张，交给工作人员核对"):
        open_in_wechat(world, page, cast.NEPHEW)
        agree(page)
        claim(page, cast.SHI, family=True)
        expect(page.get_by_role("heading", name="已交工作人员核对")).to_be_visible()
        assert page.get_by_text("去申报今天的健康").count() == 0
        tale.shoot(page, "务工-第二次认领")
    with tale.step("原来的人照样亮码"):
        first.goto(f"{world.url}/w/#/code")
        shown_code(world, first, "绿码", cast.SHI)


def stranger(world: World) -> None:
    tale = world.tale
    page = world.phones["向"] = tale.stage.phone()
    with tale.step("不在名单上的人选了地区，交给工作人员，当时就能申报亮码", refusals=(422, 400)):
        open_in_wechat(world, page, cast.XIANG)
        agree(page)
        claim(page, cast.XIANG)
        for label, name in (
            ("省（自治区、直辖市）", "贵州省"),
            ("市（州、地区）", "铜仁市"),
            ("县（市、区）", "德江县"),
        ):
            page.get_by_label(label).select_option(label=name)
        tale.shoot(page, "务工-不在名单上")
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.get_by_role("heading", name="已交工作人员核对")).to_be_visible()
        page.get_by_role("link", name="去申报今天的健康").click()
        declare(page, "36.5")
        shown_code(world, page, "绿码", cast.XIANG)
        expect(page.get_by_text("核对").first).to_be_visible()
        tale.shoot(page, "务工-绿码待核对")


def scan_place(world: World) -> None:
    """The same poster with a position and without one."""
    tale, page = world.tale, world.phones["冉"]
    with tale.step("微信扫场所码打开小程序，当场定位，算到过"):
        page.goto(world.sandbox_url)
        page.get_by_label("扫一扫").fill(world.poster)
        page.get_by_role("button", name="扫这个码").click()
        page.wait_for_url(f"{world.url}/w/**")
        expect(page.get_by_role("heading", name="登记好了")).to_be_visible()
        tale.shoot(page, "务工-扫码算到过")
        page.get_by_role("link", name="看我的行程").click()
        expect(page.get_by_role("heading", name="我的行程")).to_be_visible()
        expect(page.get_by_text(STATION_NAME)).to_be_visible()
        tale.shoot(page, "务工-行程")
    page = world.phones["罗"]
    with tale.step("不给位置的人扫了也记下，但不算到过"):
        page.goto(f"{world.poster}")
        expect(page.get_by_text("要登记到过这里吗")).to_be_visible()
        tale.shoot(page, "务工-扫到场所码")
        page.get_by_role("button", name="不提供位置，只登记").click()
        expect(page.get_by_role("heading", name="记下了，还不算到过")).to_be_visible()
        tale.shoot(page, "务工-扫码不算到过")
    with tale.step("别的系统的码、健康码当场所码扫，都有中文说明", refusals=(422, 400)):
        page.get_by_role("button", name="再扫一个").click()
        for text in ("https://example.com/x", world.codes[cast.RAN.name]):
            page.get_by_label(re.compile("输入码下面的编号")).fill(text)
            page.get_by_role("button", name="用编号登记").click()
            page.get_by_role("button", name="不提供位置，只登记").click()
            expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()
            page.get_by_role("button", name="不是这个码，重新扫").click()
        tale.shoot(page, "务工-扫码")


def hold_up_codes(world: World) -> None:
    """Fresh codes for the officer: they are good for five minutes."""
    tale, page = world.tale, world.phones["冉"]
    with tale.step("排队的人重新亮码，一部手机换人亮码"):
        page.goto(f"{world.url}/w/#/code")
        shown_code(world, page, "绿码", cast.RAN)
        page.get_by_label("换个人亮码").select_option(label=f"黎** {cast.LI.last_four}（家人）")
        shown_code(world, page, "绿码", cast.LI)
        page.get_by_label("换个人亮码").select_option(label=f"冉** {cast.RAN.last_four}（本人）")
        shown_code(world, page, "绿码", cast.RAN)
        other = world.phones["罗"]
        other.goto(f"{world.url}/w/#/code")
        shown_code(world, other, "黄码", cast.LUO)


def scan_by_camera(world: World) -> None:
    tale = world.tale
    page = world.phones["冉"]
    with tale.step("用摄像头扫墙上的场所码"):
        tale.stage.point_camera_at(world.poster)
        page.context.grant_permissions(["camera", "geolocation"], origin=world.url)
        page.goto(f"{world.url}/w/#/scan")
        expect(page.get_by_role("heading", name=re.compile("登记好了|要登记到过"))).to_be_visible(timeout=20_000)


def look_around(world: World) -> None:
    """The pages that need no hurry."""
    tale, page = world.tale, world.phones["冉"]
    with tale.step("“我的”里有车次、行程、授权、谁看过我的信息"):
        page.goto(f"{world.url}/w/#/mine")
        expect(page.get_by_role("link", name="我的车次")).to_be_visible()
        tale.shoot(page, "务工-我的")
        for route, heading, text in (
            ("trips", "我的车次", cast.COACH),
            ("consents", "我的授权", "已同意"),
            ("readers", "谁看过我的信息", "查验"),
            ("inbox", "消息", ""),
            ("help", "帮助", "12333"),
        ):
            page.goto(f"{world.url}/w/#/{route}")
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
            expect(page.locator("main")).to_contain_text(text)
            tale.shoot(page, f"务工-{heading}")
    with tale.step("长辈版字大按钮少，能念出来"):
        page.goto(f"{world.url}/w/#/mine")
        page.get_by_text("长辈版").click()
        page.goto(f"{world.url}/w/#/code")
        expect(page.get_by_role("link", name="打电话求助")).to_be_visible()
        size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
        assert size >= 22, size
        tale.shoot(page, "务工-长辈版")


def messages(world: World) -> None:
    """What the checks told the workers."""
    tale = world.tale
    page = world.phones["滕"]
    with tale.step("忘了申报的人在收件箱和微信里都收到提醒"):
        page.goto(f"{world.url}/w/#/inbox")
        page.reload()
        row = page.locator("a.weui-cell", has_text="申报").first
        until(page, row)
        tale.shoot(page, "务工-消息列表")
        row.click()
        expect(page.get_by_role("link", name="去处理")).to_be_visible()
        tale.shoot(page, "务工-一条消息")
        page.goto(f"{world.sandbox_url}/messages")
        expect(page.locator(".bubble", has_text=cast.TENG.name).first).to_be_visible()
        tale.shoot(page, "沙箱-消息")


def readers(world: World) -> None:
    """Who looked is told to whom it concerns."""
    tale, page = world.tale, world.phones["向"]
    with tale.step("本人看得到谁、为什么看过自己的信息"):
        page.goto(f"{world.url}/w/#/readers")
        expect(page.locator("main")).to_contain_text("铜仁市人力资源和社会保障局")
        expect(page.locator("main")).to_contain_text("打电话核对身份")
        tale.shoot(page, "务工-谁看过我的信息（经办人）")
