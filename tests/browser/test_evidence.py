"""The page that checks proofs, in a real Chromium: what it says of true proofs and of each forged one, also offline."""

import base64
import io
import json
import random
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import qrcode
import rfc8785
from playwright.sync_api import Locator, Page, expect

from backend.accounts.queries import get_operator
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import new_key
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence import actions, publishing, queries, short
from backend.evidence.commitment import Opening
from backend.evidence.merkle import Unproven
from backend.evidence.models import Record
from backend.evidence.note import Malformed, Note, Unsigned, encode64
from backend.evidence.policy import Policy
from backend.evidence.proof import Proof, dump_opening
from tests.browser.looks import FAINT, UNNAMED, WIDE, folder
from tests.factories.accounts import PASSWORD, make_acting, make_organisation
from tests.factories.logs import Log, numbered
from tests.factories.transfers import make_roster
from tests.story.stage import DESK, PHONE, READ_PICTURE, Stage

pytestmark = pytest.mark.browser

WITNESSES = ("market-supervision", "tax", "bank", "insurer")
RULE = "group others 2 tax bank insurer\ngroup quorum all market-supervision others\nquorum quorum\n"
CONTENT = {
    "person": "019d1a2b-0000-7000-8000-000000000001",
    "before": "green",
    "after": "yellow",
    "rules": ["declared.fever"],
    "at": "2026-03-22T04:00:00+00:00",
}
CANONICAL = """async (texts) => {
  const { canonical } = await import("/verify/canonical.js");
  return texts.map((text) => canonical(JSON.parse(text)));
}"""
CHECK = """async ([texts, policy]) => {
  const [{ check }, { parsePolicy }] = [await import("/verify/check.js"), await import("/verify/policy.js")];
  const believed = await parsePolicy(policy);
  return Promise.all(texts.map(async (text) => (await check(text, believed)).proven));
}"""
NO_ED25519 = """() => {
  const own = SubtleCrypto.prototype.importKey;
  SubtleCrypto.prototype.importKey = function (form, key, algorithm, ...more) {
    if (algorithm.name === "Ed25519") throw new DOMException("Unrecognized name", "NotSupportedError");
    return own.call(this, form, key, algorithm, ...more);
  };
}"""
SAMPLES = (
    # RFC 8785, 3.2.2 and 3.2.3
    r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}""",
    r"""{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}""",
    '{"甲方": "某某电子厂", "b": {"z": [], "a": {}}, "": -0.0, "__proto__": 1, "10": "a", "9": "b"}',
)
DOUBLES = (
    # RFC 8785, appendix B
    "0000000000000000 8000000000000000 0000000000000001 8000000000000001 7fefffffffffffff ffefffffffffffff"
    " 4340000000000000 c340000000000000 4430000000000000 44b52d02c7e14af5 44b52d02c7e14af6 44b52d02c7e14af7"
    " 444b1ae4d6e2ef4e 444b1ae4d6e2ef4f 444b1ae4d6e2ef50 3eb0c6f7a0b5ed8c 3eb0c6f7a0b5ed8d 41b3de4355555553"
    " 41b3de4355555554 41b3de4355555555 41b3de4355555556 41b3de4355555557 becbf647612f3696 43143ff3c1cb0959"
)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A log of 1,000 entries and four witnesses."""
    made = Log(tmp_path / "log", WITNESSES)
    made.grow(numbered(700))
    return made


@pytest.fixture
def policy(log: Log) -> Policy:
    lines = [line for line in log.policy_text.splitlines(keepends=True) if line.startswith(("log ", "witness "))]
    return Policy.parse("".join(lines) + RULE)


@pytest.fixture
def proof(log: Log, policy: Policy) -> Proof:
    """That the 701st entry is a change of colour."""
    opening = Opening.of(new_key(), "codes.colour", CONTENT)
    log.grow([opening.commitment, *numbered(299, 701)])
    made = log.prove(700, opening)
    assert made.check(policy).witnessed
    return made


@pytest.fixture
def page(server: str, stage: Stage, policy: Policy) -> Iterator[Page]:
    """A phone with the page open, whose server has this policy; what its console complains of fails the test."""
    stage.take_faults(())
    phone = stage.phone()
    phone.route("**/verify/policy", lambda route: route.fulfill(body=str(policy), content_type="text/plain"))
    phone.goto(f"{server}/verify/")
    expect(verdict(phone)).to_contain_text("请选择证明文件")
    yield phone
    phone.context.close()
    assert stage.take_faults((), offline=True) == []


def verdict(page: Page) -> Locator:
    return page.locator("#verdict")


