"""Test results: a list or a single one brought by this office, looked at and confirmed by a second official."""

import csv
import io
import re
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core.errors import Invalid, Refused
from backend.core.masks import mask_resident_id
from backend.privacy import actions as privacy
from healthcode.codes import actions, queries
from healthcode.codes.fact_rules import (
    RESULT_LIST_STATE_NAMES,
    TESTED_NAMES,
    ResultListState,
    Tested,
)
from healthcode.codes.result_rows import HEADINGS

blueprint = pages("results", __name__, Role.OFFICIAL, path="/results")

MOST_SHOWN = 200
ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)
STATE_TAGS = {ResultListState.WAITING: "tag-waiting", ResultListState.CONFIRMED: "tag-good"}
RESULT_TAGS = {Tested.POSITIVE: "tag-bad", Tested.NEGATIVE: "tag-good"}
NAMES = {
    "state_names": RESULT_LIST_STATE_NAMES,
    "state_tags": STATE_TAGS,
    "result_names": TESTED_NAMES,
    "result_tags": RESULT_TAGS,
}


def _index(refused: Refused | None = None) -> str:
    rows = queries.list_result_lists(
        seen_by=current_office(),
        state=lists.choice_arg("state", ResultListState),
        after=lists.key_arg("after"),
        limit=lists.PAGE,
    )
    onward = rows[-1][0].id if len(rows) == lists.PAGE else None
    return render_template("console/results.html", rows=rows, onward=onward, refused=refused, **NAMES)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every list of this office, and the place to bring the next."""
    return _index()


@blueprint.post("/")
@shows_again(_index)
def upload() -> ResponseReturnValue:
    """Take a list in; it waits for a second person."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("consoles.no_file", "请选择检测名单（Excel 或 CSV）。")
    made = actions.propose_results(content=file.stream.read(), file_name=file.filename, by=current_office())
    return redirect(url_for("results.show", list_id=made.id))


def _form(refused: Refused | None = None) -> str:
    return render_template("console/result_new.html", refused=refused, titles={n: t for n, (t, _) in HEADINGS.items()})


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form for a single result."""
    return _form()


@blueprint.post("/new")
@shows_again(_form)
def enter() -> ResponseReturnValue:
    """Take a single result in; it waits for a second person as well."""
    said = {name: typed(name) for name in HEADINGS}
    said["sampled_at"] = said["sampled_at"].replace("T", " ")
    made = actions.enter_result(said=said, by=current_office())
    return redirect(url_for("results.show", list_id=made.id))


def _page(list_id: UUID, refused: Refused | None = None) -> str:
    by = current_office()
    shown = queries.get_result_list(list_id, seen_by=by)
    faults = actions.faults_of(shown)["rows"]
    return render_template(
        "console/result_list.html",
        list=shown,
        rows=actions.rows_of(shown)[:MOST_SHOWN],
        faults=[fault | {"shown": _masked(fault["cells"])} for fault in faults[:MOST_SHOWN]],
        most=MOST_SHOWN,
        own=shown.operator_id == by.operator_id,
        refused=refused,
        **NAMES,
    )


@blueprint.get("/<uuid:list_id>")
def show(list_id: UUID) -> ResponseReturnValue:
    """One list: what would be entered, positive ones first, and the rows that were not taken."""
    return _page(list_id)


@blueprint.post("/<uuid:list_id>/confirm")
@shows_again(_page)
def confirm(list_id: UUID) -> ResponseReturnValue:
    """Enter it, as the second person."""
    new = actions.confirm_results(list_id=list_id, by=current_office())
    flash(f"已登记 {new:,} 条检测结果，涉及的健康码已重新判断。")
    return redirect(url_for("results.show", list_id=list_id))


@blueprint.post("/<uuid:list_id>/discard")
@shows_again(_page)
def discard(list_id: UUID) -> ResponseReturnValue:
    """Throw it away."""
    actions.discard_results(list_id=list_id, by=current_office())
    flash("已放弃这份名单，没有登记任何结果。")
    return redirect(url_for("results.index"))


@blueprint.get("/<uuid:list_id>/faults.csv")
def faults(list_id: UUID) -> ResponseReturnValue:
    """The rows that were not taken, each with why, ready to be corrected and uploaded again; the export log has it."""
    by = current_office()
    said = actions.faults_of(queries.get_result_list(list_id, seen_by=by))
    if not said["rows"]:
        raise Invalid("consoles.export_empty", "没有待修改的行，或已按保存期限删除。")
    privacy.note_export(document="检测名单待修改", rows=len(said["rows"]), purpose="修改后重新上传", by=by)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*said["headings"], "问题说明"])
    for fault in said["rows"]:
        blank = [""] * (len(said["headings"]) - len(fault["cells"]))
        writer.writerow([*map(_plain, fault["cells"]), *blank, fault["why"]])
    response = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="检测名单待修改.csv")
    return response


def _masked(cells: list[str]) -> str:
    """A row as it is shown: its numbers of ID cards are seen whole in the file alone."""
    return "，".join(ID_NUMBER.sub(lambda found: mask_resident_id(found[0]), cell) for cell in cells if cell)


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell
