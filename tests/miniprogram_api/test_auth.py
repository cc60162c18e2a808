from datetime import timedelta

import pytest

from backend.core.clock import local
from backend.core.crypto import blind_index
from backend.notices.sign_in_codes import waiting_code
from tests.conftest import Travel
from tests.factories.accounts import make_account, make_agreeing_account
from tests.factories.api import phone_of

PHONE = "13800000009"


def code_of(phone: str) -> str:
    return waiting_code(blind_index(phone, "phone").hex())[1]


def test_an_sms_code_signs_in_once(client):
    assert client.post("/api/v1/auth/sms", json={"phone": PHONE}).json == {"retry_after": 60}
    body = {"phone": PHONE, "code": code_of(PHONE)}
    signed_in = client.post("/api/v1/auth/sms/verify", json=body)
    assert signed_in.json["account"]["phone_mask"] == "138****0009"
    assert client.post("/api/v1/auth/sms/verify", json=body).status_code == 422


def test_a_second_code_within_a_minute_is_refused_with_the_wait(client):
    client.post("/api/v1/auth/sms", json={"phone": PHONE})
    refused = client.post("/api/v1/auth/sms", json={"phone": PHONE})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_guessing_the_code_ends_after_five_tries(client):
    client.post("/api/v1/auth/sms", json={"phone": PHONE})
    right = code_of(PHONE)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert client.post("/api/v1/auth/sms/verify", json={"phone": PHONE, "code": wrong}).status_code == 422
    assert client.post("/api/v1/auth/sms/verify", json={"phone": PHONE, "code": right}).status_code == 429


def test_tokens_rotate_and_a_replayed_one_ends_the_sign_in(client, clock: Travel):
    client.post("/api/v1/auth/sms", json={"phone": PHONE})
    first = client.post("/api/v1/auth/sms/verify", json={"phone": PHONE, "code": code_of(PHONE)}).json
    second = client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json
    clock.shift(timedelta(minutes=2))
    replayed = client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (replayed.status_code, replayed.json["error"]["code"]) == (401, "accounts.refresh_reused")
    ended = client.post("/api/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert ended.status_code == 401


def test_signing_out_ends_the_chain(client):
    client.post("/api/v1/auth/sms", json={"phone": PHONE})
    given = client.post("/api/v1/auth/sms/verify", json={"phone": PHONE, "code": code_of(PHONE)}).json
    assert client.post("/api/v1/auth/logout", json={"refresh_token": given["refresh_token"]}).status_code == 204
    assert client.post("/api/v1/auth/refresh", json={"refresh_token": given["refresh_token"]}).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp4", "Bearer a.b.c"])
def test_without_a_good_token_nothing_is_told(client, header):
    refused = client.get("/api/v1/me", headers={"Authorization": header})
    assert refused.status_code == 401
    assert refused.json["error"]["message"]


def test_an_access_token_ends(client, clock: Travel):
    phone = phone_of(client, make_account())
    assert phone.get("/me").status_code == 200
    clock.shift(timedelta(minutes=15))
    assert phone.get("/me").status_code == 401


def test_me_tells_masks_only(client):
    told = phone_of(client, make_account(PHONE)).get("/me").get_data(as_text=True)
    assert PHONE not in told


def test_terms_come_before_fields_and_consent_is_each_its_own(client):
    terms = client.get("/api/v1/terms").json
    assert {t["purpose"] for t in terms["purposes"]} == {"basic", "sensitive", "sharing"}
    phone = phone_of(client, make_account())
    claim = {"name": "杨秀英", "resident_id": "522201198503076128"}
    assert phone.post("/claims", claim).status_code == 422, "nothing is typed before agreeing"
    agreed = phone.post("/consents", {"version": terms["version"], "agreed": ["basic"], "refused": ["sharing"]})
    assert agreed.json["consents"] == {"basic": True, "sensitive": False, "sharing": False}


def test_a_claim_off_every_roster_goes_to_the_clerk_and_reveals_nothing(client, clock):
    phone = phone_of(client, make_agreeing_account())
    claim = {"name": "杨秀英", "resident_id": "522201198503076128"}
    unmatched = phone.post("/claims", claim)
    assert (unmatched.status_code, "region_code" in unmatched.json["error"]["fields"]) == (422, True)
    stated = phone.post("/claims", claim | {"region_code": "520602"})
    assert (stated.status_code, stated.json["state"], stated.json["reason"]) == (201, "pending", "not_on_roster")
    (person,) = phone.get("/me").json["people"]
    assert (person["may_show"], person["verified"]) == (True, False)
    assert phone.delete(f"/people/{person['id']}").status_code == 204
    assert phone.get("/me").json["people"] == []
    assert local(clock()).year == 2026


def test_claims_are_limited_to_five_an_hour(client):
    phone = phone_of(client, make_agreeing_account())
    claim = {"name": "杨秀英", "resident_id": "522201198503076128"}
    statuses = [phone.post("/claims", claim).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
