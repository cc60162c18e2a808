from datetime import datetime, timedelta

import pytest

from backend.accounts.rules import Relation
from backend.core.transactions import transaction
from healthcode.codes import actions as codes
from healthcode.codes import cwt, keys
from healthcode.transfers import actions as transfers
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_account, make_agreeing_account, make_person
from tests.factories.api import phone_of
from tests.factories.codes import make_issuer_key
from tests.factories.transfers import make_roster

WELL = {"temperature": 36.5, "symptoms": [], "contact": False, "abroad": False}


@pytest.fixture
def worker(client, clock: Travel):
    """A phone of somebody who agreed, and the person it speaks for."""
    with transaction():
        codes.ensure_issuer_keys()
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


def test_a_green_phone_is_given_codes_for_stretches_without_a_network(worker):
    phone, person = worker
    assert phone.post(f"/people/{person}/pack").json["error"]["code"] == "codes.pack_not_green"
    phone.post(f"/people/{person}/declarations", WELL)
    given = phone.post(f"/people/{person}/pack", key="pack-0001")
    assert given.status_code == 201
    assert len(given.json["codes"]) == 16
    assert (given.json["colour_name"], given.json["name_mask"]) == ("绿码", "杨**")
    again = phone.post(f"/people/{person}/pack", key="pack-0001")
    assert [code["good_from"] for code in again.json["codes"]] == [code["good_from"] for code in given.json["codes"]]
    phone.post(f"/people/{person}/declarations", WELL | {"contact": True})
    assert phone.post(f"/people/{person}/pack").status_code == 409


def test_offline_codes_are_for_whose_they_are_and_who_agreed(worker, client):
    _, person = worker
    assert phone_of(client, make_agreeing_account()).post(f"/people/{person}/pack").status_code == 404
    account = make_account()
    other = make_person(account, name="石桂英")
    refused = phone_of(client, account).post(f"/people/{other.id}/pack")
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "accounts.consent_missing")


def test_the_government_that_sends_a_person_signs_the_code(client, clock):
    assert clock
    make_issuer_key()
    make_roster(1)
    line = next(rosters.lines(1))
    account = make_agreeing_account()
    with transaction():
        claimed = transfers.claim(
            account=account,
            name=str(line[1]),
            resident_id=str(line[3]),
            relation=Relation.SELF,
            until=None,
            region_code="320583",
        )
        person_id = claimed.holding.person_id
    phone = phone_of(client, account)
    phone.post(f"/people/{person_id}/declarations", WELL)
    code = phone.get(f"/people/{person_id}/code").json
    assert cwt.read(code["text"], keys.find_verifier).issuer == "520600"


def test_who_is_sent_by_nobody_has_a_code_of_where_they_are(client, clock):
    assert clock
    make_issuer_key()
    account = make_agreeing_account()
    person = make_person(account, region="320583")
    phone = phone_of(client, account)
    phone.post(f"/people/{person.id}/declarations", WELL)
    code = phone.get(f"/people/{person.id}/code").json
    assert cwt.read(code["text"], keys.find_verifier).issuer == "320583"


def test_health_data_needs_its_own_consent(client, clock):
    account = make_account()
    person = make_person(account)
    refused = phone_of(client, account).post(f"/people/{person.id}/declarations", WELL)
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "accounts.consent_missing")
    assert clock is not None
