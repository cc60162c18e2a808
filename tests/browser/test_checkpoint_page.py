"""The checkpoint page in a real Chromium, against the real server: seen, offline, with a wrong clock."""

import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, func, select, update

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.queries import get_operator
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db
from backend.core.partitions import make_partitions
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import actions, cose, cwt, keys, lists, queries
from healthcode.codes.models import ListKey, Reading
from healthcode.codes.rules import Colour
from tests.browser.looks import folder
from tests.factories.accounts import PASSWORD, make_acting, make_organisation, make_person
from tests.factories.codes import account_of, declare, give_pack, make_issuer_key, show
from tests.factories.itinerary import make_place
from tests.story.stage import PHONE, Stage

pytestmark = pytest.mark.browser

VERDICT = "#verdict:not([hidden])"
LISTS = ("key_list", "denied_list")
READ_CODE = """async (text) => {
  const { readCode } = await import("/checkpoint/cose.js");
  const { keys } = JSON.parse(localStorage["checkpoint.key_list"]);
  try { return await readCode(text, keys); } catch (fault) { return fault.fault ?? String(fault); }
}"""


@pytest.fixture
def officer(app: Application) -> Acting:
    """An officer at Tongren's station, which has two entrances."""
    del app
    with transaction():
        make_partitions()
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    acting = make_acting(station, role=Role.OFFICER)
    make_place(acting, name="铜仁站东门")
    make_place(acting, name="铜仁站西门")
    return acting


@pytest.fixture
def person(officer: Acting) -> Person:
    del officer
    worker = make_person(name="石桂英")
    declare(worker)
    return worker


