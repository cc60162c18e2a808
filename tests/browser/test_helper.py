"""A temporary officer joins by the QR on another phone: real Chromium, keys that can't be taken out, copied cookies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core.config import settings
from backend.core.crypto import blind_index, unseal
from backend.core.db import db
from backend.core.limits import forgive
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import queries
from healthcode.codes.models import Reading
from tests.browser.checkpoints import sign_in_officer, type_in
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare, make_issuer_key, show
from tests.factories.handovers import code_for
from tests.factories.helpers import open_shift
from tests.story.stage import DESK, PHONE, Stage

pytestmark = pytest.mark.browser

NUMBER = "13912340009"


@pytest.fixture
def officer(app: Application) -> Acting:
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    acting = make_acting(station, role=Role.OFFICER)
    open_shift(acting)
    return acting


@pytest.fixture
def person(officer: Acting) -> Person:
    del officer
    worker = make_person(name="石桂英")
    declare(worker)
    return worker


@pytest.fixture
def desk(officer: Acting, server: str, stage: Stage) -> Iterator[Page]:
    """The officer's own page with the QR."""
    stage.take_faults(())
    page = stage.desk()
    sign_in_officer(page, officer, server)
    page.goto(f"{server}/console/helpers/")
    page.get_by_role("button", name="出示二维码").click()
    expect(page.get_by_role("img", name="临时查验员加入用的二维码")).to_be_visible()
    yield page
    stage.leave()
    assert stage.take_faults((401, 403, 404, 422), offline=True) == []


def fits(page: Page, name: str, tmp_path: Path) -> None:
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.screenshot(path=folder(tmp_path) / f"{name}-{size['width']}.png", full_page=True)
        assert page.evaluate(WIDE) is False, f"{name} at {size['width']}"
        assert page.evaluate(UNNAMED) == [], name
        assert page.evaluate(FAINT) == [], name


def link_of(officer: Acting) -> str:
    """What the QR says."""
    db.session.rollback()
    shift = queries.find_shift(officer)
    assert shift is not None
    helper = queries.open_invitation(shift)
    assert helper is not None
    assert helper.token is not None
    return f"/join/{unseal(helper.token)}"


def readings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def test_a_helper_joins_scans_offline_too_and_is_ended(
    desk: Page, officer: Acting, person: Person, server: str, stage: Stage, tmp_path: Path
) -> None:
    assert settings().base_url == server
    link = link_of(officer)
    fits(desk, "helpers-qr", tmp_path)
    phone = stage.phone(permissions=["camera"])
    phone.goto(f"{server}{link}")
    forgive("sms.minute", blind_index(NUMBER, "phone").hex())
    phone.get_by_label("姓名").fill("周帮忙")
    phone.get_by_label("手机号").fill(NUMBER)
    fits(phone, "join", tmp_path)
    phone.get_by_role("button", name="发送验证码").click()
    phone.get_by_label("短信验证码").fill("000000")
    phone.get_by_role("button", name="加入").click()
    expect(phone.get_by_text("验证码不对或已过期").first).to_be_visible()
    phone.get_by_label("短信验证码").fill(code_for(NUMBER))
    fits(phone, "join-code", tmp_path)
    phone.get_by_role("button", name="加入").click()
    phone.wait_for_url(f"{server}/checkpoint/")
    expect(phone.locator("#keys")).to_have_text("密钥 刚更新")
    expect(phone.locator("#office")).to_contain_text("铜仁站卡口 · 临时查验员 周** · 到 ")
    expect(phone.locator("#place")).to_be_disabled()
    expect(phone.get_by_text("没有手机的人")).to_be_hidden()
    phone.screenshot(path=folder(tmp_path) / "checkpoint-helper.png")
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")
    expect(phone.get_by_role("button", name="拍纸质证明")).to_have_count(0)
    phone.locator("#next").click()
    phone.context.set_offline(True)
    type_in(phone, show(person).text)
    phone.locator("#next").click()
    phone.context.set_offline(False)
    expect(phone.locator("#waiting")).to_have_text("待上传 0", timeout=20_000)
    assert readings() == 2

    thief = stage.phone(storage_state={"cookies": phone.context.cookies(), "origins": []})
    thief.goto(f"{server}/checkpoint/")
    thief.wait_for_url("**/console/sign-in**")
    expect(thief.get_by_label("密码")).to_be_visible()
    stranger = stage.phone()
    stranger.goto(f"{server}{link}")
    expect(stranger.get_by_text("已经用过或已过期")).to_be_visible()

    expect(desk.get_by_role("button", name="结束 周** 的临时查验")).to_be_visible(timeout=15_000)
    fits(desk, "helpers-joined", tmp_path)
    desk.get_by_role("button", name="结束 周** 的临时查验").click()
    expect(desk.get_by_text("已结束 周** 的临时查验")).to_be_visible()
    phone.locator("#typed").fill(show(person).text)
    phone.locator("#typed").press("Enter")
    expect(phone.locator(".notice").filter(has_text="临时查验已结束")).to_be_visible()
    expect(phone.locator("#waiting")).to_have_text("待上传 0")
    phone.screenshot(path=folder(tmp_path) / "checkpoint-helper-over.png")
    assert readings() == 2
