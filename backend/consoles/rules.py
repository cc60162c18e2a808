"""The rules by which colours are judged: those in force, drafts, whom a draft would touch, and the second signature."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from backend.core.requests import extra
from backend.privacy import actions as privacy
from healthcode.codes import actions, queries
from healthcode.codes.colour_rules import COLOURS_OF, GAPS, KIND_NAMES, LIMITS, Kind, Rule, changed
from healthcode.codes.models import RuleSet
from healthcode.codes.rules import COLOUR_NAMES, RULE_SET_STATE_NAMES, Colour, RuleSetState
from healthcode.transfers import documents
from healthcode.transfers import queries as transfers
from healthcode.transfers.models import Entry
from healthcode.transfers.watermark import Watermark

blueprint = pages("rules", __name__, Role.OFFICIAL, path="/rules")
trials = extra(pages("trials", __name__, Role.OFFICIAL, path="/rules/<uuid:rule_set_id>/trial"))

MOST_SHOWN = 200
STATE_TAGS = {RuleSetState.DRAFT: "tag-waiting", RuleSetState.IN_FORCE: "tag-good"}
NAMES = {
    "kind_names": KIND_NAMES,
    "colour_names": COLOUR_NAMES,
    "state_names": RULE_SET_STATE_NAMES,
    "state_tags": STATE_TAGS,
    "limits": LIMITS,
    "gaps": GAPS,
}


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody on a roster of this office who would have another colour."""

    entry: Entry
    before: Colour
    after: Colour
    why: str


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What is in force, and every version and draft."""
    return render_template(
        "console/rules.html", current=queries.rules_in_force(), rows=queries.list_rule_sets(), **NAMES
    )


def _form(refused: Refused | None = None) -> str:
    return render_template(
        "console/rules_new.html",
        rules=_typed_rules() if request.method == "POST" and refused else queries.rules_in_force().rules,
        colours={kind: [(colour, COLOUR_NAMES[colour]) for colour in COLOURS_OF[kind]] for kind in Kind},
        refused=refused,
        **NAMES,
    )


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The rules in force, to be changed into a draft."""
    return _form()


@blueprint.post("/new")
@shows_again(_form)
def create() -> ResponseReturnValue:
    """Keep a draft; it changes nothing yet."""
    made = actions.draft_rule_set(title=typed("title"), rules=_typed_rules(), by=current_office())
    flash("草案已保存。下一步请试算，看清有多少人会变色。")
    return redirect(url_for("rules.show", rule_set_id=made.id))


def _typed_rules() -> list[Rule]:
    return [_typed_rule(kind) for kind in Kind]


def _typed_rule(kind: Kind) -> Rule:
    """One rule of the form; what is no number becomes 0, which the rules refuse with their own sentence."""

    def number(name: str) -> int:
        value = typed(f"{kind}.{name}")
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 6 else 0  # noqa: PLR2004 - sane

    colour = typed(f"{kind}.colour")
    return Rule(
        kind,
        Colour(colour) if colour in list(Colour) else Colour.GREY,
        number("hours"),
        typed(f"{kind}.sentence"),
        typed(f"{kind}.authority"),
        number("limit") if kind in LIMITS else 0,
        request.form.get(f"{kind}.on") == "yes",
    )


def _page(rule_set_id: UUID, refused: Refused | None = None) -> str:
    shown = queries.get_rule_set(rule_set_id)
    rules = [Rule.from_json(value) for value in shown.rules]
    touched = _touched(shown)
    return render_template(
        "console/rule_set.html",
        set=shown,
        rules=rules,
        differences={rule.kind: was for was, rule in changed(queries.rules_in_force().rules, rules)},
        counts=Counter((Colour(before), Colour(after)) for _, before, after, _ in shown.changes),
        touched=touched[:MOST_SHOWN],
        elsewhere=len(shown.changes) - len(touched),
        most=MOST_SHOWN,
        total=len(touched),
        own=shown.proposed_by == current_office().operator_id,
        same_office=shown.organisation_id == current_office().organisation_id,
        refused=refused,
        **NAMES,
    )


def _touched(shown: RuleSet) -> list[Touched]:
    """Those of the trial whom this office may know: people on rosters that it sees."""
    said = {UUID(person_id): (before, after, why) for person_id, before, after, why in shown.changes}
    return [
        Touched(entry, Colour(before), Colour(after), why)
        for entry in transfers.entries_of_people(list(said), seen_by=current_office())
        if entry.person_id
        for before, after, why in [said[entry.person_id]]
    ]


@blueprint.get("/<uuid:rule_set_id>")
def show(rule_set_id: UUID) -> ResponseReturnValue:
    """A version or draft: its rules, what differs from those in force, and what the trial found."""
    return _page(rule_set_id)


@trials.post("/")
@shows_again(_page)
def run(rule_set_id: UUID) -> ResponseReturnValue:
    """Try a draft on everybody; nobody changes."""
    actions.try_rule_set(rule_set=queries.get_rule_set(rule_set_id))
    return redirect(url_for("rules.show", rule_set_id=rule_set_id))


@trials.post("/export")
@shows_again(_page)
def export(rule_set_id: UUID) -> ResponseReturnValue:
    """Those of the trial who are on this office's rosters, as Excel; each reading is written down."""
    shown, by, at = queries.get_rule_set(rule_set_id), current_office(), clock.now()
    touched = _touched(shown)
    if not touched:
        raise Invalid("consoles.export_empty", "没有本单位花名册上的人会变色，不用导出。")
    lines = _lines(touched, typed("purpose"))
    noted = privacy.note_export(document="规则试算", rows=len(lines), purpose=typed("purpose"), by=by)
    content = documents.roster_workbook(
        lines,
        Watermark(by.organisation_name, by.operator_name, at, noted.id),
        headings=("姓名", "身份证号", "现在", "改后", "依据"),
        title="规则试算",
    )
    response = Response(content, mimetype=documents.EXCEL)
    stamp = clock.local(at).strftime("%Y%m%d-%H%M")
    response.headers.set("Content-Disposition", "attachment", filename=f"规则试算-{stamp}.xlsx")
    return response


def _lines(touched: Sequence[Touched], purpose: str) -> list[list[documents.Cell]]:
    lines: list[list[documents.Cell]] = []
    for one in touched:
        sealed = {"姓名": one.entry.name, "身份证号": one.entry.resident_id}
        opened = accounts.reveal(
            sealed=sealed, subject_index=one.entry.resident_id_index, by=current_office(), purpose=purpose
        )
        lines.append([*opened.values(), COLOUR_NAMES[one.before], COLOUR_NAMES[one.after], one.why])
    return lines


@blueprint.post("/<uuid:rule_set_id>/approve")
@shows_again(_page)
def approve(rule_set_id: UUID) -> ResponseReturnValue:
    """Put a draft into force, as the second person."""
    actions.approve_rule_set(rule_set=queries.get_rule_set(rule_set_id), by=current_office())
    flash("新规则已生效，正在按新规则重新判断所有人。")
    return redirect(url_for("rules.index"))


@blueprint.post("/<uuid:rule_set_id>/discard")
@shows_again(_page)
def discard(rule_set_id: UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    actions.discard_rule_set(rule_set=queries.get_rule_set(rule_set_id), by=current_office())
    flash("草案已放弃，规则没有变化。")
    return redirect(url_for("rules.index"))
