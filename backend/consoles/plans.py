"""A vehicle's plan: the form, the crew's phones on a purpose, and the picture of who sits where."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import read_number, shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import is_origin, render_transfer
from backend.consoles.trips import find_trip
from backend.core.errors import NotFound, Refused
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Plan, Transfer, Trip
from healthcode.transfers.planned import (
    MOST_STOPS,
    POST_NAMES,
    SUPPLY_NAMES,
    Crew,
    Outline,
    Post,
    Shift,
    Stop,
    Supply,
    missing,
    shifts,
)
from healthcode.transfers.rules import EDITABLE, Mode, TripState

blueprint = pages("plans", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/trips/<uuid:trip_id>/plan")

FAR = 100_000
"""No number that a plan asks for is larger."""


def _may_plan(transfer: Transfer, trip: Trip) -> bool:
    return is_origin(transfer) and transfer.state in EDITABLE and trip.state is TripState.WAITING


def _page(
    transfer_id: UUID, trip_id: UUID, refused: Refused | None = None, crew: Mapping[Post, Crew] | None = None
) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    plan = queries.get_plan(trip)
    return render_transfer(
        "plan.html",
        transfer,
        "trips",
        trip=trip,
        plan=plan,
        leads=queries.list_leads(plan),
        lacking=missing(queries.standing_of(trip)) if trip.state is TripState.WAITING else [],
        rule=queries.rule_of(trip),
        shifts=_shifts(trip),
        crew=crew,
        post_names=POST_NAMES,
        supply_names=SUPPLY_NAMES,
        may_plan=_may_plan(transfer, trip),
        refused=refused,
    )


def _shifts(trip: Trip) -> list[Shift]:
    if trip.mode is not Mode.COACH or trip.departs_at is None or trip.arrives_at is None:
        return []
    return shifts(trip.departs_at, trip.arrives_at)


@blueprint.get("/")
def show(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The plan as both governments read it, and what it lacks."""
    return _page(transfer_id, trip_id)


@blueprint.post("/crew")
@shows_again(_page)
def reveal(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The same page with the crew's names and phones, this once, for a purpose."""
    _, trip = find_trip(transfer_id, trip_id)
    crew = actions.reveal_crew(trip=trip, by=current_office(), purpose=typed("purpose"))
    return _page(transfer_id, trip_id, crew=crew)


def _form(transfer_id: UUID, trip_id: UUID, refused: Refused | None = None) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    plan = queries.get_plan(trip)
    return render_transfer(
        "plan_edit.html",
        transfer,
        "trips",
        trip=trip,
        values=request.form if refused else _values(plan),
        masks=plan.crew_masks if plan else {},
        people=queries.list_aboard(trip, limit=queries.PAGE * 2),
        post_names=POST_NAMES,
        supply_names=SUPPLY_NAMES,
        most_stops=MOST_STOPS,
        refused=refused,
    )


def _values(plan: Plan | None) -> dict[str, object]:
    """What the form shows of a plan; the crew's phones stay sealed and are kept where nothing else is typed."""
    if plan is None:
        return {}
    values: dict[str, object] = {"carrier": plan.carrier, "seats": plan.seats or ""}
    values |= {post: entry.number for post, entry in queries.list_leads(plan).items()}
    for at, stop in enumerate(plan.stops, 1):
        values[f"stop_{at}"] = stop["name"]
        values[f"hours_{at}"] = f"{stop['after_minutes'] / 60:g}"
        if stop["hands_over"]:
            values[f"hands_{at}"] = "yes"
    return values | {f"supply_{kind}": count for kind, count in plan.supplies.items()}


@blueprint.get("/edit")
def edit(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The form of the plan, for the origin until the vehicle leaves."""
    if not _may_plan(*find_trip(transfer_id, trip_id)):
        raise NotFound
    return _form(transfer_id, trip_id)


@blueprint.post("/edit")
@shows_again(_form)
def save(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Write the plan down."""
    transfer, trip = find_trip(transfer_id, trip_id)
    if not is_origin(transfer):
        raise NotFound
    actions.save_plan(transfer=transfer, trip=trip, outline=_outline(), by=current_office())
    flash("方案已保存。")
    return redirect(url_for("plans.show", transfer_id=transfer_id, trip_id=trip_id))


def _outline() -> Outline:
    """What was typed. Refuses: Invalid where a number isn't one."""
    return Outline(
        carrier=typed("carrier"),
        seats=_whole("seats", "座位数"),
        crew={
            post: Crew(typed(f"{post}_name"), typed(f"{post}_phone"))
            for post in Post
            if typed(f"{post}_name") or typed(f"{post}_phone")
        },
        leader=_whole("leader", "车长的序号"),
        deputy=_whole("deputy", "副车长的序号"),
        stops=[
            Stop(
                typed(f"stop_{at}"),
                timedelta(hours=_hours(at)),
                hands_over=typed(f"hands_{at}") == "yes",
            )
            for at in range(1, MOST_STOPS + 1)
            if typed(f"stop_{at}")
        ],
        supplies={kind: _whole(f"supply_{kind}", SUPPLY_NAMES[kind]) or 0 for kind in Supply},
        keep_crew=typed("keep_crew") == "yes",
    )


def _whole(name: str, label: str) -> int | None:
    if not typed(name):
        return None
    number = read_number(name, label)
    return int(number) if abs(number) < FAR else -1


def _hours(at: int) -> float:
    """Far-off numbers, and what is none at all, become an hour that no journey has."""
    number = read_number(f"hours_{at}", f"第 {at} 个停靠点的时间")
    return number if abs(number) < FAR else -1.0


def _seats(transfer_id: UUID, trip_id: UUID) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    plan = queries.get_plan(trip)
    if trip.mode is not Mode.COACH or plan is None or plan.seats is None:
        raise NotFound
    return render_transfer(
        "seats.html",
        transfer,
        "trips",
        trip=trip,
        plan=plan,
        picture=queries.seat_plan(trip, plan.seats),
        rule=queries.rule_of(trip),
        may_plan=_may_plan(transfer, trip),
    )


@blueprint.get("/seats")
def seats(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The coach with who sits where, to be looked at and printed."""
    return _seats(transfer_id, trip_id)


@blueprint.post("/seats")
@shows_again(_page)
def assign(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Give everybody a seat anew."""
    transfer, trip = find_trip(transfer_id, trip_id)
    found = actions.assign_seats(transfer=transfer, trip=trip, by=current_office())
    left = f"，{len(found.unseated)} 人没有座位" if found.unseated else ""
    flash(f"已为 {len(found.places)} 人排好座位{left}。")
    return redirect(url_for("plans.seats", transfer_id=transfer_id, trip_id=trip_id))
