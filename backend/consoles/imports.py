"""Imports of rosters: upload, progress, what would change, the decision, the rows that were not taken."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import is_origin, render_transfer
from backend.core.errors import Invalid, NotFound, Refused
from backend.privacy import actions as privacy
from healthcode.transfers import actions, documents, queries
from healthcode.transfers.models import RosterImport, Transfer
from healthcode.transfers.rules import CHANGE_NAMES, IMPORT_STATE_NAMES, WORKING, Change, ImportState
from healthcode.transfers.watermark import Watermark, stamped

blueprint = pages("imports", __name__, Role.OFFICIAL, path="/imports")

IMPORT_TAGS = {
    ImportState.QUEUED: "tag-running",
    ImportState.READING: "tag-running",
    ImportState.WAITING: "tag-waiting",
    ImportState.APPLYING: "tag-running",
    ImportState.DONE: "tag-good",
    ImportState.REFUSED: "tag-bad",
    ImportState.DISCARDED: "",
}
PREVIEWED = 50


def _own(transfer_id: UUID) -> Transfer:
    """A transfer of which this office is the origin. Refuses: NotFound for others: files are the origin's alone."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    if not is_origin(transfer):
        raise NotFound
    return transfer


def _list(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = _own(transfer_id)
    return render_transfer(
        "imports.html",
        transfer,
        "imports",
        rows=queries.list_imports(transfer),
        import_state_names=IMPORT_STATE_NAMES,
        import_tags=IMPORT_TAGS,
        refused=refused,
    )


@blueprint.get("/of/<uuid:transfer_id>")
def index(transfer_id: UUID) -> ResponseReturnValue:
    """All imports of a transfer, and the place to drop the next file."""
    return _list(transfer_id)


@blueprint.post("/of/<uuid:transfer_id>")
@shows_again(_list)
def upload(transfer_id: UUID) -> ResponseReturnValue:
    """Take a file and begin to read it."""
    transfer = _own(transfer_id)
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("consoles.no_file", "请选择花名册文件（Excel 或 CSV）。")
    started = actions.start_import(
        transfer=transfer, file_name=file.filename, content=file.stream.read(), by=current_office()
    )
    return redirect(url_for("imports.show", import_id=started.id))


@blueprint.get("/template.xlsx")
def template() -> ResponseReturnValue:
    """The form that clerks fill in."""
    response = Response(documents.template_workbook(), mimetype=documents.EXCEL)
    response.headers.set("Content-Disposition", "attachment", filename="花名册模板.xlsx")
    return response


def _values(roster_import: RosterImport) -> dict[str, object]:
    return {
        "job": roster_import,
        "working": roster_import.state in WORKING,
        "import_state_names": IMPORT_STATE_NAMES,
        "import_tags": IMPORT_TAGS,
    }


def _page(import_id: UUID, refused: Refused | None = None) -> str:
    roster_import = queries.get_import(import_id, seen_by=current_office())
    transfer = _own(roster_import.transfer_id)
    waiting = roster_import.state is ImportState.WAITING
    changes = {
        change: queries.list_import_rows(roster_import, change, limit=PREVIEWED)
        for change in (Change.ADDED, Change.CHANGED)
        if waiting
    }
    missing = queries.list_missing(roster_import, limit=PREVIEWED) if waiting and roster_import.missing else ()
    return render_transfer(
        "import.html",
        transfer,
        "imports",
        changes=changes,
        missing=missing,
        change_names=CHANGE_NAMES,
        previewed=PREVIEWED,
        refused=refused,
        **_values(roster_import),
    )


@blueprint.get("/<uuid:import_id>")
def show(import_id: UUID) -> ResponseReturnValue:
    """One import: how far it is, what it would change, what came of it."""
    return _page(import_id)


@blueprint.get("/<uuid:import_id>/progress")
def progress(import_id: UUID) -> ResponseReturnValue:
    """How far it is, as a fragment that asks again; at the end it has the whole page loaded anew."""
    roster_import = queries.get_import(import_id, seen_by=current_office())
    response = render_template("console/import_progress.html", **_values(roster_import))
    if roster_import.state in WORKING:
        return response
    return response, {"HX-Refresh": "true"}


@blueprint.get("/<uuid:import_id>/changes/<change>")
def more(import_id: UUID, change: str) -> ResponseReturnValue:
    """The next rows of a preview, as a fragment."""
    roster_import = queries.get_import(import_id, seen_by=current_office())
    if change not in list(Change):
        raise NotFound
    after = request.args.get("after", "")
    return render_template(
        "console/import_rows.html",
        job=roster_import,
        change=Change(change),
        previewed=PREVIEWED,
        rows=_more(roster_import, Change(change), after),
    )


def _more(roster_import: RosterImport, change: Change, after: str) -> list[object]:
    if change is Change.MISSING:
        return list(queries.list_missing(roster_import, after=lists.read_key(after), limit=PREVIEWED))
    try:
        key = bytes.fromhex(after)
    except ValueError as wrong:
        raise Invalid("consoles.after", "页面里的位置不对，请刷新页面。") from wrong
    return list(queries.list_import_rows(roster_import, change, after=key, limit=PREVIEWED))


@blueprint.post("/<uuid:import_id>/confirm")
@shows_again(_page)
def confirm(import_id: UUID) -> ResponseReturnValue:
    """Write the changes into the roster; who is missing in the file leaves only if that was ticked."""
    roster_import = queries.get_import(import_id, seen_by=current_office())
    actions.confirm_import(
        roster_import=roster_import, remove_missing=request.form.get("remove_missing") == "yes", by=current_office()
    )
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.post("/<uuid:import_id>/discard")
@shows_again(_page)
def discard(import_id: UUID) -> ResponseReturnValue:
    """Forget the file; the roster stays as it is."""
    roster_import = queries.get_import(import_id, seen_by=current_office())
    actions.discard_import(roster_import=roster_import, by=current_office())
    flash("已放弃这次导入，花名册没有变化。")
    return redirect(url_for("imports.index", transfer_id=roster_import.transfer_id))


@blueprint.get("/<uuid:import_id>/faults.xlsx")
def faults(import_id: UUID) -> ResponseReturnValue:
    """The rows that were not taken, each with why, ready to be corrected and imported again."""
    roster_import = queries.get_import(import_id, seen_by=current_office())
    content, by = queries.read_faults(roster_import), current_office()
    noted = privacy.note_export(
        document=f"待修改的行：{roster_import.file_name}",
        rows=roster_import.wrong,
        purpose="修改没有采用的行",
        by=by,
        transfer_id=roster_import.transfer_id,
    )
    watermark = Watermark(by.organisation_name, by.operator_name, noted.at, noted.id)
    response = Response(stamped(content, watermark), mimetype=documents.EXCEL)
    stem = roster_import.file_name.rpartition(".")[0] or roster_import.file_name
    response.headers.set("Content-Disposition", "attachment", filename=f"待修改-{stem}.xlsx")
    return response
