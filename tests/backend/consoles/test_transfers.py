"""Transfers, rosters, workers and findings as the two governments see them, and others don't."""

import io
from uuid import uuid4

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.accounts.queries import list_accesses
from backend.core.crypto import unseal
from backend.core.db import db
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.queries import get_transfer
from healthcode.transfers.rules import State
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_offices, make_roster, make_transfer

PEOPLE = 60
TABS = ("", "/roster/", "/trips", "/findings", "/map")


@pytest.fixture
def roster(app):
    del app
    return make_roster(PEOPLE)


@pytest.fixture
def transfer(roster) -> Transfer:
    return roster[0]


@pytest.fixture
def origin(client: FlaskClient, roster) -> FlaskClient:
    sign_in(client, roster[1])
    return client


@pytest.fixture
def destination(client: FlaskClient, roster) -> FlaskClient:
    sign_in(client, roster[2])
    return client


def page(transfer: Transfer, tab: str = "") -> str:
    return f"/console/transfers/{transfer.id}{tab}"


def an_entry(transfer: Transfer) -> Entry:
    return db.session.scalars(select(Entry).where(Entry.transfer_id == transfer.id).order_by(Entry.number)).first()


@pytest.mark.parametrize("tab", TABS)
def test_both_governments_see_every_tab(client, roster, tab):
    for acting in roster[1:]:
        sign_in(client, acting)
        answer = client.get(page(roster[0], tab))
        assert answer.status_code == 200
        assert "铜仁赴昆山专车" in answer.text


def test_another_government_finds_nothing(client, transfer):
    sign_in(client, make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100")))
    entry = an_entry(transfer)
    import_id = entry.import_id

    paths = [page(transfer, tab) for tab in TABS]
    paths += [f"/console/workers/{entry.id}/", f"/console/imports/{import_id}", f"/console/imports/of/{transfer.id}"]

    assert {client.get(path).status_code for path in paths} == {404}
    assert client.post(page(transfer, "/moves"), data={"to": "cancelled"}, headers=SAME_SITE).status_code == 404
    assert client.post(page(transfer, "/export/"), data={"purpose": "随便看看"}, headers=SAME_SITE).status_code == 404
    assert "铜仁赴昆山专车" not in client.get("/console/transfers/").text
    assert db.session.scalars(select(AccessLog)).all() == []


def test_a_draft_is_the_origins_alone(client, app):
    del app
    origin, destination = make_offices()
    draft = make_transfer(origin, destination)

    sign_in(client, destination)

    assert client.get(page(draft)).status_code == 404


def test_the_destination_finds_no_files_and_no_buttons_to_change_the_roster(destination, transfer):
    assert destination.get(f"/console/imports/of/{transfer.id}").status_code == 404
    assert "导入花名册" not in destination.get(page(transfer, "/roster/")).text
    assert "取消输送" not in destination.get(page(transfer)).text
    assert "开始报名" not in destination.get(page(transfer)).text


def test_a_new_transfer_begins_as_a_draft_at_its_imports(client, app):
    del app
    origin, destination = make_offices()
    sign_in(client, origin)
    choices = client.get("/console/picks/governments?q=昆山").text
    assert str(destination.organisation_id) in choices
    assert "铜仁市" not in choices

    form = {"title": "返岗专车", "destination_id": str(destination.organisation_id)}
    answer = client.post("/console/transfers/new", data=form, headers=SAME_SITE)

    made = db.session.scalars(select(Transfer)).one()
    assert answer.headers["Location"] == f"/console/imports/of/{made.id}"
    assert made.state is State.DRAFT


@pytest.mark.parametrize("form", [{}, {"title": "返岗专车"}, {"destination_id": str(uuid4())}, {"destination_id": "x"}])
def test_a_wrong_form_is_shown_again_with_what_was_typed(client, app, form):
    del app
    sign_in(client, make_acting())

    answer = client.post("/console/transfers/new", data=form, headers=SAME_SITE)

    assert answer.status_code == 422
    assert form.get("title", "新建输送") in answer.text
    assert "请" in answer.text
    assert db.session.scalars(select(Transfer)).all() == []


def test_cancelling_without_a_reason_shows_the_dialog_again_and_changes_nothing(origin, transfer, roster):
    answer = origin.post(page(transfer, "/moves"), data={"to": "cancelled", "note": ""}, headers=SAME_SITE)

    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    assert get_transfer(transfer.id, seen_by=roster[1]).state is State.AGREED


def test_a_move_is_kept_with_who_and_why(origin, transfer):
    form = {"to": "cancelled", "note": "企业推迟复工"}

    assert origin.post(page(transfer, "/moves"), data=form, headers=SAME_SITE).status_code == 302

    text = origin.get(page(transfer)).text
    assert "企业推迟复工" in text
    assert "已取消" in text


def test_the_dialog_says_to_how_many_people_it_happens(origin, transfer):
    assert f"对 {PEOPLE} 人的检查停止" in origin.get(page(transfer)).text


def test_the_roster_is_masked_and_paged_by_key(origin, transfer):
    first = origin.get(page(transfer, "/roster/?sort=number")).text
    entry = an_entry(transfer)

    assert first.count("/console/workers/") == 50
    assert entry.name_mask in first
    assert entry.resident_id_mask in first
    assert unseal(entry.resident_id) not in first
    assert unseal(entry.name) not in first

    onward = first.split("after=")[1].split('"')[0].split("&")[0]
    second = origin.get(page(transfer, f"/roster/?sort=number&after={onward}")).text
    assert second.count("/console/workers/") == PEOPLE - 50


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("claimed=no", 50),
        ("claimed=yes", 0),
        ("arrived=yes", 0),
        ("colour=grey", 50),
        ("colour=red", 0),
        ("search=查无此人", 0),
    ],
)
def test_filters_narrow_the_roster(origin, transfer, filters, count):
    text = origin.get(page(transfer, f"/roster/?{filters}")).text

    assert text.count("/console/workers/") == count
    if not count:
        assert "没有符合条件的人" in text


