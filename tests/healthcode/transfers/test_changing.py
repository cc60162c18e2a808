"""A coach breaks down: named people change to another vehicle, and both seat histories stay."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.checks import queries as checks
from healthcode.checks.actions import run_check
from healthcode.checks.rules import Check
from healthcode.itinerary.models import LastSeen
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.models import Mark, Trip
from healthcode.transfers.queries.whereabouts import count_whereabouts
from healthcode.transfers.rules import Leaving, State, TripState
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.boarding import Door, make_door
from tests.factories.transfers import confirm, departs, roster_file, send

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def on_the_way(app: Application, clock: Travel) -> Door:
    """Three of four people are aboard, two hours after departure."""
    del app
    door = make_door(4)
    door.board(1, 2, 3)
    door.leave()
    clock.shift(timedelta(hours=2))
    return door


def change(door: Door, *numbers: int, onto: Trip | None = None, **more: Any) -> Trip:
    said: dict[str, Any] = {"vehicle": "湘A 12345", "place": "怀化服务区", "note": "发动机故障", "at": None}
    with transaction():
        return actions.change_vehicles(
            transfer=door.transfer,
            trip=door.trip,
            entry_ids=[door.entry(number).id for number in numbers],
            onto=onto,
            **said | {"by": door.origin} | more,
        )


def test_a_replaced_vehicle_keeps_both_seat_histories_and_ends(
    on_the_way: Door, clock: Travel, deliver_all: Callable[[], int]
) -> None:
    door, seat = on_the_way, on_the_way.entry(2).seat
    left = clock() - timedelta(hours=2)
    new = change(door, 1, 2, 3)
    deliver_all()

    history = [
        (trip.vehicle, ride.seat, ride.boarded_at, ride.left_at, ride.left_as, ride.left_place)
        for ride, trip in queries.list_rides(door.entry(2).id)
    ]
    assert history == [
        (door.trip.vehicle, seat, left, clock(), Leaving.MOVED, "怀化服务区"),
        ("湘A12345", seat, clock(), None, None, ""),
    ]
    assert (door.trip.state, door.trip.ended_at) == (TripState.EMPTIED, clock())
    assert (new.state, new.departed_at) == (TripState.ON_THE_WAY, clock())
    assert door.transfer.state is State.IN_TRANSIT
    told = db.session.scalars(select(Message.body).where(Message.title == "已换乘")).all()
    assert len(told) == 3
    assert all("湘A12345" in body for body in told)
    led = queries.get_led(door.entry(1).person_id, new.id)
    assert led[2].stops, "the leader came along, and the plan's stops with them"


def test_who_was_ticked_offline_before_all_changed_vehicles_changed_with_them(on_the_way: Door, clock: Travel) -> None:
    door = on_the_way
    new = change(door, 1, 2, 3)
    clock.shift(timedelta(hours=1))
    (taken,) = door.take(door.said(MarkKind.BOARDED, 4, at=clock() - timedelta(hours=3)))
    assert taken.accepted
    assert door.aboard(new) == [1, 2, 3, 4]
    assert [ride.left_as for ride, _ in queries.list_rides(door.entry(4).id)] == [Leaving.MOVED, None]


def test_a_vehicle_is_split_and_the_transfer_arrives_with_the_last(on_the_way: Door, clock: Travel) -> None:
    door = on_the_way
    new = change(door, 3)
    assert (door.aboard(), door.aboard(new)) == ([1, 2], [3])
    assert door.trip.state is TripState.ON_THE_WAY
    clock.shift(timedelta(hours=5))
    door.arrive()
    assert door.transfer.state is State.IN_TRANSIT
    with transaction():
        actions.move_trip(transfer=door.transfer, trip=new, to=TripState.ARRIVED, by=door.destination, at=None)
    assert door.transfer.state is State.ARRIVED


def test_two_vehicles_are_merged_and_nobody_sits_on_another(app: Application, clock: Travel) -> None:
    del app
    door = make_door(4, vehicles=2)
    second = max(queries.list_trips(door.transfer), key=lambda one: one.vehicle)
    with transaction():
        for number in (1, 3):
            door.entry(number).seat = "7"
    door.board(1, 2)
    door.take(*(door.said(MarkKind.BOARDED, number) for number in (3, 4)), trip=second)
    door.leave()
    with transaction():
        actions.move_trip(
            transfer=door.transfer, trip=second, to=TripState.ON_THE_WAY, by=door.origin, note="按计划发车", at=None
        )
    clock.shift(timedelta(hours=1))
    change(door, 1, 2, onto=second)
    assert door.aboard(second) == [1, 2, 3, 4]
    assert (door.entry(1).seat, door.entry(3).seat) == ("", "7")


def test_a_waiting_vehicle_leaves_with_whom_it_takes_over(app: Application, clock: Travel) -> None:
    del app
    door = make_door(4, vehicles=2)
    second = max(queries.list_trips(door.transfer), key=lambda one: one.vehicle)
    door.board(1, 2)
    door.leave()
    clock.shift(timedelta(hours=1))
    change(door, 2, onto=second)
    assert (second.state, second.departed_at) == (TripState.ON_THE_WAY, clock())
    assert door.aboard(second) == [2]


def test_who_never_boarded_changes_nowhere_and_nonsense_changes_nothing(on_the_way: Door, clock: Travel) -> None:
    door = on_the_way
    with pytest.raises(Conflict, match="not_aboard"):
        change(door, 3, 4)
    with pytest.raises(Invalid):
        change(door, 3, place=" ")
    with pytest.raises(Invalid):
        change(door)
    with pytest.raises(Invalid, match="vehicle"):
        change(door, 3, vehicle="")
    with pytest.raises(Conflict, match="vehicle_known"):
        change(door, 3, vehicle=door.trip.vehicle)
    with pytest.raises(Invalid, match="note_missing"):
        change(door, 3, note="")
    with pytest.raises(Invalid, match="trip_moment"):
        change(door, 3, at=clock() - timedelta(hours=3))
    with pytest.raises(Forbidden):
        change(door, 3, by=door.destination)
    with pytest.raises(Conflict, match="not_under_way"):
        change(door, 3, onto=door.trip)
    assert door.aboard() == [1, 2, 3]
    assert db.session.query(Mark).filter_by(kind=MarkKind.MOVED).count() == 0


def test_a_vehicle_that_nobody_ticked_carries_its_whole_roster(app: Application, clock: Travel) -> None:
    del app
    door = make_door(4)
    door.leave()
    clock.shift(timedelta(hours=1))
    new = change(door, 1, 2)
    assert (door.aboard(), door.aboard(new)) == ([3, 4], [1, 2])


def test_the_roster_may_be_sent_again_unchanged_after_people_changed_vehicles(on_the_way: Door) -> None:
    door = on_the_way
    change(door, 1, 2, 3)
    lines = [list(line) for line in rosters.lines(5, departs=departs(at="18:00"))]
    for line in lines:
        line[-2] = "贵D00000"
    lines[4][-2] = "贵D00009"
    done = confirm(send(door.transfer, door.origin, roster_file(lines)), door.origin)
    assert (done.state, done.refusal, done.added) == ("done", None, 1)


def test_checks_and_maps_go_by_who_is_aboard(on_the_way: Door, clock: Travel) -> None:
    """The one left behind is looked for by nobody; a sleeper is where the vehicle was last seen."""
    door = on_the_way
    with transaction():
        db.session.merge(
            LastSeen(
                person_id=door.entry(2).person_id,
                sign_at=clock(),
                at=clock(),
                lon=112.94,
                lat=28.23,
                accuracy_m=30,
                region_code="430102",
            )
        )
    regions = {where.region_code: where.people for where in count_whereabouts([door.transfer.id])}
    assert regions == {"430102": 3, None: 1}
    clock.shift(timedelta(hours=7))
    with transaction():
        assert run_check(check=Check.LOCATION).looked_at == 3
    (finding,) = checks.list_findings(seen_by=door.origin)
    assert finding.finding.trip_id == door.trip.id
    assert "3 人" in finding.fact

    door.arrive("昆山南站")
    with transaction():
        run_check(check=Check.LOCATION)
    assert checks.list_findings(seen_by=door.origin) == [], "handed over, they are on nobody's way any more"
