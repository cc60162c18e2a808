"""A vehicle's people are taken over: who was there, and the one signature."""

import json
from uuid import UUID

from sqlalchemy import select, update

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation
from backend.accounts.rules import Role
from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.events import emit
from healthcode.transfers import queries
from healthcode.transfers.actions.counting import mark_uncounted
from healthcode.transfers.actions.rides import record_aboard
from healthcode.transfers.actions.vehicles import follow_vehicles, take_trip_step
from healthcode.transfers.boarding import LONGEST_WORDS, SHORTEST_WORDS, MarkKind
from healthcode.transfers.events import HandedOver
from healthcode.transfers.handover import ANSWERS, LONGEST_NOTE, read_strokes
from healthcode.transfers.models import Entry, Handover, Mark, Receiver, Ride, Transfer, Trip
from healthcode.transfers.queries import Awaited
from healthcode.transfers.queries.receiving import RECEIVES
from healthcode.transfers.rules import Leaving, TripState

PURPOSE = "接收人核对乘车名单（{}，{}）"
FIELDS = ("姓名", "身份证后四位", "座位")
SIGNED = "接收人 {}（{}）签收"
LEAVES = {MarkKind.NOT_RECEIVED: Leaving.NOT_RECEIVED, MarkKind.TO_HEALTH: Leaving.TO_HEALTH}
MOST_NAMED = 10
"""Numbers that a refusal lists."""


def note_awaited_read(*, receiver: Receiver, trip: Trip, awaited: list[Awaited]) -> None:
    """Write down that a receiver reads names, once a day for each passenger, who finds it among who looked."""
    accounts.log_entrusted(
        subjects=[one.passenger.entry.resident_id_index for one in awaited],
        operator_id=receiver.operator_id,
        organisation_id=receiver.organisation_id,
        purpose=PURPOSE.format(trip.vehicle or "未定车牌", receiver.name_mask),
        fields=FIELDS,
    )


def answer(*, receiver: Receiver, entry_id: UUID, kind: MarkKind, words: str, key: str) -> Mark:
    """Say of one person whether the receiver found them; the last answer counts, the same key is the same answer.

    Refuses: Conflict before the vehicle has left and once it is signed for; NotFound for whoever isn't to come with it;
    Invalid without a reason why somebody wasn't found, or to which office the person was handed over.
    """
    trip = db.session.get_one(Trip, receiver.trip_id, with_for_update=True, populate_existing=True)
    _check_open(trip)
    known = db.session.scalar(select(Mark).where(Mark.trip_id == trip.id, Mark.request_key == key))
    if known is not None and known.entry_id == entry_id and known.receiver_id == receiver.id:
        return known
    found = next((one for one in queries.list_awaited(trip) if one.passenger.entry.id == entry_id), None)
    if found is None or known is not None or kind not in ANSWERS:
        raise NotFound
    said = " ".join(words.split())
    if kind is not MarkKind.RECEIVED and not SHORTEST_WORDS <= len(said) <= LONGEST_WORDS:
        sentence = f"请写明{'交给了哪里' if kind is MarkKind.TO_HEALTH else '原因'}，最多 {LONGEST_WORDS} 个字。"
        raise Invalid("transfers.answer_words", sentence, fields={"words": sentence})
    mark = Mark(
        trip_id=trip.id,
        kind=kind,
        entry_id=entry_id,
        at=clock.now(),
        written_at=clock.now(),
        receiver_id=receiver.id,
        request_key=key,
        seat=found.passenger.seat,
        place=said if kind is MarkKind.TO_HEALTH else "",
        words=said if kind is MarkKind.NOT_RECEIVED else "",
    )
    db.session.add(mark)
    db.session.flush()
    return mark


def _check_open(trip: Trip) -> None:
    if queries.get_handover(trip) is not None:
        raise Conflict("transfers.signed", "本车已经签收，名单不能再改。有出入请联系两地的经办单位。")
    if trip.state not in RECEIVES:
        sentence = (
            "还没有发车，到达以后再核对。" if trip.state is TripState.WAITING else "这辆车已返回、取消或全部换乘。"
        )
        raise Conflict("transfers.not_coming", sentence)


