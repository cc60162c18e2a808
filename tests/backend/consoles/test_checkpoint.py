import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db
from healthcode.codes import keys
from healthcode.codes.models import Reading
from healthcode.itinerary.models import Place
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.cards import begin_shift, print_card
from tests.factories.codes import declare, give_pack, make_issuer_key, show
from tests.factories.consoles import sign_in
from tests.factories.itinerary import make_place


@pytest.fixture
def officer(client: FlaskClient, clock: Travel) -> Acting:
    """An officer at Tongren's station, signed in."""
    del clock
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    acting = make_acting(station, role=Role.OFFICER)
    sign_in(client, acting)
    return acting


@pytest.fixture
def place(officer: Acting) -> Place:
    return make_place(officer)[0]


@pytest.fixture
def person(officer: Acting) -> Person:
    """杨秀英, declared healthy."""
    del officer
    worker = make_person()
    declare(worker)
    return worker


def body(text: str, place: Place | None = None, **other: object) -> dict[str, Any]:
    sent = {
        "text": text,
        "place_id": str(place.id) if place else None,
        "request_key": uuid4().hex,
        "phone_time": clocks.now().isoformat(),
    }
    return sent | other


def post(client: FlaskClient, sent: object) -> TestResponse:
    return client.post("/checkpoint/api/scans", json=sent)


def count_readings() -> int:
    return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def test_a_scan_is_answered_with_all_that_the_page_shows(client: FlaskClient, person: Person, place: Place) -> None:
    answer = post(client, body(show(person).text, place))
    assert answer.status_code == 200
    assert answer.json == {
        "outcome": "passes",
        "outcome_name": "通过",
        "fault": None,
        "colour": "green",
        "colour_name": "绿码",
        "reason": "24 小时内申报体温 36.5 ℃，没有症状。",
        "next_step": "核对身份证：姓名首字和后四位一致就放行。",
        "first_character": "杨",
        "last_four": person.resident_id_mask[-4:],
        "issuer_name": "铜仁",
        "warning": "",
        "read_at": clocks.now().isoformat(),
    }


def test_a_scan_that_comes_twice_is_one_reading(client: FlaskClient, person: Person, place: Place) -> None:
    sent = body(show(person).text, place)
    assert post(client, sent).json == post(client, sent).json
    assert count_readings() == 1


def test_a_scan_that_waited_is_judged_by_its_own_time(
    client: FlaskClient, person: Person, place: Place, clock: Travel
) -> None:
    code = show(person)
    clock.shift(timedelta(hours=3))
    late = post(client, body(code.text, place, waited=3 * 3600 - 30))
    assert late.json is not None
    assert late.json["outcome"] == "passes"
    now = post(client, body(code.text, place))
    assert now.json is not None
    assert now.json["outcome"] == "out_of_date"


