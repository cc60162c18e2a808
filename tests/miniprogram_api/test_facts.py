"""A worker's tests, certificates and the codes of provinces over the API."""

from datetime import timedelta

import pytest

from backend.accounts.models import Organisation
from backend.core.db import db
from healthcode.codes.fact_rules import CertificateState
from tests.conftest import NOON
from tests.factories.accounts import make_account, make_acting, make_agreeing_account, make_person
from tests.factories.api import phone_of
from tests.factories.codes import make_issuer_key
from tests.factories.facts import PHOTO, certify, enter, result_line

PAPER = {
    "number": "TR-2026-0322",
    "institution": "碧江区人民医院",
    "issued_on": "2026-03-22",
    "valid_until": "2026-03-27",
}


@pytest.fixture
def account(app, clock):
    del app, clock
    return make_agreeing_account()


@pytest.fixture
def person(account):
    return make_person(account)


@pytest.fixture
def phone(client, account):
    return phone_of(client, account)


def upload(phone, path: str, content: bytes):
    return phone.client.post(
        f"/api/v1{path}", data=content, headers={"Authorization": f"Bearer {phone.token}"}, content_type="image/jpeg"
    )


def test_a_certificate_is_filed_photographed_and_seen_with_its_state(phone, person):
    made = phone.post(f"/people/{person.id}/certificates", PAPER, key="certificate-0001")
    assert made.status_code == 201
    assert made.json["needs_photo"] is True
    path = f"/people/{person.id}/certificates/{made.json['id']}"
    assert upload(phone, f"{path}/file", PHOTO).json["state"] == CertificateState.WAITING
    (shown,) = phone.get(f"/people/{person.id}/facts").json["certificates"]
    assert (shown["state_name"], shown["number"], shown["may_withdraw"]) == ("等待核对", "TR-2026-0322", True)
    assert phone.post(f"/people/{person.id}/certificates", PAPER, key="certificate-0001").json["id"] == made.json["id"]


def test_what_is_wrong_is_said_at_its_field(phone, person):
    for changes, field in (({"valid_until": "2026-03-21"}, "valid_until"), ({"issued_on": "昨天"}, "issued_on")):
        answer = phone.post(f"/people/{person.id}/certificates", PAPER | changes)
        assert answer.status_code == 422
        assert field in answer.json["error"]["fields"]


def test_it_can_be_withdrawn_and_the_code_says_so(phone, person):
    make_issuer_key()
    held = certify(person, make_acting())
    code = phone.get(f"/people/{person.id}/code").json
    assert (code["colour"], code["reasons"][0]["rule"]) == ("green", "certificate.healthy")
    assert phone.delete(f"/people/{person.id}/certificates/{held.id}").json["state"] == CertificateState.WITHDRAWN
    assert phone.get(f"/people/{person.id}/code").json["colour"] == "grey"


def test_another_persons_certificate_is_not_found(phone, person):
    other = certify(make_person(), make_acting())
    path = f"/people/{person.id}/certificates/{other.id}"
    assert phone.delete(path).status_code == 404
    assert upload(phone, f"{path}/file", PHOTO).status_code == 404


def test_results_are_shown_with_their_time_and_who_entered_them(phone, person):
    first = make_acting()
    second = make_acting(_office(first))
    enter(first, second, result_line(person, NOON - timedelta(hours=1)))
    (test,) = phone.get(f"/people/{person.id}/facts").json["tests"]
    assert (test["result_name"], test["entered_by"]) == ("阴性", "铜仁市人力资源和社会保障局")


def _office(acting) -> Organisation:
    return db.session.get_one(Organisation, acting.organisation_id)


def test_a_province_is_asked_and_waits(phone, person):
    (before,) = phone.get(f"/people/{person.id}/facts").json["provinces"]
    assert (before["name"], before["sentence"]) == ("江苏省苏康码", "还没有查过。")
    asked = phone.post(f"/people/{person.id}/provincial-codes", {"province": "320000"})
    assert asked.status_code == 201
    assert asked.json["waiting"] is True
    assert phone.post(f"/people/{person.id}/provincial-codes", {"province": "520000"}).status_code == 422


def test_without_the_sensitive_consent_nothing_is_taken(client, person):
    del person
    account = make_account()
    other = make_person(account)
    phone = phone_of(client, account)
    assert phone.post(f"/people/{other.id}/certificates", PAPER).status_code == 403


def test_all_of_it_is_in_the_copy(phone, person):
    first = make_acting()
    enter(first, make_acting(_office(first)), result_line(person, NOON - timedelta(hours=1)))
    certify(person, first)
    phone.post(f"/people/{person.id}/provincial-codes", {"province": "320000"})
    sections = {one["name"]: one for one in phone.post(f"/people/{person.id}/copy").json["sections"]}
    for name in ("codes.tests", "codes.certificates", "codes.provincial"):
        (row,) = sections[name]["rows"]
        assert len(row) == len(sections[name]["columns"])
