"""The list on the leader's phone, and what it sends."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.models import AccessLog, Holding, Person
from backend.accounts.rules import HoldingState, Relation
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.transfers.models import Mark
from tests.conftest import Travel
from tests.factories.accounts import make_agreeing_account
from tests.factories.api import Phone, phone_of
from tests.factories.boarding import Door, make_door
from tests.factories.codes import account_of, make_issuer_key


@pytest.fixture
def door(app, clock: Travel) -> Door:
    del app, clock
    return make_door(4, green=(1, 2, 3))


def person(door: Door, number: int) -> Person:
    return db.session.get_one(Person, door.entry(number).person_id)


def phone(client: FlaskClient, door: Door, number: int = 1) -> tuple[Phone, str]:
    """The phone of somebody aboard, and where the vehicle lies for them."""
    whose = person(door, number)
    return phone_of(client, account_of(whose)), f"/people/{whose.id}/vehicles"


def mark(clock: Travel, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": uuid4().hex, "kind": kind, "at": clock().isoformat()} | more


def sent(clock: Travel, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"phone_now": clock().isoformat(), "marks": list(marks)}


def test_leader_and_deputy_have_the_list_with_names_seats_and_colours(client, door):
    for number in (1, 2):
        api, path = phone(client, door, number)
        (led,) = api.get(path).json
        listed = api.get(f"{path}/{led['id']}").json
        assert led["vehicle"] == listed["vehicle"] == "贵D00000"
        assert [one["colour"] for one in listed["people"]] == ["green"] * 3 + ["grey"]
        first = listed["people"][0]
        assert "*" not in first["name"]
        assert first["last_four"] == door.entry(1).resident_id_mask[-4:]
        assert first["seat"] == door.entry(1).seat
        assert [bool(one["why_not"]) for one in listed["people"]] == [False] * 3 + [True]
        assert listed["closed"] is False


def test_passengers_see_once_a_day_that_the_leader_looked(client, door):
    api, path = phone(client, door)
    for _ in range(2):
        api.get(f"{path}/{door.trip.id}")
    logs = db.session.scalars(select(AccessLog)).all()
    assert len(logs) == 3
    assert {log.organisation_id for log in logs} == {door.origin.organisation_id}
    theirs, _ = phone(client, door, 3)
    (reader,) = theirs.get(f"/people/{person(door, 3).id}/readers").json
    assert "车长核对乘车名单" in reader["purpose"]


def test_other_passengers_and_who_speaks_for_the_leader_have_no_list(client, door, clock):
    other, path = phone(client, door, 3)
    assert other.get(path).json == []
    assert other.get(f"{path}/{door.trip.id}").status_code == 404
    tick = sent(clock, mark(clock, "boarded", entry_id=str(door.entry(3).id)))
    assert other.post(f"{path}/{door.trip.id}/marks", tick).status_code == 404

    leader, family = person(door, 1), make_agreeing_account()
    assert phone_of(client, family).get(f"/people/{leader.id}/vehicles/{door.trip.id}").status_code == 404
    with transaction():
        db.session.add(
            Holding(
                account_id=family.id,
                person_id=leader.id,
                relation=Relation.FAMILY,
                state=HoldingState.CONFIRMED,
                region_code="520602",
                until=clock() + timedelta(days=1),
                claimed_at=clock(),
            )
        )
    assert phone_of(client, family).get(f"/people/{leader.id}/vehicles/{door.trip.id}").status_code == 403
    assert other.get(f"/people/{leader.id}/vehicles/{door.trip.id}").status_code == 404
    assert db.session.query(AccessLog).count() == 0


def test_a_queue_is_taken_once_each_and_the_refused_say_why(client, door, clock):
    api, path = phone(client, door)
    marks = [mark(clock, "boarded", entry_id=str(door.entry(number).id)) for number in (1, 2, 4)]
    fever = mark(clock, "measured", entry_id=str(door.entry(3).id), temperature=37.6)
    body = sent(clock, *marks, mark(clock, "counted", heads=2), fever)
    for _ in range(2):
        answer = api.post(f"{path}/{door.trip.id}/marks", body)
        assert answer.status_code == 200
        assert [one["accepted"] for one in answer.json] == [True, True, False, True, True]
        assert "不能上车" in answer.json[2]["message"]
    assert door.aboard() == [1, 2]
    assert db.session.query(Mark).count() == 4
    feverish = api.get(f"{path}/{door.trip.id}").json["people"][2]
    assert (feverish["temperature"], feverish["colour"]) == (37.6, "yellow")
    assert "37.6 ℃，不能上车" in feverish["why_not"]
    assert {row.leader_id for row in db.session.scalars(select(Mark))} == {door.entry(1).id}


def test_an_offline_phone_with_a_wrong_clock_sends_after_departure_what_happened_before(client, door, clock):
    door.board(1)
    wrong = clock() - timedelta(hours=5)
    clock.shift(timedelta(minutes=10))
    door.leave()
    clock.shift(timedelta(hours=3))
    early = {"key": uuid4().hex, "kind": "boarded", "at": wrong.isoformat(), "entry_id": str(door.entry(2).id)}
    late = early | {
        "key": uuid4().hex,
        "at": (wrong + timedelta(hours=3)).isoformat(),
        "entry_id": str(door.entry(3).id),
    }
    body = {"phone_now": (clock() - timedelta(hours=5)).isoformat(), "marks": [late, early]}
    api, path = phone(client, door)
    answer = api.post(f"{path}/{door.trip.id}/marks", body)
    assert [one["accepted"] for one in answer.json] == [False, True]
    assert door.aboard() == [1, 2]


def test_once_the_vehicle_has_ended_the_phone_is_told_to_forget(client, door, clock):
    door.board(1, 2)
    door.leave()
    clock.shift(timedelta(hours=2))
    waiting = mark(clock, "counted", heads=2, place="玉屏")
    clock.shift(timedelta(hours=2))
    door.arrive()
    api, path = phone(client, door)
    listed = api.get(f"{path}/{door.trip.id}").json
    assert (listed["closed"], listed["people"]) == (True, [])
    assert api.get(path).json == []
    assert api.post(f"{path}/{door.trip.id}/marks", sent(clock, waiting)).json[0]["accepted"]
    after = mark(clock, "counted", heads=2)
    clock.shift(timedelta(minutes=1))
    after["at"] = clock().isoformat()
    assert "已经结束" in api.post(f"{path}/{door.trip.id}/marks", sent(clock, after)).json[0]["message"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"marks": []},
        {"marks": [{"kind": "moved"}]},
        {"marks": [{"heads": -1}]},
        {"marks": [{"temperature": 365}]},
        {"marks": [{"at": "2026-03-22T12:00:00"}]},
        {"marks": [{"entry_id": "x"}]},
        {"marks": [{"key": "短"}]},
    ],
)
def test_nonsense_is_refused_whole(client, door, clock, nonsense):
    api, path = phone(client, door)
    body = sent(clock, mark(clock, "counted", heads=1))
    if "marks" in nonsense:
        body["marks"] = [body["marks"][0] | one for one in nonsense["marks"]]
    else:
        del body["phone_now"]
    assert api.post(f"{path}/{door.trip.id}/marks", body).status_code == 422
    assert db.session.query(Mark).count() == 0


def test_leader_and_deputy_show_a_code_of_the_vehicle_and_nobody_else_does(client, door):
    make_issuer_key()
    for number, status in ((1, 200), (2, 200), (3, 404)):
        api, path = phone(client, door, number)
        code = api.get(f"{path}/{door.trip.id}/code")
        assert code.status_code == status
    api, path = phone(client, door)
    code = api.get(f"{path}/{door.trip.id}/code").json
    assert code["text"].startswith("LHV1:")
    assert (door.entry(1).name_mask[:1] in code["text"]) is False


def test_a_vehicle_that_has_ended_shows_no_code(client, door):
    make_issuer_key()
    door.board(1, 2, 3)
    door.leave()
    door.arrive()
    api, path = phone(client, door)
    refused = api.get(f"{path}/{door.trip.id}/code")
    assert refused.status_code == 409
    assert "车辆码已经作废" in refused.json["error"]["message"]
