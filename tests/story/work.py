"""The enterprise's own people are fit or not, no more, and it says who started work."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from backend.core import clock
from tests.story import cast
from tests.story.origin import sign_in
from tests.story.people import World

STARTED = (cast.RAN, cast.LUO)


def start(world: World) -> None:
    tale, page = world.tale, world.kunshan
    with tale.step("昆山把花名册上的企业名称对应到已登记的企业"):
        page.goto(f"{world.transfer_url}/employers/")
        row = page.locator("tbody tr", has_text="昆山晨星电子")
        row.get_by_role("combobox").select_option(label=f"{cast.FACTORY}（同名）")
        row.get_by_role("button", name="保存").click()
        expect(page.get_by_text("已对应")).to_be_visible()
        tale.shoot(page, "昆山-用工企业")
    desk = tale.stage.desk()
    with tale.step("企业只看见本企业的人是否适岗，没有颜色和原因"):
        sign_in(world, desk, "factory")
        desk.goto(f"{world.url}/console/workforce/")
        tale.shoot(desk, "企业-用工")
        desk.get_by_role("link", name=cast.TITLE).click()
        expect(desk.locator("li.passenger", has_text=cast.RAN.last_four)).to_contain_text("适岗")
        expect(desk.get_by_role("main")).not_to_contain_text("绿码")
        assert cast.RAN.resident_id not in desk.content()
    with tale.step("企业登记两人上岗：健康证明、有效期、岗前培训"):
        until = f"{clock.today() + timedelta(days=300):%Y-%m-%d}"
        for person in STARTED:
            row = desk.locator("li.passenger", has_text=person.last_four)
            row.get_by_role("checkbox").check()
            row.get_by_label(re.compile("健康证明编号")).fill(f"苏昆健{person.last_four}")
            row.get_by_label(re.compile("健康证明有效期")).fill(until)
        desk.get_by_label("岗前培训").fill("安全生产和防护 8 课时")
        tale.shoot(desk, "企业-登记上岗")
        desk.get_by_role("button", name="登记勾选的人上岗").click()
        expect(desk.get_by_text("已登记 2 人上岗")).to_be_visible()
        tale.shoot(desk, "企业-已登记")
    with tale.step("核对里计划、上车、到达、上岗一致，差额有名字"):
        page.goto(f"{world.transfer_url}/reconciliation/")
        expect(page.locator("tbody tr", has_text="湘A66666").locator("[data-label=已上岗]")).to_have_text("2")
        tale.shoot(page, "昆山-核对上岗")
    with tale.step("本人收到上岗登记的消息，也看得到企业看过"):
        phone = world.phones["冉"]
        phone.goto(f"{world.url}/w/#/inbox")
        expect(phone.get_by_text("已登记上岗").first).to_be_visible()
        phone.goto(f"{world.url}/w/#/readers")
        expect(phone.get_by_text("确认上岗").first).to_be_visible()
        tale.shoot(phone, "务工-企业看过")
    with tale.step("银行只看到满十人的企业，今天还没有"):
        bank = tale.stage.desk()
        sign_in(world, bank, "bank")
        bank.goto(f"{world.url}/console/on-duty/")
        expect(bank.get_by_text("没有可以显示的企业")).to_be_visible()
        tale.shoot(bank, "银行-上岗人数")
        for context in (bank.context, desk.context):
            context.close()
