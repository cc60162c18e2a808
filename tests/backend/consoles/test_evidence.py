"""The evidence log's pages: who finds what, and who finds nothing."""

from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from backend.accounts.models import AccessLog
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.db import db, new_key
from backend.core.transactions import transaction
from backend.evidence import actions, overview, publishing, queries, words
from backend.evidence.audit.models import AuditRun, Discrepancy
from backend.evidence.audit.rules import Cause
from backend.evidence.merkle import node_hash
from backend.evidence.models import Alarm, WitnessState
from backend.evidence.note import Algorithm, PrivateKey, encode64
from backend.evidence.policy import Group, Policy, Witness
from backend.evidence.proof import Proof
from backend.evidence.rules import AlarmCause
from healthcode.transfers.models import Entry
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.evidence import CONTRACT, HEALTH, drop_kinds, make_kinds, make_log
from tests.factories.transfers import make_roster

PURPOSE = "核对用工合同"
NOTHING = "没有找到本单位可以查的记录"
NAMES = {
    OrganisationKind.REGULATOR: "昆山市市场监督管理局",
    OrganisationKind.BANK: "昆山农村商业银行",
    OrganisationKind.INSURER: "江苏财产保险公司",
}


@pytest.fixture(autouse=True)
def kinds(app):
    """Contracts, of which regulators and banks may know, and health codes, of which governments may."""
    del app
    make_kinds()
    yield
    drop_kinds()


@pytest.fixture
def witnessing(monkeypatch):
    """A policy of two witnesses, of which one is enough."""
    keys = [PrivateKey.generate(f"{name}.test", Algorithm.COSIGNATURE).public for name in ("tax", "bank")]
    witnesses = tuple(Witness(key.name.removesuffix(".test"), key) for key in keys)
    policy = Policy((publishing.signing_key().public,), witnesses, (Group("one", 1, ("tax", "bank")),), "one")
    monkeypatch.setattr(publishing, "policy", lambda: policy)


def act_as(client, kind):
    acting = make_acting(make_organisation(NAMES[kind], kind=kind, region="320583"), role=Role.SUPERVISOR)
    sign_in(client, acting)
    return acting


def make_record(kind=CONTRACT, subject="320583-合同-1"):
    with transaction():
        made = actions.record(kind=kind.name, subject=subject, content={"甲方": "某某电子厂", "金额": 350000})
    actions.sequence()
    return queries.get_record(made)


def search(client, subject, purpose=PURPOSE):
    return client.post("/console/evidence/records/", data={"subject": subject, "purpose": purpose}, headers=SAME_SITE)


def read(client, record, purpose=PURPOSE):
    return client.post(f"/console/evidence/records/{record.id}", data={"purpose": purpose}, headers=SAME_SITE)


def accesses():
    return db.session.scalars(select(AccessLog)).all()


def test_a_supervisor_starts_with_how_the_log_stands(client):
    act_as(client, OrganisationKind.REGULATOR)
    assert "日志还是空的" in client.get("/console/").text
    make_log(5)

    page = client.get("/console/").text

    assert "<strong>5</strong><span>日志条数</span>" in page
    assert "<strong>5</strong><span>今天新增</span>" in page
    assert queries.get_checkpoint().root.hex() in page
    assert "不要求见证" in page
    assert "停止" not in page


def test_a_log_that_stands_still_is_said_before_all_else(client):
    act_as(client, OrganisationKind.BANK)
    make_log(5)
    with transaction():
        alarm = {"cause": AlarmCause.WITNESS_AHEAD, "detail": "tax: 9 > 5", "at": clocks.now()}
        db.session.execute(insert(Alarm).values(alarm))

    page = client.get("/console/").text

    assert "数据库可能恢复到了旧的备份" in page
    assert page.index("存证已停止写入") < page.index("日志条数")


@pytest.mark.usefixtures("witnessing")
def test_a_witness_that_refuses_is_named_with_its_reason(client):
    act_as(client, OrganisationKind.BANK)
    make_log(5)
    with transaction():
        state = {"witness": "bank", "size": 0, "tried_at": clocks.now(), "problem": "没有得到应答"}
        db.session.execute(insert(WitnessState).values(state))

    page = client.get("/console/").text

    assert "见证方银行没有跟上" in page
    assert "没有得到应答" in page
    assert "税务局没有跟上" not in page
    assert "税务局、银行中至少 1 家" in page


