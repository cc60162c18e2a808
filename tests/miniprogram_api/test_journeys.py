"""Declared journeys and the line of time, as the worker's page asks for them."""

import pytest
from flask.testing import FlaskClient

from backend.accounts.models import Account, Person
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.itinerary import actions as itinerary
from tests.conftest import Travel
from tests.factories.accounts import make_account, make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.api import Phone, phone_of
from tests.factories.itinerary import KUNSHAN_STATION, make_place, make_screen

SAID = {
    "vehicle": "train",
    "number": "g 1234",
    "seat": "05车12F",
    "from_region": "520602",
    "to_region": "320583",
    "departs_at": "2026-03-22T08:00:00+08:00",
    "arrives_at": "2026-03-22T18:00:00+08:00",
}


@pytest.fixture
def account(app: Application, clock: Travel) -> Account:
    del app, clock
    return make_agreeing_account()


@pytest.fixture
def person(account: Account) -> Person:
    return make_person(account)


@pytest.fixture
def phone(client: FlaskClient, account: Account) -> Phone:
    return phone_of(client, account)


def test_a_journey_is_declared_listed_and_taken_back(phone, person):
    base = f"/people/{person.id}/journeys"
    answer = phone.post(base, SAID, key="key-of-one-form")
    assert answer.status_code == 201
    again = phone.post(base, SAID, key="key-of-one-form")
    assert again.json["id"] == answer.json["id"]
    (listed,) = phone.get(base).json
    assert (listed["number"], listed["vehicle_name"], listed["to_name"]) == ("G1234", "火车", "江苏省苏州市昆山市")
    for _ in range(2):
        assert phone.delete(f"{base}/{listed['id']}").status_code == 204
    assert phone.get(base).json == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"vehicle": "rocket"},
        {"number": "不知道"},
        {"from_region": "52"},
        {"to_region": "000000"},
        {"departs_at": "yesterday"},
        {"departs_at": "2026-03-22T08:00:00"},
        {"departs_at": "0001-01-01T00:00:00+14:00"},
        {"arrives_at": "9999-12-31T23:59:59-12:00"},
        {"seat": "\0"},
        {"more": "x"},
    ],
)
def test_nonsense_is_refused_with_sentences(phone, person, wrong):
    answer = phone.post(f"/people/{person.id}/journeys", SAID | wrong)
    assert answer.status_code == 422
    assert answer.json["error"]["message"]
    assert phone.get(f"/people/{person.id}/journeys").json == []


def test_nobody_reads_or_writes_for_somebody_else(client, phone, person):
    stranger = phone_of(client, make_agreeing_account())
    made = phone.post(f"/people/{person.id}/journeys", SAID).json["id"]
    assert stranger.get(f"/people/{person.id}/journeys").status_code == 404
    assert stranger.get(f"/people/{person.id}/timeline").status_code == 404
    assert stranger.post(f"/people/{person.id}/journeys", SAID).status_code == 404
    assert stranger.delete(f"/people/{person.id}/journeys/{made}").status_code == 404
    assert len(phone.get(f"/people/{person.id}/journeys").json) == 1


def test_without_agreeing_to_sensitive_data_nothing_is_declared(client):
    account = make_account()
    person = make_person(account)
    answer = phone_of(client, account).post(f"/people/{person.id}/journeys", SAID)
    assert answer.status_code == 403


def test_the_line_of_time_marks_a_train_during_which_somebody_was_elsewhere(phone, person):
    by = make_acting(make_organisation("昆山市人社局", region="320583"))
    kunshan, _ = make_place(by, name="昆山站", region="320583", at=KUNSHAN_STATION)
    phone.post(f"/people/{person.id}/journeys", SAID)
    screen = make_screen(kunshan, by)
    with transaction():
        (code, *_) = itinerary.take_codes(screen=screen).links
    assert phone.post(f"/people/{person.id}/scans", {"q": code}).json["presence"] == "proven"
    line = phone.get(f"/people/{person.id}/timeline").json
    items = {item["kind"]: item for day in line["days"] for item in day["items"]}
    assert line["contradictions"] == 1
    assert "昆山站" in items["declared"]["doubts"][0]
    assert items["declared"]["proven"] is False
    assert items["seen"]["lines"][0] == "扫屏幕场所码"
    assert [mark["name"] for mark in line["marks"]] == ["昆山"]
    assert line["ways"][0]["said"] == "火车 G1234"


def test_the_outlines_are_public(client):
    answer = client.get("/api/v1/maps/100000")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Cache-Control"]
    assert client.get("/api/v1/maps/999999").status_code == 404
    assert client.get("/api/v1/maps/x").status_code == 404


def test_the_copy_of_all_data_holds_declared_journeys_and_those_taken_back(phone, person):
    base = f"/people/{person.id}/journeys"
    made = phone.post(base, SAID).json["id"]
    phone.delete(f"{base}/{made}")
    sections = phone.post(f"/people/{person.id}/copy").json["sections"]
    (rows,) = [section["rows"] for section in sections if section["name"] == "itinerary.declared_trips"]
    assert rows[0][:3] == ["火车", "G1234", "05车12F"]
    assert rows[0][-1] == "2026-03-22 12:00"
