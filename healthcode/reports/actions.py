"""Asking for a report, and what making one writes: who took it out, whose names were opened, where it lies."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.core import clock, sealed_files
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Forbidden, Invalid, TooMany
from backend.core.files import store
from backend.core.transactions import enqueue
from backend.privacy import actions as privacy
from healthcode.reports import queries
from healthcode.reports.models import Report
from healthcode.reports.rules import ENDINGS, FORMAT_NAMES, MOST_TRIES, MOST_WAITING, PURPOSE, Format, ReportState
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.queries import withheld_among
from healthcode.transfers.rules import OPENED
from healthcode.transfers.watermark import Watermark

MAKE = "reports.make"
FAILED = "生成时出错，没有做成。请稍后再申请一次；再不行请联系平台管理员。"


def ask_report(*, transfer: Transfer, format: Format, named: bool, purpose: str, key: str, by: Acting) -> None:  # noqa: A002 - the field's own word
    """Ask for a report, which a task makes; asking twice with the same key is asking once, also at the same time.

    Refuses: Invalid without a purpose, Forbidden("reports.not_agreed") for names before the destination has agreed,
    TooMany while several wait.
    """
    if queries.was_asked(by, key):
        return
    reason = accounts.check_purpose(purpose)
    if len(reason) not in PURPOSE:
        raise Invalid("reports.purpose", f"用途最多写 {PURPOSE.stop - 1} 个字。", fields={"purpose": "太长了。"})
    if named and by.organisation_id != transfer.origin_id and transfer.state not in OPENED:
        raise Forbidden("reports.not_agreed", "确认接收这次输送以后，报告才能写完整姓名；现在请不勾选完整姓名。")
    waiting = select(func.count()).where(Report.operator_id == by.operator_id, Report.state == ReportState.QUEUED)
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooMany("reports.waiting", f"您已有 {MOST_WAITING} 份报告在生成，请等它们完成后再申请。")
    row = {
        "transfer_id": transfer.id,
        "operator_id": by.operator_id,
        "organisation_id": by.organisation_id,
        "format": format,
        "named": named,
        "purpose": reason,
        "request_key": key,
        "asked_at": clock.now(),
    }
    made = db.session.scalar(insert(Report).values(row).on_conflict_do_nothing().returning(Report.id))
    if made is not None:  # else another click of the same moment asked
        enqueue(MAKE, made)


def take(*, report_id: UUID) -> bool:
    """Begin with a report, if it still waits; after too many tries it is refused for good."""
    report = queries.lock_waiting(report_id)
    if report is None:
        return False
    report.tries += 1
    if report.tries > MOST_TRIES:
        refuse(report=report, sentence=FAILED)
        return False
    return True


def open_names(*, report: Report, transfer: Transfer, entries: Collection[Entry], by: Acting) -> dict[UUID, str]:
    """The full names of these people, each reading written down; who shares with nobody stays masked.

    Nothing for a report that was asked for without names.
    """
    if not report.named:
        return {}
    withheld = withheld_among([(entry, None, transfer) for entry in entries], by)
    opened = [entry for entry in entries if entry.id not in withheld]
    subjects = [entry.resident_id_index for entry in opened]
    accounts.log_access(subjects=subjects, by=by, purpose=report.purpose, fields=("姓名",))
    return {entry.id: unseal(entry.name) for entry in opened}


def note_taken_out(*, report: Report, transfer: Transfer, people: int, by: Acting) -> Watermark:
    """Write down that it leaves the system; what stands on each page of it."""
    document = f"输送报告（{FORMAT_NAMES[report.format]}）：{transfer.title}"
    noted = privacy.note_export(document=document, rows=people, purpose=report.purpose, by=by, transfer_id=transfer.id)
    report.export_id = noted.id
    return Watermark(by.organisation_name, by.operator_name, clock.now(), noted.id)


def finish(*, report: Report, content: bytes) -> None:
    """Keep the document, sealed."""
    report.file = f"reports/{report.id}.{ENDINGS[report.format]}"
    report.size, report.state, report.made_at = len(content), ReportState.DONE, clock.now()
    sealed_files.write(report.file, content)


def refuse(*, report: Report, sentence: str) -> None:
    """Say why it isn't made."""
    report.state, report.refusal, report.made_at = ReportState.REFUSED, sentence, clock.now()


def erase_old(before: datetime) -> dict[str, int]:
    """Remove reports that were asked for before a moment, and their documents."""
    gone = db.session.execute(delete(Report).where(Report.asked_at < before).returning(Report.file)).all()
    for (file,) in gone:
        if file is not None:
            store().remove(file)
    return {"reports.report": len(gone)}
