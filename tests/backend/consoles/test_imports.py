"""A roster's way through the pages: upload, progress, what would change, the decision."""

import io

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.core.db import db
from healthcode.transfers.models import RosterImport, Transfer
from healthcode.transfers.rules import ImportState
from tests.factories import rosters
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import confirm, go_on, make_offices, make_transfer, roster_file, send


@pytest.fixture
def offices(app):
    del app
    return make_offices()


@pytest.fixture
def transfer(offices) -> Transfer:
    return make_transfer(*offices)


@pytest.fixture
def clerk(client: FlaskClient, offices) -> FlaskClient:
    sign_in(client, offices[0])
    return client


def upload(clerk: FlaskClient, transfer: Transfer, content: bytes, name: str = "花名册.xlsx"):
    file = {"file": (io.BytesIO(content), name)}
    return clerk.post(f"/console/imports/of/{transfer.id}", data=file, headers=SAME_SITE)


def waiting_import(transfer: Transfer, by) -> RosterImport:
    """Two new people, two missing."""
    first = send(transfer, by, roster_file(rosters.lines(5)))
    if first.state is ImportState.WAITING:
        confirm(first, by)
    waiting = send(transfer, by, roster_file(rosters.lines(5, first=2)), "第二版.xlsx")
    assert waiting.state is ImportState.WAITING
    return waiting


def test_an_uploaded_file_shows_its_progress_until_it_is_read(clerk, transfer):
    answer = upload(clerk, transfer, roster_file(rosters.lines(3)))
    started = db.session.scalars(select(RosterImport)).one()
    assert answer.headers["Location"] == f"/console/imports/{started.id}"

    fragment = clerk.get(f"/console/imports/{started.id}/progress")
    assert "排队中" in fragment.text
    assert 'hx-trigger="every 1s"' in fragment.text
    assert "HX-Refresh" not in fragment.headers

    go_on(started.id)
    fragment = clerk.get(f"/console/imports/{started.id}/progress")
    assert fragment.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in fragment.text


def test_no_file_is_told(clerk, transfer):
    answer = clerk.post(f"/console/imports/of/{transfer.id}", headers=SAME_SITE)

    assert answer.status_code == 422
    assert "请选择花名册文件" in answer.text


def test_a_file_that_is_no_roster_is_refused_with_the_reason(clerk, transfer, offices):
    refused = send(transfer, offices[0], b"\xff\xd8\xff\xe0" + bytes(100), "照片.xlsx")

    text = clerk.get(f"/console/imports/{refused.id}").text

    assert "未能导入" in text
    assert refused.refusal in text


def test_what_would_change_is_shown_by_mask_and_nothing_leaves_unconfirmed(clerk, transfer, offices):
    waiting = waiting_import(transfer, offices[0])

    text = clerk.get(f"/console/imports/{waiting.id}").text
    assert "同时移除缺少的 2 人" in text
    assert "确认后新增 2 人" in text
    assert "**********" in text

    clerk.post(f"/console/imports/{waiting.id}/confirm", headers=SAME_SITE)
    done = go_on(waiting.id)

    assert (done.state, done.removed) == (ImportState.DONE, 0)
    assert db.session.get_one(Transfer, transfer.id).entries == 7


def test_the_missing_leave_when_that_was_ticked(clerk, transfer, offices):
    waiting = waiting_import(transfer, offices[0])

    form = {"remove_missing": "yes"}
    clerk.post(f"/console/imports/{waiting.id}/confirm", data=form, headers=SAME_SITE)
    go_on(waiting.id)

    assert db.session.get_one(Transfer, transfer.id).entries == 5
    assert "移除 2 人" in clerk.get(f"/console/imports/{waiting.id}").text


def test_a_discarded_file_changes_nothing(clerk, transfer, offices):
    waiting = waiting_import(transfer, offices[0])

    answer = clerk.post(f"/console/imports/{waiting.id}/discard", headers=SAME_SITE)

    assert answer.headers["Location"] == f"/console/imports/of/{transfer.id}"
    assert db.session.get_one(Transfer, transfer.id).entries == 5


def test_a_waiting_import_stands_on_the_start_page(clerk, transfer, offices):
    waiting = waiting_import(transfer, offices[0])

    assert f"/console/imports/{waiting.id}" in clerk.get("/console/").text


def test_rows_that_were_not_taken_come_back_as_a_workbook(clerk, transfer, offices):
    good, wrong = rosters.lines(2)
    sent = send(transfer, offices[0], roster_file([good, [*wrong[:3], "520602199001011230", *wrong[4:]]]))
    assert sent.wrong == 1

    answer = clerk.get(f"/console/imports/{sent.id}/faults.xlsx")

    text = str(list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)))
    assert "问题说明" in text
    assert "校验位" in text


def test_the_preview_goes_on_where_it_ended(clerk, transfer, offices):
    first = send(transfer, offices[0], roster_file(rosters.lines(1)))
    if first.state is ImportState.WAITING:
        confirm(first, offices[0])
    waiting = send(transfer, offices[0], roster_file(rosters.lines(61, first=1)), "更多.xlsx")

    text = clerk.get(f"/console/imports/{waiting.id}").text
    more = text.split("/changes/added?after=")[1].split('"')[0]
    rest = clerk.get(f"/console/imports/{waiting.id}/changes/added?after={more}").text

    assert rest.count("<tr>") == 11
    assert clerk.get(f"/console/imports/{waiting.id}/changes/added?after=zz").status_code == 422
    assert clerk.get(f"/console/imports/{waiting.id}/changes/fate").status_code == 404


def test_the_template_is_a_workbook(clerk):
    answer = clerk.get("/console/imports/template.xlsx")

    assert "身份证号" in str(list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].values))
