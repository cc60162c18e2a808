"""Vehicles leave, arrive, are called back or cancelled; the transfer's own state follows them."""

from datetime import datetime, timedelta

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from backend.core.events import emit
from backend.evidence import actions as evidence
from healthcode.transfers import queries
from healthcode.transfers.actions.moves import SHORTEST_NOTE, read_reason, take_step
from healthcode.transfers.actions.rides import check_departure, close_list, end_rides
from healthcode.transfers.events import TripMoved
from healthcode.transfers.evidence import TRIP_STEP, trip_step_content
from healthcode.transfers.models import Transfer, Trip, TripStep
from healthcode.transfers.planned import missing
from healthcode.transfers.rules import NEEDS_REASON, TRIP_STATE_NAMES, State, TripState, state_by_vehicles

LONGEST_PLACE = 60  # characters
WRITTEN_LATE = timedelta(hours=48)
"""How long after it happened a move may still be written down."""
CALLED_OFF = "取消输送：{}；未发车的车次取消，在途车辆返回"


def move_trip(
    *, transfer: Transfer, trip: Trip, to: TripState, by: Acting, note: str = "", place: str = "", at: datetime | None
) -> Trip:
    """Take a vehicle to another state, if it is this side's turn; `at` is when it happened, now if nobody says.

    The transfer follows: in transit from the first vehicle that leaves, arrived or cancelled when the last has ended.
    Refuses: NotFound for other offices; Conflict("transfers.no_such_trip_move") out of turn or before the transfer is
    departing; Invalid when called back or cancelled without a reason, when it leaves with a plan that lacks something
    and nobody says why, or for a moment that can't be.
    """
    db.session.refresh(queries.get_transfer(transfer.id, seen_by=by), with_for_update=True)
    db.session.refresh(queries.get_trip(transfer, trip.id), with_for_update=True)
    if to not in queries.possible_trip_moves(transfer, trip, by):
        raise Conflict(
            "transfers.no_such_trip_move",
            f"这个车次现在是“{TRIP_STATE_NAMES[trip.state]}”，本单位不能把它改为“{TRIP_STATE_NAMES[to]}”，"
            "请刷新页面查看。",
        )
    reason = read_reason(note) if to in NEEDS_REASON else note.strip()
    if to is TripState.ON_THE_WAY and len(reason) < SHORTEST_NOTE:
        _check_ready(trip)
    moment = read_moment(trip, at)
    if to is TripState.ON_THE_WAY:
        check_departure(trip, moment)
    take_trip_step(trip, to, moment, by, reason, place)
    follow_vehicles(transfer, by, reason)
    return trip


def _check_ready(trip: Trip) -> None:
    lacking = missing(queries.standing_of(trip))
    if lacking:
        sentence = f"发车前还要处理：{'；'.join(lacking)}。确需现在发车的，请写明原因。"
        raise Invalid("transfers.not_ready", sentence, fields={"note": "请写明原因。"})


def recall_transfer(*, transfer: Transfer, note: str, by: Acting) -> Transfer:
    """Call a transfer off while vehicles are on their way: no other leaves, and these return.

    It stays in transit, with everybody looked after and seen by both sides, until the last vehicle has ended; if one
    had arrived its people are received as planned. Refuses: NotFound for other offices, Conflict unless vehicles of
    the own transfer are on their way, Invalid without a reason.
    """
    db.session.refresh(queries.get_transfer(transfer.id, seen_by=by), with_for_update=True)
    if not queries.may_recall(transfer, by):
        raise Conflict("transfers.no_recall", "现在没有在途的车辆可以召回，请刷新页面查看。")
    reason, now = read_reason(note), clock.now()
    transfer.recalled_at = now
    take_step(transfer=transfer, to=State.IN_TRANSIT, note=CALLED_OFF.format(reason), by=by)
    to = {TripState.WAITING: TripState.CANCELLED, TripState.ON_THE_WAY: TripState.RETURNING}
    moved = select(Trip).where(Trip.transfer_id == transfer.id, Trip.state.in_(to)).order_by(Trip.id).with_for_update()
    for trip in db.session.scalars(moved).all():
        take_trip_step(trip, to[trip.state], now, by, reason, "")
    follow_vehicles(transfer, by, reason)
    return transfer


def read_moment(trip: Trip, at: datetime | None) -> datetime:
    """When something happened to a vehicle, now if nobody says. Refuses: Invalid for a moment that can't be."""
    now = clock.now()
    moment = at or now
    began = max(now - WRITTEN_LATE, trip.departed_at or now - WRITTEN_LATE)
    if not began <= moment <= now:
        sentence = "时间不对：不能晚于现在，也不能早于发车时间或两天以前。"
        raise Invalid("transfers.trip_moment", sentence, fields={"at": sentence})
    return moment


def take_trip_step(trip: Trip, to: TripState, at: datetime, by: Acting, note: str, place: str) -> None:
    """Let a locked vehicle be in another state, and its people with it: keep who did it, and announce it."""
    before, trip.state = trip.state, to
    where = " ".join(place.split())[:LONGEST_PLACE]
    match to:
        case TripState.ON_THE_WAY:
            trip.departed_at = at
            close_list(trip, at)
        case TripState.ARRIVED | TripState.RETURNED | TripState.CANCELLED:
            trip.ended_at = at
            end_rides(trip, to, at, where)
        case TripState.EMPTIED:
            trip.ended_at = at
    step = TripStep(
        trip_id=trip.id,
        before=before,
        after=to,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        place=where,
        note=note,
        at=at,
    )
    step.id = evidence.record(kind=TRIP_STEP.name, subject=str(trip.transfer_id), content=trip_step_content(step))
    db.session.add(step)
    emit(TripMoved(trip.transfer_id, trip.id, before, to))


def follow_vehicles(transfer: Transfer, by: Acting, note: str) -> None:
    """Let a locked transfer be in the state that its vehicles say."""
    db.session.flush()
    to = state_by_vehicles(transfer.state, queries.states_of_trips(transfer))
    if to is not transfer.state:
        take_step(transfer=transfer, to=to, note=note if to is State.CANCELLED else "", by=by)
