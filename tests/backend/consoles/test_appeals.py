import pytest
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from healthcode.codes import queries
from healthcode.codes.appeal_rules import AppealState
from healthcode.codes.models import Appeal
from healthcode.codes.rules import Colour
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.appeals import ANSWER, PDF, WORDS, appeal, attach
from tests.factories.codes import declare
from tests.factories.consoles import SAME_SITE, sign_in


@pytest.fixture
def city(app, clock):
    del app, clock
    return make_organisation()


@pytest.fixture
def person(city):
    del city
    person = make_person()
    declare(person, contact=True)
    return person


def post(client, address: str, **form: str):
    return client.post(address, data=form, headers=SAME_SITE)


def test_the_office_reads_answers_and_a_second_person_approves(client, city, person):
    filed = appeal(person)
    file = attach(person, filed, PDF)
    first = make_acting(city)
    sign_in(client, first)
    assert "健康码申诉等待答复" in client.get("/console/").text
    listed = client.get("/console/appeals/").text
    address = f"/console/appeals/{filed.id}"
    assert address in listed
    assert WORDS not in listed
    assert WORDS in client.get(address).text
    sent = client.get(f"{address}/files/{file.id}")
    assert sent.data == PDF
    assert sent.mimetype == "application/pdf"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Disposition"].startswith("attachment")
    logged = db.session.scalars(select(AccessLog).where(AccessLog.operator_id == first.operator_id)).all()
    assert {entry.fields[0] for entry in logged} == {"申诉内容", "申诉材料"}
    assert post(client, f"{address}/reveal", purpose="").status_code == 422
    assert "杨秀英" in post(client, f"{address}/reveal", purpose="打电话核对身份").text
    short = post(client, address, decision="uphold", answer="对")
    assert (short.status_code, "10 到 200" in short.text) == (422, True)
    assert post(client, address, decision="x", answer=ANSWER).status_code == 422
    assert post(client, address, decision="uphold", answer=ANSWER).status_code == 302
    assert post(client, address, decision="refuse", answer=ANSWER).status_code == 409
    held = db.session.get_one(Appeal, filed.id)
    decision = f"/console/decisions/{held.decision_id}"
    assert decision in client.get(address).text
    assert post(client, decision, decision="approve").status_code == 403
    sign_in(client, make_acting(city))
    assert post(client, decision, decision="approve").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Appeal, filed.id).state is AppealState.UPHELD
    assert queries.status_of(person).colour is Colour.GREY
    assert address in client.get("/console/appeals/?state=upheld").text
    assert address not in client.get("/console/appeals/").text
    assert "申报接触过病例" in client.get("/console/appeals/statistics/").text


def test_a_refusal_needs_a_reason_and_is_shown(client, city, person):
    filed = appeal(person)
    sign_in(client, make_acting(city))
    address = f"/console/appeals/{filed.id}"
    assert post(client, address, decision="refuse", answer="名单上有同车的确诊病例。").status_code == 302
    page = client.get(address).text
    assert "名单上有同车的确诊病例。" in page
    assert "提出更正" not in page


def test_filters_stand_in_the_address_and_an_empty_list_says_so(client, city, person):
    filed = appeal(person)
    sign_in(client, make_acting(city))
    assert str(filed.id) in client.get("/console/appeals/?rule=declared.contact").text
    assert "没有这样的申诉" in client.get("/console/appeals/?rule=declared.fever").text
    assert "没有这样的申诉" in client.get(f"/console/appeals/?after={filed.id}").text
    for nonsense in ("rule=x", "state=x", "after=x"):
        assert client.get(f"/console/appeals/?{nonsense}").status_code == 422


def test_another_government_finds_nothing(client, person):
    filed = appeal(person)
    file = attach(person, filed, PDF)
    sign_in(client, make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583")))
    address = f"/console/appeals/{filed.id}"
    assert str(filed.id) not in client.get("/console/appeals/").text
    for answer in (
        client.get(address),
        client.get(f"{address}/files/{file.id}"),
        post(client, f"{address}/reveal", purpose="打电话核对身份"),
        post(client, address, decision="refuse", answer=ANSWER),
    ):
        assert answer.status_code == 404
    assert not db.session.scalars(select(AccessLog).where(AccessLog.subject_index == person.resident_id_index)).all()


def test_an_officer_at_a_checkpoint_has_no_such_page(client, person):
    filed = appeal(person)
    office = make_organisation("某卡口", kind=OrganisationKind.CHECKPOINT, region="520600")
    sign_in(client, make_acting(office, role=Role.OFFICER))
    assert client.get(f"/console/appeals/{filed.id}").status_code == 403
    assert post(client, f"/console/appeals/{filed.id}", decision="refuse", answer=ANSWER).status_code == 403


def test_the_rota_shows_gaps_and_takes_turns_for_days(client, city, person):
    filed = appeal(person, stopped_at="铜仁站东门")
    sign_in(client, make_acting(city))
    assert "现在没有人值班" in client.get("/console/appeals/").text
    turn = {
        "since": "2026-03-22T08:00",
        "until": "2026-03-23T08:00",
        "days": "3",
        "first_name": "龙主任",
        "first_phone": "13985600001",
        "second_name": "吴科长",
        "second_phone": "13985600002",
    }
    short = post(client, "/console/duty/", **turn | {"second_phone": "5223456"})
    assert (short.status_code, "11 位手机号" in short.text, "吴科长" in short.text) == (422, True, True)
    assert post(client, "/console/duty/", **turn | {"since": "明天"}).status_code == 422
    for days in ("400", "0", "inf", "nan"):
        assert post(client, "/console/duty/", **turn | {"days": days}).status_code == 422
    assert post(client, "/console/duty/", **turn).status_code == 302
    page = client.get("/console/duty/").text
    assert page.count("龙主任") == 3
    assert "2026-03-25 08:00 至 2026-03-29" in page
    listed = client.get("/console/appeals/").text
    assert "13985600002" in listed
    assert "铜仁站东门" in listed
    assert "隔 10 分钟量两次" in client.get(f"/console/appeals/{filed.id}").text
    drop = page.split('action="/console/duty/')[1].split('"')[0]
    assert post(client, f"/console/duty/{drop}").status_code == 302
    sign_in(client, make_acting(make_organisation("昆山市人社局", region="320583")))
    assert "龙主任" not in client.get("/console/duty/").text
    assert post(client, f"/console/duty/{drop}").status_code == 404