def pick(page: Page, content: str | bytes, name: str = "存证.tlog-proof", label: str = "选择证明文件") -> None:
    body = content.encode() if isinstance(content, str) else content
    page.get_by_label(label).set_input_files({"name": name, "mimeType": "text/plain", "buffer": body})


def test_a_true_proof_is_explained_check_by_check(page: Page, proof: Proof):
    pick(page, str(proof))

    expect(verdict(page)).to_contain_text("证明成立")
    checks = page.locator("#checks li")
    expect(checks).to_have_count(9)
    expect(checks.nth(2)).to_contain_text("记录在日志里：通过")
    expect(checks.nth(4)).to_contain_text("见证方 市场监督管理局：通过")
    expect(checks.nth(4)).to_contain_text("2020-03-22 12:20:00 见证")
    expect(checks.nth(8)).to_contain_text("市场监督管理局，并且税务局、银行、保险公司中至少 2 家")
    expect(page.locator("#record")).to_contain_text("黄码（yellow）")
    expect(page.locator("#record")).to_contain_text("健康码变色")
    expect(page.locator("#path svg .picture-sibling")).to_have_count(len(proof.path))


def test_the_json_form_is_read_as_well(page: Page, proof: Proof):
    pick(page, proof.dump_json(), "存证.json")

    expect(verdict(page)).to_contain_text("证明成立")


def forgeries(proof: Proof, log: Log) -> Iterator[tuple[str, str, str]]:
    """(what was done, the text, the sentence by which it is refused)."""
    opening, note, text = proof.opening, proof.checkpoint, str(proof)
    assert opening is not None
    not_there, false = "从这份记录算不到检查点上的树根", "的签名是假的"
    other = Opening.of(opening.id, opening.kind, CONTENT | {"after": "green"}, opening.salt)
    yield "content", str(replace(proof, opening=other)), not_there
    yield "kind", str(replace(proof, opening=replace(opening, kind="codes.other"))), not_there
    yield "id", str(replace(proof, opening=replace(opening, id=new_key()))), not_there
    yield "salt", str(replace(proof, opening=replace(opening, salt=bytes(32)))), not_there
    yield "index", str(replace(proof, index=701)), not_there
    yield "path", str(replace(proof, path=(bytes(32), *proof.path[1:]))), not_there
    yield "shorter", str(replace(proof, path=proof.path[1:])), "路径长度不对"
    yield "beyond", str(replace(proof, index=1000)), "超出了日志的条数"
    bigger = Note(note.text.replace("\n1000\n", "\n1001\n"), note.signatures)
    yield "size", str(replace(proof, checkpoint=bigger)), false
    grown = Note(note.text + "more\n", note.signatures)
    yield "extension", str(replace(proof, checkpoint=grown)), false
    yield "unsigned", str(replace(proof, checkpoint=Note(note.text, note.signatures[1:]))), "没有日志"
    signed = note.signatures[2].content
    false_one = replace(note.signatures[2], content=signed[:-1] + bytes([signed[-1] ^ 1]))
    forged = Note(note.text, (*note.signatures[:2], false_one, *note.signatures[3:]))
    yield "cosignature", str(replace(proof, checkpoint=forged)), false
    early = replace(note.signatures[1], content=bytes(8) + note.signatures[1].content[8:])
    yield "time", str(replace(proof, checkpoint=Note(note.text, (note.signatures[0], early)))), false
    alone = Note(note.text, (note.signatures[0], *note.signatures[2:]))
    yield "no regulator", str(replace(proof, checkpoint=alone)), "这份证明上的见证不够"
    few = Note(note.text, note.signatures[:3])
    yield "too few", str(replace(proof, checkpoint=few)), "这份证明上的见证不够"
    stranger = Log(log.folder.parent / "another", WITNESSES)
    stranger.grow([opening.commitment])
    yield "same name", str(stranger.prove(0, opening)), "没有日志"
    elsewhere = Note(note.text.replace("log.linghuo.test", "log.elsewhere.test"), note.signatures)
    yield "other log", str(replace(proof, checkpoint=elsewhere)), "不是见证策略认可的日志"
    loose = encode64(json.dumps(json.loads(dump_opening(opening))).encode())
    yield "not canonical", text.replace(encode64(dump_opening(opening)), loose), "不是规范写法"
    twice = proof.dump_json().replace('"after"', '"after": "green",\n      "after"')
    yield "twice", twice, "有一项写了两次"
    yield "deep", proof.dump_json().replace('"green"', "[" * 101 + "]" * 101), "套了太多层"
    yield "no record", str(replace(proof, opening=None)), "没有附上记录内容"
    yield "cut", text[: len(text) // 2], "不完整"
    yield "a cut code", short.dump_digits(proof)[:-100], "不完整"
    yield "a photo", "\x89PNG", "这不是一份存证证明"
    yield "nothing", "", "这不是一份存证证明"


def test_each_forgery_is_refused_with_the_right_sentence(page: Page, proof: Proof, log: Log):
    for name, text, sentence in forgeries(proof, log):
        pick(page, text)
        expect(verdict(page), name).to_contain_text("证明不成立")
        expect(verdict(page), name).to_contain_text(sentence)
        pick(page, str(proof))
        expect(verdict(page), name).to_contain_text("证明成立")


def test_a_proof_is_checked_without_a_network_once_the_page_is_there(page: Page, proof: Proof):
    page.context.set_offline(True)

    pick(page, str(proof))

    expect(verdict(page)).to_contain_text("证明成立")
    expect(page.locator("#path svg")).to_be_visible()


def test_nothing_of_the_proof_is_sent_anywhere(page: Page, proof: Proof, policy: Policy):
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url} {request.post_data or ''}"))

    page.evaluate("(digits) => { location.hash = digits }", short.dump_digits(short.shorten(proof, policy)))

    expect(verdict(page)).to_contain_text("证明成立")
    assert {line.rpartition("/verify/")[2] for line in sent} <= {"icon.svg "}


