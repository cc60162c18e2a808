"""At the end of the way: who takes the people over, name by name, with one signature and one form."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.core import sealed_files
from backend.core.crypto import blind_index, unseal
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from backend.core.limits import forgive
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence.models import Record
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.handover import LINK_LIFE, read_strokes
from healthcode.transfers.models import Handover, Mark, Receiver, Ride
from healthcode.transfers.rules import Fate, Leaving, State, TripState
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.handovers import PHONE, STROKES, answer, code_for, name_receiver, sign, token_of

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """Four of a coach on its way; the fifth on the list didn't board."""
    del app
    door = make_door(5)
    door.board(1, 2, 3, 4)
    door.leave()
    clock.shift(timedelta(hours=20))
    return door


def open_link(receiver: Receiver) -> str:
    token = token_of(receiver)
    forgive("sms.minute", blind_index(PHONE, "phone").hex())
    with transaction():
        actions.ask_code(token=token)
    with transaction():
        return actions.open_link(token=token, code=code_for(PHONE))[1]


def test_the_link_opens_by_a_code_on_one_phone_only(door: Door) -> None:
    receiver = name_receiver(door)
    token = token_of(receiver)
    secret = open_link(receiver)
    found = queries.find_phone(receiver.id, secret)
    assert found is not None
    assert found.bound_at is not None
    assert found.token is None, "a link that was opened is nowhere kept"
    assert queries.find_phone(receiver.id, "another") is None
    with pytest.raises(Conflict, match="已经在一台手机上打开"):
        actions.ask_code(token=token)
    with pytest.raises(NotFound):
        actions.ask_code(token="guessed")


def test_a_wrong_code_opens_nothing_and_tries_are_limited(door: Door) -> None:
    token = token_of(name_receiver(door))
    with transaction():
        actions.ask_code(token=token)
    wrong = "000000" if code_for(PHONE) != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(Invalid):
            actions.open_link(token=token, code=wrong)
    with pytest.raises(TooMany):
        actions.open_link(token=token, code=wrong)


def test_a_new_link_ends_the_old_one_and_the_phone_and_a_withdrawal_ends_all(door: Door) -> None:
    receiver = name_receiver(door)
    first, secret = token_of(receiver), open_link(receiver)
    with transaction():
        actions.renew_link(transfer=door.transfer, trip=door.trip, receiver_id=receiver.id, by=door.destination)
    assert queries.find_phone(receiver.id, secret) is None
    assert queries.find_link(first) is None
    secret = open_link(receiver)
    with transaction():
        actions.withdraw_receiver(transfer=door.transfer, trip=door.trip, receiver_id=receiver.id, by=door.destination)
    assert queries.find_phone(receiver.id, secret) is None


def test_a_link_ends_by_itself(door: Door, clock: Travel) -> None:
    receiver = name_receiver(door)
    secret = open_link(receiver)
    clock.shift(LINK_LIFE)
    assert queries.find_phone(receiver.id, secret) is None


def test_only_the_destination_names_receivers(door: Door) -> None:
    other = make_acting(make_organisation("苏州市人社局", region="320500"))
    for by in (door.origin, other):
        with pytest.raises(Forbidden):
            actions.name_receiver(
                transfer=door.transfer, trip=door.trip, name="周主管", phone=PHONE, employer="某企业", by=by
            )
    with pytest.raises(Invalid) as wrong:
        actions.name_receiver(
            transfer=door.transfer, trip=door.trip, name="周", phone="138", employer="某", by=door.destination
        )
    assert set(wrong.value.fields) == {"name", "phone", "employer"}
    name_receiver(door)
    with pytest.raises(Conflict, match="已经是本车的接收人"):
        name_receiver(door)


def test_several_tick_one_list_and_one_signs_for_all(door: Door, deliver_all: Callable[[], int]) -> None:
    first, second = name_receiver(door), name_receiver(door, "13812340002", "孙站长")
    answer(door, first, 1)
    answer(door, second, 2)
    answer(door, second, 3, MarkKind.NOT_RECEIVED, "在长沙服务区自行离开")
    with pytest.raises(Conflict, match=r"还有 1 人没有核对（4 号）"):
        sign(first)
    answer(door, first, 4, MarkKind.TO_HEALTH, "昆山市第一人民医院")
    sign(first, note="另有一名司机家属")
    deliver_all()

    handover = queries.get_handover(door.trip)
    assert handover is not None
    assert (handover.received, handover.to_health, handover.not_received) == (2, 1, 1)
    assert door.trip.state is TripState.ARRIVED
    assert queries.get_transfer(door.transfer.id, seen_by=door.origin).state is State.ARRIVED
    left = {ride.entry_id: ride.left_as for ride in db.session.scalars(select(Ride))}
    assert [left[door.entry(number).id] for number in (1, 2, 3, 4)] == [
        Leaving.HANDED_OVER,
        Leaving.HANDED_OVER,
        Leaving.NOT_RECEIVED,
        Leaving.TO_HEALTH,
    ]
    assert door.entry(1).arrived_at == handover.signed_at
    assert door.entry(3).arrived_at is None
    fates = {one.entry.number: (one.fate, one.why) for one in queries.list_differences(door.transfer, 10)}
    assert fates[3] == (Fate.MISSING, "在长沙服务区自行离开")
    assert fates[4] == (Fate.TO_HEALTH, "昆山市第一人民医院")
    assert fates[5][0] is Fate.LEFT_BEHIND