def test_a_whole_number_finds_its_row(origin, transfer):
    entry = an_entry(transfer)

    for text in (unseal(entry.resident_id), unseal(entry.resident_id)[-4:], unseal(entry.name)):
        assert f"/console/workers/{entry.id}/" in origin.get(page(transfer, f"/roster/?search={text}")).text


@pytest.mark.parametrize("query", ["colour=purple", "after=x", "trip=1", "claimed=perhaps", "sort=fate"])
def test_a_filter_that_cannot_be_is_refused(origin, transfer, query):
    answer = origin.get(page(transfer, f"/roster/?{query}"))

    assert answer.status_code == 422
    assert "页面里的选项不对" in answer.text


def test_an_export_holds_full_data_a_watermark_and_is_written_down(origin, transfer, roster):
    entry = an_entry(transfer)
    form = {"purpose": "随车核对乘客"}

    answer = origin.post(page(transfer, "/export/?sort=number"), data=form, headers=SAME_SITE)

    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert "王经办" in str(rows[0][0])
    assert rows[2][1:4] == (unseal(entry.name), rows[2][2], unseal(entry.resident_id))
    assert rows[2][2] in {"男", "女"}
    assert len(rows) == PEOPLE + 2
    assert len(list_accesses(roster[1], limit=100)) == PEOPLE
    accesses = origin.get("/console/accesses/").text
    assert "随车核对乘客" in accesses
    assert accesses.count("**********") == 50


def test_an_export_needs_a_purpose(origin, transfer):
    answer = origin.post(page(transfer, "/export/"), data={"purpose": "看"}, headers=SAME_SITE)

    assert answer.status_code == 422
    assert "请写明查看的原因" in answer.text
    assert db.session.scalars(select(AccessLog)).all() == []


def test_a_workers_page_is_masked_until_a_purpose_is_given(origin, transfer):
    entry = an_entry(transfer)
    address = f"/console/workers/{entry.id}/"
    number = unseal(entry.resident_id)
    assert number not in origin.get(address).text

    refused = origin.post(address, data={"purpose": ""}, headers=SAME_SITE)
    shown = origin.post(address, data={"purpose": "打电话核对身份"}, headers=SAME_SITE)

    assert refused.status_code == 422
    assert number not in refused.text
    assert number in shown.text
    assert number not in origin.get(address).text
    assert db.session.scalars(select(AccessLog)).one().purpose == "打电话核对身份"


def test_the_start_page_leads_to_the_rows_behind_its_numbers(destination, transfer):
    text = destination.get("/console/").text

    assert f"/console/transfers/{transfer.id}/roster/?colour=grey" in text
    assert "现在没有需要处理的事" in text


def test_an_offered_transfer_waits_on_the_destinations_start_page(client, app):
    del app
    _, origin, destination = make_roster(2, state=State.OFFERED)

    sign_in(client, destination)
    assert "输送等待您确认接收" in client.get("/console/").text

    sign_in(client, origin)
    assert "输送等待您确认接收" not in client.get("/console/").text
