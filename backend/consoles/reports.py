"""Reports of a transfer for the files: asked for with a purpose, made in a task, fetched by whoever asked."""

from uuid import UUID, uuid4

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import may_open, render_transfer
from backend.core import clock, sealed_files
from backend.core.errors import Invalid, Refused
from backend.core.pdf import MIMETYPE
from backend.core.requests import extra
from healthcode.reports import actions, queries
from healthcode.reports.rules import ENDINGS, FORMAT_NAMES, KEPT, STATE_NAMES, Format, ReportState
from healthcode.transfers import queries as transfers
from healthcode.transfers.documents import EXCEL
from healthcode.transfers.models import Transfer

blueprint = extra(pages("reports", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/reports"))

MIMETYPES = {Format.EXCEL: EXCEL, Format.PDF: MIMETYPE}


def _transfer(transfer_id: UUID) -> Transfer:
    return transfers.get_transfer(transfer_id, seen_by=current_office())


def _list(transfer: Transfer) -> dict[str, object]:
    rows = queries.list_reports(transfer, seen_by=current_office())
    return {
        "rows": rows,
        "making": any(row.state is ReportState.QUEUED for row in rows),
        "format_names": FORMAT_NAMES,
        "report_state_names": STATE_NAMES,
        "kept": KEPT,
    }


def _page(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = _transfer(transfer_id)
    return render_transfer(
        "reports.html",
        transfer,
        "reports",
        may_open=may_open(transfer),
        key=uuid4().hex,
        refused=refused,
        **_list(transfer),
    )


@blueprint.get("/")
def index(transfer_id: UUID) -> ResponseReturnValue:
    """What a report holds, the form to ask for one, and the own ones so far."""
    return _page(transfer_id)


@blueprint.get("/list")
def progress(transfer_id: UUID) -> ResponseReturnValue:
    """The own reports, asked for again while one is being made."""
    transfer = _transfer(transfer_id)
    return render_template("console/report_list.html", transfer=transfer, **_list(transfer))


@blueprint.post("/")
@shows_again(_page)
def ask(transfer_id: UUID) -> ResponseReturnValue:
    """Ask for a report. Refuses: Invalid for another kind of document, and as `actions.ask_report`."""
    transfer = _transfer(transfer_id)
    try:
        form = Format(typed("format"))
    except ValueError as wrong:
        raise Invalid("reports.format", "请选择 Excel 或 PDF。", fields={"format": "请选择。"}) from wrong
    actions.ask_report(
        transfer=transfer,
        format=form,
        named=bool(request.form.get("named")),
        purpose=typed("purpose"),
        key=typed("key")[:64] or uuid4().hex,
        by=current_office(),
    )
    flash("正在生成，通常几秒钟。可以离开这个页面，回来再下载。")
    return redirect(url_for("reports.index", transfer_id=transfer_id))


@blueprint.get("/<uuid:report_id>")
def fetch(transfer_id: UUID, report_id: UUID) -> ResponseReturnValue:
    """The document. Refuses: NotFound to everybody but its asker, whose name it carries."""
    transfer = _transfer(transfer_id)
    report = queries.get_report(transfer, report_id, seen_by=current_office())
    response = Response(sealed_files.read(report.file or ""), mimetype=MIMETYPES[report.format])
    stamp = clock.local(report.made_at or report.asked_at).strftime("%Y%m%d-%H%M")
    name = f"输送报告-{transfer.title}-{stamp}.{ENDINGS[report.format]}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
