from datetime import datetime, timedelta

import pytest

from backend.core.transactions import transaction
from healthcode.codes import actions as codes
from tests.conftest import Travel
from tests.factories.accounts import make_account, make_agreeing_account, make_person
from tests.factories.api import phone_of

WELL = {"temperature": 36.5, "symptoms": [], "contact": False, "abroad": False}


@pytest.fixture
def worker(client, clock: Travel):
    """A phone of somebody who agreed, and the person it speaks for."""
    with transaction():
        codes.ensure_issuer_key()
    clock.shift(timedelta(minutes=15))
    account = make_agreeing_account()
    person = make_person(account)
    return phone_of(client, account), person.id


def test_without_a_declaration_the_code_is_grey_and_says_what_to_do(worker):
    phone, person = worker
    shown = phone.get(f"/people/{person}/code").json
    assert (shown["colour"], shown["colour_name"]) == ("grey", "未申报")
    assert shown["next_step"] == {"label": "去申报健康状况", "page": "declare"}


def test_a_healthy_declaration_makes_a_green_code_for_five_minutes(worker):
    phone, person = worker
    declared = phone.post(f"/people/{person}/declarations", WELL)
    assert (declared.status_code, declared.json["colour"]) == (201, "green")
    shown = phone.get(f"/people/{person}/code").json
    assert shown["text"].startswith("LH1:")
    assert shown["name_mask"] == "杨**"
    life = datetime.fromisoformat(shown["expires_at"]) - datetime.fromisoformat(shown["issued_at"])
    assert life == timedelta(minutes=5)


def test_a_fever_makes_a_yellow_code_with_its_reason_and_end(worker):
    phone, person = worker
    phone.post(f"/people/{person}/declarations", WELL | {"temperature": 37.3})
    shown = phone.get(f"/people/{person}/code").json
    assert shown["colour"] == "yellow"
    assert "37.3" in shown["fact"]
    assert shown["reasons"][0]["rule"] == "declared.fever"
    assert shown["until"]


def test_the_same_form_sent_twice_is_one_declaration(worker):
    phone, person = worker
    for _ in range(2):
        assert phone.post(f"/people/{person}/declarations", WELL, key="form-0001").status_code == 201
    changed = phone.post(f"/people/{person}/declarations", WELL | {"contact": True}, key="form-0001")
    assert changed.status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 50},
        {"temperature": "36.5"},
        {"temperature": None},
        {"symptoms": ["headache-of-the-wrong-kind"]},
        {"contact": "no"},
        {"extra": 1},
    ],
)
def test_impossible_declarations_are_refused_field_by_field(worker, change):
    phone, person = worker
    refused = phone.post(f"/people/{person}/declarations", WELL | change)
    assert refused.status_code == 422
    assert any(next(iter(change)) in field for field in refused.json["error"]["fields"])


def test_a_missing_idempotency_key_is_refused(worker, client):
    phone, person = worker
    refused = client.post(
        f"/api/v1/people/{person}/declarations", json=WELL, headers={"Authorization": f"Bearer {phone.token}"}
    )
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json["error"]["fields"]


def test_somebody_elses_person_is_not_found(worker, client):
    _, person = worker
    stranger = phone_of(client, make_agreeing_account())
    for answer in (
        stranger.get(f"/people/{person}/code"),
        stranger.post(f"/people/{person}/declarations", WELL),
        stranger.get(f"/people/{person}/itinerary"),
        stranger.get(f"/people/{person}/readers"),
    ):
        assert answer.status_code == 404


def test_health_data_needs_its_own_consent(client, clock):
    account = make_account()
    person = make_person(account)
    refused = phone_of(client, account).post(f"/people/{person.id}/declarations", WELL)
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "accounts.consent_missing")
    assert clock is not None
