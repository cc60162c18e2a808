"""Who travelled with somebody: asked with a reason that each of those people reads, and taken out as Excel."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.rules import Role
from backend.consoles.forms import read_number, shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import NOT_AGREED, naming
from backend.consoles.workers import NOT_SHARED
from backend.core import clock
from backend.core.errors import Forbidden, Invalid, Refused
from backend.core.requests import extra
from backend.privacy import actions as privacy
from healthcode.itinerary.rules import VEHICLE_NAMES
from healthcode.transfers import documents, queries
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.queries import Companion, Declared
from healthcode.transfers.watermark import Watermark

blueprint = pages("companions", __name__, Role.OFFICIAL, path="/workers/<uuid:entry_id>/companions")
exports = extra(pages("companion_exports", __name__, Role.OFFICIAL, path="/workers/<uuid:entry_id>/companions/export"))

DAYS = range(1, 15)
PURPOSE = "追查同行人员：{}"
FIELDS = ("同行记录",)
HEADINGS = ("姓名", "身份证号", "联系电话", "车次", "座位", "病例座位", "相隔排数", "同乘从", "同乘到", "输送", "依据")
ABOARD, SAID = "乘车记录", "双方申报，未证实"


def _page(
    entry_id: UUID,
    refused: Refused | None = None,
    found: list[Companion] | None = None,
    declared: Sequence[Declared] = (),
) -> str:
    entry, transfer = _competent(entry_id)
    return render_template(
        "console/companions.html",
        entry=entry,
        transfer=transfer,
        found=found,
        declared=declared,
        vehicle_names=VEHICLE_NAMES,
        days=typed("days") or "14",
        purpose=typed("purpose"),
        refused=refused,
        **naming(),
    )


def _competent(entry_id: UUID) -> tuple[Entry, Transfer]:
    """The row. Refuses: NotFound for other offices; Forbidden before the destination has agreed, or may not know."""
    row, transfer = queries.get_entry(entry_id, seen_by=current_office())
    (line,) = queries.as_seen_by([row], transfer, current_office())
    if line.withheld:
        raise Forbidden("transfers.not_shared", NOT_SHARED)
    if not line.needed.details:
        raise Forbidden("transfers.not_agreed", NOT_AGREED)
    return line.entry, transfer


def _found(entry: Entry) -> tuple[list[Companion], list[Declared], str]:
    """The companions that the form asks for, those who only say so, and why.

    Refuses: Invalid for other days or without a reason.
    """
    purpose = accounts.check_purpose(typed("purpose"))
    days = int(read_number("days", "天数"))
    if days not in DAYS:
        sentence = f"请填 {DAYS.start} 到 {DAYS.stop - 1} 天。"
        raise Invalid("consoles.days", sentence, fields={"days": sentence})
    since, by = clock.now() - timedelta(days=days), current_office()
    found = queries.companions_of(entry, since=since, seen_by=by)
    return found, queries.declared_with(entry, since=since, seen_by=by), purpose


@blueprint.get("/")
def ask(entry_id: UUID) -> ResponseReturnValue:
    """The form: how far back, and why."""
    return _page(entry_id)


@blueprint.post("/")
@shows_again(_page)
def find(entry_id: UUID) -> ResponseReturnValue:
    """Who travelled with this person, the nearest first; that it was looked up is written down for each of them."""
    entry, _ = _competent(entry_id)
    found, declared, purpose = _found(entry)
    others = [*(one.entry for one in found), *(one.entry for one in declared)]
    subjects = {one.resident_id_index for one in others} | {entry.resident_id_index}
    accounts.log_access(
        subjects=sorted(subjects), by=current_office(), purpose=PURPOSE.format(purpose), fields=list(FIELDS)
    )
    return _page(entry_id, found=found, declared=declared)


@exports.get("/")
def back(entry_id: UUID) -> ResponseReturnValue:
    """Reloading after an export leads back to the form."""
    return redirect(url_for("companions.ask", entry_id=entry_id))


@exports.post("/")
@shows_again(_page)
def export(entry_id: UUID) -> ResponseReturnValue:
    """The same lists as Excel with names, numbers and phones, each reading written down; who only declared comes last
    and is marked.
    """
    entry, transfer = _competent(entry_id)
    found, declared, purpose = _found(entry)
    by, at, why = current_office(), clock.now(), PURPOSE.format(purpose)
    rows = [*(_row(one, why) for one in found), *(_declared_row(one, why) for one in declared)]
    title = f"同行人员-{entry.name_mask}{entry.resident_id_mask[-4:]}"
    noted = privacy.note_export(document=title, rows=len(rows), purpose=purpose, by=by, transfer_id=transfer.id)
    mark = Watermark(by.organisation_name, by.operator_name, at, noted.id)
    content = documents.roster_workbook(rows, mark, headings=HEADINGS, title="同行人员")
    response = Response(content, mimetype=documents.EXCEL)
    name = f"{title.replace('*', '某')}-{clock.local(at):%Y%m%d-%H%M}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _names(one: Companion | Declared, purpose: str) -> list[str]:
    entry = one.entry
    if one.withheld:
        return [entry.name_mask, entry.resident_id_mask, entry.phone_mask]
    sealed = {"姓名": entry.name, "身份证号": entry.resident_id, "联系电话": entry.phone}
    opened = accounts.reveal(sealed=sealed, subject_index=entry.resident_id_index, by=current_office(), purpose=purpose)
    return list(opened.values())


def _row(one: Companion, purpose: str) -> list[documents.Cell]:
    return [
        *_names(one, purpose),
        one.trip.vehicle,
        one.seat,
        one.others_seat,
        one.apart if one.apart is not None else "",
        one.since,
        one.until,
        one.transfer.title,
        ABOARD,
    ]


def _declared_row(one: Declared, purpose: str) -> list[documents.Cell]:
    vehicle = f"{VEHICLE_NAMES[one.vehicle]} {one.number}"
    seats = (one.seat, one.others_seat, "")
    return [*_names(one, purpose), vehicle, *seats, one.since, one.until, one.transfer.title, SAID]