def test_a_code_as_large_as_a_log_of_a_billion_needs_is_read_and_checked(
    page: Page, server: str, proof: Proof, policy: Policy
):
    few = short.shorten(proof, policy)
    assert len(few.checkpoint.signatures) == 4
    long = short.dump_digits(replace(few, path=(*few.path, *(bytes(range(n, n + 32)) for n in range(20)))))
    for digits, said in ((short.dump_digits(few), "证明成立"), (long, "路径长度不对")):
        url = f"{server}/verify/#{digits}"
        code = qrcode.QRCode(border=4, box_size=4, error_correction=qrcode.constants.ERROR_CORRECT_L)
        code.add_data(url)
        picture = io.BytesIO()
        code.make_image().save(picture)
        read = page.evaluate(READ_PICTURE, base64.b64encode(picture.getvalue()).decode())
        assert read == url
        page.evaluate("(hash) => { location.hash = hash }", read.partition("#")[2])
        expect(verdict(page)).to_contain_text(said)


def test_a_verifier_may_bring_a_policy_of_their_own(page: Page, proof: Proof, policy: Policy):
    pick(page, str(proof))
    expect(verdict(page)).to_contain_text("证明成立")

    stricter = str(policy).replace("group others 2", "group others 3")
    pick(page, stricter, "自己的策略.txt", "换用自己的策略")
    expect(page.locator("#policy")).to_contain_text("您选择的策略文件“自己的策略.txt”")
    expect(verdict(page)).to_contain_text("证明成立")

    pick(page, "quorum nobody", "错的.txt", "换用自己的策略")
    expect(page.locator("#policy")).to_contain_text("第 1 行写法不对")
    expect(verdict(page)).to_contain_text("没有见证策略")


def test_a_browser_that_cannot_check_signatures_says_so_and_judges_nothing(server: str, stage: Stage, proof: Proof):
    phone = stage.phone()
    phone.add_init_script(f"({NO_ED25519})()")

    phone.goto(f"{server}/verify/#{short.dump_digits(proof)}")

    expect(verdict(phone)).to_contain_text("这个浏览器验证不了签名")
    expect(phone.locator("#findings")).to_be_hidden()
    phone.context.close()


def test_canonical_json_is_the_same_in_the_browser_as_on_the_server(page: Page):
    doubles = [struct.unpack(">d", bytes.fromhex(each))[0] for each in DOUBLES.split()]
    texts = [*SAMPLES, json.dumps(doubles)]

    assert page.evaluate(CANONICAL, texts) == [rfc8785.dumps(json.loads(text)).decode() for text in texts]


def test_the_page_and_the_offline_verifier_agree_on_whatever_is_changed(page: Page, proof: Proof, policy: Policy):
    texts = [text for whole in (str(proof), proof.dump_json()) for text in [whole, *changed(whole, 300)]]

    said = page.evaluate(CHECK, [texts, str(policy)])

    assert said == [holds(text, policy) for text in texts]
    assert 2 <= said.count(True) < len(texts) // 2


def changed(whole: str, times: int) -> Iterator[str]:
    """The text with one character or line replaced, removed, put in or moved."""
    for _ in range(times):
        characters, lines = list(whole), whole.split("\n")
        at, line, other = random.randrange(len(whole)), random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                characters[at] = random.choice('ABCabc019+/= \n\t{}",:—\0é')
            case 1:
                del characters[at]
            case 2:
                characters.insert(at, random.choice('ABCabc019+/= \n\r"\u00a0'))
            case _:
                lines[line], lines[other] = lines[other], lines[line]
                characters = list("\n".join(lines))
        yield "".join(characters)


