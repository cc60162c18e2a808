"""An appeal from the phone to the two people who decide it, in a real Chromium at both sizes."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.acting import Acting
from backend.accounts.queries import get_operator
from backend.core.crypto import blind_index
from backend.core.partitions import make_partitions
from backend.core.transactions import transaction
from backend.notices.sign_in_codes import waiting_code
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.factories.accounts import PASSWORD, make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.appeals import ANSWER, PDF, PNG, WORDS
from tests.factories.codes import declare, make_issuer_key
from tests.story.stage import DESK, PHONE, Stage

NUMBER = "13800000001"

pytestmark = pytest.mark.browser


@pytest.fixture
def offices(app) -> tuple[Acting, Acting]:
    """Two people of the city's government; somebody of the city declared a contact by mistake."""
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    expect.set_options(timeout=20_000)
    city = make_organisation()
    declare(make_person(make_agreeing_account(NUMBER)), contact=True)
    return make_acting(city), make_acting(city)


def enter(page: Page, server: str) -> None:
    page.goto(f"{server}/w/")
    page.get_by_label("手机号").fill(NUMBER)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("短信验证码").wait_for()
    waiting = waiting_code(blind_index(NUMBER, "phone").hex())
    assert waiting
    page.get_by_label("短信验证码").fill(waiting[1])
    page.get_by_role("button", name="登录", exact=True).click()


def sign_in(page: Page, server: str, acting: Acting) -> None:
    operator = get_operator(acting.operator_id)
    assert operator is not None
    page.goto(f"{server}/console/")
    page.get_by_label("用户名").fill(operator.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="首页")).to_be_visible()


def look(page: Page, pictures: Path, name: str) -> None:
    """On a phone and on a desk it fits, every field has a name, and all of it can be read."""
    shown = page.viewport_size
    for size, on in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        page.screenshot(path=pictures / f"appeals-{name}-{on}.png", full_page=True)
        assert not page.evaluate(WIDE), name
        assert page.evaluate(UNNAMED) == [], name
        assert page.evaluate(FAINT) == [], name
    page.set_viewport_size(shown or PHONE)


def test_from_the_phone_to_the_second_person(offices, server: str, stage: Stage, tmp_path):
    pictures = folder(tmp_path)
    stage.take_faults(())
    phone, (first, second) = stage.phone(), offices
    enter(phone, server)
    phone.get_by_role("link", name="觉得不对？申诉").click()
    look(phone, pictures, "found")
    phone.get_by_role("link", name="这一条不对，我要申诉").click()
    phone.get_by_role("button", name="提交申诉").click()
    expect(phone.get_by_text("至少 5 个字")).to_be_visible()
    look(phone, pictures, "wrong")
    phone.get_by_label("哪里不对？").fill(WORDS)
    named = {"name": "photo.png", "mimeType": "image/png", "buffer": PNG}
    phone.get_by_label("照片或 PDF").set_input_files([named])
    phone.get_by_role("button", name="提交申诉").click()
    expect(phone.get_by_text("申诉已交给")).to_be_visible()
    expect(phone.get_by_text("已交 1 份材料")).to_be_visible()
    more = {"name": "proof.pdf", "mimeType": "application/pdf", "buffer": PDF}
    phone.locator("input[type=file]").set_input_files([more])
    phone.get_by_role("button", name="上传材料").click()
    expect(phone.get_by_text("已交 2 份材料")).to_be_visible()
    look(phone, pictures, "waiting")
    assert stage.take_faults((401,)) == []

    desk = stage.desk()
    sign_in(desk, server, first)
    desk.goto(f"{server}/console/appeals/")
    look(desk, pictures, "list")
    desk.get_by_role("link", name="杨**").click()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="材料 1").click()
    assert Path(download.value.path()).read_bytes() == PNG
    look(desk, pictures, "one")
    desk.get_by_label("事实和理由").fill(ANSWER)
    desk.get_by_role("button", name="申诉成立，提出更正").click()
    expect(desk.get_by_text("等另一位经办人")).to_be_visible()
    other = stage.desk()
    sign_in(other, server, second)
    other.goto(desk.url)
    other.get_by_role("link", name="去看更正决定").click()
    other.get_by_role("button", name="批准并生效").click()
    expect(other.get_by_text("已批准并生效")).to_be_visible()
    other.goto(desk.url)
    look(other, pictures, "decided")
    other.goto(f"{server}/console/appeals/statistics/")
    look(other, pictures, "statistics")

    phone.reload()
    expect(phone.get_by_text("申诉成立：")).to_be_visible()
    look(phone, pictures, "upheld")
    assert stage.take_faults((401, 404)) == []
