"""Which registered enterprise each name on a roster is: said by an official, seen by the enterprise from then on."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import render_transfer
from backend.core.errors import Invalid, Refused
from healthcode.transfers import actions, queries
from healthcode.transfers.rules import ENDED, State

blueprint = pages("employers", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/employers")


def _page(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    return render_transfer(
        "employers.html",
        transfer,
        "employers",
        names=queries.list_employer_names(transfer),
        enterprises=queries.list_enterprises(),
        may_link=transfer.state not in ENDED | {State.DRAFT},
        refused=refused,
    )


@blueprint.get("/")
def index(transfer_id: UUID) -> ResponseReturnValue:
    """The names on the roster, and which enterprise each is."""
    return _page(transfer_id)


@blueprint.post("/")
@shows_again(_page)
def link(transfer_id: UUID) -> ResponseReturnValue:
    """Say which enterprise a name is, or that it is none any more."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    chosen, name = typed("organisation_id"), typed("name")
    if not chosen:
        actions.unlink_employer(transfer=transfer, name=name, by=current_office())
        flash("已取消对应，这家企业不再看到这些人。")
        return redirect(url_for("employers.index", transfer_id=transfer_id))
    try:
        organisation_id = UUID(chosen)
    except ValueError as wrong:
        raise Invalid("consoles.enterprise", "请从列表里选择企业。") from wrong
    actions.link_employer(transfer=transfer, name=name, organisation_id=organisation_id, by=current_office())
    flash("已对应，企业从发车起看到这些人是否适岗，并登记上岗。")
    return redirect(url_for("employers.index", transfer_id=transfer_id))