def holds(text: str, policy: Policy) -> bool:
    try:
        return Proof.parse(text).check(policy).witnessed
    except (Malformed, Unsigned, Unproven):
        return False


def test_a_policy_is_read_back_as_it_was_written(policy: Policy):
    assert Policy.parse(str(policy)) == policy


def test_the_page_fits_both_sizes_and_can_be_read_by_all(page: Page, proof: Proof, log: Log, tmp_path: Path):
    forged = {name: text for name, text, _ in forgeries(proof, log)}
    shown = {"empty": "", "true": str(proof), "false": forged["content"], "few": forged["too few"]}
    for name, text in shown.items():
        if text:
            pick(page, text)
            expect(page.locator("#findings")).to_be_visible()
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            page.screenshot(path=folder(tmp_path) / f"verify-{name}-{size['width']}.png", full_page=True)
            assert page.evaluate(WIDE) is False, f"{name} at {size['width']}"
            assert page.evaluate(UNNAMED) == [], name
            assert page.evaluate(FAINT) == [], name


@pytest.fixture
def record(app: Application) -> Record:
    """What the log holds of a transfer's first step; regulators may know of it."""
    del app
    with transaction():
        actions.keep_partitions()
    transfer, _, _ = make_roster(2)
    actions.sequence()
    (found, *_) = queries.list_records(str(transfer.id), "regulator")[::-1]
    return found


def supervise(page: Page, server: str) -> None:
    """Sign in for a market-supervision bureau."""
    office = make_organisation("昆山市市场监督管理局", kind=OrganisationKind.REGULATOR, region="320583")
    operator = get_operator(make_acting(office, role=Role.SUPERVISOR).operator_id)
    assert operator is not None
    page.goto(f"{server}/console/")
    page.get_by_label("用户名").fill(operator.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="存证日志")).to_be_visible()


def test_a_supervisor_follows_a_record_from_the_search_to_the_verified_code(
    record: Record, server: str, stage: Stage, tmp_path: Path
):
    stage.take_faults(())
    desk = stage.desk()
    supervise(desk, server)
    look(desk, "overview", tmp_path)
    desk.get_by_role("link", name="检查点").first.click()
    expect(desk.locator("#list tbody tr").first).to_be_visible()
    look(desk, "checkpoints", tmp_path)

    desk.get_by_role("link", name="查存证").click()
    look(desk, "search", tmp_path)
    desk.get_by_label("身份证号、统一社会信用代码或业务编号").fill(queries.open_record(record).subject)
    desk.get_by_label("为什么要查").fill("核对输送办理")
    desk.get_by_role("button", name="查记录").click()
    expect(desk.locator("#found tbody tr").first).to_contain_text("劳务输送办理")
    look(desk, "found", tmp_path)
    desk.goto(f"{server}/console/evidence/leaf/0")
    look(desk, "leaf", tmp_path)
    desk.goto(f"{server}/console/evidence/records/{record.id}")
    look(desk, "record", tmp_path)
    desk.get_by_label("为什么要查看").fill("核对输送办理")
    desk.get_by_role("button", name="查看").click()
    expect(desk.get_by_text("输送编号")).to_be_visible()
    look(desk, "disclosed", tmp_path, again=False)
    with desk.expect_download() as downloading:
        desk.get_by_role("button", name="证明文件").click()
    text = Path(downloading.value.path()).read_text("utf-8")
    assert Proof.parse(text).check(publishing.policy()).witnessed

    code = desk.locator(".proof-code").screenshot()
    url = desk.evaluate(READ_PICTURE, base64.b64encode(code).decode())
    assert "#" in url
    desk.goto(url)
    expect(verdict(desk)).to_contain_text("证明成立")
    expect(verdict(desk)).to_contain_text("策略不要求见证")
    expect(desk.locator("#record")).to_contain_text("劳务输送办理")
    desk.context.close()
    assert stage.take_faults(()) == []


def look(page: Page, name: str, tmp_path: Path, *, again: bool = True) -> None:
    """Take the page's picture at both sizes and ask of it what is asked of each."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        if again and not page.locator("#found").count():
            page.reload()
        page.screenshot(path=folder(tmp_path) / f"evidence-{name}-{size['width']}.png", full_page=True)
        assert page.evaluate(WIDE) is False, f"{name} at {size['width']}"
        assert page.evaluate(UNNAMED) == [], name
        assert page.evaluate(FAINT) == [], name
