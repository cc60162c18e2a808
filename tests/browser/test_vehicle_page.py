"""The leader's page in a real Chromium: the list lies encrypted on the phone and works without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.requests import Application
from healthcode.codes.models import Declaration, Measurement
from tests.browser.looks import folder
from tests.browser.test_worker_pages import LOW, PHONE_NUMBER, PRESSED, SMALL, WIDE, enter
from tests.factories.boarding import Door, make_door
from tests.factories.codes import make_issuer_key
from tests.story.stage import DESK, PHONE, Stage

PACK = "locker.pack."
"""The leader's own codes for stretches without a network."""
KEPT = """async () => {
  const database = await new Promise((opened) => {
    const asking = indexedDB.open("linghuo");
    asking.onsuccess = () => opened(asking.result);
  });
  const table = database.transaction("kept").objectStore("kept");
  const all = (asking) => new Promise((done) => { asking.onsuccess = () => done(asking.result); });
  const [names, values] = await Promise.all([all(table.getAllKeys()), all(table.getAll())]);
  database.close();
  const text = (value) => value instanceof CryptoKey ? `key, extractable: ${value.extractable}`
    : [...new Uint8Array(value.data ?? 0)].map((byte) => String.fromCharCode(byte)).join("");
  return names.map((name, at) => [name, text(values[at])]).filter(([name]) => name.startsWith("locker."));
}"""
READY = "navigator.serviceWorker.ready.then(() => caches.match('/w/pages/vehicle.js'))"

pytestmark = pytest.mark.browser


@pytest.fixture
def door(app: Application) -> Door:
    del app
    make_issuer_key()
    return make_door(4, green=(1, 2, 3), leader_phone=PHONE_NUMBER)


@pytest.fixture
def phone(door: Door, server: str, stage: Stage) -> Iterator[Page]:
    """The leader's, signed in."""
    del door
    # The server looks for issuers' keys every ten seconds, and each test empties the database.
    expect.set_options(timeout=20_000)
    stage.take_faults(())
    page = stage.phone()
    enter(page, server)
    expect(page.locator(".code__word")).to_have_text("绿码")
    yield page
    page.context.close()
    assert stage.take_faults((), offline=True) == []


def test_the_list_works_without_a_network_and_goes_when_the_vehicle_has_ended(
    phone: Page, door: Door, server: str, tmp_path: Path
) -> None:
    name = unseal(door.entry(2).name)
    phone.goto(f"{server}/w/#/trips")
    phone.get_by_role("link", name="贵D00000").click()
    expect(phone.get_by_text("车上 0 人，应到 4 人")).to_be_visible()
    expect(phone.get_by_text("现在是未申报，不能上车")).to_be_visible()
    for size in (DESK, PHONE):
        phone.set_viewport_size(size)
        phone.screenshot(path=folder(tmp_path) / f"vehicle-{size['width']}.png", full_page=True)
    phone.get_by_text("有人不走了").click()
    assert phone.evaluate(SMALL) == []
    assert phone.evaluate(LOW, PRESSED) == []
    assert phone.evaluate(WIDE) is False

    phone.wait_for_function(READY)
    phone.context.set_offline(True)
    phone.get_by_role("button", name=f"{name} 上车").click()
    expect(phone.get_by_text("1 条登记等待上传")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("车上 1 人，应到 4 人")).to_be_visible()
    phone.get_by_text("清点人数", exact=True).click()
    phone.get_by_label("点到几人").fill("1")
    phone.get_by_role("button", name="记下人数").click()
    expect(phone.get_by_text("2 条登记等待上传")).to_be_visible()
    phone.get_by_text("测体温", exact=True).click()
    phone.get_by_label("给谁量").select_option(str(door.entry(2).id))
    phone.get_by_label("体温（℃）").fill("37.6")
    phone.get_by_role("button", name="记下体温").click()
    expect(phone.get_by_text("发热：请移到观察座位，在怀化服务区移交卫健部门。")).to_be_visible()
    phone.screenshot(path=folder(tmp_path) / "vehicle-offline.png", full_page=True)
    kept = {stored: text for stored, text in phone.evaluate(KEPT) if not stored.startswith(PACK)}
    assert kept["locker.key"] == "key, extractable: false"
    assert len(kept) == 5
    assert not [text for text in kept.values() if name in text or str(door.entry(2).id) in text]
    assert door.aboard() == []

    phone.context.set_offline(False)
    expect(phone.get_by_text("等待上传")).to_have_count(0)
    assert door.aboard() == [2]
    assert db.session.scalars(select(Measurement.temperature)).all() == [376]
    door.leave()
    phone.reload()
    expect(phone.get_by_text("移到观察座位", exact=True)).to_be_visible()
    phone.screenshot(path=folder(tmp_path) / "vehicle-on-the-way.png", full_page=True)
    door.arrive()
    phone.reload()
    expect(phone.get_by_text("这辆车已经结束")).to_be_visible()
    assert [stored for stored, _ in phone.evaluate(KEPT) if not stored.startswith(PACK)] == ["locker.key"]
    phone.goto(f"{server}/w/#/mine")
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.get_by_label("手机号")).to_be_visible()
    assert phone.evaluate(KEPT) == []


def test_the_leader_declares_for_somebody_without_a_phone(phone: Page, door: Door, server: str, tmp_path: Path) -> None:
    name = unseal(door.entry(4).name)
    phone.goto(f"{server}/w/#/trips")
    phone.get_by_role("link", name="贵D00000").click()
    expect(phone.get_by_text("现在是未申报，不能上车")).to_be_visible()
    phone.get_by_text("替没有手机的人申报", exact=True).click()
    who = phone.get_by_label("替谁申报")
    expect(who.get_by_text(unseal(door.entry(1).name))).to_have_count(0)
    phone.get_by_role("button", name="代为申报").click()
    expect(phone.get_by_text("必填。")).to_be_visible()
    who.select_option(str(door.entry(4).id))
    declared = phone.get_by_role("group").filter(has_text="替没有手机的人申报")
    declared.get_by_label("刚量的体温，摄氏度").fill("36.4")
    declared.get_by_text("都没有").click()
    for answer in declared.get_by_text("没有", exact=True).all():
        answer.click()
    phone.get_by_role("button", name="代为申报").click()
    expect(phone.get_by_text("要本人在场并同意，才能代为申报。")).to_be_visible()
    phone.get_by_text("本人在场，以上是本人说的").click()
    for size in (DESK, PHONE):
        phone.set_viewport_size(size)
        phone.screenshot(path=folder(tmp_path) / f"declaring-{size['width']}.png", full_page=True)
    assert phone.evaluate(SMALL) == []
    assert phone.evaluate(LOW, PRESSED) == []
    assert phone.evaluate(WIDE) is False
    phone.get_by_role("button", name="代为申报").click()
    expect(phone.get_by_role("button", name=f"{name} 上车")).to_be_visible()
    phone.get_by_role("button", name=f"{name} 上车").click()
    expect(phone.get_by_text("车上 1 人，应到 4 人")).to_be_visible()
    expect(phone.get_by_text("等待上传")).to_have_count(0)
    assert door.aboard() == [4]
    declaration = db.session.scalars(select(Declaration).where(Declaration.proxy.is_not(None))).one()
    assert declaration.temperature == 364