@pytest.mark.usefixtures("witnessing")
def test_checkpoints_are_listed_by_day_and_by_who_is_missing_and_exported_so(client):
    act_as(client, OrganisationKind.INSURER)
    for _ in range(3):
        make_log(2)
    today = clocks.today()

    listed = client.get(f"/console/evidence/checkpoints?day={today}&missing=tax").text
    exported = client.get(f"/console/evidence/export/checkpoints?day={today}")
    nothing = client.get("/console/evidence/checkpoints?day=2019-01-01").text

    assert listed.count('data-label="日志条数"') == 3
    assert "不够" in listed
    assert exported.text.count("\r\n") == 4
    assert "税务局" in exported.text
    assert "attachment" in exported.headers["Content-Disposition"]
    assert "没有符合的检查点" in nothing
    assert client.get("/console/evidence/checkpoints?day=soon").status_code == 422


def test_the_list_goes_on_page_by_page(client, monkeypatch):
    act_as(client, OrganisationKind.REGULATOR)
    monkeypatch.setattr("backend.consoles.lists.PAGE", 2)
    for _ in range(3):
        make_log(1)

    first = client.get("/console/evidence/checkpoints").text
    second = client.get("/console/evidence/checkpoints?after=2").text

    assert "after=2" in first
    assert second.count('data-label="日志条数"') == 1


def test_a_digest_leads_to_what_the_public_log_shows_and_to_no_more(client):
    record = make_record(HEALTH)
    act_as(client, OrganisationKind.BANK)
    digest = record.commitment

    for asked in (digest.hex(), encode64(digest), "0"):
        answer = client.get("/console/evidence/records/", query_string={"q": asked})
        assert answer.headers["Location"] == "/console/evidence/leaf/0"
    page = client.get("/console/evidence/leaf/0").text

    assert digest.hex() in page
    assert "树根" in page
    for secret in (str(record.id), HEALTH.title, HEALTH.name, "查看这条记录"):
        assert secret not in page


def test_a_known_kind_is_reached_from_its_digest(client):
    record = make_record(CONTRACT)
    act_as(client, OrganisationKind.BANK)

    assert f"/console/evidence/records/{record.id}" in client.get("/console/evidence/leaf/0").text


@pytest.mark.parametrize("asked", ["x", "00" * 32, "9", "9" * 19, "9" * 18, "=" * 44])
def test_what_is_no_digest_of_the_log_is_said(client, asked):
    make_record()
    act_as(client, OrganisationKind.BANK)

    answer = client.get("/console/evidence/records/", query_string={"q": asked})

    assert answer.status_code == 422
    assert asked in answer.text


def test_a_subject_is_found_within_the_kinds_that_the_office_may_know_of(client):
    known, unknown = make_record(CONTRACT, "320583-合同-1"), make_record(HEALTH, "320583-合同-1")
    act_as(client, OrganisationKind.REGULATOR)

    page = search(client, "320583-合同-1").text

    assert str(known.id) in page
    assert "共显示 1 条" in page
    assert str(unknown.id) not in page
    assert HEALTH.title not in page


