"""What a receiver sees on the own phone: the link's code, the vehicle's list to tick, the field to sign in.

A receiver is no operator: the link came by SMS, a code to the same number opens it, and from then on the one phone's
cookie is what counts; it is good for this vehicle alone.
"""

from typing import cast
from uuid import UUID, uuid4

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.queries import get_organisation
from backend.consoles.forms import show_refusal, shows_again, typed
from backend.consoles.handovers import counts
from backend.consoles.pages import layout_values
from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Forbidden, Invalid, NotFound, Refused
from backend.core.limits import limit
from healthcode.transfers import actions, queries
from healthcode.transfers.boarding import MARK_NAMES, MarkKind
from healthcode.transfers.handover import HEIGHT, LONGEST_NOTE, WIDTH
from healthcode.transfers.models import Receiver, Transfer, Trip
from healthcode.transfers.queries.receiving import RECEIVES
from healthcode.transfers.rules import MODE_NAMES, TRIP_STATE_NAMES

blueprint = Blueprint("receiving", __name__, url_prefix="/receive")
blueprint.register_error_handler(Refused, show_refusal)
blueprint.context_processor(layout_values)

COOKIE = "receiver"
NOT_THIS_PHONE = "请在收到短信的手机上，从短信里的链接打开。链接只能在一台手机上使用，换了手机请让发送单位重新发送。"
ANSWERS_AN_HOUR = 1_000


def _opening(token: str, refused: Refused | None = None, *, sent: bool = False) -> str:
    receiver = queries.find_link(token)
    if receiver is None:
        raise NotFound
    return render_template(
        "console/receive_open.html",
        receiver=receiver,
        office=get_organisation(receiver.organisation_id).name,
        token=token,
        sent=sent or bool(refused and request.endpoint == "receiving.confirm"),
        refused=refused,
    )


@blueprint.get("/open/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Where the SMS leads: whose link it is, and the button that sends the code."""
    return _opening(token)


@blueprint.post("/open/<token>/code")
@shows_again(_opening)
def ask_code(token: str) -> ResponseReturnValue:
    """Send the code to the receiver's own number."""
    actions.ask_code(token=token)
    return _opening(token, sent=True)


@blueprint.post("/open/<token>")
@shows_again(_opening)
def confirm(token: str) -> ResponseReturnValue:
    """The code opens the list, on this phone only."""
    receiver, secret = actions.open_link(token=token, code=typed("code"))
    page = url_for("receiving.show", receiver_id=receiver.id)
    response = make_response(redirect(page))
    lasts = receiver.ends_at - clock.now()
    response.set_cookie(
        COOKIE, secret, max_age=lasts, path=page, secure=settings().cookie_secure, httponly=True, samesite="Lax"
    )
    return response


@blueprint.before_request
def check_phone() -> None:
    """Let nobody at a list but the one phone that opened its link. Refuses: Forbidden."""
    receiver_id = (request.view_args or {}).get("receiver_id")
    if receiver_id is None:
        return
    g.receiver = queries.find_phone(receiver_id, request.cookies.get(COOKIE, ""))
    if g.receiver is None:
        raise Forbidden("transfers.not_receiver", NOT_THIS_PHONE)


def _receiver() -> Receiver:
    return cast("Receiver", g.receiver)


def _values(refused: Refused | None = None) -> dict[str, object]:
    receiver = _receiver()
    trip = db.session.get_one(Trip, receiver.trip_id)
    awaited = queries.list_awaited(trip)
    actions.note_awaited_read(receiver=receiver, trip=trip, awaited=awaited)
    handover = queries.get_handover(trip)
    return {
        "receiver": receiver,
        "trip": trip,
        "transfer": db.session.get_one(Transfer, trip.transfer_id),
        "rows": [(one, unseal(one.passenger.entry.name)) for one in awaited],
        "counts": counts(awaited),
        "handover": handover,
        "opened": trip.state in RECEIVES and handover is None,
        "key": uuid4().hex,
        "mark_names": MARK_NAMES,
        "mode_names": MODE_NAMES,
        "trip_state_names": TRIP_STATE_NAMES,
        "width": WIDTH,
        "height": HEIGHT,
        "longest_note": LONGEST_NOTE,
        "refused": refused,
    }


def _page(refused: Refused | None = None, **_: object) -> str:
    fragment = bool(request.headers.get("HX-Request"))
    template = "console/receive_list.html" if fragment else "console/receive.html"
    return render_template(template, **_values(refused))


@blueprint.get("/<uuid:receiver_id>/")
def show(receiver_id: UUID) -> ResponseReturnValue:
    """The vehicle's list."""
    del receiver_id
    return _page()


@blueprint.post("/<uuid:receiver_id>/answers")
@shows_again(_page)
def answer(receiver_id: UUID) -> ResponseReturnValue:
    """Say of one person: here, handed to a health office, or not found."""
    receiver = _receiver()
    limit("handover.answers", receiver.id.hex, times=ANSWERS_AN_HOUR, seconds=3600)
    try:
        entry_id, kind = UUID(typed("entry_id")), MarkKind(typed("kind"))
    except ValueError as wrong:
        raise Invalid("consoles.person", "请从页面上的名单里选择。") from wrong
    key = f"{typed('key')[:40]}-{entry_id.hex[-12:]}-{kind}"
    actions.answer(receiver=receiver, entry_id=entry_id, kind=kind, words=typed("words"), key=key)
    if request.headers.get("HX-Request"):
        return _page()
    return redirect(url_for("receiving.show", receiver_id=receiver_id))


@blueprint.post("/<uuid:receiver_id>/signature")
@shows_again(_page)
def sign(receiver_id: UUID) -> ResponseReturnValue:
    """Sign for all, once."""
    actions.sign(receiver=_receiver(), strokes=request.form.get("strokes", ""), note=typed("note"))
    flash("已签收，签字的登记表会送回输出地。谢谢，可以关闭页面了。")
    return redirect(url_for("receiving.show", receiver_id=receiver_id))
