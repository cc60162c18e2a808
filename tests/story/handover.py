"""At night the employer's contact takes the coach's people over on the phone; two weeks later it is all gone."""

import re
import sys

from playwright.sync_api import Page, expect

from tests.story import cast
from tests.story.door import NEW_COACH
from tests.story.origin import sign_in
from tests.story.people import World
from tests.story.tale import until

RECEIVER = ("周主管", "13800000901")
LINK = re.compile(r"http://\S+/receive/open/\S+")
CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


def hand_over(world: World) -> None:
    tale, page = world.tale, world.kunshan
    with tale.step("昆山安排企业联系人接车，链接用短信发出"):
        _open_handover(page, world)
        name, phone = RECEIVER
        page.get_by_label("姓名", exact=True).fill(name)
        page.get_by_label("手机号").fill(phone)
        page.get_by_label("企业或车站").fill(cast.FACTORY)
        page.get_by_role("button", name="发送链接").click()
        expect(page.get_by_text("短信已发出，还没有打开")).to_be_visible()
        tale.shoot(page, "昆山-安排接收人")
    receiver = tale.stage.phone()
    with tale.step("联系人验证手机，在自己的手机上看到名单"):
        receiver.goto(_from_sms(world, LINK)[0])
        receiver.get_by_role("button", name="发送验证码").click()
        field = receiver.get_by_label("短信验证码")
        expect(field).to_be_visible()
        field.fill(_from_sms(world, CODE)[1])
        tale.shoot(receiver, "接收人-验证手机")
        receiver.get_by_role("button", name="打开名单").click()
        for person in (cast.RAN, cast.LUO):
            expect(receiver.locator("li.passenger", has_text=person.last_four)).to_contain_text(person.name)
        tale.shoot(receiver, "接收人-名单")
    with tale.step("逐个核对，全车签一次名"):
        for person in (cast.RAN, cast.LUO):
            row = receiver.locator("li.passenger", has_text=person.last_four)
            row.get_by_role("button", name="接到", exact=True).click()
            expect(receiver.locator("li.passenger", has_text=person.last_four)).to_contain_text("接到 ")
        expect(receiver.get_by_text("都核对过了，请在下面签名")).to_be_visible()
        write_name(receiver)
        tale.shoot(receiver, "接收人-签名")
        receiver.get_by_role("button", name="签收全部").click()
        expect(receiver.get_by_text("已签收：接到 2 人")).to_be_visible()
        tale.shoot(receiver, "接收人-已签收")
    with tale.step("签字的登记表回到铜仁，可以下载"):
        page = world.tongren
        _open_handover(page, world)
        until(page, page.get_by_text("签收原件 SHA-256"))
        page.get_by_text("签收原件", exact=True).click()
        page.locator("#signed-purpose").or_(page.get_by_label("用途").first).first.fill("归档核对")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载 PDF").first.click()
        file = world.folder / "登记表.pdf"
        download.value.save_as(file)
        assert file.read_bytes().startswith(b"%PDF")
        tale.shoot(page, "铜仁-已签收")
        page.goto(f"{world.transfer_url}/reconciliation/")
        tale.shoot(page, "铜仁-核对")


def erase(world: World) -> None:
    """As if two weeks had passed: places and scans are gone with what opened their records, and a report says so."""
    tale = world.tale
    with tale.step("十五天以后，位置和扫码记录到期删除"):
        tale.instance.run(sys.executable, "-m", "tests.story.two_weeks_later")
        page = tale.stage.desk()
        sign_in(world, page, "platform")
        page.goto(f"{world.url}/console/erasures/")
        expect(page.get_by_text("全部完成").first).to_be_visible()
        page.locator("tbody a").first.click()
        gone = page.locator("tr", has_text="itinerary.sighting").get_by_role("cell").nth(4)
        assert int(gone.inner_text()) > 0
        tale.shoot(page, "平台-到期删除报告")
        page.context.close()


def write_name(page: Page) -> None:
    """Some strokes of a finger."""
    page.locator("canvas.signature").scroll_into_view_if_needed()
    box = page.locator("canvas.signature").bounding_box()
    assert box is not None
    for stroke in (((0.2, 0.2), (0.5, 0.25), (0.3, 0.8)), ((0.55, 0.2), (0.6, 0.5), (0.8, 0.75), (0.9, 0.3))):
        (x, y), *others = stroke
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        for x, y in others:
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        page.mouse.up()


def _open_handover(page: Page, world: World) -> None:
    page.goto(f"{world.transfer_url}/trips")
    page.get_by_role("link", name=NEW_COACH).click()
    page.get_by_role("link", name=re.compile("^交接")).click()


def _from_sms(world: World, pattern: re.Pattern[str]) -> re.Match[str]:
    """The newest match in what the sandbox's SMS page shows for the receiver's phone."""
    page = world.tale.stage.desk()
    page.goto(f"{world.sandbox_url}/messages")
    bubbles = page.locator(".bubble", has_text=RECEIVER[1]).filter(has_text=pattern)
    until(page, bubbles.first)
    found = pattern.search(bubbles.first.locator("p").nth(1).inner_text())
    page.context.close()
    assert found is not None
    return found
