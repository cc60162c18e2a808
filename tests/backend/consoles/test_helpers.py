"""Temporary officers: invited by a QR for one shift, bound to one phone, able to scan and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.models import Measurement, Reading
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.api import phone_of
from tests.factories.codes import account_of, declare, make_issuer_key, show
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.helpers import HelperPhone, invite, open_shift
from tests.factories.itinerary import make_place


@pytest.fixture
def officer(app: Application, clock: Travel) -> Acting:
    """An officer on shift at the station's east gate."""
    del app, clock
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    acting = make_acting(station, role=Role.OFFICER)
    open_shift(acting)
    return acting


@pytest.fixture
def phone(client: FlaskClient, officer: Acting) -> HelperPhone:
    """The phone of whoever joined by the officer's QR."""
    joined = HelperPhone(client)
    assert joined.join(invite(officer)[1]).status_code == 302
    return joined


@pytest.fixture
def person(officer: Acting) -> Person:
    del officer
    worker = make_person()
    declare(worker)
    return worker


def scanned(text: str, **more: object) -> dict[str, Any]:
    sent = {"text": text, "place_id": None, "request_key": uuid4().hex, "phone_time": clocks.now().isoformat()}
    return sent | more


def scan(phone: HelperPhone, text: str, **more: object) -> Any:
    return phone.post("/checkpoint/api/scans", scanned(text, **more))


def test_a_helper_scans_at_the_place_of_the_shift_whatever_the_page_sends(
    phone: HelperPhone, officer: Acting, person: Person
) -> None:
    west, _ = make_place(officer, name="铜仁站西门")
    answer = scan(phone, show(person).text, place_id=str(west.id))
    assert (answer.status_code, answer.json["outcome"]) == (200, "passes")
    [(reading, office, by, place)] = queries.list_readings(person)
    assert (office, by, place) == ("铜仁站卡口", "临时查验员", "铜仁站东门")
    assert reading.operator_id != officer.operator_id


def test_the_worker_reads_that_a_temporary_officer_looked_and_measured(phone: HelperPhone, person: Person) -> None:
    text = show(person).text
    scan(phone, text)
    sent = {"text": text, "place_id": None, "request_key": uuid4().hex, "temperature": 36.6}
    assert phone.post("/checkpoint/api/temperatures", sent).status_code == 200
    assert db.session.scalars(select(Measurement.temperature)).all() == [366]
    api = phone_of(phone.client, account_of(person))
    [reader] = api.get(f"/people/{person.id}/readers").json
    assert (reader["office"], reader["purpose"]) == ("铜仁站卡口", "查验健康码（铜仁站东门，临时查验员）")
    [(_, office)] = queries.list_measurements(person)
    assert office == "铜仁站卡口（临时查验员）"


def test_the_page_learns_place_and_end_of_the_shift(phone: HelperPhone) -> None:
    post = phone.get("/checkpoint/api/places").json
    assert post is not None
    assert [place["name"] for place in post["places"]] == ["铜仁站东门"]
    assert post["until"] == (clocks.now() + timedelta(hours=8)).isoformat()
    assert post["operator"]["name"] == "临时查验员 周**"


def test_a_qr_works_once(client: FlaskClient, officer: Acting) -> None:
    _, token = invite(officer)
    assert HelperPhone(client).join(token).status_code == 302
    other = HelperPhone(client.application.test_client())
    refused = other.join(token, name="吴抢先")
    assert refused.status_code == 404
    assert "二维码已经用过" in refused.text
    assert "已经用过或已过期" in other.client.get(f"/join/{token}").text
    assert len(queries.list_helpers(seen_by=officer)) == 1


def test_a_qr_ends_after_ten_minutes_and_when_another_takes_its_place(
    client: FlaskClient, officer: Acting, clock: Travel
) -> None:
    _, first = invite(officer)
    _, second = invite(officer)
    assert HelperPhone(client).join(first).status_code == 404
    clock.shift(timedelta(minutes=10, seconds=1))
    assert HelperPhone(client).join(second).status_code == 404


def test_a_copied_cookie_is_worth_nothing_on_another_phone(phone: HelperPhone, person: Person) -> None:
    text = show(person).text
    assert phone.client.get("/checkpoint/api/places").status_code == 401
    assert phone.client.post("/checkpoint/api/scans", json=scanned(text)).status_code == 401
    thief = HelperPhone(phone.client)
    answer = scan(thief, text)
    assert answer.status_code == 401
    assert "加入时的那部手机" in answer.json["error"]["message"]
    assert db.session.scalars(select(Reading)).all() == []


@pytest.mark.parametrize("signature", ["", "x", "===", "A" * 86, "不是", "A" * 4000])
def test_what_is_no_signature_is_none(phone: HelperPhone, signature: str) -> None:
    headers = {"X-Device-Signature": signature.encode().decode("latin-1")}
    assert phone.client.get("/checkpoint/api/places", headers=headers).status_code == 401


def test_a_signature_is_of_one_request(phone: HelperPhone, person: Person) -> None:
    address = "/checkpoint/api/scans"
    signed = phone._signature("POST", address, b"{}")
    sent = scanned(show(person).text)
    assert phone.client.post(address, json=sent, headers=signed).status_code == 401