def test_a_phone_whose_clock_is_wrong_is_told_so(client: FlaskClient, person: Person) -> None:
    wrong = (clocks.now() + timedelta(minutes=3)).isoformat()
    answer = post(client, body(show(person).text, phone_time=wrong))
    assert answer.json is not None
    assert (answer.json["outcome"], answer.json["fault"]) == ("cannot_be_checked", "clock")
    assert "时间" in answer.json["next_step"]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        "text",
        1,
        {},
        {"text": 1},
        {"text": "x", "place_id": "nowhere", "request_key": "12345678", "phone_time": "2026-03-22T04:00:00Z"},
        {"text": "x", "place_id": None, "request_key": "short", "phone_time": "2026-03-22T04:00:00Z"},
        {"text": "x", "place_id": None, "request_key": "12345678", "phone_time": "noon"},
        {"text": "x", "place_id": None, "request_key": "12345678", "phone_time": "2026-03-22T04:00:00"},
        {"text": "x" * 4001, "place_id": None, "request_key": "12345678", "phone_time": "2026-03-22T04:00:00Z"},
        {"text": "x", "place_id": None, "request_key": "12345678", "phone_time": "2026-03-22T04:00:00Z", "waited": -1},
        {"text": "x", "place_id": None, "request_key": "12345678", "phone_time": "2026-03-22T04:00:00Z", "more": 1},
    ],
)
def test_a_scan_of_another_shape_is_refused(client: FlaskClient, officer: Acting, sent: object) -> None:
    del officer
    answer = post(client, sent)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["code"] == "invalid_input"
    assert count_readings() == 0


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b"null", b"[" * 100_000])
def test_what_is_no_json_is_refused(client: FlaskClient, officer: Acting, raw: bytes) -> None:
    del officer
    answer = client.post("/checkpoint/api/scans", data=raw, content_type="application/json")
    assert answer.status_code == 422


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_an_outcome(client: FlaskClient, officer: Acting, text: str) -> None:
    del officer
    answer = client.post("/checkpoint/api/scans", data=json.dumps(body(text)), content_type="application/json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["outcome"] == "cannot_be_checked"


def test_a_place_of_another_region_is_not_found(client: FlaskClient, person: Person) -> None:
    kunshan = make_acting(make_organisation("昆山市人社局", region="320583"))
    elsewhere, _ = make_place(kunshan, name="昆山站", region="320583")
    assert post(client, body(show(person).text, elsewhere)).status_code == 404


def test_the_officer_learns_where_they_may_stand(client: FlaskClient, officer: Acting, place: Place) -> None:
    answer = client.get("/checkpoint/api/places").json
    assert answer == {
        "operator": {"id": str(officer.operator_id), "name": officer.operator_name},
        "office": {"id": str(officer.organisation_id), "name": "铜仁站卡口"},
        "places": [{"id": str(place.id), "name": "铜仁火车站", "region_name": "碧江区"}],
        "until": None,
    }


def test_keys_are_public_halves_alone(client: FlaskClient, officer: Acting) -> None:
    del officer
    answer = client.get("/checkpoint/api/keys").json
    assert answer is not None
    assert set(answer) == {"list", "signers", "signer"}
    assert set(answer["signer"]) == {"kid", "x", "y"}
    signed = base64.b64decode(answer["list"])
    assert all(kid in signed for kid in keys.keychain().keys)
    for known in (*keys.keychain().keys.values(), *keys.keychain().list_signers):
        assert known.signer.key.private_numbers().private_value.to_bytes(32, "big") not in signed


def test_what_is_denied_is_told_signed_and_names_nobody(client: FlaskClient, person: Person) -> None:
    give_pack(person)
    declare(person, contact=True)
    answer = client.get("/checkpoint/api/denied").json
    assert answer is not None
    signed = base64.b64decode(answer["list"])
    assert len(signed) > 16 * 8
    assert person.id.bytes[:8] not in signed


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65, "不是字母" * 4, "-" * 20])
def test_the_time_is_signed_for_a_good_nonce_only(client: FlaskClient, officer: Acting, nonce: str) -> None:
    del officer
    good = client.get("/checkpoint/api/time", query_string={"nonce": "a" * 32}).json
    assert good is not None
    assert good["time"].startswith("LHT1:")
    assert client.get("/checkpoint/api/time", query_string={"nonce": nonce}).status_code == 422


@pytest.mark.parametrize("path", ["places", "keys", "denied", "time?nonce=aaaaaaaaaaaaaaaa"])
def test_the_endpoints_are_for_officers(client: FlaskClient, clock: Travel, path: str) -> None:
    del clock
    assert client.get(f"/checkpoint/api/{path}").status_code == 401
    sign_in(client, make_acting())
    assert client.get(f"/checkpoint/api/{path}").status_code == 403


def test_the_page_opens_for_everybody_and_lists_its_files(client: FlaskClient, clock: Travel) -> None:
    del clock
    page = client.get("/checkpoint/")
    assert "卡口查验" in page.text
    assert "<script>" not in page.text
    assert "style=" not in page.text
    listing = client.get("/checkpoint/files.json").json
    assert listing is not None
    for path in listing["files"]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304, path
    assert client.get("/checkpoint/service_worker.js").mimetype == "text/javascript"
    assert client.get("/checkpoint/../guard.py").status_code == 404
    assert client.get("/checkpoint/types.d.ts").status_code == 404


def measured(text: str, **other: object) -> dict[str, Any]:
    return {"text": text, "place_id": None, "request_key": uuid4().hex, "temperature": 37.6} | other


def test_a_temperature_is_kept_and_judged(client: FlaskClient, person: Person) -> None:
    sent = measured(show(person).text)
    for _ in range(2):
        answer = client.post("/checkpoint/api/temperatures", json=sent)
        assert (answer.status_code, answer.json) == (
            200,
            {"fever": True, "colour_name": "黄码", "reason": "在铜仁站卡口测得体温 37.6 ℃，达到或超过 37.3 ℃。"},
        )
    for wrong in ({"temperature": 33.9}, {"temperature": "热"}, {"waited": -1}, {"more": 1}):
        assert client.post("/checkpoint/api/temperatures", json=measured(show(person).text, **wrong)).status_code == 422
    assert client.post("/checkpoint/api/temperatures", json=measured("没有码")).status_code == 422


def test_a_temperature_beside_a_card_is_no_way_round_the_counted_showing(
    client: FlaskClient, person: Person, officer: Acting
) -> None:
    begin_shift(officer)
    text = print_card(person, make_acting()).text
    answer = client.post("/checkpoint/api/temperatures", json=measured(text, temperature=36.6))
    assert answer.json == {"fever": False, "colour_name": "", "reason": ""}
