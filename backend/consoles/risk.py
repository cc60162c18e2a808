"""Risk levels of regions: by day, a region's history, and lists that authorities published."""

import csv
import io
from datetime import date
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, NotFound, Refused
from backend.regions import names as regions
from healthcode.itinerary import actions, queries
from healthcode.itinerary.risk import LEVEL_NAMES, LIST_STATE_NAMES, RISK_SOURCE_NAMES, Level, ListState, RiskSource
from healthcode.itinerary.risk_rows import RiskRow

blueprint = pages("risk", __name__, Role.OFFICIAL, path="/risk")

MOST_FOUND = 200
LEVEL_TAGS = {Level.LOW: "tag-good", Level.MEDIUM: "tag-waiting", Level.HIGH: "tag-bad"}
STATE_TAGS = {ListState.WAITING: "tag-waiting", ListState.IN_FORCE: "tag-good", ListState.DISCARDED: ""}
NAMES = {
    "level_names": LEVEL_NAMES,
    "level_tags": LEVEL_TAGS,
    "source_names": RISK_SOURCE_NAMES,
    "state_names": LIST_STATE_NAMES,
    "state_tags": STATE_TAGS,
    "region_name": regions.full_name,
}


def _day_arg() -> date:
    value = request.args.get("day", "")
    try:
        return date.fromisoformat(value) if value else clock.today()
    except ValueError as wrong:
        raise Invalid("consoles.filter", "日期不对，请重新选择。") from wrong


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The levels of a day: today unless another is asked for."""
    day, search = _day_arg(), lists.text_arg("search")
    found = {region.code for region in regions.search(search, limit=MOST_FOUND)}
    rows = queries.list_risk(
        day=day,
        level=lists.choice_arg("level", Level),
        source=lists.choice_arg("source", RiskSource),
        regions=found | {regions.city(code) for code in found} if search else None,
        after=request.args.get("after", "")[:6],
        limit=lists.PAGE,
    )
    return render_template(
        "console/risk.html",
        rows=rows,
        day=day,
        counts=queries.count_risk(day=day),
        onward=rows[-1].risk.region_code if len(rows) == lists.PAGE else None,
        **NAMES,
    )


@blueprint.get("/regions/<string:code>")
def region(code: str) -> ResponseReturnValue:
    """How one region's level went."""
    known = regions.find(code)
    if known is None:
        raise NotFound
    return render_template(
        "console/risk_region.html",
        region=known,
        level=queries.level_of(code, clock.today()),
        rows=queries.risk_history(code),
        city=regions.get(regions.city(code)),
        **NAMES,
    )


def _lists(refused: Refused | None = None) -> str:
    rows = queries.list_risk_lists(after=lists.key_arg("after"), limit=lists.PAGE)
    onward = rows[-1][0].id if len(rows) == lists.PAGE else None
    return render_template("console/risk_lists.html", rows=rows, onward=onward, refused=refused, **NAMES)


@blueprint.get("/lists")
def published() -> ResponseReturnValue:
    """Every list that was imported or computed, and the place to bring the next."""
    return _lists()


@blueprint.post("/lists")
@shows_again(_lists)
def upload() -> ResponseReturnValue:
    """Take a list in; it waits for a second person."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("consoles.no_file", "请选择风险地区名单（Excel 或 CSV）。")
    made = actions.propose_risk_list(content=file.stream.read(), file_name=file.filename, by=current_office())
    return redirect(url_for("risk.show", list_id=made.id))


def _page(list_id: UUID, refused: Refused | None = None) -> str:
    shown = queries.get_risk_list(list_id)
    today = clock.today()
    rows = [RiskRow.from_json(value) for value in shown.rows]
    return render_template(
        "console/risk_list.html",
        list=shown,
        rows=[(row, queries.level_of(row.region_code, max(row.since, today))) for row in rows],
        own=shown.operator_id == current_office().operator_id,
        refused=refused,
        **NAMES,
    )


@blueprint.get("/lists/<uuid:list_id>")
def show(list_id: UUID) -> ResponseReturnValue:
    """One list: what it would change, and the rows that were not taken."""
    return _page(list_id)


@blueprint.post("/lists/<uuid:list_id>/confirm")
@shows_again(_page)
def confirm(list_id: UUID) -> ResponseReturnValue:
    """Put it into force, as the second person."""
    actions.confirm_risk_list(risk_list=queries.get_risk_list(list_id), by=current_office())
    flash("名单已生效。")
    return redirect(url_for("risk.show", list_id=list_id))


@blueprint.post("/lists/<uuid:list_id>/discard")
@shows_again(_page)
def discard(list_id: UUID) -> ResponseReturnValue:
    """Throw it away."""
    actions.discard_risk_list(risk_list=queries.get_risk_list(list_id), by=current_office())
    flash("已放弃这份名单，风险等级没有变化。")
    return redirect(url_for("risk.published"))


@blueprint.get("/lists/<uuid:list_id>/faults.csv")
def faults(list_id: UUID) -> ResponseReturnValue:
    """The rows that were not taken, each with why, ready to be corrected and uploaded again."""
    shown = queries.get_risk_list(list_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*shown.headings, "问题说明"])
    for fault in shown.faults:
        blank = [""] * (len(shown.headings) - len(fault["cells"]))
        writer.writerow([*fault["cells"], *blank, fault["why"]])
    response = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="风险名单待修改.csv")
    return response
