"""At the door: who boards and who doesn't, what a phone sends late, and the list that closes at departure."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.core.db import db
from backend.core.errors import Forbidden, Invalid
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence.models import Record
from backend.notices.models import Message
from healthcode.codes.rules import Colour, judge
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import Writer
from healthcode.transfers.boarding import MarkKind, Standing, moment_of, why_not
from healthcode.transfers.models import Entry, Mark, Ride
from healthcode.transfers.rules import ImportState, Leaving, State, TripState
from tests.conftest import NOON, Travel
from tests.factories import rosters
from tests.factories.boarding import Door, make_door
from tests.factories.transfers import confirm, departs, make_transfer, roster_file, send

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    del app, clock
    return make_door(4, green=(1, 2, 3))


def standings(door: Door) -> list[Standing]:
    return [one.standing for one in queries.list_passengers(door.trip)]


def test_green_people_board_and_the_others_learn_why_not_and_what_to_do(door: Door) -> None:
    taken = door.board(1, 2, 4)
    assert [one.accepted for one in taken] == [True, True, False]
    assert taken[2].message.startswith("现在是未申报，不能上车。请本人用手机申报健康状况")
    assert door.aboard() == [1, 2]
    assert standings(door) == [Standing.ABOARD, Standing.ABOARD, Standing.EXPECTED, Standing.EXPECTED]


def test_why_not_names_the_colour_the_fact_and_the_next_step() -> None:
    nobody = judge([], NOON)
    assert "还没有登记健康码" in why_not(nobody, registered=False)
    assert "申报" in why_not(nobody, registered=True)


def test_a_phone_whose_clock_is_hours_off_tells_the_right_moment() -> None:
    ahead = NOON + timedelta(hours=3)
    assert moment_of(ahead - timedelta(minutes=5), phone_now=ahead, now=NOON) == NOON - timedelta(minutes=5)
    assert moment_of(ahead + timedelta(hours=1), phone_now=ahead, now=NOON) == NOON, "nothing happens in the future"


def test_the_same_key_is_the_same_thing_and_never_another(door: Door) -> None:
    tick = door.said(MarkKind.BOARDED, 1)
    door.take(tick)
    assert door.take(tick)[0].accepted
    assert db.session.query(Ride).count() == 1
    assert db.session.query(Mark).count() == 1
    other = door.said(MarkKind.BOARDED, 2, key=tick.key)
    assert "已经用过" in door.take(other)[0].message


def test_what_happened_before_departure_arrives_late_and_nobody_boards_afterwards(door: Door, clock: Travel) -> None:
    door.board(1)
    clock.shift(timedelta(minutes=5))
    at_the_door = clock()
    clock.shift(timedelta(minutes=10))
    door.leave()
    clock.shift(timedelta(hours=3))

    refused = door.board(3)[0]
    assert "名单已关闭" in refused.message
    late = door.said(MarkKind.BOARDED, 2, at=at_the_door, phone_at=at_the_door + timedelta(hours=1))
    assert door.take(late)[0].accepted
    assert door.aboard() == [1, 2]
    mark = db.session.scalars(select(Mark).where(Mark.request_key == late.key)).one()
    assert (mark.at, mark.phone_at, mark.late) == (at_the_door, at_the_door + timedelta(hours=1), True)


def test_who_was_let_in_without_a_network_though_not_green_is_written_down_with_the_colour(
    door: Door, clock: Travel
) -> None:
    door.board(1)
    before = clock()
    clock.shift(timedelta(minutes=10))
    door.leave()
    (taken,) = door.take(door.said(MarkKind.BOARDED, 4, at=before))
    assert taken.accepted
    assert "不是绿码" in taken.message
    mark = db.session.scalars(select(Mark).where(Mark.entry_id == door.entry(4).id)).one()
    assert mark.colour is Colour.GREY


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(days=-3)])
def test_nothing_is_written_down_for_the_future_or_for_days_ago(door: Door, clock: Travel, off: timedelta) -> None:
    (taken,) = door.take(door.said(MarkKind.BOARDED, 1, at=clock() + off))
    assert not taken.accepted
    assert "时间不对" in taken.message


def test_the_destination_and_strangers_write_nothing(door: Door) -> None:
    with pytest.raises(Forbidden), transaction():
        actions.take_mark(
            transfer=door.transfer,
            trip=door.trip,
            said=door.said(MarkKind.BOARDED, 1),
            by=Writer(door.destination),
        )
    other = make_transfer(door.origin, door.destination, title="另一次输送")
    send(other, door.origin, roster_file(rosters.lines(1, first=9, departs=departs())))
    theirs = db.session.scalars(select(Entry.id).where(Entry.transfer_id == other.id)).one()
    (taken,) = door.take(door.said(MarkKind.BOARDED, entry_id=theirs))
    assert "不在本车的名单上" in taken.message
    assert db.session.query(Ride).count() == 0


def test_nobody_is_on_two_vehicles_at_once(app: Application, clock: Travel) -> None:
    del app, clock
    door = make_door(4, vehicles=2)
    door.board(1)
    second = max(queries.list_trips(door.transfer), key=lambda one: one.vehicle)
    (taken,) = door.take(door.said(MarkKind.ADDED, 1), trip=second)
    assert "登记在别的车上" in taken.message
    assert door.aboard() == [1]


def test_striking_asks_why_and_ends_the_ride(door: Door, clock: Travel) -> None:
    door.board(1, 3)
    clock.shift(timedelta(minutes=3))
    assert "写明原因" in door.take(door.said(MarkKind.STRUCK, 3))[0].message
    assert door.take(door.said(MarkKind.STRUCK, 3, words="家里有事"))[0].accepted
    ride = db.session.scalars(select(Ride).where(Ride.entry_id == door.entry(3).id)).one()
    assert (ride.left_as, ride.left_at) == (Leaving.STRUCK, clock())
    assert standings(door)[2] is Standing.STRUCK
    door.board(3)
    assert standings(door)[2] is Standing.ABOARD, "changed their mind"


def test_somebody_of_another_waiting_vehicle_is_added_by_the_id_card(app: Application, clock: Travel) -> None:
    del app, clock
    door = make_door(4, vehicles=2)
    line = list(rosters.lines(4))[3]
    leader = Writer(leader=door.entry(1))
    card = {"name": str(line[1]), "last_four": str(line[3])[-4:]}
    assert not door.take(door.said(MarkKind.ADDED, **card | {"name": "张无此"}), by=leader)[0].accepted
    (taken,) = door.take(door.said(MarkKind.ADDED, **card), by=leader)
    assert taken.accepted
    added = door.entry(4)
    assert added.trip_id == door.trip.id
    assert added.seat not in {"", door.entry(1).seat, door.entry(2).seat}
    assert door.board(4)[0].accepted


def test_two_people_swap_seats(door: Door) -> None:
    door.board(1)
    before = door.entry(1).seat, door.entry(2).seat
    door.take(door.said(MarkKind.SWAPPED, 1, other_id=door.entry(2).id))
    assert (door.entry(2).seat, door.entry(1).seat) == before
    assert db.session.scalars(select(Ride.seat)).one() == before[1]
    assert not door.take(door.said(MarkKind.SWAPPED, 1, other_id=door.entry(1).id))[0].accepted


def test_heads_are_counted_against_the_list(door: Door, clock: Travel) -> None:
    door.board(1, 2, 3)
    clock.shift(timedelta(minutes=1))
    door.leave()
    clock.shift(timedelta(hours=2))
    assert door.take(door.said(MarkKind.COUNTED, heads=3, place="玉屏"))[0].message == ""
    (missed,) = door.take(door.said(MarkKind.COUNTED, heads=2))
    assert "应有 3 人" in missed.message
    assert [(mark.heads, mark.expected) for mark in queries.list_counts(door.trip)] == [(2, 3), (3, 3)]
    assert not door.take(door.said(MarkKind.COUNTED))[0].accepted


def test_departure_closes_the_list_and_names_who_stayed(
    door: Door, clock: Travel, deliver_all: Callable[[], int]
) -> None:
    deliver_all()
    door.board(1, 2)
    door.take(door.said(MarkKind.STRUCK, 3, words="不去了"))
    with pytest.raises(Invalid, match="trip_moment"):
        door.leave(at=clock() - timedelta(minutes=1))
    door.leave()
    deliver_all()
    left = [one.entry.number for one in queries.list_passengers(door.trip) if one.standing is Standing.EXPECTED]
    assert left == [4]
    told = db.session.scalars(select(Message.person_id).where(Message.title == "没有上车记录")).all()
    assert told == [door.entry(4).person_id]
    kinds = db.session.scalars(select(Record.kind)).all()
    assert kinds.count("transfers.aboard") == 1


@pytest.mark.parametrize(
    ("to", "left_as"),
    [(TripState.ARRIVED, Leaving.HANDED_OVER), (TripState.RETURNED, Leaving.RETURNED)],
)
def test_rides_end_with_the_vehicle(door: Door, clock: Travel, to: TripState, left_as: Leaving) -> None:
    door.board(1, 2)
    door.leave()
    clock.shift(timedelta(hours=5))
    if to is TripState.RETURNED:
        door.move(TripState.RETURNING, door.origin)
    door.move(to, door.destination if to is TripState.ARRIVED else door.origin, place="昆山南站")
    assert set(db.session.execute(select(Ride.left_as, Ride.left_place, Ride.left_at))) == {
        (left_as, "昆山南站", clock())
    }


def test_a_cancelled_vehicle_and_a_recalled_transfer_carry_nobody(app: Application, clock: Travel) -> None:
    del app, clock
    door = make_door(4, vehicles=2)
    second = max(queries.list_trips(door.transfer), key=lambda one: one.vehicle)
    door.board(1, 2)
    door.take(door.said(MarkKind.BOARDED, 3), trip=second)
    door.leave()
    with transaction():
        actions.recall_transfer(transfer=door.transfer, note="企业停产", by=door.origin)
    assert second.state is TripState.CANCELLED
    assert db.session.scalars(select(Ride.left_as).where(Ride.trip_id == second.id)).all() == [Leaving.STRUCK]
    assert door.aboard() == [1, 2], "still on their way back"


def test_no_file_changes_who_has_boarded(door: Door) -> None:
    door.board(1)
    lines = [list(line) for line in rosters.lines(4, departs=departs(at="18:00"))]
    for line in lines:
        line[-2] = "贵D00000"
    refused = confirm(send(door.transfer, door.origin, roster_file(lines[1:])), door.origin, remove_missing=True)
    assert refused.state is ImportState.REFUSED
    assert refused.refusal is not None
    assert "已经上车" in refused.refusal


def test_what_was_written_down_goes_with_the_roster(door: Door, clock: Travel) -> None:
    door.board(1)
    door.take(door.said(MarkKind.BOARDED, 2), by=Writer(leader=door.entry(1)))
    door.leave()
    door.move(TripState.RETURNING, door.origin)
    door.move(TripState.RETURNED, door.origin)
    assert door.transfer.state is State.CANCELLED
    with transaction():
        actions.erase_ended(before=clock() + timedelta(days=181))
    assert db.session.query(Mark).count() == 0
    assert db.session.query(Ride).count() == 0


def test_who_is_taken_off_a_list_learns_why_and_how_to_be_put_back(app: Application, clock: Travel) -> None:
    del app, clock
    door = make_door(4)
    mark = door.said(MarkKind.STRUCK, 4, words="家里有事")
    for _ in range(2):
        door.take(mark)
    (told,) = db.session.scalars(select(Message).where(Message.title == "已登记退出")).all()
    assert told.person_id == door.entry(4).person_id
    assert "家里有事" in told.body
    assert "改回" in told.body


def test_who_comes_onto_another_vehicles_list_learns_which(app: Application, clock: Travel) -> None:
    del app, clock
    door = make_door(4, vehicles=2)
    door.take(door.said(MarkKind.ADDED, 4))
    (told,) = db.session.scalars(select(Message).where(Message.title == "已加入车次")).all()
    assert door.trip.vehicle in told.body


def test_whoever_is_written_down_late_is_told_nothing_more(app: Application, clock: Travel) -> None:
    del app
    door = make_door(4)
    door.board(1, 2, 3)
    before = clock()
    clock.shift(timedelta(minutes=5))
    door.leave()
    clock.shift(timedelta(minutes=5))
    door.take(door.said(MarkKind.STRUCK, 4, words="家里有事", at=before))
    assert db.session.scalars(select(Message).where(Message.title == "已登记退出")).all() == []