def test_the_signed_form_is_made_once_and_is_what_the_record_says(door: Door, deliver_all: Callable[[], int]) -> None:
    receiver = name_receiver(door)
    for number in (1, 2, 3, 4):
        answer(door, receiver, number)
    sign(receiver)
    deliver_all()
    with transaction():
        content = actions.read_form(transfer=door.transfer, trip=door.trip, purpose="归档核对", by=door.origin)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "乘客信息登记表" in text
    assert "接到 4 人" in text
    assert unseal(door.entry(2).name) in text
    handover = queries.get_handover(door.trip)
    assert handover is not None
    assert handover.form is not None
    assert handover.strokes is None, "the signature lies in the form alone"
    assert sealed_files.read(handover.form) == content
    assert len(db.session.scalars(select(Record).where(Record.kind == "transfers.handover")).all()) == 1
    readers = db.session.scalars(select(AccessLog.organisation_id).where(AccessLog.purpose == "归档核对")).all()
    assert set(readers) == {door.origin.organisation_id}


def test_nothing_changes_after_the_signature(door: Door) -> None:
    receiver = name_receiver(door)
    for number in (1, 2, 3, 4):
        answer(door, receiver, number)
    sign(receiver)
    with pytest.raises(Conflict, match="已经签收"):
        sign(receiver)
    with pytest.raises(Conflict, match="已经签收"):
        answer(door, receiver, 1, MarkKind.NOT_RECEIVED, "后来走了")
    with pytest.raises(Forbidden):
        name_receiver(door, "13812340009")


def test_before_departure_nobody_is_received_and_strangers_never(app: Application) -> None:
    del app
    door = make_door(2)
    receiver = name_receiver(door)
    with pytest.raises(Conflict, match="还没有发车"):
        answer(door, receiver, 1)
    door.board(1, 2)
    door.leave()
    with pytest.raises(NotFound), transaction():
        actions.answer(receiver=receiver, entry_id=new_key(), kind=MarkKind.RECEIVED, words="", key="stranger")
    with pytest.raises(NotFound), transaction():
        actions.answer(receiver=receiver, entry_id=door.entry(1).id, kind=MarkKind.BOARDED, words="", key="board")
    with pytest.raises(Invalid, match="原因"):
        answer(door, receiver, 1, MarkKind.NOT_RECEIVED)


def test_the_same_tap_twice_is_one_answer_and_the_last_answer_counts(door: Door) -> None:
    receiver = name_receiver(door)
    answer(door, receiver, 1, key="tap")
    answer(door, receiver, 1, key="tap")
    assert db.session.query(Mark).where(Mark.kind == MarkKind.RECEIVED).count() == 1
    answer(door, receiver, 1, MarkKind.NOT_RECEIVED, "认错了人")
    answers = {one.passenger.entry.number: one.answer for one in queries.list_awaited(door.trip)}
    assert answers[1] is not None
    assert answers[1].kind is MarkKind.NOT_RECEIVED


def test_a_vehicle_that_nobody_ticked_is_received_from_its_roster(app: Application) -> None:
    del app
    door = make_door(3)
    door.leave()
    door.arrive()
    receiver = name_receiver(door)
    for number in (1, 2):
        answer(door, receiver, number)
    answer(door, receiver, 3, MarkKind.NOT_RECEIVED, "没有来")
    sign(receiver)
    fates = {one.entry.number: one.fate for one in queries.list_differences(door.transfer, 10)}
    assert fates == {3: Fate.MISSING}
    assert door.entry(1).arrived_at is not None


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "null",
        "[]",
        "[[[1,2]]]",
        "[[[1,2,3]]]",
        '[[["a",1]]]',
        "[[[1e9,1]]]",
        "[" * 2000,
        STROKES[:-1],
        "9" * 70_000,
    ],
)
def test_a_signature_is_strokes_within_the_field(nonsense: str, door: Door) -> None:
    assert read_strokes(nonsense) is None
    assert read_strokes(STROKES) is not None
    receiver = name_receiver(door)
    with pytest.raises(Invalid, match="签写全名"):
        sign(receiver, strokes=nonsense)


def test_erasing_takes_names_signature_and_form(door: Door, deliver_all: Callable[[], int], clock: Travel) -> None:
    receiver = name_receiver(door)
    for number in (1, 2, 3, 4):
        answer(door, receiver, number)
    sign(receiver)
    deliver_all()
    handover = queries.get_handover(door.trip)
    assert handover is not None
    assert handover.form is not None
    form = handover.form
    for to in (State.ON_DUTY, State.CLOSED):
        with transaction():
            actions.move_transfer(transfer=door.transfer, to=to, note="", by=door.destination)
    clock.shift(timedelta(days=181))
    with transaction():
        gone = actions.erase_ended(clock())
    assert gone["transfers.receiver"] == 1
    assert db.session.query(Handover).count() == db.session.query(Receiver).count() == 0
    with pytest.raises(FileNotFoundError):
        sealed_files.read(form)
