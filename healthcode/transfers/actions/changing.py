"""A vehicle under way is replaced, split or merged: named people change to another one, at a known time and place."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.clock import shown
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid
from backend.core.events import emit
from healthcode.transfers import queries
from healthcode.transfers.actions.counting import mark_uncounted
from healthcode.transfers.actions.moves import lock_for_origin, read_reason
from healthcode.transfers.actions.rides import record_aboard
from healthcode.transfers.actions.vehicles import LONGEST_PLACE, follow_vehicles, read_moment, take_trip_step
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.events import PeopleChanged
from healthcode.transfers.models import Entry, Mark, Plan, Ride, Transfer, Trip
from healthcode.transfers.rules import UNDER_WAY, Leaving, TripState

LONGEST_VEHICLE = 20  # characters


def change_vehicles(
    *,
    transfer: Transfer,
    trip: Trip,
    entry_ids: Collection[UUID],
    onto: Trip | None,
    vehicle: str = "",
    place: str,
    note: str,
    at: datetime | None,
    by: Acting,
) -> Trip:
    """Let named people change from a vehicle under way to another one; returns the vehicle on which they are now.

    `onto` is on the same way already, or waits and leaves with this; None is a new one, `vehicle` its plate. Their
    rides here end and their rides there begin in this transaction; a vehicle that nobody is on any more has ended.
    Refuses: as `lock_for_origin`; Conflict for a vehicle that isn't under way, people who aren't aboard, a vehicle that
    doesn't go the same way; Invalid without place, reason, people, plate, or for a moment that can't be.
    """
    lock_for_origin(transfer, by)
    for one in sorted(filter(None, (trip, onto)), key=lambda one: one.id):
        db.session.refresh(queries.get_trip(transfer, one.id), with_for_update=True)
    where, reason = " ".join(place.split())[:LONGEST_PLACE], read_reason(note)
    if trip.state not in UNDER_WAY or onto is trip:
        raise Conflict("transfers.not_under_way", "只有在途的车辆可以换乘到另一辆车，请刷新页面查看。")
    if not where or not entry_ids:
        faults = {} if where else {"place": "请填写换乘地点。"}
        raise Invalid("transfers.change", "请填写换乘地点，并选择换乘的人。", fields=faults)
    moment = read_moment(trip, at)
    rides = _rides(trip, entry_ids, moment)
    target = onto or _replacement(transfer, trip, vehicle, moment)
    _set_off(trip, target, moment, by, f"接 {trip.vehicle or '在途车辆'} 的乘客：{reason}", where)
    _move(rides, trip, target, moment, where, reason, by)
    _carry_plan(trip, target)
    if not db.session.scalar(queries.entries_aboard(trip.id).limit(1)):
        take_trip_step(trip, TripState.EMPTIED, moment, by, reason, where)
    follow_vehicles(transfer, by, reason)
    mark_uncounted([transfer.id])
    emit(PeopleChanged(transfer.id, trip.id, target.id))
    return target


def _rides(trip: Trip, entry_ids: Collection[UUID], at: datetime) -> Sequence[Ride]:
    """The open rides of these people; a vehicle whose list nobody ticked carries its whole roster since departure."""
    if not queries.has_rides(trip) and trip.departed_at:
        listed = db.session.scalars(select(Entry).where(Entry.id.in_(queries.entries_aboard(trip.id))))
        db.session.add_all(
            Ride(trip_id=trip.id, entry_id=entry.id, seat=entry.seat, boarded_at=trip.departed_at, left_place="")
            for entry in listed.all()
        )
        db.session.flush()
    aboard = (Ride.trip_id == trip.id) & Ride.left_at.is_(None) & Ride.entry_id.in_(entry_ids)
    rides = db.session.scalars(select(Ride).where(aboard).order_by(Ride.id).with_for_update()).all()
    if len(rides) != len(set(entry_ids)):
        raise Conflict("transfers.not_aboard", "选中的人里有人不在这辆车上，请刷新页面后重新选择。")
    late = [ride.boarded_at for ride in rides if ride.boarded_at > at]
    if late:
        sentence = f"{shown(max(late))} 还有人登记上车，换乘时间不能早于这一刻。"
        raise Invalid("transfers.trip_moment", sentence, fields={"at": sentence})
    return rides


def _replacement(transfer: Transfer, trip: Trip, vehicle: str, at: datetime) -> Trip:
    plate = "".join(vehicle.split()).upper()
    if not 1 <= len(plate) <= LONGEST_VEHICLE:
        raise Invalid("transfers.vehicle", "请填写新车的车牌或车次。", fields={"vehicle": "请填写车牌或车次。"})
    same = (Trip.transfer_id == transfer.id) & (Trip.vehicle == plate) & Trip.state.in_([*UNDER_WAY, TripState.WAITING])
    if db.session.scalar(select(exists().where(same))):
        sentence = f"{plate} 已经是这次输送的车次，请从列表里选择它。"
        raise Conflict("transfers.vehicle_known", sentence, fields={"vehicle": sentence})
    new = Trip(
        transfer_id=transfer.id,
        vehicle=plate,
        mode=trip.mode,
        departs_at=at,
        arrives_at=trip.arrives_at,
        route=trip.route,
        state=TripState.WAITING,
    )
    db.session.add(new)
    db.session.flush()
    return new


def _set_off(trip: Trip, target: Trip, at: datetime, by: Acting, note: str, place: str) -> None:
    """Bring the other vehicle to where this one stands in its course."""
    if target.state is TripState.WAITING:
        take_trip_step(target, TripState.ON_THE_WAY, at, by, note, place)
        if trip.state is TripState.RETURNING:
            take_trip_step(target, TripState.RETURNING, at, by, note, place)
    if target.state is not trip.state:
        raise Conflict(
            "transfers.other_way", "两辆车不是同一个方向（一辆前往、一辆返回），或那辆车已经结束，不能换乘。"
        )
    if target.departed_at and target.departed_at > at:
        sentence = f"那辆车 {shown(target.departed_at)} 才发车，换乘时间不能更早。"
        raise Invalid("transfers.trip_moment", sentence, fields={"at": sentence})


def _move(rides: Sequence[Ride], trip: Trip, target: Trip, at: datetime, place: str, reason: str, by: Acting) -> None:
    free_of = set(db.session.scalars(select(Ride.seat).where(Ride.trip_id == target.id, Ride.left_at.is_(None))))
    for ride in rides:
        ride.left_at, ride.left_as, ride.left_place = at, Leaving.MOVED, place
    # Somebody is aboard one vehicle at a time: the old rides end before the new ones begin.
    db.session.flush()
    entries = {
        entry.id: entry for entry in db.session.scalars(select(Entry).where(Entry.id.in_([r.entry_id for r in rides])))
    }
    for ride in rides:
        entry, seat = entries[ride.entry_id], ride.seat if ride.seat not in free_of else ""
        free_of.add(seat)
        entry.trip_id, entry.seat = target.id, seat
        db.session.add(Ride(trip_id=target.id, entry_id=entry.id, seat=seat, boarded_at=at, left_place=""))
        db.session.add(
            Mark(
                trip_id=trip.id,
                kind=MarkKind.MOVED,
                entry_id=entry.id,
                at=at,
                written_at=clock.now(),
                operator_id=by.operator_id,
                organisation_id=by.organisation_id,
                request_key=new_key().hex,
                seat=seat,
                place=place,
                words=f"换到 {target.vehicle or '另一辆车'}：{reason}",
            )
        )
    trip.entries -= len(rides)
    target.entries += len(rides)
    db.session.flush()
    record_aboard(target, MarkKind.MOVED.value, list(entries), at, place)


def _carry_plan(trip: Trip, target: Trip) -> None:
    """A vehicle without a plan takes over the stops, and leader and deputy if they came along."""
    plan = queries.get_plan(trip)
    if plan is None or queries.get_plan(target) is not None:
        return
    came = set(db.session.scalars(queries.entries_aboard(target.id)))
    carried = Plan(
        trip_id=target.id,
        carrier="",
        seats=None,
        crew=None,
        crew_masks={},
        leader_id=plan.leader_id if plan.leader_id in came else None,
        deputy_id=plan.deputy_id if plan.deputy_id in came else None,
        stops=plan.stops,
        supplies=plan.supplies,
        operator_id=plan.operator_id,
        updated_at=clock.now(),
    )
    db.session.add(carried)
    db.session.flush()
