"""A vehicle's page, its moves, and what the destination may see of the people on it."""

import io
from uuid import uuid4

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.core.crypto import unseal
from backend.core.db import db
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.queries import get_transfer, list_trips
from healthcode.transfers.rules import State, TripState
from tests.conftest import Travel
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_roster, take_to

PURPOSE = {"purpose": "安排接站联系本人"}


@pytest.fixture
def roster(app, clock: Travel):
    del app, clock
    return make_roster(5)


def only_trip(transfer: Transfer) -> Trip:
    (trip,) = list_trips(transfer)
    return trip


def address(transfer: Transfer, rest: str = "") -> str:
    return f"/console/transfers/{transfer.id}/trips/{only_trip(transfer).id}{rest}"


def test_a_vehicle_leaves_and_arrives_by_its_page(client: FlaskClient, roster):
    transfer, origin, destination = roster
    sign_in(client, origin)
    assert "move-on_the_way" not in client.get(address(transfer)).text
    take_to(transfer, State.DEPARTING, origin, destination)
    url = address(transfer)
    assert "move-on_the_way" in client.get(url).text

    said = {"to": "on_the_way", "at": "2026-03-22T11:30", "place": "铜仁汽车站", "note": "按计划发车"}
    answer = client.post(f"{url}/moves", data=said, headers=SAME_SITE)
    assert answer.status_code == 302
    shown = client.get(url).text
    assert "2026-03-22 11:30" in shown
    assert "铜仁汽车站" in shown
    assert "召回车辆" in shown
    assert "取消并召回" in client.get(f"/console/transfers/{transfer.id}").text

    sign_in(client, destination)
    client.post(f"{url}/moves", data={"to": "arrived"}, headers=SAME_SITE)
    assert get_transfer(transfer.id, seen_by=destination).state is State.ARRIVED


def test_a_refused_move_opens_its_dialog_again_with_what_was_typed(client: FlaskClient, roster):
    transfer, origin, destination = roster
    take_to(transfer, State.DEPARTING, origin, destination)
    sign_in(client, origin)
    url = f"{address(transfer)}/moves"
    wrong = {"to": "on_the_way", "at": "2026-03-25T11:30", "place": "铜仁汽车站", "note": "按计划发车"}
    refused = client.post(url, data=wrong, headers=SAME_SITE)
    assert refused.status_code == 422
    assert "时间不对" in refused.text
    assert 'value="铜仁汽车站"' in refused.text
    for data in ({"to": "flying"}, {"to": "on_the_way", "at": "明天"}):
        assert client.post(url, data=data, headers=SAME_SITE).status_code == 422
    assert only_trip(transfer).state is TripState.WAITING


def test_calling_back_asks_for_a_reason(client: FlaskClient, roster):
    transfer, origin, destination = roster
    take_to(transfer, State.IN_TRANSIT, origin, destination)
    sign_in(client, origin)
    url = f"/console/transfers/{transfer.id}/recall"
    assert client.post(url, data={"to": "recall", "note": ""}, headers=SAME_SITE).status_code == 422
    client.post(url, data={"to": "recall", "note": "企业停产"}, headers=SAME_SITE)
    text = client.get(f"/console/transfers/{transfer.id}").text
    assert "取消并召回了这次输送" in text
    assert "企业停产" in text
    assert only_trip(transfer).state is TripState.RETURNING


def test_a_vehicle_of_nowhere_is_not_found(client: FlaskClient, roster):
    sign_in(client, roster[1])
    assert client.get(f"/console/transfers/{roster[0].id}/trips/{uuid4()}").status_code == 404


def test_before_it_has_agreed_the_destination_opens_nothing(client: FlaskClient, app):
    del app
    transfer, _, destination = make_roster(2, state=State.OFFERED)
    entry = db.session.scalars(select(Entry).where(Entry.transfer_id == transfer.id)).first()
    sign_in(client, destination)
    page = f"/console/workers/{entry.id}/"
    assert "确认接收这次输送以后" in client.get(page).text
    assert client.post(page, data=PURPOSE, headers=SAME_SITE).status_code == 403
    export = f"/console/transfers/{transfer.id}/export/"
    assert client.post(export, data=PURPOSE, headers=SAME_SITE).status_code == 403
    assert db.session.scalars(select(AccessLog)).all() == []


def test_the_destination_never_reads_where_somebody_lives(client: FlaskClient, roster):
    transfer, _, destination = roster
    entry = db.session.scalars(select(Entry).where(Entry.number == 1)).one()
    lives, number = unseal(entry.address), unseal(entry.resident_id)
    sign_in(client, destination)
    shown = client.post(f"/console/workers/{entry.id}/", data=PURPOSE, headers=SAME_SITE).text
    assert number in shown
    assert lives not in shown

    exported = client.post(f"/console/transfers/{transfer.id}/export/", data=PURPOSE, headers=SAME_SITE)
    cells = [str(cell.value) for row in openpyxl.load_workbook(io.BytesIO(exported.data)).active for cell in row]
    assert number in cells
    assert lives not in cells
    assert not any("户籍地址" in fields for fields in db.session.scalars(select(AccessLog.fields)))
