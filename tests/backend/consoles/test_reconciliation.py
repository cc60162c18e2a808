"""Planned, boarded, arrived: what differs, by vehicle and by name."""

import io
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.core.db import db
from backend.core.transactions import transaction
from backend.privacy.models import Export
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.rules import Fate
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, resident_id
from tests.factories.boarding import HANDOVER, Door, make_door
from tests.factories.consoles import SAME_SITE, sign_in

WHY = {"purpose": "电话核对没有上车的人"}


@pytest.fixture
def door(app, clock: Travel) -> Door:
    """Two coaches of five; of the first one's people 1 to 3 boarded, 4 doesn't travel, 5 did not come."""
    del app
    door = make_door(10, vehicles=2)
    door.board(1, 2, 3)
    door.take(door.said(MarkKind.STRUCK, 4, words="家里有事"))
    clock.shift(timedelta(minutes=5))
    door.leave()
    clock.shift(timedelta(hours=3))
    return door


def counted(door: Door) -> list[tuple[int, int, dict[Fate, int]]]:
    return [(tally.planned, tally.boarded, tally.people) for tally in queries.reconcile(door.transfer)]


def differing(door: Door) -> list[tuple[int, Fate, bool]]:
    found = queries.list_differences(door.transfer, 100)
    return sorted((one.entry.number, one.fate, one.joined) for one in found)


def test_before_departure_all_wait(app, clock: Travel) -> None:
    del app, clock
    door = make_door(2)
    assert counted(door) == [(2, 0, {Fate.WAITING: 2})]
    assert differing(door) == []


def test_who_struck_and_who_stayed_are_named_with_why(door: Door) -> None:
    first, second = counted(door)
    assert first == (5, 3, {Fate.ABOARD: 3, Fate.STRUCK: 1, Fate.LEFT_BEHIND: 1})
    assert second == (5, 0, {Fate.WAITING: 5})
    assert differing(door) == [(4, Fate.STRUCK, False), (5, Fate.LEFT_BEHIND, False)]
    (struck,) = [one for one in queries.list_differences(door.transfer, 100) if one.fate is Fate.STRUCK]
    assert struck.why == "家里有事"


def test_a_fever_on_the_way_and_the_arrival(door: Door, clock: Travel) -> None:
    door.take(door.said(MarkKind.TO_HEALTH, 2, place=HANDOVER))
    clock.shift(timedelta(hours=9))
    door.arrive("昆山汽车客运中心")
    planned, boarded, people = counted(door)[0]
    assert (planned, boarded) == (5, 3)
    assert people == {Fate.ARRIVED: 2, Fate.TO_HEALTH: 1, Fate.STRUCK: 1, Fate.LEFT_BEHIND: 1}
    (handed,) = [one for one in queries.list_differences(door.transfer, 100) if one.fate is Fate.TO_HEALTH]
    assert handed.why == HANDOVER


def test_a_vehicle_that_nobody_ticked_arrives_with_those_who_were_seen(door: Door, clock: Travel) -> None:
    door.trip = next(trip for trip in queries.list_trips(door.transfer) if trip.id != door.trip.id)
    door.leave()
    assert counted(door)[1] == (5, 5, {Fate.ABOARD: 5})
    clock.shift(timedelta(hours=9))
    door.arrive()
    with transaction():
        door.entry(6).arrived_at = clock()
    assert counted(door)[1][2] == {Fate.ARRIVED: 1, Fate.MISSING: 4}


def test_who_joined_at_the_door_is_named_though_nothing_went_wrong(app, clock: Travel) -> None:
    del app, clock
    door = make_door(2)
    with transaction():
        actions.join(
            transfer=door.transfer,
            trip=door.trip,
            name="龙后来",
            resident_id=resident_id(),
            phone="",
            key="join-0001",
            by=door.origin,
        )
    assert differing(door) == [(3, Fate.WAITING, True)]


def test_the_page_and_the_excel(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    page = f"/console/transfers/{door.transfer.id}/reconciliation/"
    shown = client.get(page).text
    assert "对不上的人（2）" in shown
    assert "家里有事" in shown
    assert client.post(f"{page}export", data={"purpose": "查"}, headers=SAME_SITE).status_code == 422
    sent = client.post(f"{page}export", data=WHY, headers=SAME_SITE)
    rows = list(openpyxl.load_workbook(io.BytesIO(sent.data)).active.iter_rows(values_only=True))
    assert [row[6] for row in rows[2:]] == ["没有上车", "退出"]
    assert "**" not in str(rows[2][1])
    assert db.session.scalars(select(Export.rows)).one() == 2
    assert len(db.session.scalars(select(AccessLog).where(AccessLog.purpose == WHY["purpose"])).all()) == 2
    assert client.get(f"{page}export").status_code == 302
    sign_in(client, door.destination)
    assert "对不上的人（2）" in client.get(page).text
    sign_in(client, make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300")))
    assert client.get(page).status_code == 404
    assert client.post(f"{page}export", data=WHY, headers=SAME_SITE).status_code == 404
