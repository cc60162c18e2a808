"""What follows for the list and the rides from each thing that is written down of a vehicle's people.

Each function fills in what the mark says, and refuses with Conflict or Invalid; the vehicle is locked already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from backend.core.names import tidy_name
from healthcode.codes.models import Status
from healthcode.codes.queries import last_temperatures, verdict_of
from healthcode.transfers import queries, seating
from healthcode.transfers.actions.counting import mark_uncounted
from healthcode.transfers.actions.rides import record_aboard
from healthcode.transfers.boarding import ENDS, MOST_HEADS, MarkKind, Said, may_hand_over_at, why_not
from healthcode.transfers.models import Entry, Mark, Plan, Ride, Trip
from healthcode.transfers.queries.boarding import MEASURED_WITHIN
from healthcode.transfers.rules import Leaving, Mode, TripState

NOT_LISTED = "这个人不在本车的名单上，请刷新名单；要乘这辆车，请先加入名单。"
NOT_ABOARD = "这个人没有登记上车，或已经下车，请刷新名单核对。"


def _listed(trip: Trip, entry_id: UUID | None) -> Entry:
    """Somebody of the vehicle's list, locked so that nobody boards two vehicles at once."""
    query = select(Entry).where(Entry.id == entry_id, Entry.trip_id == trip.id).with_for_update()
    entry = db.session.scalar(query.execution_options(populate_existing=True)) if entry_id else None
    if entry is None:
        raise Conflict("transfers.not_listed", NOT_LISTED)
    return entry


def _open_ride(entry: Entry) -> Ride | None:
    """The vehicle on which somebody is, on this roster or another one."""
    same = (Entry.resident_id_index == entry.resident_id_index) & Ride.left_at.is_(None)
    return db.session.scalar(select(Ride).join(Entry, Entry.id == Ride.entry_id).where(same).limit(1))


def _aboard(trip: Trip, entry: Entry, at: datetime) -> Ride:
    ride = _open_ride(entry)
    if ride is None or ride.trip_id != trip.id or ride.boarded_at > at:
        raise Conflict("transfers.not_aboard", NOT_ABOARD)
    return ride


def _board(trip: Trip, mark: Mark, said: Said) -> None:
    entry = _listed(trip, said.entry_id)
    mark.entry_id, mark.seat = entry.id, entry.seat
    reasons = db.session.scalar(select(Status.reasons).where(Status.person_id == entry.person_id))
    verdict = verdict_of(reasons, mark.at)
    mark.colour = verdict.colour
    ride = _open_ride(entry)
    if ride is not None and ride.trip_id == trip.id:
        return
    if ride is not None:
        sentence = "这个人已登记在别的车上，还没有下车。请先核对身份证；确实换了车的，请原车先登记退出。"
        raise Conflict("transfers.aboard_elsewhere", sentence)
    measured = last_temperatures([entry.person_id], since=mark.at - MEASURED_WITHIN) if entry.person_id else {}
    temperature = next(iter(measured.values()), (None, None))[0]
    refusal = why_not(verdict, registered=entry.person_id is not None, temperature=temperature)
    if refusal and trip.departed_at is None:
        raise Conflict("transfers.not_green", refusal)
    # Who was let in without a network is aboard, whatever the rule says: that is written down with the colour.
    left = {"left_at": trip.ended_at, "left_as": ENDS[trip.state]} if trip.ended_at and trip.state in ENDS else {}
    ride = Ride(trip_id=trip.id, entry_id=entry.id, seat=entry.seat, boarded_at=mark.at, left_place="", **left)
    db.session.add(ride)
    if trip.state is TripState.EMPTIED and trip.ended_at:
        _carry_on(trip, entry, ride, trip.ended_at)


