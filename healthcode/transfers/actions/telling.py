"""What travellers are told as soon as their vehicle or their whole transfer moves."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, exists, select, type_coerce

from backend.core.clock import shown
from backend.core.db import db
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind
from healthcode.transfers import queries
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.events import PeopleChanged, TransferMoved, TripMoved
from healthcode.transfers.models import Entry, Mark, Ride, Trip
from healthcode.transfers.rules import MODE_NAMES, State, TripState

PAGE = "trips"
PREPARE = "请按时到集合点，带好身份证，出发当天先申报健康。{}"
UNSEATED = "车次还在安排，定下后会在“我的车次”里看到。"
CANCELLED = "这次统一组织的出行已取消，请不要前往集合点。有疑问请联系村里或县劳务部门。"
TRIP_CANCELLED = "您的车次已取消，请不要前往集合点，等工作人员通知新的安排。"
RETURNING = "您乘坐的车辆要返回出发地。请留在座位上，听从车长安排。"
CHANGED = "您换乘到{}。请带好随身物品，坐到车长安排的座位。"
STRUCK = "您在{}的名单上已登记为退出，原因：{}。请不要再前往集合点。如果登记错了，请在发车前联系村里或县劳务部门改回。"
ADDED = "您已加入{}的名单。{}"
LEFT_BEHIND = (
    "您的车次已经发车，系统里没有您上车的记录。如果您在车上，请告诉车长补记；"
    "如果没赶上，请在“我的车次”里改乘下一班，或联系村里、县劳务部门。"
)


def tell_travellers(event: TransferMoved | TripMoved | PeopleChanged) -> None:
    """Before departure: when, with what, on which seat. When it is called off: not to come, or to stay seated.

    On the way: who changed to which vehicle, and who was left behind.
    """
    match event:
        case TransferMoved():
            notify_many(_of_transfer(event))
        case TripMoved():
            notify_many(_of_trip(event))
        case PeopleChanged():
            notify_many(_of_change(event))


def tell_listed(trip: Trip, mark: Mark) -> None:
    """Before departure, who was taken off a vehicle's list and why, and who came onto one: once for each mark."""
    person_id = db.session.scalar(select(Entry.person_id).where(Entry.id == mark.entry_id))
    if person_id is None or trip.departed_at is not None:
        return
    name = f"{MODE_NAMES[trip.mode]} {trip.vehicle}".strip()
    topic = f"trip:{trip.id}:{mark.kind}:{mark.request_key}"
    if mark.kind is MarkKind.STRUCK:
        body = STRUCK.format(name, mark.words)
        notify_many([Notice(person_id, Kind.TRIP, topic, "已登记退出", body, PAGE)])
    elif mark.kind is MarkKind.ADDED:
        body = ADDED.format(name, PREPARE.format(_vehicle(trip, mark.seat)))
        notify_many([Notice(person_id, Kind.TRIP, topic, "已加入车次", body, PAGE)])


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
    words = {
        TripState.CANCELLED: ("车次已取消", TRIP_CANCELLED),
        TripState.RETURNING: ("车辆返回", RETURNING),
        TripState.ON_THE_WAY: ("没有上车记录", LEFT_BEHIND),
    }
    after = TripState(event.after)
    told = words.get(after)
    if told is None:
        return
    concerned = {
        TripState.CANCELLED: Entry.trip_id == event.trip_id,
        TripState.RETURNING: Entry.id.in_(queries.entries_aboard(event.trip_id)),
        TripState.ON_THE_WAY: _left_behind(event.trip_id),
    }[after]
    registered = concerned & Entry.person_id.is_not(None)
    for person_id in db.session.scalars(select(type_coerce(Entry.person_id, Uuid)).where(registered)):
        yield Notice(person_id, Kind.TRIP, f"trip:{event.trip_id}:{event.after}", *told, PAGE)


def _left_behind(trip_id: UUID) -> ColumnElement[bool]:
    """On the list of a vehicle that others were ticked for, and nobody wrote anything down of these."""
    said = exists().where(Mark.entry_id == Entry.id, Mark.trip_id == trip_id, Mark.kind != MarkKind.ADDED)
    return (Entry.trip_id == trip_id) & exists().where(Ride.trip_id == trip_id) & ~said


def _of_change(event: PeopleChanged) -> Iterator[Notice]:
    onto = db.session.get_one(Trip, event.onto_id)
    moved = exists().where(Mark.entry_id == Entry.id, Mark.trip_id == event.trip_id, Mark.kind == MarkKind.MOVED)
    people = select(type_coerce(Entry.person_id, Uuid), Entry.seat).where(
        Entry.trip_id == onto.id, Entry.person_id.is_not(None), moved
    )
    for person_id, seat in db.session.execute(people):
        vehicle = f" {MODE_NAMES[onto.mode]} {onto.vehicle}{f'，座位 {seat}' if seat else ''}"
        topic = f"trip:{event.trip_id}:onto:{onto.id}"
        yield Notice(person_id, Kind.TRIP, topic, "已换乘", CHANGED.format(vehicle), PAGE)
