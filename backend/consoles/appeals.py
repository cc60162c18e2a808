"""Appeals against a colour: what waits for this government, one appeal with its files, the answer; how rules fare."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from backend.core.requests import extra
from backend.regions import names as regions
from healthcode.codes import actions, queries
from healthcode.codes.appeal_rules import (
    APPEAL_MOVE_NAMES,
    APPEAL_STATE_NAMES,
    ENDINGS,
    RULE_NAMES,
    WAITING,
    AppealState,
)
from healthcode.codes.rules import COLOUR_NAMES

blueprint = pages("appeals", __name__, Role.OFFICIAL, path="/appeals")
statistics = extra(pages("appeal_statistics", __name__, Role.OFFICIAL, path="/appeals/statistics"))

STATE_TAGS = {
    AppealState.OPEN: "tag-waiting",
    AppealState.PROPOSED: "tag-running",
    AppealState.UPHELD: "tag-good",
    AppealState.REFUSED: "",
}
NAMES = {
    "state_names": APPEAL_STATE_NAMES,
    "state_tags": STATE_TAGS,
    "rule_names": RULE_NAMES,
    "move_names": APPEAL_MOVE_NAMES,
    "colour_names": COLOUR_NAMES,
    "region_name": regions.full_name,
    "endings": ENDINGS,
}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What waits, the soonest due first; or those of a state."""
    rule = lists.text_arg("rule")
    if rule and rule not in RULE_NAMES:
        raise Invalid("consoles.filter", "页面里的选项不对，请回到列表重新选择。")
    rows = queries.list_appeals(
        seen_by=current_office(),
        state=lists.choice_arg("state", AppealState),
        rule=rule,
        after=lists.key_arg("after"),
        limit=lists.PAGE,
    )
    counts = queries.count_appeals(seen_by=current_office())
    return render_template(
        "console/appeals.html",
        rows=rows,
        counts=counts,
        waiting=sum(counts[state] for state in WAITING),
        onward=rows[-1][0].id if len(rows) == lists.PAGE else None,
        now=clock.now(),
        turn=queries.on_duty(current_office().region_code, clock.now()),
        **NAMES,
    )


def _page(appeal_id: UUID, refused: Refused | None = None, revealed: dict[str, str] | None = None) -> str:
    by = current_office()
    appeal, person = queries.get_appeal(appeal_id, seen_by=by)
    return render_template(
        "console/appeal.html",
        appeal=appeal,
        person=person,
        words=actions.read_appeal(appeal_id=appeal_id, by=by),
        files=queries.files_of([appeal.id])[appeal.id],
        steps=queries.steps_of(appeal.id),
        waiting=appeal.state in WAITING,
        holds=appeal.rule in {reason.rule for reason in queries.status_of(person).reasons},
        answer=typed("answer"),
        now=clock.now(),
        refused=refused,
        revealed=revealed,
        **NAMES,
    )


@blueprint.get("/<uuid:appeal_id>")
def show(appeal_id: UUID) -> ResponseReturnValue:
    """One appeal: what the colour rested on, what the worker says, what happened since."""
    return _page(appeal_id)


@blueprint.post("/<uuid:appeal_id>/reveal")
@shows_again(_page)
def reveal(appeal_id: UUID) -> ResponseReturnValue:
    """Show name and number once, for a purpose that the person will read."""
    _, person = queries.get_appeal(appeal_id, seen_by=current_office())
    revealed = accounts.reveal(
        sealed={"姓名": person.name, "身份证号": person.resident_id},
        subject_index=person.resident_id_index,
        by=current_office(),
        purpose=typed("purpose"),
    )
    return _page(appeal_id, revealed=revealed)


@blueprint.get("/<uuid:appeal_id>/files/<uuid:file_id>")
def file(appeal_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A photo or PDF that the worker attached, to be saved, never shown by the browser as a page of this site."""
    known, content = actions.open_file(appeal_id=appeal_id, file_id=file_id, by=current_office())
    response = Response(content, mimetype=known.kind.value)
    name = f"申诉材料-{str(known.id)[-4:]}.{ENDINGS[known.kind]}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox")
    return response


@blueprint.post("/<uuid:appeal_id>")
@shows_again(_page)
def answer(appeal_id: UUID) -> ResponseReturnValue:
    """Answer it: the colour was wrong, for a second person to approve; or right, with the reason."""
    appeal, _ = queries.get_appeal(appeal_id, seen_by=current_office())
    match request.form.get("decision", ""):
        case "uphold":
            held = actions.uphold_appeal(appeal=appeal, answer=typed("answer"), by=current_office())
            if held.decision_id:
                flash("已提出更正，等另一位经办人在“赋码决定”里批准；批准后申诉成立，本人会收到通知。")
            else:
                flash("已答复：申诉成立。这一条原因已经结束，不用再更正，本人会收到通知。")
        case "refuse":
            actions.refuse_appeal(appeal=appeal, answer=typed("answer"), by=current_office())
            flash("已答复：申诉不成立，本人会看到您写的理由。")
        case _:
            raise Invalid("consoles.decision", "请从页面上的按钮选择要做的事。")
    return redirect(url_for("appeals.show", appeal_id=appeal_id))


@statistics.get("/")
def by_rule() -> ResponseReturnValue:
    """How many colours each rule gave, and how many of them were wrong."""
    return render_template("console/appeal_statistics.html", rows=queries.appeal_statistics(), **NAMES)
