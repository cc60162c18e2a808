"""Planned, boarded, arrived: the count by vehicle and the differences by name, also as Excel."""

from uuid import UUID

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import NOT_AGREED, may_open, render_transfer
from backend.core import clock
from backend.core.errors import Forbidden, Refused
from backend.core.requests import extra
from backend.privacy import actions as privacy
from healthcode.transfers import documents, queries
from healthcode.transfers.queries import Difference
from healthcode.transfers.rules import FATE_NAMES, Fate
from healthcode.transfers.watermark import Watermark

blueprint = extra(pages("reconciliation", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/reconciliation"))

MOST_SHOWN, MOST_EXPORTED = 500, 5_000
HEADINGS = ("序号", "姓名", "身份证号", "联系电话", "用工企业", "车次", "情况", "后加入", "时间", "原因或地点")


def _page(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    tallies = queries.reconcile(transfer)
    return render_transfer(
        "reconciliation.html",
        transfer,
        "reconciliation",
        tallies=tallies,
        total={fate: sum(tally.people.get(fate, 0) for tally in tallies) for fate in Fate},
        differences=queries.list_differences(transfer, MOST_SHOWN),
        most=MOST_SHOWN,
        fate_names=FATE_NAMES,
        may_open=may_open(transfer),
        as_of=clock.now(),
        refused=refused,
    )


@blueprint.get("/")
def index(transfer_id: UUID) -> ResponseReturnValue:
    """How the plan and what happened differ, by vehicle and by name."""
    return _page(transfer_id)


@blueprint.get("/export")
def back(transfer_id: UUID) -> ResponseReturnValue:
    """Reloading after an export leads back to the page."""
    return redirect(url_for("reconciliation.index", transfer_id=transfer_id))


@blueprint.post("/export")
@shows_again(_page)
def export(transfer_id: UUID) -> ResponseReturnValue:
    """The differences as Excel with names and numbers, each reading written down.

    Refuses: Invalid without a purpose; Forbidden to a destination that has not agreed to receive these people.
    """
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    if not may_open(transfer):
        raise Forbidden("transfers.not_agreed", NOT_AGREED)
    purpose, by, at = accounts.check_purpose(typed("purpose")), current_office(), clock.now()
    differences = queries.list_differences(transfer, MOST_EXPORTED)
    withheld = queries.withheld_among(((one.entry, one.trip, transfer) for one in differences), by)
    rows = [_row(one, purpose, withheld=one.entry.id in withheld) for one in differences]
    title = f"人数核对-{transfer.title}"
    noted = privacy.note_export(document=title, rows=len(rows), purpose=purpose, by=by, transfer_id=transfer.id)
    mark = Watermark(by.organisation_name, by.operator_name, at, noted.id)
    content = documents.roster_workbook(rows, mark, headings=HEADINGS, title="人数核对")
    response = Response(content, mimetype=documents.EXCEL)
    name = f"{title}-{clock.local(at):%Y%m%d-%H%M}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _row(one: Difference, purpose: str, *, withheld: bool) -> list[documents.Cell]:
    entry = one.entry
    names = {"姓名": entry.name_mask, "身份证号": entry.resident_id_mask, "联系电话": entry.phone_mask}
    if not withheld:
        sealed = {"姓名": entry.name, "身份证号": entry.resident_id, "联系电话": entry.phone}
        names |= accounts.reveal(
            sealed=sealed, subject_index=entry.resident_id_index, by=current_office(), purpose=purpose
        )
    return [
        entry.number,
        *names.values(),
        entry.enterprise,
        one.trip.vehicle if one.trip else "",
        FATE_NAMES[one.fate],
        "是" if one.joined else "",
        one.at,
        one.why,
    ]