def _carry_on(trip: Trip, entry: Entry, ride: Ride, at: datetime) -> None:
    """Whoever was aboard a vehicle that all have changed from changed with those who were the last to."""
    with_them = aliased(Ride)
    last = (
        select(Ride, with_them.left_place)
        .join(with_them, (with_them.entry_id == Ride.entry_id) & (with_them.trip_id == trip.id))
        .where(with_them.left_as == Leaving.MOVED, with_them.left_at == at, Ride.boarded_at == at)
        .order_by(Ride.id.desc())
        .limit(1)
    )
    other, place = db.session.execute(last).one()
    ride.left_at, ride.left_as, ride.left_place = at, Leaving.MOVED, place
    db.session.flush()
    entry.trip_id, entry.seat = other.trip_id, ""
    onward = Ride(trip_id=other.trip_id, entry_id=entry.id, seat="", boarded_at=at, left_place="")
    target = db.session.get_one(Trip, other.trip_id)
    if target.ended_at and target.state in ENDS:
        onward.left_at, onward.left_as = target.ended_at, ENDS[target.state]
    db.session.add(onward)
    mark_uncounted([trip.transfer_id])


def _strike(trip: Trip, mark: Mark, said: Said) -> None:
    entry = _listed(trip, said.entry_id)
    mark.entry_id, mark.seat = entry.id, entry.seat
    ride = _open_ride(entry)
    if ride is not None and ride.trip_id == trip.id:
        _leave(ride, Leaving.STRUCK, mark.at, mark.place)
    _no_longer_leads(trip.id, entry)


def _leave(ride: Ride, how: Leaving, at: datetime, place: str) -> None:
    if at < ride.boarded_at:
        raise Conflict("transfers.boarded_since", "这个人在那之后才登记上车，请刷新名单核对。")
    ride.left_at, ride.left_as, ride.left_place = at, how, place


def _no_longer_leads(trip_id: UUID | None, entry: Entry) -> None:
    plan = db.session.get(Plan, trip_id) if trip_id else None
    if plan and plan.leader_id == entry.id:
        plan.leader_id = None
    if plan and plan.deputy_id == entry.id:
        plan.deputy_id = None


def _add(trip: Trip, mark: Mark, said: Said) -> None:
    entry = _wanted(trip, said)
    if entry.trip_id != trip.id:
        _check_free(trip, entry)
        _no_longer_leads(entry.trip_id, entry)
        entry.trip_id, entry.seat = trip.id, _free_seat(trip, said.seat)
        mark_uncounted([trip.transfer_id])
    mark.entry_id, mark.seat = entry.id, entry.seat


def _wanted(trip: Trip, said: Said) -> Entry:
    """Somebody of the transfer's roster: by row, or by name and the last four of the ID number."""
    query = select(Entry).where(Entry.transfer_id == trip.transfer_id)
    if said.entry_id:
        query = query.where(Entry.id == said.entry_id)
    else:
        ending = blind_index(said.last_four.upper(), "last_four")
        name = blind_index(tidy_name(said.name), "name")
        query = query.where(Entry.last_four_index == ending, Entry.name_index == name)
    found = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    if len(found) != 1:
        sentence = (
            "这次输送的花名册上没有这个姓名和身份证后四位的人（或不止一个）。请核对身份证，新增的人请经办人补进花名册。"
        )
        raise Conflict("transfers.not_on_roster", sentence)
    return found[0]


def _check_free(trip: Trip, entry: Entry) -> None:
    if _open_ride(entry) is not None:
        raise Conflict("transfers.aboard_elsewhere", "这个人已登记在别的车上，请原车先登记退出，再加到本车。")
    received = select(Ride.id).where(Ride.entry_id == entry.id, Ride.left_as == Leaving.HANDED_OVER)
    if db.session.scalar(received.limit(1)):
        raise Conflict("transfers.received", "这个人已经到达并交接，不能再加到车上。")
    plan = queries.get_plan(trip)
    if trip.mode is Mode.COACH and plan and plan.seats:
        most = seating.most_seated(plan.seats, queries.percent_of(trip))
        if len([one for one in queries.list_passengers(trip) if one.travels]) >= most:
            raise Conflict("transfers.full", f"这辆车当天最多乘坐 {most} 人，已经满了，请安排到别的车次。")


def _free_seat(trip: Trip, wanted: str) -> str:
    """The wanted seat if nobody on the list has it, else one that nobody has; none where the seats are unknown."""
    taken = {one.seat for one in queries.list_passengers(trip) if one.travels}
    plan = queries.get_plan(trip)
    numbers = [number for bench in seating.benches(plan.seats) for number in bench] if plan and plan.seats else []
    free = [seat for seat in (wanted.strip(), *map(str, numbers)) if seat and seat not in taken]
    return free[0] if free else ""


