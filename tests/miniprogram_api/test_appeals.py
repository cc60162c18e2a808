from datetime import datetime, timedelta

import pytest

from backend.accounts import actions as accounts
from backend.accounts.models import Account
from backend.accounts.rules import TERMS_VERSION, OrganisationKind, Purpose, Relation, Role
from backend.core.clock import now
from backend.core.transactions import transaction
from healthcode.codes import actions as codes
from healthcode.transfers import actions as transfers
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person, resident_id
from tests.factories.api import Phone, phone_of
from tests.factories.appeals import PNG, WORDS
from tests.factories.codes import declare, make_issuer_key, show
from tests.factories.transfers import make_roster

RED = {"rule": "declared.contact", "words": WORDS}


@pytest.fixture
def account(clock) -> Account:
    del clock
    make_organisation()
    return make_agreeing_account()


@pytest.fixture
def phone(client, account) -> Phone:
    return phone_of(client, account)


@pytest.fixture
def person(account):
    person = make_person(account)
    declare(person, contact=True)
    return person


def send(phone: Phone, path: str, content: bytes, *, token: str = ""):
    headers = {"Authorization": f"Bearer {token or phone.token}", "Content-Type": "application/octet-stream"}
    return phone.client.post(f"/api/v1{path}", data=content, headers=headers)


def test_a_worker_appeals_adds_a_photo_and_sees_the_clock(phone, person):
    path = f"/people/{person.id}/appeals"
    (reason,) = phone.get(path).json["reasons"]
    assert (reason["rule"], reason["waiting"]) == ("declared.contact", False)
    filed = phone.post(path, RED, key="form-0001")
    assert filed.status_code == 201
    assert filed.json["office"].endswith("铜仁市主管部门")
    assert phone.post(path, RED, key="form-0001").json["id"] == filed.json["id"]
    assert phone.post(path, RED).status_code == 409
    for _ in range(2):
        assert send(phone, f"{path}/{filed.json['id']}/files", PNG).status_code == 201
    seen = phone.get(path).json
    assert seen["reasons"][0]["waiting"]
    (mine,) = seen["appeals"]
    assert (mine["words"], mine["state_name"], mine["files_left"]) == (WORDS, "等待答复", 2)
    assert (mine["overdue"], mine["escalated"], mine["answer"]) == (False, False, "")
    assert "申诉已收到" in [message["title"] for message in phone.get("/inbox").json["messages"]]


def test_whoever_was_just_refused_by_an_officer_is_answered_by_the_duty_desk(client, phone, account, person, clock):
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    with transaction():
        by = make_acting(station, role=Role.OFFICER)
        codes.read_code(text=show(person).text, by=by, place_id=None, request_key="scan-0001")
    path = f"/people/{person.id}/appeals"
    assert phone.get(path).json["stopped_at"] == "铜仁站卡口"
    filed = phone.post(path, RED).json
    assert filed["urgent"]
    assert datetime.fromisoformat(filed["due_at"]) - datetime.fromisoformat(filed["filed_at"]) == timedelta(minutes=15)
    clock.shift(timedelta(minutes=61))
    assert phone_of(client, account).get(path).json["stopped_at"] == ""


def test_whoever_waits_at_a_vehicle_is_too(client, clock):
    account = make_agreeing_account()
    make_roster(1, at="14:30")
    (line,) = rosters.lines(1)
    with transaction():
        outcome = transfers.claim(
            account=account,
            name=str(line[1]),
            resident_id=str(line[3]),
            region_code=None,
            relation=Relation.SELF,
            until=None,
        )
    path = f"/people/{outcome.holding.person_id}/appeals"
    assert "（14:30 发车）" in phone_of(client, account).get(path).json["stopped_at"]
    clock.shift(timedelta(hours=4))
    assert phone_of(client, account).get(path).json["stopped_at"] == ""


def test_a_late_answer_is_said_to_be_late(client, phone, person, account, clock):
    path = f"/people/{person.id}/appeals"
    phone.post(path, RED)
    clock.shift(timedelta(hours=49))
    (mine,) = phone_of(client, account).get(path).json["appeals"]
    assert mine["overdue"]
    assert mine["due_at"]


def test_for_family_as_with_declaring(phone, account):
    with transaction():
        held = accounts.hold(
            account=account,
            name="杨小妹",
            resident_id=resident_id(),
            relation=Relation.FAMILY,
            until=now() + timedelta(days=7),
            verified=True,
            region_code="520602",
        )
    phone.post(
        f"/people/{held.person_id}/declarations",
        {"temperature": 36.5, "symptoms": [], "contact": True, "abroad": False},
    )
    assert phone.post(f"/people/{held.person_id}/appeals", RED).status_code == 201


def test_another_account_neither_reads_nor_files_nor_attaches(client, phone, person):
    path = f"/people/{person.id}/appeals"
    filed = phone.post(path, RED).json["id"]
    stranger = phone_of(client, make_agreeing_account())
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, RED).status_code == 404
    assert send(stranger, f"{path}/{filed}/files", PNG).status_code == 404
    other = make_person(make_agreeing_account())
    assert send(phone, f"/people/{other.id}/appeals/{filed}/files", PNG).status_code == 404


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh", PNG + bytes(5 * 1024 * 1024)])
def test_what_is_no_photo_or_pdf_is_refused(phone, person, content):
    path = f"/people/{person.id}/appeals"
    filed = phone.post(path, RED).json["id"]
    refused = send(phone, f"{path}/{filed}/files", content)
    assert refused.status_code == 422
    assert refused.json["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"rule": "declared.contact"}, RED | {"words": "不"}, RED | {"words": "不" * 501}])
def test_nonsense_is_refused(phone, person, body):
    assert phone.post(f"/people/{person.id}/appeals", body).status_code == 422


def test_without_consent_nothing_is_filed(phone, person, account):
    with transaction():
        accounts.agree(account=account, choices={Purpose.SENSITIVE: False}, version=TERMS_VERSION)
    assert phone.post(f"/people/{person.id}/appeals", RED).status_code == 403
    assert phone.get(f"/people/{person.id}/appeals").status_code == 200
