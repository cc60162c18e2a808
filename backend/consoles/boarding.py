"""Boarding one vehicle at its door: who got on, who doesn't travel, heads; and changing vehicles on the way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import is_origin, render_transfer
from backend.consoles.trips import find_trip, read_moment, trip_naming
from backend.core import clock
from backend.core.errors import Invalid, NotFound, Refused
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import Taken, Writer
from healthcode.transfers.boarding import MARK_NAMES, MarkKind, Said, Standing, may_hand_over_at, moment_of
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.queries import Passenger
from healthcode.transfers.rules import LEAVING_NAMES, UNDER_WAY, State, TripState

blueprint = pages(
    "boarding", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/trips/<uuid:trip_id>/boarding"
)
KEY_PREFIX = "boarded_"


def _page(transfer_id: UUID, trip_id: UUID, refused: Refused | None = None, taken: Sequence[Taken] = ()) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    people = queries.list_passengers(trip)
    plan = queries.get_plan(trip)
    of_kind = {kind: [one for one in people if one.standing is kind] for kind in Standing}
    refusals = [(one, people_by_key(people).get(one.key)) for one in taken if one.message]
    return render_transfer(
        "boarding.html",
        transfer,
        "trips",
        trip=trip,
        people=people,
        of_kind=of_kind,
        may_tick=_may_tick(transfer, trip),
        may_note=is_origin(transfer) and trip.departed_at is not None and trip.ended_at is None,
        stops=[stop["name"] for stop in plan.stops] if plan else [],
        handovers=may_hand_over_at(plan.stops) if plan and trip.departed_at else [],
        marks=queries.list_marks(trip),
        mark_names=MARK_NAMES,
        leaving_names=LEAVING_NAMES,
        refused=refused,
        refusals=refusals,
        key=uuid4().hex,
        **trip_naming(),
    )


def people_by_key(people: Sequence[Passenger]) -> dict[str, Passenger]:
    """Whom each tick of the sent form was about."""
    prefix = typed("key")
    return {f"{prefix}-{one.entry.id.hex[-12:]}": one for one in people}


def _may_tick(transfer: Transfer, trip: Trip) -> bool:
    running = transfer.state in {State.DEPARTING, State.IN_TRANSIT}
    return is_origin(transfer) and running and trip.state is TripState.WAITING


@blueprint.get("/")
def show(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Who is on the vehicle's list, who is aboard, and why somebody may not board."""
    return _page(transfer_id, trip_id)


