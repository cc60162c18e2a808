"""Who travelled with a case: every stretch, seats near first, told to those who were looked up."""

import io
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.core import clock as clocks
from backend.core.db import db
from backend.core.transactions import transaction
from backend.privacy.models import Export
from healthcode.transfers import actions, queries
from healthcode.transfers.seating import rows_apart
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.consoles import SAME_SITE, sign_in

WHY = {"days": "14", "purpose": "判定密切接触者"}


@pytest.fixture
def door(app, clock: Travel) -> Door:
    """Six people of two coaches; 1, 2 and 3 of the first one boarded, 2 and 3 changed to another on the way."""
    del app
    door = make_door(12, vehicles=2)
    door.board(1, 2, 3)
    clock.shift(timedelta(minutes=10))
    door.leave()
    clock.shift(timedelta(hours=2))
    return door


def found(door: Door, number: int, by=None, days: float = 14) -> list[tuple[int, int | None]]:
    since = clocks.now() - timedelta(days=days)
    people = queries.companions_of(door.entry(number), since=since, seen_by=by or door.origin)
    return [(one.entry.number, one.apart) for one in people]


@pytest.mark.parametrize(
    ("one", "other", "seats", "apart"),
    [
        ("1", "4", 45, 0),
        ("1", "5", 45, 1),
        ("45", "41", 45, 0),
        ("01号", "17 号", None, 3),
        ("5车12A", "05车12F", None, 0),
        ("5车12A", "6车12A", None, None),
        ("05车011号", "05车001号", None, 2),
        ("", "4", 45, None),
        ("站票", "4", 45, None),
    ],
)
def test_rows_between_seats(one: str, other: str, seats: int | None, apart: int | None) -> None:
    assert rows_apart(one, other, seats) == apart


def test_those_who_were_aboard_at_the_same_time_the_nearest_first(door: Door) -> None:
    people = found(door, 1)
    assert {number for number, _ in people} == {2, 3}
    assert [apart for _, apart in people] == sorted(apart for _, apart in people if apart is not None)
    assert found(door, 4) == []
    assert found(door, 1, days=0.01) == people


def test_each_vehicle_that_people_changed_to_counts(door: Door, clock: Travel) -> None:
    with transaction():
        actions.change_vehicles(
            transfer=door.transfer,
            trip=door.trip,
            entry_ids=[door.entry(2).id, door.entry(3).id],
            onto=None,
            vehicle="湘A66666",
            place="怀化服务区",
            at=None,
            note="发动机故障",
            by=door.origin,
        )
    clock.shift(timedelta(hours=1))
    since = clocks.now() - timedelta(days=1)
    met = queries.companions_of(door.entry(2), since=since, seen_by=door.origin)
    assert sorted((one.entry.number, one.trip.vehicle) for one in met) == [
        (1, door.trip.vehicle),
        (3, "湘A66666"),
        (3, door.trip.vehicle),
    ]
    assert {number for number, _ in found(door, 1)} == {2, 3}


def test_a_vehicle_that_nobody_ticked_carried_its_list(door: Door, clock: Travel) -> None:
    other = next(trip for trip in queries.list_trips(door.transfer) if trip.id != door.trip.id)
    door.trip = other
    door.leave()
    clock.shift(timedelta(hours=1))
    assert {number for number, _ in found(door, 7)} == {8, 9, 10, 11, 12}


def test_the_page_asks_why_and_tells_those_who_were_looked_up(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    page = f"/console/workers/{door.entry(1).id}/companions/"
    assert page in client.get(f"/console/workers/{door.entry(1).id}/").text
    assert client.get(page).status_code == 200
    for wrong in ({"purpose": "查"}, {"days": "15"}, {"days": "x"}):
        assert client.post(page, data=WHY | wrong, headers=SAME_SITE).status_code == 422
    shown = client.post(page, data=WHY, headers=SAME_SITE).text
    assert "同乘 2 人" in shown
    assert f"/console/workers/{door.entry(2).id}/" in shown
    logged = db.session.scalars(select(AccessLog).where(AccessLog.purpose == "追查同行人员：判定密切接触者")).all()
    assert {log.subject_index for log in logged} == {door.entry(number).resident_id_index for number in (1, 2, 3)}


def test_the_excel_names_them_and_is_written_down(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    page = f"/console/workers/{door.entry(1).id}/companions/export/"
    sent = client.post(page, data=WHY, headers=SAME_SITE)
    sheet = openpyxl.load_workbook(io.BytesIO(sent.data)).active
    text = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert any(line.startswith("铜仁市") and "编号" in line for line in text)
    assert sum(door.trip.vehicle == cell for cell in text) == 2
    (noted,) = db.session.scalars(select(Export))
    assert (noted.rows, noted.document.startswith("同行人员")) == (2, True)
    assert client.get(page).status_code == 302


def test_other_governments_find_nothing(client: FlaskClient, door: Door) -> None:
    stranger = make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300"))
    assert found(door, 1, stranger) == []
    sign_in(client, stranger)
    page = f"/console/workers/{door.entry(1).id}/companions/"
    assert client.get(page).status_code == 404
    assert client.post(page, data=WHY, headers=SAME_SITE).status_code == 404
    assert {number for number, _ in found(door, 1, door.destination)} == {2, 3}