@pytest.mark.parametrize("kind", [OrganisationKind.INSURER, OrganisationKind.REGULATOR, OrganisationKind.BANK])
def test_the_wrong_office_cannot_tell_a_hidden_record_from_none(client, kind):
    person = make_person(make_agreeing_account())
    record = make_record(HEALTH, str(person.id))
    act_as(client, kind)
    number, nobody = unseal(person.resident_id), "522201199003070000"
    client.get("/console/")

    hidden, absent = search(client, number), search(client, nobody)

    assert hidden.status_code == absent.status_code == 200
    assert NOTHING in absent.text
    assert hidden.text.replace(number, nobody) == absent.text
    for known in (record.id, uuid4()):
        answers = [
            client.get(f"/console/evidence/records/{known}"),
            client.post(f"/console/evidence/records/{known}", data={"purpose": PURPOSE}, headers=SAME_SITE),
            client.post(f"/console/evidence/records/{known}/proof", data={"purpose": PURPOSE}, headers=SAME_SITE),
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert accesses() == []


def test_content_and_proof_are_shown_for_a_purpose_and_the_person_can_read_who_looked(client):
    person = make_person(make_agreeing_account())
    record = make_record(CONTRACT, str(person.id))
    acting = act_as(client, OrganisationKind.BANK)
    before = client.get(f"/console/evidence/records/{record.id}").text
    assert "某某电子厂" not in before
    assert CONTRACT.title in before
    assert read(client, record, purpose="看").status_code == 422
    assert accesses() == []

    page = read(client, record).text

    assert "某某电子厂" in page
    assert "打开验证页的二维码" in page
    (access,) = accesses()
    assert access.subject_index == person.resident_id_index
    assert (access.organisation_id, access.purpose) == (acting.organisation_id, PURPOSE)


@pytest.mark.parametrize(("form", "ending"), [("text", ".tlog-proof"), ("json", ".json")])
def test_the_proof_can_be_taken_along_in_both_forms(client, form, ending):
    record = make_record()
    act_as(client, OrganisationKind.REGULATOR)

    answer = client.post(
        f"/console/evidence/records/{record.id}/proof", data={"form": form, "purpose": PURPOSE}, headers=SAME_SITE
    )
    agreement = Proof.parse(answer.text).check(publishing.policy())

    assert agreement.witnessed
    assert Proof.parse(answer.text).opening.commitment == record.commitment
    assert ending in answer.headers["Content-Disposition"]


def test_an_erased_record_cannot_be_proved_and_the_page_says_so(client):
    record = make_record(CONTRACT, "320583-合同-9")
    act_as(client, OrganisationKind.BANK)
    with transaction():
        actions.erase_subject(subject="320583-合同-9")

    answer = read(client, record)

    assert answer.status_code == 409
    assert "已按规定删除" in answer.text
    assert NOTHING in search(client, "320583-合同-9").text


def test_a_government_sees_the_evidence_of_its_own_people_alone(client):
    _, origin, _ = make_roster(2)
    entries = db.session.scalars(select(Entry).order_by(Entry.number)).all()
    with transaction():
        own, other = (make_person(make_agreeing_account()) for _ in range(2))
        db.session.get_one(Entry, entries[0].id).person_id = own.id
    record, foreign = make_record(HEALTH, str(own.id)), make_record(HEALTH, str(other.id))
    contract = make_record(CONTRACT, str(own.id))
    sign_in(client, origin)
    base = f"/console/workers/{entries[0].id}/evidence/"

    page = client.get(base).text
    opened = client.post(f"{base}{record.id}", data={"purpose": "核对变色记录"}, headers=SAME_SITE)

    assert HEALTH.title in page
    assert str(record.id) in page
    assert "某某电子厂" in opened.text
    for hidden in (foreign, contract):
        assert str(hidden.id) not in page
        assert client.get(f"{base}{hidden.id}").status_code == 404
    assert client.get(f"/console/workers/{entries[1].id}/evidence/").status_code == 404
    stranger = make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300"))
    sign_in(client, stranger)
    assert client.get(base).status_code == 404
    assert client.get(f"{base}{record.id}").status_code == 404


def test_a_government_sees_the_evidence_of_its_own_transfers_alone(client):
    transfer, origin, destination = make_roster(2)
    actions.sequence()
    for acting in (origin, destination):
        sign_in(client, acting)
        page = client.get(f"/console/transfers/{transfer.id}/evidence/").text
        assert page.count("劳务输送办理") == 3
        assert page.count("花名册导入") == 1
    record = queries.list_records(str(transfer.id), "government")[0]
    sign_in(client, make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300")))
    assert client.get(f"/console/transfers/{transfer.id}/evidence/").status_code == 404
    assert client.get(f"/console/transfers/{transfer.id}/evidence/{record.id}").status_code == 404


def test_what_an_audit_found_is_shown_as_far_as_the_office_may_know(client):
    known, hidden = make_record(CONTRACT), make_record(HEALTH)
    act_as(client, OrganisationKind.BANK)
    assert "还没有核查过" in client.get("/console/evidence/audits").text
    run = {"started_at": clocks.now(), "ended_at": clocks.now(), "size": 2, "root": bytes(32), "checkpoints": 2}
    run |= {"id": new_key(), "files": 4, "records": 2, "openings": 2, "discrepancies": 2}
    wrong = {"run_id": run["id"], "cause": Cause.CONTENT_CHANGED, "detail": ""}
    with transaction():
        db.session.execute(insert(AuditRun).values(run))
        for index, record in enumerate((known, hidden)):
            found = {"kind": record.kind, "record_id": record.id, "index": index}
            db.session.execute(insert(Discrepancy).values(wrong | found))

    start, page = client.get("/console/").text, client.get(f"/console/evidence/audits?run={run['id']}").text

    assert "核查发现 2 处不一致" in start
    assert page.count("内容和存证时不一致") == 2
    assert f"/console/evidence/records/{known.id}" in page
    assert str(hidden.id) not in page
    assert HEALTH.title not in page
    assert client.get(f"/console/evidence/audits?run={uuid4()}").status_code == 404


def test_the_steps_of_a_path_lead_to_the_root():
    make_log(11)
    for index in range(11):
        leaf, note = overview.get_leaf(index), publishing.published(publishing.WITNESSED)
        proof = queries.prove(index, note)
        *_, last = overview.climb(proof, leaf.commitment)
        pair = (last.sibling, last.own) if last.sibling_left else (last.own, last.sibling)
        assert node_hash(*pair) == overview.witnessed().root


def test_kinds_are_called_the_same_on_our_pages_and_on_the_verifiers(app):
    kinds = app.extensions["linghuo.evidence"]
    for name, kind in words.load()["kinds"].items():
        assert name not in kinds or kinds[name].title == kind["title"]
