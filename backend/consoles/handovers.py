"""Who takes a vehicle's people over: named by the destination; what they say, and the form with the signature."""

from uuid import UUID

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import may_open, render_transfer
from backend.consoles.trips import find_trip, trip_naming
from backend.core import clock
from backend.core.errors import Refused
from backend.core.pdf import MIMETYPE
from backend.core.requests import extra
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MARK_NAMES, MarkKind
from healthcode.transfers.models import Receiver, Trip
from healthcode.transfers.passenger_form import NAME
from healthcode.transfers.queries import Awaited

PATH = "/transfers/<uuid:transfer_id>/trips/<uuid:trip_id>/handover"
blueprint = pages("handovers", __name__, Role.OFFICIAL, path=PATH)
forms = extra(pages("handover_forms", __name__, Role.OFFICIAL, path=PATH))


def _page(transfer_id: UUID, trip_id: UUID, refused: Refused | None = None, **_: object) -> str:
    transfer, trip = find_trip(transfer_id, trip_id)
    receivers, awaited = queries.list_receivers(trip), queries.list_awaited(trip)
    return render_transfer(
        "handover.html",
        transfer,
        "trips",
        trip=trip,
        handover=queries.get_handover(trip),
        receivers=[(one, _standing(one)) for one in receivers],
        signer={one.id: one for one in receivers},
        awaited=awaited,
        counts=counts(awaited),
        may_name=queries.may_name_receivers(transfer, trip, current_office()),
        may_open=may_open(transfer),
        mark_names=MARK_NAMES,
        refused=refused,
        **trip_naming(),
    )


def counts(awaited: list[Awaited]) -> dict[str, int]:
    """How many have to be answered, were, and how."""
    told = {kind: sum(one.answer is not None and one.answer.kind is kind for one in awaited) for kind in MarkKind}
    return {
        "due": sum(one.due for one in awaited),
        "open": sum(one.due and one.answer is None for one in awaited),
        "received": told[MarkKind.RECEIVED],
        "to_health": told[MarkKind.TO_HEALTH],
        "not_received": told[MarkKind.NOT_RECEIVED],
    }


def _standing(receiver: Receiver) -> str:
    if receiver.withdrawn_at is not None:
        return "已撤回"
    if receiver.ends_at <= clock.now():
        return "链接已过期"
    return "已在手机上打开" if receiver.bound_at else "短信已发出，还没有打开"


@blueprint.get("/")
def show(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The receivers, what they said so far, the signature."""
    return _page(transfer_id, trip_id)


@blueprint.post("/receivers")
@shows_again(_page)
def name_receiver(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Let somebody take these people over."""
    transfer, trip = find_trip(transfer_id, trip_id)
    receiver = actions.name_receiver(
        transfer=transfer,
        trip=trip,
        name=typed("name"),
        phone=typed("phone"),
        employer=typed("employer"),
        by=current_office(),
    )
    flash(f"链接已用短信发给 {receiver.name_mask} {receiver.phone_mask}。")
    return _back(transfer_id, trip)


@blueprint.post("/receivers/<uuid:receiver_id>/link")
@shows_again(_page)
def renew(transfer_id: UUID, trip_id: UUID, receiver_id: UUID) -> ResponseReturnValue:
    """Send another link; the one before no longer works."""
    transfer, trip = find_trip(transfer_id, trip_id)
    receiver = actions.renew_link(transfer=transfer, trip=trip, receiver_id=receiver_id, by=current_office())
    flash(f"新链接已发给 {receiver.name_mask} {receiver.phone_mask}，以前的链接不能再用。")
    return _back(transfer_id, trip)


@blueprint.post("/receivers/<uuid:receiver_id>/withdrawal")
@shows_again(_page)
def withdraw(transfer_id: UUID, trip_id: UUID, receiver_id: UUID) -> ResponseReturnValue:
    """Take the right away."""
    transfer, trip = find_trip(transfer_id, trip_id)
    actions.withdraw_receiver(transfer=transfer, trip=trip, receiver_id=receiver_id, by=current_office())
    flash("已撤回，这名接收人的链接和手机都不能再用。")
    return _back(transfer_id, trip)


def _back(transfer_id: UUID, trip: Trip) -> ResponseReturnValue:
    return redirect(url_for("handovers.show", transfer_id=transfer_id, trip_id=trip.id))


@forms.get("/form")
@forms.get("/signed")
def back(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """Reloading after a download leads back to the page."""
    return redirect(url_for("handovers.show", transfer_id=transfer_id, trip_id=trip_id))


@forms.post("/form")
@shows_again(_page)
def print_form(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The passenger form as PDF, to travel with the driver."""
    transfer, trip = find_trip(transfer_id, trip_id)
    content = actions.print_form(transfer=transfer, trip=trip, purpose=typed("purpose"), by=current_office())
    return _pdf(content, f"{NAME}-{trip.vehicle or '车次'}.pdf")


@forms.post("/signed")
@shows_again(_page)
def read_form(transfer_id: UUID, trip_id: UUID) -> ResponseReturnValue:
    """The signed form as PDF."""
    transfer, trip = find_trip(transfer_id, trip_id)
    content = actions.read_form(transfer=transfer, trip=trip, purpose=typed("purpose"), by=current_office())
    return _pdf(content, f"{NAME}-{trip.vehicle or '车次'}-已签收.pdf")


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=MIMETYPE)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
