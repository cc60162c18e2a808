"""Transfers: the list, a new one, and of each the overview and findings."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.finding_list import listed_findings, open_kinds
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import naming, render_transfer
from backend.consoles.transfer_moves import MOVES, RECALL, Move
from backend.core.errors import Invalid, Refused
from healthcode.checks.rules import KIND_NAMES
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.rules import LONGEST_TITLE, STATE_NAMES, State

blueprint = pages("transfers", __name__, Role.OFFICIAL, path="/transfers")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The own office's transfers, the newest first."""
    rows = queries.list_transfers(
        seen_by=current_office(),
        search=lists.text_arg("search"),
        state=lists.choice_arg("state", State),
        origin_region=lists.text_arg("origin"),
        destination_region=lists.text_arg("destination"),
        after=lists.key_arg("after"),
        limit=lists.PAGE,
    )
    onward = rows[-1].transfer.id if len(rows) == lists.PAGE else None
    return render_template("console/transfers.html", rows=rows, onward=onward, **naming())


def _form(refused: Refused | None = None) -> str:
    return render_template("console/transfer_new.html", refused=refused, longest=LONGEST_TITLE)


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form for a transfer."""
    return _form()


@blueprint.post("/new")
@shows_again(_form)
def create() -> ResponseReturnValue:
    """Make a draft that the own office alone sees."""
    if not typed("destination_id"):
        raise Invalid("consoles.destination", "请选择输入地的主管部门。", fields={"destination_id": "请选择。"})
    destination_id = lists.read_key(typed("destination_id"))
    transfer = actions.create_transfer(title=typed("title"), destination_id=destination_id, by=current_office())
    flash("已创建，现在只有本单位能看到。接下来请导入花名册，再提交给输入地。")
    return redirect(url_for("imports.index", transfer_id=transfer.id))


def _overview(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    return render_transfer(
        "transfer.html",
        transfer,
        "overview",
        counts=queries.count_entries(transfer),
        findings=open_kinds(transfer.id),
        steps=queries.list_steps(transfer),
        moves=_moves(transfer),
        recall=RECALL if queries.may_recall(transfer, current_office()) else None,
        kind_names=KIND_NAMES,
        refused=refused,
        note=typed("note"),
    )


def _moves(transfer: Transfer) -> list[tuple[State, Move]]:
    return [(state, MOVES[state]) for state in queries.possible_moves(transfer, current_office())]


@blueprint.get("/<uuid:transfer_id>")
def show(transfer_id: UUID) -> ResponseReturnValue:
    """How a transfer stands: exceptions, counts, steps, and what may be done."""
    return _overview(transfer_id)


@blueprint.post("/<uuid:transfer_id>/moves")
@shows_again(_overview)
def move(transfer_id: UUID) -> ResponseReturnValue:
    """Take a transfer one step on."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    try:
        to = State(request.form.get("to", ""))
    except ValueError as wrong:
        raise Invalid("consoles.move", "请从页面上的按钮选择要做的事。") from wrong
    actions.move_transfer(transfer=transfer, to=to, note=typed("note"), by=current_office())
    flash(f"已完成，输送现在是“{STATE_NAMES[to]}”。")
    return redirect(url_for("transfers.show", transfer_id=transfer_id))


@blueprint.post("/<uuid:transfer_id>/recall")
@shows_again(_overview)
def recall(transfer_id: UUID) -> ResponseReturnValue:
    """Call a transfer off while vehicles are on their way."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    actions.recall_transfer(transfer=transfer, note=typed("note"), by=current_office())
    flash("已召回：没有发车的车次已取消，在途的车辆改为返回。")
    return redirect(url_for("transfers.show", transfer_id=transfer_id))


@blueprint.get("/<uuid:transfer_id>/findings")
def findings(transfer_id: UUID) -> ResponseReturnValue:
    """What the checks found and is still so."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    return render_transfer("transfer_findings.html", transfer, "findings", **listed_findings(transfer_id=transfer.id))
