"""A photo of a certificate on paper, taken with the running camera, also where there is no network."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import sealed_files
from backend.core.db import db
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes.models import ReadingPhoto
from tests.browser.checkpoints import officers_phone, type_in
from tests.browser.looks import WIDE, folder
from tests.browser.test_consoles import sign_in
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare, make_issuer_key, show
from tests.factories.itinerary import make_place
from tests.story.stage import DESK, FILM, PHONE, Stage

pytestmark = pytest.mark.browser

KEPT = """async () => {
  const database = await new Promise((opened) => {
    const asking = indexedDB.open("checkpoint", 1);
    asking.onsuccess = () => opened(asking.result);
  });
  const table = database.transaction("photos").objectStore("photos");
  const asked = table.getAll();
  const all = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  database.close();
  return all.map(({ data }) => [...new Uint8Array(data).slice(0, 3)]);
}"""
WHITE = 200
"""What the camera sees is a white wall."""
JPEG = [0xFF, 0xD8, 0xFF]


@pytest.fixture
def officer(app: Application) -> Acting:
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    acting = make_acting(station, role=Role.OFFICER)
    make_place(acting, name="铜仁站东门")
    return acting


@pytest.fixture
def person(officer: Acting) -> Person:
    del officer
    worker = make_person(name="石桂英")
    declare(worker)
    return worker


@pytest.fixture
def phone(officer: Acting, server: str, stage: Stage) -> Iterator[Page]:
    stage.take_faults(())
    page = officers_phone(officer, server, stage, "铜仁站东门（碧江区）")
    expect(page.locator("#looking")).to_be_visible()
    yield page
    page.context.close()
    assert stage.take_faults((401, 404, 422), offline=True) == []


def photos() -> list[ReadingPhoto]:
    db.session.rollback()
    return list(db.session.scalars(select(ReadingPhoto)))


def test_a_photo_taken_without_a_network_waits_encrypted_and_arrives_once(
    phone: Page, person: Person, stage: Stage, server: str, tmp_path: Path
) -> None:
    phone.context.set_offline(True)
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")
    phone.get_by_role("button", name="拍纸质证明").click()
    phone.get_by_role("button", name="拍照", exact=True).click()
    for size in (DESK, PHONE):
        phone.set_viewport_size(size)
        phone.screenshot(path=folder(tmp_path) / f"checkpoint-photo-{size['width']}.png")
        assert phone.evaluate(WIDE) is False
    phone.get_by_role("button", name="重拍").click()
    phone.get_by_role("button", name="拍照", exact=True).click()
    phone.get_by_role("button", name="看得清，保存").click()
    expect(phone.locator(".photo__said")).to_have_text("已拍 1 张。没有网络：联网后自动上传。")
    phone.screenshot(path=folder(tmp_path) / "checkpoint-photo-kept.png")
    phone.locator("#next").click()
    expect(phone.locator("#waiting")).to_have_text("待上传 2")
    [head] = phone.evaluate(KEPT)
    assert head != JPEG
    assert photos() == []

    phone.context.set_offline(False)
    expect(phone.locator("#waiting")).to_have_text("待上传 0", timeout=20_000)
    phone.reload()
    expect(phone.locator("#keys")).to_have_text("密钥 刚更新")
    [photo] = photos()
    assert photo.person_id == person.id
    assert phone.evaluate(KEPT) == []
    picture = Image.open(BytesIO(sealed_files.read(photo.stored_as)))
    assert (picture.format, picture.size) == ("JPEG", FILM)
    assert min(picture.convert("L").getextrema()) > WHITE
    desk = stage.desk()
    sign_in(desk, server, make_acting())
    desk.goto(f"{server}/console/photos/")
    expect(desk.get_by_role("link", name="打开照片")).to_be_visible()
    for size in (PHONE, DESK):
        desk.set_viewport_size(size)
        desk.screenshot(path=folder(tmp_path) / f"photos-{size['width']}.png")
        assert desk.evaluate(WIDE) is False


def test_a_large_picture_from_the_phone_is_shrunk_and_what_is_none_is_said(
    phone: Page, person: Person, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    Image.effect_noise((5000, 3000), 80).convert("RGB").save(large, compress_level=1)
    assert large.stat().st_size > 15_000_000
    text = tmp_path / "text.jpg"
    text.write_text("不是照片")
    type_in(phone, show(person).text)
    phone.locator("#photo-file").set_input_files(text)
    expect(phone.locator(".photo__said")).to_have_text("这个文件不是能打开的图片，请重新拍。")
    phone.locator("#photo-file").set_input_files(large)
    expect(phone.locator(".photo__said")).to_have_text("已拍 1 张，已保存。", timeout=20_000)
    [photo] = photos()
    assert photo.size < 3 * 1024 * 1024
    assert max(Image.open(BytesIO(sealed_files.read(photo.stored_as))).size) == 1600
