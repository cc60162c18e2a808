"""What a clerk at the door, the leader or the deputy writes down of a vehicle's people, each thing exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.clock import shown
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, Refused
from healthcode.codes import actions as codes
from healthcode.codes.rules import Colour, Taker
from healthcode.transfers.actions.boarding import DOES
from healthcode.transfers.actions.proxies import declare_for
from healthcode.transfers.actions.telling import tell_listed
from healthcode.transfers.actions.vehicles import WRITTEN_LATE
from healthcode.transfers.boarding import (
    CLOCK_MAY_DIFFER,
    LONGEST_WORDS,
    NEEDS_WORDS,
    SHORTEST_WORDS,
    UNTIL_DEPARTURE,
    MarkKind,
    Said,
)
from healthcode.transfers.models import Entry, Mark, Transfer, Trip
from healthcode.transfers.rules import State, TripState


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a clerk of the origin, or the leader or deputy by the own row of the roster."""

    acting: Acting | None = None
    leader: Entry | None = None
    account_id: UUID | None = None
    """The leader's, under which temperatures are kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one thing that was sent; a refused one says why, and is not to be sent again."""

    key: str
    accepted: bool
    message: str = ""
    fields: dict[str, str] | None = None


def take_marks(*, transfer: Transfer, trip: Trip, said: Sequence[Said], by: Writer) -> list[Taken]:
    """Write down what a phone sends, the oldest first, each on its own: one that is refused doesn't stop the others.

    Refuses: Forbidden to the destination.
    """
    _check_writer(transfer, by)
    taken: dict[str, Taken] = {}
    for one in sorted(said, key=lambda one: one.at):
        try:
            with db.session.begin_nested():
                mark = take_mark(transfer=transfer, trip=trip, said=one, by=by)
            taken[one.key] = Taken(one.key, accepted=True, message=_remark(mark))
        except Refused as refused:
            taken[one.key] = Taken(one.key, accepted=False, message=refused.message, fields=refused.fields)
    return [taken[one.key] for one in said]


def _remark(mark: Mark) -> str:
    if mark.kind is MarkKind.COUNTED and mark.heads != mark.expected:
        return f"点到 {mark.heads} 人，名单上应有 {mark.expected} 人，请逐个核对是谁不在，找到以前不要开车。"
    if mark.kind is MarkKind.BOARDED and mark.colour is not Colour.GREEN:
        return "已补记上车，但按系统记录这个人当时不是绿码，两地都会看到，请联系出发地单位处理。"
    return ""


def take_mark(*, transfer: Transfer, trip: Trip, said: Said, by: Writer) -> Mark:
    """Write one thing down, with what follows from it; the same key again is the same thing.

    Until departure the list may change; what happened before departure may be written down later, new people never
    board afterwards. Refuses: Forbidden to the destination; Conflict for a vehicle that isn't boarding, once the list
    is closed, for whoever isn't on it or is aboard elsewhere, and with the reason for those who aren't green; Invalid
    for what can't be, with a sentence a field.
    """
    _check_writer(transfer, by)
    db.session.refresh(trip, with_for_update=True)
    known = db.session.scalar(select(Mark).where(Mark.trip_id == trip.id, Mark.request_key == said.key))
    if known is not None:
        if known.kind is not said.kind or (said.entry_id and known.entry_id != said.entry_id):
            raise Conflict("transfers.key_used", "这条登记的编号已经用过，请刷新页面后重新登记。")
        return known
    does = DOES.get(said.kind)
    if does is None:
        raise Invalid("transfers.mark_kind", "换车由出发地单位在电脑上办理，请打电话告诉他们。")
    _check_when(transfer, trip, said)
    mark = Mark(
        trip_id=trip.id,
        kind=said.kind,
        at=min(said.at, clock.now()),
        phone_at=said.phone_at,
        written_at=clock.now(),
        operator_id=by.acting.operator_id if by.acting else None,
        organisation_id=by.acting.organisation_id if by.acting else None,
        leader_id=by.leader.id if by.leader else None,
        request_key=said.key,
        seat="",
        place=" ".join(said.place.split())[:LONGEST_WORDS],
        words=_words(said),
    )
    does(trip, mark, said)
    if said.kind is MarkKind.MEASURED:
        _keep_temperature(trip, mark, said, by)
    if said.kind is MarkKind.DECLARED:
        declare_for(trip=trip, mark=mark, said=said, leader=by.leader, account_id=by.account_id)
    db.session.add(mark)
    db.session.flush()
    tell_listed(trip, mark)
    return mark


def _keep_temperature(trip: Trip, mark: Mark, said: Said, by: Writer) -> None:
    """The colour follows at once: a fever is a reason for yellow."""
    taker, taker_id = (Taker.OFFICER, by.acting.operator_id) if by.acting else (Taker.LEADER, by.account_id)
    person_id = db.session.get_one(Entry, mark.entry_id).person_id
    if said.temperature is None or person_id is None or taker_id is None:
        sentence = "请填写体温；还没有登记健康码的人，请先登记。"
        raise Invalid("transfers.temperature", sentence, fields={"temperature": sentence})
    place = f"{trip.vehicle or '车'}{'上' if trip.departed_at else '门口'}"
    taken = codes.Taken(person_id, said.temperature, mark.at, place, mark.request_key)
    codes.measure([taken], taker=taker, taker_id=taker_id, organisation_id=mark.organisation_id)


def _check_writer(transfer: Transfer, by: Writer) -> None:
    if by.acting and by.acting.organisation_id != transfer.origin_id:
        raise Forbidden("transfers.origin_only", "上车登记由输出地和车长办理，如有出入请联系对方单位。")


def _check_when(transfer: Transfer, trip: Trip, said: Said) -> None:
    now = clock.now()
    boarding = trip.state is TripState.WAITING and transfer.state in {State.DEPARTING, State.IN_TRANSIT}
    if trip.departed_at is None and not boarding:
        raise Conflict("transfers.not_boarding", "这个车次现在不能登记上车：输送还没有开始出发，或车次已取消。")
    if said.kind in UNTIL_DEPARTURE and trip.departed_at and said.at > trip.departed_at:
        sentence = (
            f"车辆 {shown(trip.departed_at)} 已经发车，名单已关闭，不能再上人或改动。没赶上的人请联系出发地单位改乘。"
        )
        raise Conflict("transfers.list_closed", sentence)
    if trip.ended_at and said.at > trip.ended_at:
        raise Conflict("transfers.trip_ended", f"车次 {shown(trip.ended_at)} 已经结束，不能再登记之后的事。")
    if not now - WRITTEN_LATE <= said.at <= now + CLOCK_MAY_DIFFER:
        sentence = "时间不对：不能晚于现在，也不能早于两天以前。请检查手机时间。"
        raise Invalid("transfers.mark_moment", sentence, fields={"at": sentence})


def _words(said: Said) -> str:
    words = " ".join(said.words.split())
    if len(words) > LONGEST_WORDS:
        raise Invalid("transfers.mark_words", f"最多 {LONGEST_WORDS} 个字。", fields={"words": "太长了。"})
    if said.kind in NEEDS_WORDS and len(words) < SHORTEST_WORDS:
        sentence = f"请写明原因（至少 {SHORTEST_WORDS} 个字）。"
        raise Invalid("transfers.mark_words", sentence, fields={"words": sentence})
    return words