def _swap(trip: Trip, mark: Mark, said: Said) -> None:
    if said.entry_id == said.other_id:
        raise Invalid("transfers.swap", "请选择另一个人换座。", fields={"other_id": "请选择另一个人。"})
    # In the order of their ids, so that two swaps wait for each other instead of blocking.
    found = {one: _listed(trip, one) for one in sorted(filter(None, (said.entry_id, said.other_id)))}
    if len(found) < len((said.entry_id, said.other_id)):
        raise Conflict("transfers.not_listed", NOT_LISTED)
    one, other = (found[entry_id] for entry_id in (said.entry_id, said.other_id) if entry_id)
    one.seat, other.seat = other.seat, one.seat
    for entry in (one, other):
        ride = _open_ride(entry)
        if ride is not None and ride.trip_id == trip.id:
            ride.seat = entry.seat
    mark.entry_id, mark.seat = one.id, one.seat
    mark.words = f"与 {other.number} 号 {other.name_mask} 互换，对方换到 {other.seat or '未定'} 座"


def _count(trip: Trip, mark: Mark, said: Said) -> None:
    if said.heads is None or not 0 <= said.heads <= MOST_HEADS:
        raise Invalid("transfers.heads", "请填点到的人数。", fields={"heads": "请填点到的人数。"})
    mark.heads, mark.expected = said.heads, queries.count_aboard(trip, mark.at)


def _measure(trip: Trip, mark: Mark, said: Said) -> None:
    entry = _listed(trip, said.entry_id)
    mark.entry_id, mark.seat = entry.id, entry.seat


def _observe(trip: Trip, mark: Mark, said: Said) -> None:
    entry = _listed(trip, said.entry_id)
    ride = _aboard(trip, entry, mark.at)
    seat = said.seat.strip()
    if kept := queries.observation_seats(trip):
        taken = set(db.session.scalars(select(Ride.seat).where(Ride.trip_id == trip.id, Ride.left_at.is_(None))))
        free = [one for one in kept if one not in taken or one == ride.seat]
        seat = seat or (free[0] if free else "")
        if seat not in free:
            sentence = f"观察座位是 {'、'.join(kept)} 号，空着的有：{'、'.join(free) or '没有'}。"
            raise Invalid("transfers.observation_seat", sentence, fields={"seat": sentence})
    seat = seat or "观察区"
    ride.seat = seat
    mark.entry_id, mark.seat = entry.id, seat


def _to_health(trip: Trip, mark: Mark, said: Said) -> None:
    entry = _listed(trip, said.entry_id)
    plan = queries.get_plan(trip)
    places = may_hand_over_at(plan.stops) if plan and trip.departed_at else []
    if not mark.place or (places and mark.place not in places):
        sentence = f"请选择移交地点：{'、'.join(places)}。" if places else "请写明移交给哪里的卫健部门。"
        raise Invalid("transfers.handover_place", sentence, fields={"place": sentence})
    ride = _aboard(trip, entry, mark.at) if trip.departed_at else _open_ride(entry)
    mark.entry_id, mark.seat = entry.id, ride.seat if ride else entry.seat
    if ride is not None and ride.trip_id == trip.id:
        _leave(ride, Leaving.TO_HEALTH, mark.at, mark.place)
        db.session.flush()
    record_aboard(trip, MarkKind.TO_HEALTH.value, [entry.id], mark.at, mark.place)


DOES: Mapping[MarkKind, Callable[[Trip, Mark, Said], None]] = {
    MarkKind.BOARDED: _board,
    MarkKind.STRUCK: _strike,
    MarkKind.ADDED: _add,
    MarkKind.SWAPPED: _swap,
    MarkKind.COUNTED: _count,
    MarkKind.MEASURED: _measure,
    MarkKind.OBSERVED: _observe,
    MarkKind.TO_HEALTH: _to_health,
    MarkKind.DECLARED: _measure,
}
"""What each kind does to the list; people change vehicles by an office alone, see `changing`."""
