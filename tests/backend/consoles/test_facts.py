"""The pages of test results and certificates: from the file to the second signature, as other offices see them."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.models import AccessLog, Organisation, Person
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.fact_rules import Asked
from healthcode.codes.rules import Colour
from tests.conftest import NOON
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.boarding import make_door
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.facts import PHOTO, bring, certify, enter, file_certificate, listed, result_line

HOUR = timedelta(hours=1)


@pytest.fixture
def first(app, clock):
    del app, clock
    return make_acting()


@pytest.fixture
def second(first):
    return make_acting(db.session.get_one(Organisation, first.organisation_id))


@pytest.fixture
def person(first):
    del first
    return make_person()


def post(client, path: str, **form: str):
    return client.post(path, data=form, headers=SAME_SITE)


def test_a_list_goes_from_upload_over_preview_to_the_second_signature(client, person, first, second):
    sign_in(client, first)
    content = listed(result_line(person, NOON - HOUR, "阳性"), "坏行")
    data = {"file": (io.BytesIO(content), "名单.csv")}
    sent = client.post("/console/results/", data=data, headers=SAME_SITE)
    address = sent.headers["Location"]
    preview = client.get(address).get_data(as_text=True)
    assert "杨**" in preview
    assert "另一位经办人" in preview
    assert "坏行" in client.get(f"{address}/faults.csv").get_data(as_text=True)
    assert post(client, f"{address}/confirm").status_code == 403
    sign_in(client, second)
    assert "检测名单等待复核" in client.get("/console/").get_data(as_text=True)
    assert post(client, f"{address}/confirm").status_code == 302
    assert queries.status_of_id(person.id).colour is Colour.RED
    assert post(client, f"{address}/confirm").status_code == 409


def test_a_single_result_is_refused_with_what_was_typed_and_then_taken(client, person, first):
    sign_in(client, first)
    name, number, _, result, laboratory, report = result_line(person, NOON, "阴性").split(",")
    form = {"name": name, "resident_id": number, "result": result, "laboratory": laboratory, "report_number": report}
    refused = post(client, "/console/results/new", **form, sampled_at="2026-03-23T09:00")
    assert refused.status_code == 422
    assert "还没有到" in refused.get_data(as_text=True)
    assert laboratory in refused.get_data(as_text=True)
    assert post(client, "/console/results/new", **form, sampled_at="2026-03-22T09:00").status_code == 302


def test_another_offices_list_is_not_found(client, person, first):
    made = bring(first, result_line(person, NOON - HOUR))
    sign_in(client, make_acting(make_organisation("昆山市人社局", region="320583")))
    assert client.get(f"/console/results/{made.id}").status_code == 404
    assert client.get(f"/console/results/{made.id}/faults.csv").status_code == 404


def test_a_certificate_is_compared_with_its_photo_and_confirmed(client, person, first):
    held = file_certificate(person)
    sign_in(client, first)
    assert "健康证明等待核对" in client.get("/console/").get_data(as_text=True)
    page = f"/console/certificates/{held.id}"
    assert "碧江区人民医院" in client.get(page).get_data(as_text=True)
    assert [log.fields for log in db.session.scalars(select(AccessLog))] == [["健康证明内容"]]
    photo = client.get(f"{page}/file")
    assert photo.get_data() == PHOTO
    assert photo.headers["Content-Disposition"].startswith("attachment")
    form = {"number": "TR-1", "institution": "碧江区中医院", "issued_on": "2026-03-22", "valid_until": "2026-03-20"}
    assert post(client, page, **form, decision="confirm").status_code == 422
    assert post(client, page, **form | {"valid_until": "2026-03-27"}, decision="confirm").status_code == 302
    assert queries.status_of_id(person.id).colour is Colour.GREEN


@pytest.mark.parametrize(("content", "button"), [(PHOTO, "打开照片（JPG，"), (b"%PDF-1.7 a scan", "打开文件（PDF，")])
def test_the_button_says_what_is_opened(client, person, first, content, button):
    held = file_certificate(person, content)
    sign_in(client, first)
    assert button in client.get(f"/console/certificates/{held.id}").text


def test_a_refused_certificate_leaves_the_list_with_its_reason(client, person, first):
    held = file_certificate(person)
    sign_in(client, first)
    page = f"/console/certificates/{held.id}"
    assert post(client, page, decision="refuse", reason="短").status_code == 422
    assert post(client, page, decision="refuse", reason="看不清公章，请重新拍").status_code == 302
    assert "看不清公章" in client.get(page).get_data(as_text=True)
    assert "没有这样的健康证明" in client.get("/console/certificates/").get_data(as_text=True)


def test_another_regions_office_sees_no_certificate(client, person):
    held = file_certificate(person)
    sign_in(client, make_acting(make_organisation("昆山市人社局", region="320583")))
    assert client.get(f"/console/certificates/{held.id}").status_code == 404
    assert client.get(f"/console/certificates/{held.id}/file").status_code == 404


def test_the_workers_page_says_what_was_tested_certified_and_answered(client, app, clock):
    del app, clock
    door = make_door(2)
    person = db.session.get_one(Person, door.entry(2).person_id)
    certify(person, door.origin)
    enter(
        door.origin,
        make_acting(db.session.get_one(Organisation, door.origin.organisation_id)),
        result_line(person, NOON - HOUR),
    )
    with transaction():
        actions.ask_provinces([(person.id, "320000")], why=Asked.TRANSFER)
    for by in (door.origin, door.destination):
        sign_in(client, by)
        page = client.get(f"/console/workers/{door.entry(2).id}/").get_data(as_text=True)
        assert "核酸检测阴性" in page
        assert "健康证明：已确认" in page
        assert "江苏省苏康码" in page
