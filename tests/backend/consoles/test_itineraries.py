"""A worker's line of time in the consoles: for a reason that the worker reads, and no more than the transfer needs."""

import io
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient

from backend.accounts import queries as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core.crypto import unseal
from backend.core.db import db, new_key
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.rules import Vehicle
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.consoles import SAME_SITE, sign_in

HOUR = timedelta(hours=1)
WHY = {"purpose": "核实 14 天行程"}


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    del app, clock
    door = make_door(3)
    door.board(1, 2)
    door.leave()
    return door


@pytest.fixture
def page(door: Door) -> str:
    return f"/console/workers/{door.entry(1).id}/itinerary/"


def person_of(door: Door, number: int = 1) -> Person:
    return db.session.get_one(Person, door.entry(number).person_id)


def declare(person: Person, number: str, hours: float) -> None:
    with transaction():
        itinerary.declare_trip(
            person=person,
            vehicle=Vehicle.TRAIN,
            number=number,
            seat="",
            from_region="520602",
            to_region="320583",
            departs_at=NOON + hours * HOUR,
            arrives_at=NOON + (hours + 10) * HOUR,
            request_key=new_key().hex,
        )


def look(client: FlaskClient, by: Acting, page: str) -> str:
    sign_in(client, by)
    return client.post(page, data=WHY, headers=SAME_SITE).text


def test_nothing_is_shown_before_a_reason_is_given(client, door, page):
    sign_in(client, door.origin)
    declare(person_of(door), "K586", -60)
    assert "K586" not in client.get(page).text
    refused = client.post(page, data={"purpose": "看"}, headers=SAME_SITE)
    assert refused.status_code == 422
    assert "K586" not in refused.text
    assert [entry for entry, _ in accounts.list_readers(person_of(door)) if entry.fields == ["14 天行程"]] == []


def test_each_look_is_written_down_for_the_worker(client, door, page):
    look(client, door.origin, page)
    read = [entry.purpose for entry, _ in accounts.list_readers(person_of(door)) if entry.fields == ["14 天行程"]]
    assert read == ["核实 14 天行程"]


def test_the_office_sees_the_ride_the_declared_train_and_what_contradicts(client, door, page, clock):
    clock.shift(2 * HOUR)
    declare(person_of(door), "G1234", 1)
    shown = look(client, door.origin, page)
    assert "包车" in shown
    assert "火车 G1234" in shown
    assert "矛盾：" in shown
    assert "审图号" in shown


def test_the_destination_sees_no_more_than_from_the_day_before_departure(client, door, page):
    declare(person_of(door), "K586", -100)
    assert "K586" in look(client, door.origin, page)
    shown = look(client, door.destination, page)
    assert "包车" in shown
    assert "K586" not in shown


def test_of_who_does_not_share_the_destination_sees_nothing(client, door, page, monkeypatch):
    monkeypatch.setattr("healthcode.transfers.queries.entries.who_share", lambda _ids: set())
    sign_in(client, door.destination)
    assert client.get(page).status_code == 403
    assert client.post(page, data=WHY, headers=SAME_SITE).status_code == 403


def test_another_government_finds_nothing(client, door, page):
    del door
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    sign_in(client, stranger)
    assert client.get(page).status_code == 404
    assert client.post(page, data=WHY, headers=SAME_SITE).status_code == 404


def test_companions_who_only_declared_are_in_the_excel_and_marked(client, door, clock):
    clock.shift(HOUR)
    declare(person_of(door), "K586", -60)
    declare(person_of(door, 3), "K586", -60)
    sign_in(client, door.origin)
    form = {"purpose": "判定密切接触者", "days": "14"}
    page = f"/console/workers/{door.entry(1).id}/companions/export/"
    sent = client.post(page, data=form, headers=SAME_SITE)
    sheet = openpyxl.load_workbook(io.BytesIO(sent.data)).active
    assert sheet is not None
    rows = [row for row in sheet.iter_rows(values_only=True) if row[-1] in {"乘车记录", "双方申报，未证实"}]
    numbers = [unseal(door.entry(number).resident_id) for number in (2, 3)]
    assert [(row[1], row[3], row[-1]) for row in rows] == [
        (numbers[0], door.trip.vehicle, "乘车记录"),
        (numbers[1], "火车 K586", "双方申报，未证实"),
    ]
    read = [entry for entry, _ in accounts.list_readers(person_of(door, 3)) if "身份证号" in entry.fields]
    assert [entry.purpose for entry in read] == ["追查同行人员：判定密切接触者"]


def test_companions_who_only_declared_are_told_apart_and_their_reading_is_written_down(client, door):
    declare(person_of(door), "K586", -60)
    declare(person_of(door, 3), "K586", -60)
    sign_in(client, door.origin)
    form = {"purpose": "判定密切接触者", "days": "14"}
    shown = client.post(f"/console/workers/{door.entry(1).id}/companions/", data=form, headers=SAME_SITE).text
    assert "本人申报的同乘 1 人" in shown
    assert "申报，未证实" in shown
    assert any("判定密切接触者" in entry.purpose for entry, _ in accounts.list_readers(person_of(door, 3)))
