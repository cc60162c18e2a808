"""What travellers are told as soon as their vehicle or their whole transfer moves."""

from collections.abc import Iterator

from sqlalchemy import Uuid, select, type_coerce

from backend.core.clock import shown
from backend.core.db import db
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind
from healthcode.transfers.events import TransferMoved, TripMoved
from healthcode.transfers.models import Entry, Trip
from healthcode.transfers.rules import MODE_NAMES, State, TripState

PAGE = "trips"
PREPARE = "请按时到集合点，带好身份证，出发当天先申报健康。{}"
UNSEATED = "车次还在安排，定下后会在“我的车次”里看到。"
CANCELLED = "这次统一组织的出行已取消，请不要前往集合点。有疑问请联系村里或县劳务部门。"
TRIP_CANCELLED = "您的车次已取消，请不要前往集合点，等工作人员通知新的安排。"
RETURNING = "您乘坐的车辆要返回出发地。请留在座位上，听从车长安排。"


def tell_travellers(event: TransferMoved | TripMoved) -> None:
    """Before departure: when, with what, on which seat. When it is called off: not to come, or to stay seated."""
    notify_many(_of_trip(event) if isinstance(event, TripMoved) else _of_transfer(event))


def _of_transfer(event: TransferMoved) -> Iterator[Notice]:
    called_off = event.after == State.CANCELLED and event.before != State.IN_TRANSIT
    if not called_off and event.after != State.DEPARTING:
        return
    rows = db.session.execute(
        select(type_coerce(Entry.person_id, Uuid), Entry.seat, Trip)
        .outerjoin(Trip, Trip.id == Entry.trip_id)
        .where(Entry.transfer_id == event.transfer_id, Entry.person_id.is_not(None))
    )
    topic = f"transfer:{event.transfer_id}:{event.after}"
    for person_id, seat, trip in rows:
        if called_off:
            yield Notice(person_id, Kind.TRIP, topic, "出行已取消", CANCELLED, PAGE)
        else:
            yield Notice(person_id, Kind.TRIP, topic, "准备出发", PREPARE.format(_vehicle(trip, seat)), PAGE)


def _vehicle(trip: Trip | None, seat: str) -> str:
    if trip is None:
        return UNSEATED
    words = [
        f"{MODE_NAMES[trip.mode]} {trip.vehicle}".strip(),
        f"{shown(trip.departs_at)} 出发" if trip.departs_at else "",
        f"座位 {seat}" if seat else "",
    ]
    return f"您的车次：{'，'.join(word for word in words if word)}。"


def _of_trip(event: TripMoved) -> Iterator[Notice]:
    words = {TripState.CANCELLED: ("车次已取消", TRIP_CANCELLED), TripState.RETURNING: ("车辆返回", RETURNING)}
    told = words.get(TripState(event.after))
    if told is None:
        return
    registered = (Entry.trip_id == event.trip_id) & Entry.person_id.is_not(None)
    for person_id in db.session.scalars(select(type_coerce(Entry.person_id, Uuid)).where(registered)):
        yield Notice(person_id, Kind.TRIP, f"trip:{event.trip_id}:{event.after}", *told, PAGE)
