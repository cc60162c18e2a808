"""Temporary officers: the QR that an officer on shift shows, who joined, and ending it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import qr
from backend.consoles.forms import shows_again
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import unseal
from backend.core.errors import Refused
from healthcode.codes import actions, queries
from healthcode.codes.helper_rules import MOST_HELPERS, opens
from healthcode.codes.models import Helper
from healthcode.itinerary import queries as itinerary

blueprint = pages("helpers", __name__, Role.OFFICER, path="/helpers")


def _page(refused: Refused | None = None, **_: object) -> str:
    office = current_office()
    shift = queries.find_shift(office)
    waiting = queries.open_invitation(shift) if shift else None
    return render_template(
        "console/helpers.html",
        shift=shift,
        place=itinerary.get_place(shift.place_id, seen_by=office) if shift else None,
        drawing=_drawn(waiting) if waiting else None,
        opens=opens(invited_at=waiting.invited_at, until=waiting.until) if waiting else None,
        rows=queries.list_helpers(seen_by=office),
        now=clock.now(),
        most=MOST_HELPERS,
        refused=refused,
    )


def _drawn(helper: Helper) -> qr.Drawing | None:
    if helper.token is None:
        return None
    return qr.draw(f"{settings().base_url}{url_for('joining.show', token=unseal(helper.token))}", qr.Damage.LITTLE)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The QR that waits for a phone, and who helps."""
    return _page()


@blueprint.post("/")
@shows_again(_page)
def invite() -> ResponseReturnValue:
    """A fresh QR; the one before is void."""
    actions.invite_helper(by=current_office())
    return redirect(url_for("helpers.index"))


@blueprint.post("/<uuid:helper_id>/end")
@shows_again(_page)
def end(helper_id: UUID) -> ResponseReturnValue:
    """End a temporary officer at once."""
    helper = actions.end_helper(helper_id=helper_id, by=current_office())
    flash(f"已结束 {helper.name_mask} 的临时查验，对方手机上不能再扫码。")
    return redirect(url_for("helpers.index"))