@blueprint.post("/ticks")
@shows_again(_page)
def tick(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Write down who boarded, each at the moment when the box was ticked."""
    transfer, trip = find_trip(transfer_id, trip_id)
    said = [_tick(name.removeprefix(KEY_PREFIX)) for name in request.form if name.startswith(KEY_PREFIX)]
    if not said:
        raise Invalid("consoles.nobody", "请先勾选上车的人，再按“登记上车”。")
    taken = actions.take_marks(transfer=transfer, trip=trip, said=said, by=Writer(current_office()))
    accepted = sum(one.accepted for one in taken)
    if accepted:
        flash(f"已登记 {accepted} 人上车。")
    if all(one.accepted for one in taken):
        return redirect(url_for("boarding.show", transfer_id=transfer_id, trip_id=trip_id))
    return _page(transfer_id, trip_id, taken=taken)


def _tick(entry: str) -> Said:
    entry_id = _uuid(entry)
    at, phone_at = _moments(f"at_{entry}")
    return Said(f"{_key()}-{entry_id.hex[-12:]}", MarkKind.BOARDED, at, phone_at, entry_id)


def _moments(field: str) -> tuple[datetime, datetime | None]:
    """(by the server's clock, by the phone's) of what the page noted in a field; now where it noted nothing."""
    now = clock.now()
    try:
        phone_at, phone_now = datetime.fromisoformat(typed(field)), datetime.fromisoformat(typed("phone_now"))
        return moment_of(phone_at, phone_now=phone_now, now=now), phone_at
    except (ValueError, TypeError, OverflowError):
        return now, None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid("consoles.person", "请从页面上的名单里选择人。") from wrong


def _key() -> str:
    """The page's own, so that a form sent twice is one; a page without one gets a fresh one."""
    return typed("key")[:64] or uuid4().hex


@blueprint.post("/people")
@shows_again(_page)
def join(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Add somebody by the ID card, also one who is on no roster yet."""
    transfer, trip = find_trip(transfer_id, trip_id)
    actions.join(
        transfer=transfer,
        trip=trip,
        name=typed("name"),
        resident_id=typed("number"),
        phone=typed("phone"),
        key=f"{_key()}-joined",
        by=current_office(),
    )
    flash("已加入本车名单。本人还没有登记健康码的，请先登记、申报，变绿后再上车。")
    return redirect(url_for("boarding.show", transfer_id=transfer_id, trip_id=trip_id))


@blueprint.post("/marks")
@shows_again(_page)
def mark(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Write one other thing down: who doesn't travel, who joins, swaps seats, is handed over; how many heads."""
    transfer, trip = find_trip(transfer_id, trip_id)
    try:
        kind = MarkKind(typed("kind"))
    except ValueError as wrong:
        raise Invalid("consoles.mark", "请从页面上的按钮选择要做的事。") from wrong
    heads = typed("heads")
    said = Said(
        key=f"{_key()}-{kind}",
        kind=kind,
        at=clock.now(),
        entry_id=_uuid(typed("entry_id")) if typed("entry_id") else None,
        other_id=_uuid(typed("other_id")) if typed("other_id") else None,
        name=typed("name"),
        last_four=typed("last_four"),
        seat=typed("seat"),
        place=typed("place"),
        words=typed("words"),
        temperature=_tenths(),
        heads=int(heads) if heads.isascii() and heads.isdecimal() and len(heads) < len("10000") else None,
    )
    (taken,) = actions.take_marks(transfer=transfer, trip=trip, said=[said], by=Writer(current_office()))
    if not taken.accepted:
        raise Invalid("consoles.mark", taken.message, fields=taken.fields)
    flash(taken.message or f"已登记：{MARK_NAMES[kind]}。", "warning" if taken.message else "message")
    return redirect(url_for("boarding.show", transfer_id=transfer_id, trip_id=trip_id))


def _tenths() -> int | None:
    """Tenths of a degree; None for what is no temperature."""
    try:
        return round(float(typed("temperature")) * 10)
    except (ValueError, OverflowError):
        return None


def _change_page(transfer_id: UUID, trip_id: UUID, refused: Refused | None = None) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    if not is_origin(transfer) or trip.state not in UNDER_WAY:
        raise NotFound
    people = queries.list_passengers(trip)
    ticked = queries.has_rides(trip)
    return render_transfer(
        "change_vehicles.html",
        transfer,
        "trips",
        trip=trip,
        people=[one for one in people if one.standing is Standing.ABOARD or not ticked],
        others=queries.list_other_vehicles(transfer, trip),
        now=clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        chosen=set(request.form.getlist("entry_id")),
        refused=refused,
        **trip_naming(),
    )


@blueprint.get("/change")
def change_form(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The form by which people change from a vehicle under way to another one."""
    return _change_page(transfer_id, trip_id)


@blueprint.post("/change")
@shows_again(_change_page)
def change(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Let the ticked people change vehicles."""
    transfer, trip = find_trip(transfer_id, trip_id)
    people = {_uuid(one) for one in request.form.getlist("entry_id")}
    onto = queries.get_trip(transfer, _uuid(typed("onto"))) if typed("onto") else None
    target = actions.change_vehicles(
        transfer=transfer,
        trip=trip,
        entry_ids=people,
        onto=onto,
        vehicle=typed("vehicle"),
        place=typed("place"),
        note=typed("note"),
        at=read_moment(),
        by=current_office(),
    )
    flash(f"{len(people)} 人已换到 {target.vehicle or '另一辆车'}，两辆车的乘车记录都保留。")
    return redirect(url_for("boarding.show", transfer_id=transfer_id, trip_id=target.id))