def test_it_ends_by_itself_with_the_shift(phone: HelperPhone, person: Person, clock: Travel) -> None:
    clock.shift(timedelta(hours=7, minutes=59))
    assert phone.get("/checkpoint/api/places").status_code == 200
    clock.shift(timedelta(minutes=1))
    declare(person)
    assert scan(phone, show(person).text).status_code == 401
    assert db.session.scalars(select(Reading)).all() == []


def test_it_ends_when_the_officer_who_answers_for_it_goes_home(
    phone: HelperPhone, officer: Acting, clock: Travel
) -> None:
    clock.shift(timedelta(minutes=1))
    with transaction():
        actions.end_shift(by=officer)
    assert phone.get("/checkpoint/api/places").status_code == 401


def test_it_ends_when_the_officer_who_answers_for_it_is_disabled(
    phone: HelperPhone, officer: Acting, deliver_all: Callable[[], int]
) -> None:
    with transaction():
        accounts.disable_operator(operator=db.session.get_one(Operator, officer.operator_id))
    deliver_all()
    assert phone.get("/checkpoint/api/places").status_code == 401


def test_any_officer_of_the_office_ends_it_at_once_and_another_office_cannot(
    phone: HelperPhone, officer: Acting
) -> None:
    [(helper, _, _)] = queries.list_helpers(seen_by=officer)
    desk = phone.client.application.test_client()
    sign_in(desk, make_acting(make_organisation("昆山站卡口", kind=OrganisationKind.CHECKPOINT), role=Role.OFFICER))
    assert desk.post(f"/console/helpers/{helper.id}/end", headers=SAME_SITE).status_code == 404
    assert "周**" not in desk.get("/console/helpers/").text
    assert phone.get("/checkpoint/api/places").status_code == 200
    sign_in(desk, officer)
    page = desk.get("/console/helpers/").text
    assert "周**" in page
    assert "立即结束" in page
    for _ in range(2):
        assert desk.post(f"/console/helpers/{helper.id}/end", headers=SAME_SITE).status_code == 302
    assert phone.get("/checkpoint/api/places").status_code == 401


@pytest.mark.parametrize(
    "address",
    ["/console/", "/console/lookups/", "/console/helpers/", "/console/photos/", "/console/transfers/"],
)
def test_no_console_is_a_helpers(phone: HelperPhone, address: str) -> None:
    assert phone.get(address).status_code == 403


def test_neither_vehicles_nor_photos_are_a_helpers(phone: HelperPhone, person: Person) -> None:
    key = uuid4().hex
    scan(phone, show(person).text, request_key=key)
    assert (
        phone.post("/checkpoint/api/vehicles/", {"text": "LHV1:", "place_id": None, "request_key": key}).status_code
        == 403
    )
    assert phone.post(f"/checkpoint/api/readings/{key}/photos/{key}", {}).status_code == 403


def test_nobody_signs_in_as_a_helper_by_name(phone: HelperPhone, client: FlaskClient) -> None:
    del phone
    operator = db.session.scalars(select(Operator).where(Operator.device_key.is_not(None))).one()
    for password in ("", "Linghuo-2020"):
        form = {"username": operator.username, "password": password}
        answer = client.application.test_client().post("/console/sign-in", data=form, headers=SAME_SITE)
        assert answer.status_code in {401, 422}


def test_without_a_shift_nobody_is_invited(officer: Acting, client: FlaskClient, clock: Travel) -> None:
    clock.shift(timedelta(minutes=1))
    with transaction():
        actions.end_shift(by=officer)
    sign_in(client, officer)
    assert "您还没有上岗" in client.get("/console/helpers/").text
    assert client.post("/console/helpers/", headers=SAME_SITE).status_code == 409


def test_a_wrong_code_name_number_or_key_joins_nobody(client: FlaskClient, officer: Acting) -> None:
    _, token = invite(officer)
    right = {"name": "周帮忙", "phone": "13912345678", "code": "000000", "device_key": HelperPhone(client).point}
    for wrong in ({"name": ""}, {"phone": "12345"}, {"device_key": "x"}, {"device_key": "不是"}, {}):
        assert client.post(f"/join/{token}", data=right | wrong, headers=SAME_SITE).status_code == 422
    assert queries.list_helpers(seen_by=officer) == []


def test_one_qr_sends_few_sms(client: FlaskClient, officer: Acting) -> None:
    _, token = invite(officer)
    answers = [
        client.post(
            f"/join/{token}/code", data={"name": "周帮忙", "phone": f"1370000000{at}"}, headers=SAME_SITE
        ).status_code
        for at in range(6)
    ]
    assert answers == [200] * 5 + [429]


def test_the_officer_sees_the_qr_until_somebody_has_joined(client: FlaskClient, officer: Acting) -> None:
    sign_in(client, officer)
    assert client.post("/console/helpers/", headers=SAME_SITE).status_code == 302
    assert "临时查验员加入用的二维码" in client.get("/console/helpers/").text
    shift = queries.find_shift(officer)
    assert shift is not None
    assert queries.open_invitation(shift) is not None
