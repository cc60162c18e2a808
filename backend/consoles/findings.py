"""What needs an official, over all transfers that the office sees; one finding with what people did about it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.queries import list_colleagues
from backend.accounts.rules import Role
from backend.consoles.finding_list import listed_findings
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from healthcode.checks import actions, queries
from healthcode.checks.rules import KIND_NAMES, MOVE_NAMES

blueprint = pages("findings", __name__, Role.OFFICIAL, path="/findings")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Open findings, the soonest due first."""
    return render_template("console/findings.html", **listed_findings())


def _page(finding_id: UUID, refused: Refused | None = None) -> str:
    by = current_office()
    found = queries.get_finding(finding_id, seen_by=by)
    finding = found.finding
    return render_template(
        "console/finding.html",
        found=found,
        finding=finding,
        steps=queries.list_steps(finding.id),
        colleagues=[one for one in list_colleagues(by) if one.id != finding.owner_id],
        own=finding.owner_office == by.organisation_id,
        mine=finding.owner_id == by.operator_id,
        late=finding.due_at is not None and finding.due_at <= clock.now(),
        kind_names=KIND_NAMES,
        move_names=MOVE_NAMES,
        refused=refused,
    )


@blueprint.get("/<uuid:finding_id>")
def show(finding_id: UUID) -> ResponseReturnValue:
    """One finding: what was found, who has it, until when, what was done."""
    return _page(finding_id)


@blueprint.post("/<uuid:finding_id>")
@shows_again(_page)
def act(finding_id: UUID) -> ResponseReturnValue:
    """Take it, hand it on, give it back, write down what was done, settle it."""
    by, words = current_office(), typed("words")
    match request.form.get("move", ""):
        case "taken":
            actions.take_finding(finding_id=finding_id, by=by)
            flash("这件事由您负责了。")
        case "handed":
            actions.hand_finding(finding_id=finding_id, to_id=_colleague(), words=words, by=by)
            flash("已转给同事。")
        case "returned":
            actions.return_finding(finding_id=finding_id, words=words, by=by)
            flash("已退回本单位，同事都可以接手。")
        case "noted":
            actions.note_finding(finding_id=finding_id, words=words, by=by)
            flash("已记录。")
        case "settled":
            actions.settle_finding(finding_id=finding_id, words=words, by=by)
            flash("已登记处理完。情况消除后自动结束；一天后仍在，会重新打开。")
        case _:
            raise Invalid("consoles.move", "请从页面上的按钮选择要做的事。")
    return redirect(url_for("findings.show", finding_id=finding_id))


def _colleague() -> UUID:
    try:
        return UUID(typed("to_id"))
    except ValueError as wrong:
        raise Invalid("consoles.colleague", "请选择转给谁。", fields={"to_id": "请选择。"}) from wrong
