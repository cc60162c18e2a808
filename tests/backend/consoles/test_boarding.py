"""The page at a vehicle's door, and the one by which people change vehicles."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Mark
from healthcode.transfers.rules import TripState
from tests.conftest import Travel
from tests.factories.accounts import make_person, resident_id
from tests.factories.boarding import Door, make_door
from tests.factories.codes import declare
from tests.factories.consoles import SAME_SITE, sign_in

KEY = re.compile(r'name="key" value="(\w+)"')


@pytest.fixture
def door(app, clock: Travel) -> Door:
    del app, clock
    return make_door(4, green=(1, 2, 3))


def page(door: Door, rest: str = "") -> str:
    return f"/console/transfers/{door.transfer.id}/trips/{door.trip.id}/boarding/{rest}"


def ticked(door: Door, *numbers: int) -> dict[str, str]:
    return {f"boarded_{door.entry(number).id}": "yes" for number in numbers}


def test_the_clerk_ticks_who_boards_and_the_phones_time_is_kept(client: FlaskClient, door: Door, clock: Travel):
    sign_in(client, door.origin)
    shown = client.get(page(door)).text
    assert "等待上车（4）" in shown
    assert f"boarded_{door.entry(1).id}" in shown
    assert f"boarded_{door.entry(4).id}" not in shown
    assert "现在是未申报，不能上车" in shown
    found = KEY.search(shown)
    assert found
    ahead = clock() + timedelta(hours=2)
    times = {
        "key": found[1],
        "phone_now": ahead.isoformat(),
        f"at_{door.entry(1).id}": (ahead - timedelta(minutes=9)).isoformat(),
    }
    for _ in range(2):
        answer = client.post(page(door, "ticks"), data=times | ticked(door, 1, 2), headers=SAME_SITE)
        assert answer.status_code == 302
    assert door.aboard() == [1, 2]
    marks = db.session.scalars(select(Mark).order_by(Mark.at)).all()
    assert [(mark.at, mark.phone_at) for mark in marks] == [
        (clock() - timedelta(minutes=9), ahead - timedelta(minutes=9)),
        (clock(), None),
    ]


def test_who_may_not_board_is_named_and_the_others_board(client: FlaskClient, door: Door):
    sign_in(client, door.origin)
    answer = client.post(page(door, "ticks"), data=ticked(door, 1, 4), headers=SAME_SITE)
    assert answer.status_code == 200
    assert door.aboard() == [1]
    nothing = client.post(page(door, "ticks"), headers=SAME_SITE)
    assert nothing.status_code == 422
    assert "请先勾选" in nothing.text


def test_the_other_things_of_the_door_are_written_down(client: FlaskClient, door: Door):
    sign_in(client, door.origin)
    about = {"kind": "struck", "entry_id": str(door.entry(3).id)}
    assert client.post(page(door, "marks"), data=about, headers=SAME_SITE).status_code == 422
    assert client.post(page(door, "marks"), data=about | {"words": "不去了"}, headers=SAME_SITE).status_code == 302
    assert "退出和下车（1）" in client.get(page(door)).text
    counted = client.post(page(door, "marks"), data={"kind": "counted", "heads": "2"}, headers=SAME_SITE)
    assert counted.status_code == 302
    assert "不符" in client.get(page(door)).text
    feverish = {"kind": "measured", "entry_id": str(door.entry(2).id), "temperature": "37.9"}
    assert client.post(page(door, "marks"), data=feverish, headers=SAME_SITE).status_code == 302
    assert "测得体温 37.9 ℃，不能上车" in client.get(page(door)).text
    hot = feverish | {"temperature": "热"}
    for nonsense in (
        hot,
        {"kind": "flown"},
        {"kind": "moved"},
        {"kind": "struck", "entry_id": "x"},
        {"kind": "counted"},
    ):
        assert client.post(page(door, "marks"), data=nonsense, headers=SAME_SITE).status_code == 422


def test_a_latecomer_joins_by_the_id_card_and_boards_once_green(client: FlaskClient, door: Door):
    sign_in(client, door.origin)
    card = {"name": "田小满", "number": resident_id(), "phone": "13912345678"}
    for wrong in ({"number": card["number"][:-1]}, {"name": ""}, {"phone": "12"}):
        refused = client.post(page(door, "people"), data=card | wrong, headers=SAME_SITE)
        assert refused.status_code == 422
        assert "invalid-feedback" in refused.text
    for _ in range(2):
        assert client.post(page(door, "people"), data=card, headers=SAME_SITE).status_code == 302
    entry = door.entry(5)
    assert (entry.name_mask, entry.trip_id, entry.resident_id_mask[-4:]) == ("田**", door.trip.id, card["number"][-4:])
    assert entry.seat not in {"", *(door.entry(number).seat for number in range(1, 5))}
    other = client.post(page(door, "people"), data=card | {"name": "田大满"}, headers=SAME_SITE)
    assert "另一个姓名" in other.text
    assert "还没有登记健康码" in door.board(5)[0].message
    person = make_person(name=card["name"], number=card["number"])
    with transaction():
        actions.link_person(person=person)
    declare(person)
    assert door.board(5)[0].accepted
    sign_in(client, door.destination)
    assert client.post(page(door, "people"), data=card, headers=SAME_SITE).status_code == 403


def test_the_destination_reads_and_writes_nothing_and_others_see_nothing(client: FlaskClient, door: Door):
    door.board(1)
    sign_in(client, door.destination)
    shown = client.get(page(door))
    assert shown.status_code == 200
    assert "登记上车</button>" not in shown.text
    assert client.post(page(door, "ticks"), data=ticked(door, 2), headers=SAME_SITE).status_code == 403
    assert client.get(page(door, "change")).status_code == 404
    assert client.get(f"/console/transfers/{uuid4()}/trips/{door.trip.id}/boarding/").status_code == 404


def test_departure_names_who_has_not_boarded(client: FlaskClient, door: Door, clock: Travel):
    door.board(1, 2)
    sign_in(client, door.origin)
    trip = f"/console/transfers/{door.transfer.id}/trips/{door.trip.id}"
    assert "2 人没有登记上车，发车后不能再上" in client.get(trip).text
    door.leave()
    clock.shift(timedelta(hours=1))
    assert "发车时没有上车的 2 人" in client.get(trip).text
    assert "名单已关闭" in client.get(page(door)).text
    assert client.post(page(door, "ticks"), data=ticked(door, 3), headers=SAME_SITE).status_code == 200
    assert door.aboard() == [1, 2]


def test_people_change_vehicles_by_the_page(client: FlaskClient, door: Door, clock: Travel):
    door.board(1, 2, 3)
    door.leave()
    clock.shift(timedelta(hours=2))
    sign_in(client, door.origin)
    assert "换乘的人（车上 3 人）" in client.get(page(door, "change")).text
    form = {
        "entry_id": [str(door.entry(number).id) for number in (1, 2, 3)],
        "vehicle": "湘A12345",
        "place": "怀化服务区",
        "note": "发动机故障",
        "at": "2026-03-22T13:30",
    }
    refused = client.post(page(door, "change"), data=form | {"note": ""}, headers=SAME_SITE)
    assert refused.status_code == 422
    assert refused.text.count("checked") == 3
    answer = client.post(page(door, "change"), data=form, headers=SAME_SITE)
    assert answer.status_code == 302
    assert door.trip.state is TripState.EMPTIED
    new = client.get(answer.headers["Location"]).text
    assert "车上（3）" in new
    old = client.get(page(door)).text
    assert "换车，怀化服务区" in old
    (other,) = [trip for trip in queries.list_trips(door.transfer) if trip.id != door.trip.id]
    assert door.aboard(other) == [1, 2, 3]
