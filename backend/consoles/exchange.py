"""What other governments' deployments are told, what went wrong with it, and the colours that they told us."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from backend.partners import actions, queries
from backend.partners.rules import (
    DEAD,
    KIND_NAMES,
    PARTNER_STATE_NAMES,
    SEND_STATE_NAMES,
    MessageKind,
    PartnerState,
    SendState,
)
from backend.regions import names as regions
from healthcode.codes.rules import COLOUR_NAMES

blueprint = pages("exchange", __name__, Role.OFFICIAL, Role.ADMINISTRATOR, path="/exchange")
partners = pages("exchange_partners", __name__, Role.ADMINISTRATOR, path="/exchange/partners")
told = pages("exchange_told", __name__, Role.OFFICIAL, path="/exchange/told")
LOOKS = {
    SendState.WAITING: ("hourglass-split", "tag"),
    SendState.DONE: ("check-circle", "tag tag-good"),
    SendState.REFUSED: ("x-square", "tag tag-bad"),
    SendState.STUCK: ("exclamation-triangle", "tag tag-bad"),
    SendState.DROPPED: ("dash-circle", "tag"),
}


def _page(refused: Refused | None = None, **_: object) -> str:
    by, dead = current_office(), lists.flag_arg("dead") is True
    rows = queries.list_messages(by, dead=dead, after=lists.key_arg("after"))
    administers = by.role is Role.ADMINISTRATOR
    return render_template(
        "console/exchange.html",
        rows=rows,
        onward=rows[-1][0].id if len(rows) == queries.PAGE else None,
        dead=dead,
        dead_count=queries.count_dead(by),
        DEAD=DEAD,
        STUCK=SendState.STUCK,
        OFFER=MessageKind.OFFER,
        WAITING=SendState.WAITING,
        looks=LOOKS,
        state_names=SEND_STATE_NAMES,
        kind_names=KIND_NAMES,
        partners=queries.list_partners() if administers else (),
        partner_state_names=PARTNER_STATE_NAMES,
        ACTIVE=PartnerState.ACTIVE,
        region_name=regions.full_name,
        incoming=queries.list_incoming(by),
        administers=administers,
        refused=refused,
    )


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Messages, the newest first; the platform's administrator sees all and the partners above them."""
    return _page()


@blueprint.post("/messages/<uuid:message_id>")
@shows_again(_page)
def settle(message_id: UUID) -> ResponseReturnValue:
    """Send a message once more, or give it up."""
    message = queries.get_message(message_id, seen_by=current_office())
    match request.form.get("decision", ""):
        case "again":
            actions.try_again(message=message, by=current_office())
            flash("已重新发送，结果稍后显示在这里。")
        case "drop":
            actions.drop(message=message, by=current_office())
            flash("已放弃这条消息；请用电话等办法告知对方。")
        case _:
            raise Invalid("consoles.decision", "请从页面上的按钮选择要做的事。")
    return redirect(url_for("exchange.index", dead="yes"))


@partners.post("/<uuid:partner_id>/revoke")
def revoke(partner_id: UUID) -> ResponseReturnValue:
    """Stop a partner at once."""
    actions.revoke(partner=queries.get_partner(partner_id))
    flash("已停用：对方的令牌立即失效，也不再向它发送。")
    return redirect(url_for("exchange.index"))


@told.get("/<uuid:about_id>")
def show(about_id: UUID) -> ResponseReturnValue:
    """The colours of a transfer's people as the origin's government told them."""
    transfer, rows = queries.list_told(about_id, seen_by=current_office())
    return render_template(
        "console/exchange_told.html", transfer=transfer, rows=rows, colour_names=COLOUR_NAMES, now=clock.now()
    )
