"""Officials' decisions about one person's colour: proposed on the worker's page, decided here by a second person."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.queries import get_person
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import read_number, shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Forbidden, Invalid, NotFound, Refused
from backend.regions import names as regions
from healthcode.codes import actions, queries
from healthcode.codes.appeal_rules import RULE_NAMES
from healthcode.codes.colour_rules import COLOURS, Kind
from healthcode.codes.rules import (
    BASES_OF,
    BASIS_NAMES,
    COLOUR_NAMES,
    DECISION_STATE_NAMES,
    Basis,
    Colour,
    DecisionKind,
    DecisionState,
)
from healthcode.transfers import queries as transfers
from healthcode.transfers.queries import Line

blueprint = pages("decisions", __name__, Role.OFFICIAL, path="/decisions")

STATE_TAGS = {DecisionState.PROPOSED: "tag-waiting", DecisionState.IN_FORCE: "tag-good"}
NAMES = {
    "state_names": DECISION_STATE_NAMES,
    "state_tags": STATE_TAGS,
    "basis_names": BASIS_NAMES,
    "colour_names": COLOUR_NAMES,
    "rule_names": RULE_NAMES,
    "region_name": regions.full_name,
}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Decisions that concern this office, the newest first."""
    rows = queries.list_decisions(
        seen_by=current_office(),
        state=lists.choice_arg("state", DecisionState),
        after=lists.key_arg("after"),
        limit=lists.PAGE,
    )
    onward = rows[-1].decision.id if len(rows) == lists.PAGE else None
    return render_template("console/decisions.html", rows=rows, onward=onward, now=clock.now(), **NAMES)


def _line(entry_id: UUID) -> Line:
    """Somebody on a roster of this office.

    Refuses: NotFound before the row is claimed; Forbidden to a destination with which the person doesn't share.
    """
    found, transfer = transfers.get_entry(entry_id, seen_by=current_office())
    (line,) = transfers.as_seen_by([found], transfer, current_office())
    if not line.claimed:
        raise NotFound
    if line.withheld:
        raise Forbidden("transfers.not_shared", "本人没有同意向输入地提供健康信息，请输出地的经办人提出。")
    return line


def _form(entry_id: UUID, refused: Refused | None = None) -> str:
    line = _line(entry_id)
    return render_template(
        "console/decision_new.html",
        line=line,
        entry=line.entry,
        reasons=[one for one in line.verdict.reasons if one.rule in list(Kind) and one.colour in COLOURS],
        bases=[(basis, BASIS_NAMES[basis]) for basis in Basis],
        colours=[(colour, COLOUR_NAMES[colour]) for colour in COLOURS],
        refused=refused,
        **NAMES,
    )


@blueprint.get("/of/<uuid:entry_id>")
def new(entry_id: UUID) -> ResponseReturnValue:
    """The form for a decision about somebody."""
    return _form(entry_id)


@blueprint.post("/of/<uuid:entry_id>")
@shows_again(_form)
def propose(entry_id: UUID) -> ResponseReturnValue:
    """Propose it; nothing changes until a second person decides."""
    line = _line(entry_id)
    if line.entry.person_id is None:
        raise NotFound
    chosen = typed("what")
    kind = DecisionKind.ORDER if chosen in list(Colour) else DecisionKind.LIFT
    basis = typed("basis")
    if basis not in BASES_OF[kind]:
        raise Invalid("codes.decision", "请选择与所作决定相符的法律依据。", fields={"basis": "请选择相符的依据。"})
    made = actions.propose_decision(
        person=get_person(line.entry.person_id),
        kind=kind,
        colour=Colour(chosen) if kind is DecisionKind.ORDER else None,
        rule=Kind(chosen) if chosen in list(Kind) else None,
        basis=Basis(basis),
        reason=typed("reason"),
        days=int(read_number("days", "天数")),
        by=current_office(),
    )
    flash("已提出，等本人所在地的另一位经办人批准后生效。")
    return redirect(url_for("decisions.show", decision_id=made.id))


def _page(decision_id: UUID, refused: Refused | None = None) -> str:
    line = queries.get_decision(decision_id, seen_by=current_office())
    by, decision = current_office(), line.decision
    proposed = decision.state is DecisionState.PROPOSED
    in_force = decision.state is DecisionState.IN_FORCE and decision.ends_at > clock.now()
    own = decision.proposed_by == by.operator_id
    return render_template(
        "console/decision.html",
        line=line,
        decision=decision,
        own=own,
        may_decide=proposed and not own and regions.within(decision.region_code, by.region_code),
        may_end=in_force and by.organisation_id in {decision.proposed_office, decision.decided_office},
        refused=refused,
        **NAMES,
    )


@blueprint.get("/<uuid:decision_id>")
def show(decision_id: UUID) -> ResponseReturnValue:
    """One decision: what, about whom, on what basis, by whom."""
    return _page(decision_id)


@blueprint.post("/<uuid:decision_id>")
@shows_again(_page)
def decide(decision_id: UUID) -> ResponseReturnValue:
    """Approve, refuse or end it."""
    decision = queries.get_decision(decision_id, seen_by=current_office()).decision
    match request.form.get("decision", ""):
        case "approve":
            actions.approve_decision(decision=decision, by=current_office())
            flash("已批准并生效，本人会收到通知。")
        case "refuse":
            actions.refuse_decision(decision=decision, by=current_office())
            flash("没有批准，健康码没有变化。")
        case "end":
            actions.end_decision(decision=decision, by=current_office())
            flash("已提前结束，健康码已重新判断。")
        case _:
            raise Invalid("consoles.decision", "请从页面上的按钮选择要做的事。")
    return redirect(url_for("decisions.show", decision_id=decision_id))