@pytest.fixture
def phone(officer: Acting, server: str, stage: Stage) -> Iterator[Page]:
    """The officer's phone, signed in; what its console complains of fails the test."""
    stage.take_faults(())
    page = stage.phone(permissions=["camera"])
    operator = get_operator(officer.operator_id)
    assert operator is not None
    page.goto(f"{server}/checkpoint/")
    page.wait_for_url("**/console/sign-in**")
    page.locator("[name=username]").fill(operator.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{server}/checkpoint/")
    expect(page.locator("#keys")).to_have_text("密钥 刚更新")
    page.locator("#place").select_option(label="铜仁站东门（碧江区）")
    yield page
    page.context.close()
    assert stage.take_faults((401,), offline=True) == []


def type_in(page: Page, text: str) -> None:
    """A hand scanner: it types fast, then a line end, without asking where."""
    page.locator("#typed").fill(text)
    page.locator("#typed").press("Enter")
    page.wait_for_selector(VERDICT)


def count_readings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def test_the_camera_sees_a_code_and_the_page_goes_on_by_itself(phone: Page, person: Person, stage: Stage) -> None:
    page = phone.url
    phone.goto("about:blank")
    stage.point_camera_at(show(person).text)
    phone.goto(page)
    phone.wait_for_selector(VERDICT)
    expect(phone.locator("#told")).to_contain_text("通过")
    expect(phone.locator(".verdict__colour")).to_have_text("绿码 · 铜仁签发")
    expect(phone.locator(".verdict__person")).to_have_text(f"石某{person.resident_id_mask[-4:]}")
    phone.wait_for_selector(VERDICT, state="detached", timeout=6000)
    assert count_readings() == 1


def test_a_refusal_stays_until_it_is_tapped(phone: Page, person: Person) -> None:
    declare(person, contact=True)
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("不能通过")
    time.sleep(4)
    expect(phone.locator("#told")).to_contain_text("红码")
    phone.locator("#next").click()
    expect(phone.locator("#verdict")).to_be_hidden()
    expect(phone.locator("#typed")).to_be_focused()


def test_the_same_code_at_a_second_place_is_a_warning(phone: Page, person: Person, tmp_path: Path) -> None:
    text = show(person).text
    type_in(phone, text)
    phone.locator("#next").click()
    phone.locator("#place").select_option(label="铜仁站西门（碧江区）")
    type_in(phone, text)
    expect(phone.locator(".verdict__warning")).to_contain_text("另一处")
    for size in (PHONE, {"width": 360, "height": 640}):
        phone.set_viewport_size(size)
        for part in (".verdict__warning", ".verdict__step", "#next"):
            expect(phone.locator(part)).to_be_in_viewport(ratio=1)
    phone.screenshot(path=folder(tmp_path) / "checkpoint-second-place.png")


def test_a_temperature_beside_the_verdict_is_sent_once_even_from_without_a_network(phone: Page, person: Person) -> None:
    type_in(phone, show(person).text)
    expect(phone.locator("#told")).to_contain_text("通过")
    phone.locator(".measure__field").fill("33")
    phone.locator(".measure button").click()
    expect(phone.locator(".measure__said")).to_contain_text("34.0 到 43.0")
    phone.locator(".measure__field").fill("36.6")
    phone.locator(".measure__field").press("Enter")
    expect(phone.locator(".measure__said")).to_have_text("测得 36.6 ℃，已记录。现在是绿码。")
    phone.context.set_offline(True)
    phone.locator(".measure__field").fill("37.9")
    phone.locator(".measure button").click()
    expect(phone.locator(".verdict__word")).to_have_text("不能通过")
    expect(phone.locator("#told")).to_contain_text("测得 37.9 ℃，没有网络")
    phone.locator("#next").click()
    expect(phone.locator("#waiting")).to_have_text("待上传 1")
    phone.context.set_offline(False)
    expect(phone.locator("#waiting")).to_have_text("待上传 0", timeout=20_000)
    db.session.rollback()
    assert [kept.temperature for kept, _ in queries.list_measurements(person)] == [379, 366]
    assert queries.status_of(person).colour is Colour.YELLOW


def test_without_a_network_codes_are_checked_alone_and_sent_once_later(phone: Page, person: Person) -> None:
    phone.wait_for_function("navigator.serviceWorker.ready.then(() => caches.match('/checkpoint/app.js'))")
    phone.context.set_offline(True)
    text = show(person).text
    type_in(phone, text)
    expect(phone.locator("#told")).to_contain_text("离线核验")
    phone.locator("#next").click()
    phone.reload()
    type_in(phone, text[:60] + "000" + text[63:])
    expect(phone.locator(".verdict__word")).to_have_text("无法核验")
    phone.locator("#next").click()
    expect(phone.locator("#net")).to_have_text("离线")
    expect(phone.locator("#waiting")).to_have_text("待上传 2")
    phone.context.set_offline(False)
    expect(phone.locator("#waiting")).to_have_text("待上传 0")
    assert count_readings() == 2


def test_what_the_server_knows_better_is_told_when_it_is_back(phone: Page, person: Person) -> None:
    text = show(person).text
    declare(person, abroad=True)
    phone.context.set_offline(True)
    type_in(phone, text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")
    phone.locator("#next").click()
    phone.context.set_offline(False)
    notice = phone.locator(".notice").filter(has_text="离线扫的石某")
    expect(notice).to_contain_text("联网核对是“不能通过”")
    notice.get_by_role("button").click()
    expect(notice).to_have_count(0)


def test_a_phone_whose_clock_is_wrong_checks_nothing(phone: Page, person: Person) -> None:
    phone.clock.set_system_time(clocks.now() + timedelta(minutes=3))
    phone.reload()
    expect(phone.locator("#clock_off")).to_contain_text("无法核验：本机时间不准")
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("无法核验")
    expect(phone.locator("#told")).to_contain_text("自动确定时间")


def without_network(phone: Page, *, passed: timedelta = timedelta(0)) -> None:
    """The network goes, and what the phone knows grows so much older."""
    phone.context.set_offline(True)
    for name in LISTS:
        phone.evaluate(
            """([name, by]) => {
              const list = JSON.parse(localStorage[`checkpoint.${name}`]);
              localStorage[`checkpoint.${name}`] = JSON.stringify({ ...list, dated: list.dated - by });
            }""",
            [name, passed.total_seconds() * 1000],
        )


def renewed(phone: Page) -> None:
    """The phone asks for its lists anew."""
    with phone.expect_response("**/checkpoint/api/denied"):
        phone.evaluate("dispatchEvent(new Event('online'))")


def test_an_offline_code_passes_without_a_network_by_a_fresh_list(phone: Page, person: Person) -> None:
    code = give_pack(person)[0]
    without_network(phone)
    type_in(phone, code.text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")
    expect(phone.locator(".verdict__reason")).to_contain_text("作废名单是")
    phone.context.set_offline(False)
    expect(phone.locator("#waiting")).to_have_text("待上传 0")
    assert count_readings() == 1
    assert db.session.scalar(select(Reading.person_id)) == person.id


def test_an_offline_code_by_an_older_list_is_green_as_of_then(phone: Page, person: Person) -> None:
    text = aged(give_pack(person)[0].text, timedelta(minutes=45))
    without_network(phone, passed=timedelta(minutes=30))
    dated = phone.evaluate("JSON.parse(localStorage['checkpoint.denied_list']).dated") / 1000
    type_in(phone, text)
    as_of = clocks.local(datetime.fromtimestamp(dated, UTC))
    expect(phone.locator(".verdict__word")).to_contain_text(f"{as_of:%H:%M} 有效")
    expect(phone.locator("#told")).not_to_contain_text("只知道")
    phone.locator("#next").click()
    without_network(phone, passed=timedelta(minutes=60))
    type_in(phone, aged(text, timedelta(minutes=60)))
    expect(phone.locator(".verdict__warning")).to_contain_text("只知道")
    expect(phone.locator("#denied")).to_have_class("chip chip_bad")


def aged(text: str, by: timedelta) -> str:
    """The same code as if its pack had been issued so much earlier."""
    claims = cwt.read(text, keys.find_verifier)
    signer = keys.keychain().signer(claims.issuer, clocks.now())
    assert signer is not None
    return cwt.issue(replace(claims, issued_at=claims.issued_at - by), signer)


def test_a_code_whose_person_turned_red_is_refused_without_a_network(phone: Page, person: Person) -> None:
    code = give_pack(person)[0]
    declare(person, contact=True)
    renewed(phone)
    phone.wait_for_function("JSON.parse(localStorage['checkpoint.denied_list']).heads.length > 0")
    without_network(phone)
    type_in(phone, code.text)
    expect(phone.locator(".verdict__word")).to_have_text("不能通过")
    expect(phone.locator(".verdict__reason")).to_have_text("出码以后情况有变化，这个离线码已经作废。")
    expect(phone.locator(".verdict__step")).to_contain_text("请联网核对")
    expect(phone.locator(".verdict__person")).to_have_text(f"石某{person.resident_id_mask[-4:]}")


def test_a_code_beyond_its_quarter_is_no_code_yet_or_no_more(phone: Page, person: Person) -> None:
    later = give_pack(person)[2]
    without_network(phone)
    type_in(phone, later.text)
    expect(phone.locator(".verdict__word")).to_have_text("无法核验")
    expect(phone.locator(".verdict__reason")).to_have_text("这个离线码还没有到使用的时候。")
    phone.locator("#next").click()
    claims = cwt.read(give_pack(person)[0].text, keys.find_verifier)
    signer = keys.keychain().signer(claims.issuer, clocks.now())
    assert signer is not None
    assert claims.good_from is not None
    hour = timedelta(hours=1)
    past = replace(
        claims,
        issued_at=claims.issued_at - hour,
        good_from=claims.good_from - hour,
        expires_at=claims.expires_at - hour,
    )
    type_in(phone, cwt.issue(past, signer))
    expect(phone.locator(".verdict__word")).to_have_text("码已过期")


def test_a_phone_whose_keys_are_a_day_old_checks_nothing(phone: Page, person: Person) -> None:
    text = show(person).text
    without_network(phone, passed=timedelta(hours=25))
    type_in(phone, text)
    expect(phone.locator(".verdict__word")).to_have_text("无法核验")
    expect(phone.locator("#told")).to_contain_text("密钥名单超过一天没有更新")
    expect(phone.locator("#keys")).to_have_text("密钥 1 天前")


def test_an_older_list_than_the_known_one_is_not_taken(phone: Page, person: Person) -> None:
    old = phone.evaluate("fetch('/checkpoint/api/denied').then((answer) => answer.text())")
    give_pack(person)
    declare(person, contact=True)
    renewed(phone)
    phone.wait_for_function("JSON.parse(localStorage['checkpoint.denied_list']).heads.length === 16")
    known = phone.evaluate("localStorage['checkpoint.denied_list']")
    phone.route("**/checkpoint/api/denied", lambda route: route.fulfill(body=old, content_type="application/json"))
    renewed(phone)
    assert phone.evaluate("localStorage['checkpoint.denied_list']") == known
    expect(phone.locator("#notices")).not_to_contain_text("旧")
    phone.evaluate(
        """(by) => {
          const list = JSON.parse(localStorage["checkpoint.denied_list"]);
          localStorage["checkpoint.denied_list"] = JSON.stringify({ ...list, dated: list.dated + by });
        }""",
        240_000,
    )
    renewed(phone)
    expect(phone.locator("#notices")).to_contain_text("旧，没有采用")
    assert len(phone.evaluate("JSON.parse(localStorage['checkpoint.denied_list']).heads")) == 16


def test_a_forged_list_is_not_taken_and_the_officer_hears_of_it(phone: Page, person: Person) -> None:
    forger = keys.keychain().signer("520600", clocks.now())
    assert forger is not None
    before = phone.evaluate("localStorage['checkpoint.key_list']")
    forged = b64encode(lists.sign_keys([], clocks.now(), forger)).decode()
    signer = {"kid": forger.kid.hex(), "x": "A" * 43, "y": "A" * 43}
    vouched = b64encode(lists.vouch(forger.kid, forger.key.public_key(), clocks.now(), forger)).decode()
    phone.route(
        "**/checkpoint/api/keys",
        lambda route: route.fulfill(json={"list": forged, "signers": [vouched], "signer": signer}),
    )
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.locator("#notices")).to_contain_text("签名不对，没有采用")
    assert phone.evaluate("localStorage['checkpoint.key_list']") == before
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")


def test_a_phone_follows_the_signers_of_lists_however_often_they_changed(phone: Page, person: Person) -> None:
    """A minute after each change the new one signs; the phone was away meanwhile, and knows the first one alone."""
    first = phone.evaluate("JSON.parse(localStorage['checkpoint.signer']).kid")
    for _ in range(2):
        with transaction():
            actions.rotate_list_key()
    with transaction():
        db.session.execute(update(ListKey).values(signs_from=ListKey.signs_from - timedelta(minutes=2)))
    # The server looks for keys every ten seconds; asking for them makes it look at once.
    renewed(phone)
    newest = keys.read_anew().list_signers[-1].signer.kid.hex()
    assert phone.evaluate("JSON.parse(localStorage['checkpoint.signer']).kid") == newest != first
    expect(phone.locator("#notices")).to_be_empty()
    phone.context.set_offline(True)
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")


def test_after_the_database_was_restored_the_officer_decides_to_believe_its_signer(phone: Page, person: Person) -> None:
    """Nobody vouches to this phone for who signs lists from then on."""
    kept = [phone.evaluate(f"localStorage['checkpoint.{name}']") for name in ("signer", "key_list")]
    with transaction():
        db.session.execute(delete(ListKey))
    make_issuer_key()
    phone.evaluate("dispatchEvent(new Event('online'))")
    notice = phone.locator("#notices").get_by_role("button", name="重新信任")
    notice.click()
    expect(phone.get_by_role("dialog")).to_contain_text("请先打电话问负责人")
    phone.get_by_role("button", name="先不换").click()
    assert [phone.evaluate(f"localStorage['checkpoint.{name}']") for name in ("signer", "key_list")] == kept

    phone.evaluate("dispatchEvent(new Event('online'))")
    notice.click()
    phone.get_by_role("button", name="问过了，重新信任").click()
    expect(phone.locator("#notices")).to_contain_text("已重新信任")
    newest = keys.read_anew().list_signers[-1].signer.kid.hex()
    assert phone.evaluate("JSON.parse(localStorage['checkpoint.signer']).kid") == newest
    phone.locator("#notices button").click()
    renewed(phone)
    expect(phone.locator("#notices")).to_be_empty()
    phone.context.set_offline(True)
    type_in(phone, show(person).text)
    expect(phone.locator(".verdict__word")).to_have_text("通过")


def test_a_signed_out_officer_is_sent_to_the_sign_in(phone: Page) -> None:
    phone.context.clear_cookies()
    phone.reload()
    phone.wait_for_url("**/console/sign-in?next=%2Fcheckpoint%2F")


def test_the_page_reads_codes_as_the_server_does(phone: Page, person: Person) -> None:
    """The rules stand in two languages; here they are held against each other."""
    signer = keys.keychain().signer("520600", clocks.now())
    assert signer is not None
    text = show(person).text
    claims = cwt.read(text, keys.find_verifier)
    other_region = cwt.issue(replace(claims, issuer="320583"), signer)
    too_long = cwt.issue(replace(claims, expires_at=claims.expires_at + timedelta(seconds=1)), signer)
    ahead = cwt.read(give_pack(person)[3].text, keys.find_verifier)
    assert ahead.good_from is not None
    assert phone.evaluate(READ_CODE, cwt.issue(ahead, signer))["begins"] == ahead.good_from.timestamp()
    quarter = timedelta(minutes=15)
    forged = [
        cwt.issue(each, signer)
        for each in (
            replace(ahead, colour=Colour.YELLOW),
            replace(ahead, expires_at=ahead.expires_at + timedelta(seconds=1)),
            replace(ahead, good_from=ahead.good_from + timedelta(seconds=1)),
            replace(ahead, issued_at=ahead.issued_at - 16 * quarter),
            replace(ahead, good_from=ahead.issued_at - quarter, expires_at=ahead.issued_at),
        )
    ]
    wide = "".join(chr(ord(c) + 0xFEE0) if c > " " else c for c in text)
    for given in (text.lower(), f" {text}\r\n", wide):
        read: dict[str, Any] = phone.evaluate(READ_CODE, given)
        assert (read["last_four"], read["issuer_name"]) == (claims.last_four, "铜仁")
    for given in (
        "", "LH1:", text[:40], text[:-3], text[:-6] + "000000", text[:60] + "000" + text[63:], other_region, too_long,
        "HC1:ABC", "https://example.org/p/AAAAAAAAAAAAAAAAAAAAAA", "LH1:::::", text + "000",
        *forged,
        cose.PREFIX + actions.sign_time(nonce=b"a" * 16).removeprefix(cwt.TIME_PREFIX),
    ):  # fmt: skip
        with pytest.raises(cose.Unreadable) as unreadable:
            cwt.read(given, keys.find_verifier)
        assert phone.evaluate(READ_CODE, given) == unreadable.value.fault
    grey = queries.get_display(account_id=account_of(person).id, person_id=person.id, at=clocks.now())
    assert grey.verdict.colour is Colour.GREEN


def test_a_scan_that_waited_for_more_than_a_week_is_kept_no_longer(phone: Page, person: Person) -> None:
    phone.context.set_offline(True)
    type_in(phone, show(person).text)
    expect(phone.locator("#waiting")).to_have_text("待上传 1")
    phone.evaluate("""() => {
      for (const name of Object.keys(localStorage).filter((each) => each.startsWith("checkpoint.scan."))) {
        const scan = JSON.parse(localStorage[name]);
        localStorage[name] = JSON.stringify({...scan, scanned_at: scan.scanned_at - 8 * 86_400_000});
      }
    }""")
    phone.reload()
    expect(phone.locator("#waiting")).to_have_text("待上传 0")
    assert not phone.evaluate("Object.keys(localStorage).some((name) => name.startsWith('checkpoint.scan.'))")
    phone.context.set_offline(False)
