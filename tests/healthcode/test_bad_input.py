"""What comes in wrong, old, twice or from two sides at once, tried as a user and as an adversary."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.core import clock as clocks
from backend.core.db import db, new_key
from backend.core.errors import Invalid
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.codes import actions as codes
from healthcode.codes.models import Measurement, Reading
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import Outcome
from healthcode.itinerary.models import Sighting
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.models import Entry, Mark, Ride, Transfer
from healthcode.transfers.rules import State, TripState
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.boarding import Door, make_door
from tests.factories.cards import make_officer
from tests.factories.codes import declare, make_issuer_key, show
from tests.factories.itinerary import make_place
from tests.factories.transfers import departs, make_transfer, roster_file, send, take_to

ZUNYI = "遵义市人力资源和社会保障局"


@pytest.fixture
def officer(app: Application, clock: Travel) -> Acting:
    del app, clock
    make_issuer_key()
    return make_officer()


def count(model: type[Reading] | type[Sighting] | type[Measurement] | type[Ride] | type[Mark]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# Queues of phones without a network, sent again.


def test_a_checkpoints_queue_that_is_sent_again_after_days_changes_nothing(officer: Acting, clock: Travel) -> None:
    place, _ = make_place(officer)
    worker = make_person()
    declare(worker)
    scans = [(show(worker).text, new_key().hex, clocks.now())]
    clock.shift(timedelta(minutes=2))
    scans.append((show(worker).text, new_key().hex, clocks.now()))

    def upload() -> list[ReadResult]:
        told = []
        for text, key, at in scans:
            with transaction():
                waited = clocks.now() - at
                told.append(codes.read_code(text=text, by=officer, place_id=place.id, request_key=key, waited=waited))
                codes.measure_by_code(
                    text=text, by=officer, place_id=place.id, temperature=366, request_key=key, waited=waited
                )
        return told

    first = upload()
    clock.shift(timedelta(days=1, hours=20))
    assert [told.outcome for told in upload()] == [told.outcome for told in first] == [Outcome.PASSES] * 2
    assert (count(Reading), count(Sighting), count(Measurement)) == (2, 2, 2)


def test_a_replay_that_lies_about_when_it_was_scanned_proves_no_other_presence(officer: Acting, clock: Travel) -> None:
    """Whoever holds yesterday's queue can't make a meeting of today or of last week from it."""
    place, _ = make_place(officer)
    worker = make_person()
    declare(worker)
    text = show(worker).text
    clock.shift(timedelta(days=3))
    outcomes = []
    for waited in (timedelta(0), timedelta(days=1), timedelta(days=6)):
        with transaction():
            told = codes.read_code(text=text, by=officer, place_id=place.id, request_key=new_key().hex, waited=waited)
        outcomes.append(told.outcome)
    assert outcomes == [Outcome.OUT_OF_DATE, Outcome.OUT_OF_DATE, Outcome.CANNOT_BE_CHECKED]
    assert count(Sighting) == 0
    with pytest.raises(Invalid), transaction():
        codes.read_code(text=text, by=officer, place_id=place.id, request_key=new_key().hex, waited=timedelta(days=8))


def test_a_doors_queue_that_another_phone_sends_again_boards_nobody_twice(app: Application, clock: Travel) -> None:
    del app
    door = make_door(4)
    queue = [door.said(MarkKind.BOARDED, number) for number in (1, 2, 3)]
    door.take(*queue)
    clock.shift(timedelta(hours=5))
    assert all(taken.accepted for taken in door.take(*reversed(queue)))
    assert (door.aboard(), count(Ride), count(Mark)) == ([1, 2, 3], 3, 3)


# One worker, two senders.


def another_government(door: Door, *, at: str = "18:30") -> tuple[Transfer, Acting]:
    """Zunyi sends the same people at nearly the same time."""
    zunyi = make_acting(make_organisation(ZUNYI, region="520300"))
    transfer = make_transfer(zunyi, door.destination, title="遵义赴昆山专车")
    lines = [list(line) for line in rosters.lines(3, departs=departs(at=at))]
    for line in lines:
        line[-2] = "贵C99999"
    sent = send(transfer, zunyi, roster_file(lines))
    assert any("另一次输送" in note for note in sent.notes)
    assert not any(ZUNYI in note or door.transfer.title in note for note in sent.notes), "not who sends them elsewhere"
    take_to(transfer, State.DEPARTING, zunyi, door.destination)
    return transfer, zunyi


@pytest.mark.parametrize("ticked_first", [True, False])
def test_whoever_is_aboard_one_governments_coach_boards_no_other(
    app: Application, clock: Travel, *, ticked_first: bool
) -> None:
    del app, clock
    door = make_door(3)
    second, zunyi = another_government(door)
    other = Door(second, queries.list_trips(second)[0], zunyi, door.destination)
    first, late = (door, other) if ticked_first else (other, door)
    assert first.board(1)[0].accepted
    refused = late.board(1)[0]
    assert (refused.accepted, "别的车上" in refused.message) == (False, True)
    first.take(first.said(MarkKind.STRUCK, 1, words="改乘另一辆"))
    assert late.board(1)[0].accepted, "once the first coach has let the person go"
    assert count(Ride) == 2


# Called off while a coach is on its way.


def test_a_coach_under_way_when_its_transfer_is_called_off_turns_back_with_everybody(
    app: Application, clock: Travel, deliver_all: Callable[[], int]
) -> None:
    del app
    door = make_door(4, vehicles=2)
    second = max(queries.list_trips(door.transfer), key=lambda one: one.vehicle)
    door.board(1, 2)
    door.leave()
    clock.shift(timedelta(hours=1))
    waiting_tick = door.said(MarkKind.BOARDED, 3)
    with transaction():
        actions.recall_transfer(transfer=door.transfer, by=door.origin, note="途经地区风险升高")
    states = {trip.vehicle: trip.state for trip in queries.list_trips(door.transfer)}
    assert states == {"贵D00000": TripState.RETURNING, "贵D00001": TripState.CANCELLED}
    assert door.aboard() == [1, 2], "nobody is forgotten on a road"
    assert not door.take(waiting_tick, trip=second)[0].accepted, "nobody boards what has been called off"
    heads = door.said(MarkKind.COUNTED, heads=2)
    assert door.take(heads)[0].accepted, "heads are counted on the way back"
    deliver_all()
    told = titles([1, 2], door)
    assert told.count("车辆返回") == 2
    assert titles([3, 4], door).count("车次已取消") == 2
    clock.shift(timedelta(hours=2))
    door.move(TripState.RETURNED, door.origin)
    assert door.transfer.state is State.CANCELLED
    assert door.aboard() == []


def titles(numbers: Sequence[int], door: Door) -> list[str]:
    people = select(Entry.person_id).where(Entry.transfer_id == door.transfer.id, Entry.number.in_(numbers))
    return list(db.session.scalars(select(Message.title).where(Message.person_id.in_(people))))