def sign(*, receiver: Receiver, strokes: str, note: str) -> Handover:
    """Sign once for all: whoever was found has arrived, the vehicle too, and the form is made of it.

    Refuses: Conflict as `answer`, and while somebody who was aboard is unanswered, by number; Invalid for a field in
    which hardly anything is drawn, or a note that is too long.
    """
    trip = db.session.get_one(Trip, receiver.trip_id)
    transfer = db.session.get_one(Transfer, trip.transfer_id, with_for_update=True, populate_existing=True)
    db.session.refresh(trip, with_for_update=True)
    _check_open(trip)
    drawn, said = read_strokes(strokes), " ".join(note.split())
    if drawn is None:
        raise Invalid("transfers.signature", "请用手指在框内签写全名。", fields={"strokes": "请签名。"})
    if len(said) > LONGEST_NOTE:
        raise Invalid("transfers.note", f"说明最多 {LONGEST_NOTE} 个字。", fields={"note": "太长了。"})
    awaited = queries.list_awaited(trip)
    _check_answered(awaited)
    _take_over(transfer, trip, receiver, awaited)
    by_kind = {kind: sum(one.answer is not None and one.answer.kind is kind for one in awaited) for kind in ANSWERS}
    handover = Handover(
        trip_id=trip.id,
        receiver_id=receiver.id,
        signed_at=clock.now(),
        strokes=seal(json.dumps(drawn), "transfers.handover.strokes"),
        received=by_kind[MarkKind.RECEIVED],
        to_health=by_kind[MarkKind.TO_HEALTH],
        not_received=by_kind[MarkKind.NOT_RECEIVED],
        note=said,
    )
    db.session.add(handover)
    emit(HandedOver(trip.id))
    return handover


def _check_answered(awaited: list[Awaited]) -> None:
    numbers = [str(one.passenger.entry.number) for one in awaited if one.due and one.answer is None]
    if numbers:
        listed = "、".join(numbers[:MOST_NAMED]) + (" 等" if len(numbers) > MOST_NAMED else "")
        sentence = f"还有 {len(numbers)} 人没有核对（{listed} 号），请逐个核对后再签名。"
        raise Conflict("transfers.unanswered", sentence)


def _take_over(transfer: Transfer, trip: Trip, receiver: Receiver, awaited: list[Awaited]) -> None:
    """The people's rides and rows as the answers say; a vehicle still under way has arrived with that."""
    now = clock.now()
    for kind, how in LEAVES.items():
        gone = {one.passenger.entry.id: one.answer for one in awaited if one.answer and one.answer.kind is kind}
        last = select(Ride).where(Ride.trip_id == trip.id, Ride.entry_id.in_(gone))
        for ride in db.session.scalars(last.order_by(Ride.id)):
            said = gone[ride.entry_id]
            if ride.left_at is None or ride.left_as is Leaving.HANDED_OVER:
                ride.left_at, ride.left_as, ride.left_place = ride.left_at or now, how, said.place if said else ""
        if gone:
            record_aboard(trip, kind.value, list(gone), now)
    here = [one.passenger.entry.id for one in awaited if one.answer and one.answer.kind is MarkKind.RECEIVED]
    db.session.flush()
    if trip.state is TripState.ON_THE_WAY:
        by = _on_behalf(receiver)
        note = SIGNED.format(receiver.name_mask, receiver.employer)
        take_trip_step(trip, TripState.ARRIVED, now, by, note, "")
        follow_vehicles(transfer, by, note)
    arrived = update(Entry).where(Entry.id.in_(here), Entry.arrived_at.is_(None)).values(arrived_at=now)
    db.session.execute(arrived)
    mark_uncounted([transfer.id])


def _on_behalf(receiver: Receiver) -> Acting:
    """The official who named the receiver, and answers for it."""
    operator = db.session.get_one(Operator, receiver.operator_id)
    office = db.session.get_one(Organisation, receiver.organisation_id)
    return Acting(operator.id, operator.name, office.id, office.name, office.kind, office.region_code, Role.OFFICIAL)
