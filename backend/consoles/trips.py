"""The vehicles of a transfer: the list, and of each its course and what may be done with it."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import is_origin, render_transfer
from backend.consoles.transfer_moves import TRIP_MOVES, Move
from backend.core import clock
from backend.core.errors import Invalid, Refused
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import Standing
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.planned import missing
from healthcode.transfers.queries.receiving import RECEIVES
from healthcode.transfers.rules import OPENED, TRIP_STATE_NAMES, UNDER_WAY, State, TripState

blueprint = pages("trips", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/trips")

STATE_TAGS = {
    TripState.ON_THE_WAY: "tag-running",
    TripState.RETURNING: "tag-waiting",
    TripState.ARRIVED: "tag-good",
}
BOARDS = frozenset({State.DEPARTING, State.IN_TRANSIT})


@blueprint.get("")
def index(transfer_id: UUID) -> ResponseReturnValue:
    """The vehicles, by departure."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    rows = queries.list_trips(transfer, after=lists.key_arg("after"), limit=lists.PAGE)
    onward = rows[-1].id if len(rows) == lists.PAGE else None
    return render_transfer("trips.html", transfer, "trips", rows=rows, onward=onward, **trip_naming())


def trip_naming() -> dict[str, object]:
    """The words for the states of vehicles, for templates."""
    return {"trip_state_names": TRIP_STATE_NAMES, "trip_state_tags": STATE_TAGS}


def find_trip(transfer_id: UUID, trip_id: UUID) -> tuple[Transfer, Trip]:
    """A vehicle of a transfer that this office sees. Refuses: NotFound."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    return transfer, queries.get_trip(transfer, trip_id)


def _page(transfer_id: UUID, trip_id: UUID, refused: Refused | None = None) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    boards = transfer.state in BOARDS or trip.departed_at is not None
    people = queries.list_passengers(trip) if boards and queries.has_rides(trip) else []
    return render_transfer(
        "trip.html",
        transfer,
        "trips",
        trip=trip,
        lacking=missing(queries.standing_of(trip)) if trip.state is TripState.WAITING else [],
        steps=queries.list_trip_steps(trip),
        inspections=queries.list_inspections(trip),
        moves=_moves(transfer, trip),
        boards=boards,
        people=people,
        aboard=[one for one in people if one.standing is Standing.ABOARD],
        not_boarded=[one for one in people if one.standing is Standing.EXPECTED],
        hands_over=transfer.state in OPENED and trip.state in RECEIVES | {TripState.WAITING},
        signed=queries.get_handover(trip) is not None,
        may_change=is_origin(transfer) and trip.state in UNDER_WAY,
        now=clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        refused=refused,
        **trip_naming(),
    )


def _moves(transfer: Transfer, trip: Trip) -> list[tuple[TripState, Move]]:
    return [(state, TRIP_MOVES[state]) for state in queries.possible_trip_moves(transfer, trip, current_office())]


@blueprint.get("/<uuid:trip_id>")
def show(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """One vehicle: how it stands, what was done, what may be done."""
    return _page(transfer_id, trip_id)


@blueprint.post("/<uuid:trip_id>/moves")
@shows_again(_page)
def move(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Write down that a vehicle left, arrived, is called back, is back, or is cancelled."""
    transfer, trip = find_trip(transfer_id, trip_id)
    try:
        to = TripState(request.form.get("to", ""))
    except ValueError as wrong:
        raise Invalid("consoles.move", "请从页面上的按钮选择要做的事。") from wrong
    actions.move_trip(
        transfer=transfer,
        trip=trip,
        to=to,
        by=current_office(),
        note=typed("note"),
        place=typed("place"),
        at=read_moment(),
    )
    flash(f"已登记，车次现在是“{TRIP_STATE_NAMES[to]}”。")
    return redirect(url_for("trips.show", transfer_id=transfer_id, trip_id=trip_id))


def read_moment() -> datetime | None:
    """When it happened, as typed in Shanghai's time; None for now: when nobody says, or the present minute is typed.

    Refuses: Invalid for what is no time.
    """
    if not typed("at"):
        return None
    try:
        moment = datetime.fromisoformat(typed("at")).replace(tzinfo=clock.SHANGHAI)
    except ValueError as wrong:
        raise Invalid("consoles.moment", "时间请写成 2020-03-22 08:00。", fields={"at": "请重新选择时间。"}) from wrong
    return None if moment <= clock.now() < moment + timedelta(minutes=1) else moment
