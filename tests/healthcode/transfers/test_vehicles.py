"""A transfer's course: its vehicles leave, arrive, are called back; who may still change the roster, who is told."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.transactions import transaction
from backend.evidence.models import Record
from backend.notices.models import Message
from healthcode.transfers import actions, queries
from healthcode.transfers.evidence import TRIP_STEP, list_trip_step_ids, rebuild_trip_steps
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.rules import ImportState, State, TripState
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.transfers import confirm, departs, make_roster, roster_file, send, take_to

pytestmark = pytest.mark.usefixtures("app", "clock")

Ready = tuple[Transfer, Acting, Acting]


def claim_first() -> None:
    line = next(iter(rosters.lines(1)))
    person = make_person(name=str(line[1]), number=str(line[3]))
    with transaction():
        actions.link_person(person=person)


@pytest.fixture
def ready() -> Ready:
    """Three vehicles of 50 people stand ready; the first of the roster has claimed the row."""
    transfer, origin, destination = make_roster(50)
    claim_first()
    take_to(transfer, State.DEPARTING, origin, destination)
    return transfer, origin, destination


def trips_of(transfer: Transfer) -> Sequence[Trip]:
    return sorted(queries.list_trips(transfer), key=lambda trip: trip.vehicle)


def move(ready: Ready, at: int, to: TripState, by: Acting, **said: str) -> None:
    """A vehicle leaves though it has no plan: somebody says why."""
    said = {"note": "按计划发车"} | said if to is TripState.ON_THE_WAY else said
    with transaction():
        actions.move_trip(transfer=ready[0], trip=trips_of(ready[0])[at], to=to, by=by, at=None, **said)


def told() -> list[str]:
    return list(db.session.scalars(select(Message.title).order_by(Message.id)))


def test_the_whole_course_is_kept_with_who_and_when(clock: Travel) -> None:
    transfer, origin, destination = make_roster(2, state=State.DRAFT)
    for state in list(State)[1:-1]:
        clock.shift(timedelta(hours=1))
        take_to(transfer, state, origin, destination)

    steps = queries.list_steps(transfer)
    assert [step.after for step, *_ in steps] == list(State)[:-1]
    assert [office == origin.organisation_name for *_, office in steps] == [
        *(True, True, False, True, True, True),
        *(False, False, False),
    ]
    assert transfer.ended_at == clock()


def test_it_is_in_transit_from_the_first_vehicle_and_arrived_with_the_last(ready: Ready) -> None:
    transfer, origin, destination = ready
    move(ready, 0, TripState.ON_THE_WAY, origin, place="铜仁汽车站")
    assert transfer.state is State.IN_TRANSIT
    move(ready, 0, TripState.ARRIVED, destination)
    assert transfer.state is State.IN_TRANSIT
    for at in (1, 2):
        move(ready, at, TripState.ON_THE_WAY, origin)
        move(ready, at, TripState.ARRIVED, destination)

    assert transfer.state is State.ARRIVED
    steps = queries.list_trip_steps(trips_of(transfer)[0])
    assert [(step.after, step.place, office) for step, _, office in steps] == [
        (TripState.ON_THE_WAY, "铜仁汽车站", origin.organisation_name),
        (TripState.ARRIVED, "", destination.organisation_name),
    ]


def test_no_hand_moves_what_the_vehicles_decide(ready: Ready) -> None:
    transfer, origin, destination = ready
    assert queries.possible_moves(transfer, origin) == [State.CANCELLED]
    with pytest.raises(Conflict, match="no_such_move"), transaction():
        actions.move_transfer(transfer=transfer, to=State.IN_TRANSIT, note="", by=origin)
    with pytest.raises(Conflict, match="no_such_trip_move"):
        move(ready, 0, TripState.ON_THE_WAY, destination)
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    with pytest.raises(NotFound):
        move(ready, 0, TripState.ON_THE_WAY, stranger)


def test_no_vehicle_leaves_before_the_transfer_departs() -> None:
    transfer, origin, destination = make_roster(2)
    with pytest.raises(Conflict, match="no_such_trip_move"):
        move((transfer, origin, destination), 0, TripState.ON_THE_WAY, origin)


def test_a_departure_is_written_down_late_but_never_early(ready: Ready, clock: Travel) -> None:
    transfer, origin, destination = ready
    trip = trips_of(transfer)[0]
    leave = {"transfer": transfer, "trip": trip, "to": TripState.ON_THE_WAY, "by": origin, "note": "补记发车"}
    for wrong in (clock() + timedelta(minutes=5), clock() - timedelta(days=3)):
        with pytest.raises(Invalid, match="trip_moment"), transaction():
            actions.move_trip(**leave, at=wrong)
    left = clock() - timedelta(hours=3)
    with transaction():
        actions.move_trip(**leave, at=left)
    assert trip.departed_at == left
    with pytest.raises(Invalid, match="trip_moment"), transaction():
        actions.move_trip(
            transfer=transfer, trip=trip, to=TripState.ARRIVED, by=destination, at=left - timedelta(minutes=1)
        )


def test_calling_it_off_on_the_way_brings_the_vehicles_back_and_forgets_nobody(
    ready: Ready, deliver_all: Callable[[], int]
) -> None:
    transfer, origin, destination = ready
    move(ready, 0, TripState.ON_THE_WAY, origin)
    with pytest.raises(Conflict, match="no_such_move"), transaction():
        actions.move_transfer(transfer=transfer, to=State.CANCELLED, note="企业停产", by=origin)
    with pytest.raises(Invalid, match="note_missing"), transaction():
        actions.recall_transfer(transfer=transfer, note="", by=origin)
    with pytest.raises(Conflict, match="no_recall"), transaction():
        actions.recall_transfer(transfer=transfer, note="企业停产", by=destination)
    with transaction():
        actions.recall_transfer(transfer=transfer, note="企业停产", by=origin)
    deliver_all()

    assert [trip.state for trip in trips_of(transfer)] == [
        TripState.RETURNING,
        TripState.CANCELLED,
        TripState.CANCELLED,
    ]
    assert transfer.state is State.IN_TRANSIT
    assert queries.get_transfer(transfer.id, seen_by=destination).recalled_at is not None
    assert told() == ["准备出发", "车辆返回"]

    move(ready, 0, TripState.RETURNED, origin)
    assert transfer.state is State.CANCELLED
    assert transfer.ended_at is not None


def test_who_had_arrived_before_the_recall_is_received_as_planned(ready: Ready) -> None:
    transfer, origin, destination = ready
    for at in (0, 1):
        move(ready, at, TripState.ON_THE_WAY, origin)
    move(ready, 0, TripState.ARRIVED, destination)
    with transaction():
        actions.recall_transfer(transfer=transfer, note="企业停产", by=origin)
    move(ready, 1, TripState.RETURNED, origin)

    assert transfer.state is State.ARRIVED
    assert queries.possible_moves(transfer, destination) == [State.ON_DUTY]


def test_one_vehicle_is_called_back_and_the_others_go_on(ready: Ready) -> None:
    transfer, origin, destination = ready
    with pytest.raises(Invalid, match="note_missing"):
        move(ready, 2, TripState.CANCELLED, origin)
    move(ready, 2, TripState.CANCELLED, origin, note="车辆故障，旅客改乘")
    for at in (0, 1):
        move(ready, at, TripState.ON_THE_WAY, origin)
    move(ready, 0, TripState.RETURNING, origin, note="高速封闭")
    move(ready, 1, TripState.ARRIVED, destination)
    assert transfer.state is State.IN_TRANSIT
    move(ready, 0, TripState.RETURNED, origin)
    assert transfer.state is State.ARRIVED


def test_travellers_are_told_before_departure_and_when_it_is_called_off(deliver_all: Callable[[], int]) -> None:
    transfer, origin, destination = make_roster(2)
    claim_first()
    take_to(transfer, State.DEPARTING, origin, destination)
    deliver_all()
    body = db.session.scalars(select(Message.body)).one()
    assert "包车 贵D00000" in body
    assert "08:00 出发，座位 1" in body

    with transaction():
        actions.move_transfer(transfer=transfer, to=State.CANCELLED, note="企业停产", by=origin)
    deliver_all()
    assert told() == ["准备出发", "出行已取消"]


def test_the_roster_of_vehicles_that_have_not_left_may_still_change(ready: Ready) -> None:
    """Somebody of the waiting vehicle drops out and another joins; the file says the same of all who have left."""
    transfer, origin, _ = ready
    move(ready, 0, TripState.ON_THE_WAY, origin)
    lines = list(rosters.lines(51, departs=departs()))
    waiting = send(transfer, origin, roster_file([*lines[:49], lines[50]]))

    assert confirm(waiting, origin, remove_missing=True).state is ImportState.DONE
    numbers = db.session.scalars(select(Entry.number).where(Entry.transfer_id == transfer.id)).all()
    assert sorted(numbers) == [*range(1, 50), 51]


@pytest.mark.parametrize("change", ["seat", "missing", "joining"])
def test_nobody_gets_on_or_off_a_vehicle_that_has_left(ready: Ready, change: str) -> None:
    transfer, origin, _ = ready
    move(ready, 0, TripState.ON_THE_WAY, origin)
    lines = [list(line) for line in rosters.lines(51, departs=departs())]
    if change == "seat":
        lines[3][-1] = 40
    if change == "joining":
        lines[50][-2:] = lines[0][-2], 49
    kept = lines[1:] if change == "missing" else lines
    refused = confirm(send(transfer, origin, roster_file(kept)), origin, remove_missing=True)

    assert refused.state is ImportState.REFUSED
    assert refused.refusal is not None
    assert "已经出发" in refused.refusal
    assert db.session.query(Entry).filter_by(transfer_id=transfer.id).count() == 50


def test_once_all_have_arrived_the_roster_is_closed(ready: Ready) -> None:
    transfer, origin, destination = ready
    take_to(transfer, State.ARRIVED, origin, destination)
    with pytest.raises(Conflict, match="ended"):
        send(transfer, origin, roster_file(rosters.lines(2)))
    with pytest.raises(Forbidden):
        send(transfer, destination, roster_file(rosters.lines(2)))


def test_the_destination_sees_places_from_the_day_before_departure_on(ready: Ready) -> None:
    transfer, origin, destination = ready
    lines = queries.list_entries(transfer)
    whole = queries.as_seen_by(lines, transfer, origin)
    narrowed = queries.as_seen_by(lines, transfer, destination)

    assert all(line.needed.since is None and line.needed.address for line in whole)
    leaves = trips_of(transfer)[0].departs_at
    assert leaves is not None
    assert {line.needed.since for line in narrowed} == {leaves - timedelta(days=1)}
    assert not any(line.needed.address for line in narrowed)


def test_each_move_of_a_vehicle_is_on_record_and_rebuilt_from_its_row(ready: Ready) -> None:
    _, origin, destination = ready
    move(ready, 0, TripState.ON_THE_WAY, origin, place="铜仁汽车站")
    move(ready, 0, TripState.ARRIVED, destination)

    steps = list_trip_step_ids(UUID(int=0), 10)
    kinds = {record.id: record.kind for record in db.session.scalars(select(Record))}
    assert [kinds[step] for step in steps] == [TRIP_STEP.name] * 2
    assert sorted(content["after"] for content in rebuild_trip_steps(steps).values()) == ["arrived", "on_the_way"]
