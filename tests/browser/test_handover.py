"""The pages of a handover at both sizes: who names receivers, the list on a receiver's phone, a network away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.core.crypto import blind_index, unseal
from backend.core.limits import forgive
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MarkKind
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.browser.test_consoles import sign_in
from tests.factories.boarding import Door, make_door
from tests.factories.handovers import PHONE as NUMBER
from tests.factories.handovers import answer, code_for, name_receiver, token_of
from tests.story.handover import write_name
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser


@pytest.fixture
def door(app: Application) -> Door:
    """Six aboard a coach under way, one of the list who didn't board."""
    del app
    door = make_door(7)
    door.board(1, 2, 3, 4, 5, 6)
    door.leave()
    return door


@pytest.fixture
def phone(door: Door, server: str, stage: Stage) -> Iterator[Page]:
    """The receiver's, with the list open."""
    stage.take_faults(())
    receiver = name_receiver(door)
    token = token_of(receiver)
    forgive("sms.minute", blind_index(NUMBER, "phone").hex())
    with transaction():
        actions.ask_code(token=token)
    page = stage.phone()
    page.goto(f"{server}/receive/open/{token}")
    page.get_by_role("button", name="发送验证码").click()
    # Asked for a minute ago at most: the one that waits is still good.
    expect(page.get_by_text("请稍等一分钟再获取")).to_be_visible()
    with transaction():
        opened, secret = actions.open_link(token=token, code=code_for(NUMBER))
    path = f"/receive/{opened.id}/"
    page.context.add_cookies([{"name": "receiver", "value": secret, "url": server}])
    page.goto(f"{server}{path}")
    yield page
    page.context.close()
    # htmx says of each request without a network that it wasn't answered.
    assert [one for one in stage.take_faults((429,), offline=True) if not one.startswith("htmx:")] == []


def fits(page: Page, name: str, tmp_path: Path) -> None:
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.screenshot(path=folder(tmp_path) / f"{name}-{size['width']}.png", full_page=True)
        assert page.evaluate(WIDE) is False, f"{name} at {size['width']}"
        assert page.evaluate(UNNAMED) == [], name
        assert page.evaluate(FAINT) == [], name


def test_the_list_is_ticked_on_a_phone_and_others_ticks_appear(door: Door, phone: Page, tmp_path: Path) -> None:
    row = phone.locator("li.passenger", has_text=unseal(door.entry(1).name))
    row.get_by_text("没接到").click()
    fits(phone, "receive-reason", tmp_path)
    row.get_by_label("为什么").fill("途中自行离开")
    row.get_by_role("button", name="没有接到").click()
    expect(phone.get_by_text("没有接到：途中自行离开")).to_be_visible()

    other = name_receiver(door, "13812340002", "孙站长")
    answer(door, other, 2)
    expect(phone.get_by_text("接到 孙**")).to_be_visible(timeout=15_000)
    fits(phone, "receive", tmp_path)

    phone.context.set_offline(True)
    phone.get_by_role("button", name="接到", exact=True).first.click()
    expect(phone.get_by_text("没有连上网络")).to_be_visible()
    phone.context.set_offline(False)
    for number in (3, 4, 5):
        answer(door, other, number)
    answer(door, other, 6, MarkKind.TO_HEALTH, "昆山市第一人民医院")
    expect(phone.get_by_text("都核对过了")).to_be_visible(timeout=15_000)
    write_name(phone)
    phone.get_by_role("button", name="签收全部").click()
    expect(phone.get_by_text("已签收：接到 4 人，移交卫健部门 1 人，没有接到 1 人")).to_be_visible()
    fits(phone, "receive-signed", tmp_path)


def test_the_officials_page_fits_and_says_how_it_stands(door: Door, server: str, stage: Stage, tmp_path: Path) -> None:
    stage.take_faults(())
    receiver = name_receiver(door)
    answer(door, receiver, 1)
    desk = stage.desk()
    sign_in(desk, server, door.destination)
    desk.goto(f"{server}/console/transfers/{door.transfer.id}/trips/{door.trip.id}/handover/")
    expect(desk.get_by_text("还没有核对 5 人")).to_be_visible()
    fits(desk, "handover", tmp_path)
    desk.get_by_text("安排接收人").click()
    desk.get_by_label("姓名", exact=True).fill("孙")
    desk.get_by_label("手机号").fill("12")
    desk.get_by_label("企业或车站").fill("昆山南站")
    desk.get_by_role("button", name="发送链接").click()
    expect(desk.get_by_text("请填写 11 位手机号")).to_be_visible()
    fits(desk, "handover-refused", tmp_path)
    assert queries.get_handover(door.trip) is None
    desk.context.close()
    assert stage.take_faults((422,)) == []
