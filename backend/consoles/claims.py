"""Claims that wait for a clerk: somebody says that an account speaks for a person, and no list says so."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions, queries
from backend.accounts.rules import ClaimReason, Relation, Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core.errors import Invalid, Refused

blueprint = pages("claims", __name__, Role.OFFICIAL, path="/claims")

RELATION_NAMES = {Relation.SELF: "本人", Relation.FAMILY: "家人代办", Relation.LEADER: "车长代办"}
REASON_NAMES = {ClaimReason.NOT_ON_ROSTER: "不在任何花名册上", ClaimReason.HELD_ALREADY: "已有别的账号认领"}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The waiting claims of the own region, oldest first."""
    rows = queries.list_claims(current_office(), lists.key_arg("after"))
    return render_template(
        "console/claims.html",
        rows=rows,
        total=queries.count_claims(current_office()),
        onward=rows[-1][0].id if len(rows) == queries.PAGE else None,
        relation_names=RELATION_NAMES,
        reason_names=REASON_NAMES,
    )


def _page(claim_id: UUID, refused: Refused | None = None, revealed: Mapping[str, str] | None = None) -> str:
    holding, person, account = queries.get_claim(claim_id, current_office())
    return render_template(
        "console/claim.html",
        holding=holding,
        person=person,
        account=account,
        others=queries.list_other_holders(person.id, account.id),
        relation_names=RELATION_NAMES,
        reason_names=REASON_NAMES,
        refused=refused,
        revealed=revealed,
        note=typed("note"),
    )


@blueprint.get("/<uuid:claim_id>")
def show(claim_id: UUID) -> ResponseReturnValue:
    """One claim with what the clerk compares it with."""
    return _page(claim_id)


@blueprint.post("/<uuid:claim_id>/reveal")
@shows_again(_page)
def reveal(claim_id: UUID) -> ResponseReturnValue:
    """Show name and number once, for a purpose that the person will read."""
    _, person, _ = queries.get_claim(claim_id, current_office())
    sealed = {"姓名": person.name, "身份证号": person.resident_id}
    revealed = actions.reveal(
        sealed=sealed, subject_index=person.resident_id_index, by=current_office(), purpose=typed("purpose")
    )
    return _page(claim_id, revealed=revealed)


@blueprint.post("/<uuid:claim_id>")
@shows_again(_page)
def decide(claim_id: UUID) -> ResponseReturnValue:
    """Confirm or refuse, with the reason that the person will read."""
    decision = request.form.get("decision", "")
    if decision not in {"confirm", "refuse"}:
        raise Invalid("consoles.decision", "请选择确认或拒绝。")
    confirmed = decision == "confirm"
    actions.decide_claim(holding_id=claim_id, by=current_office(), confirm=confirmed, note=typed("note"))
    flash("已确认，对方会收到通知。" if confirmed else "已拒绝，对方会收到通知。")
    return redirect(url_for("claims.index"))
