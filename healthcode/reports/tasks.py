"""Making reports, and sending again what no worker made."""

from uuid import UUID

import structlog

from backend.core.errors import Refused
from backend.core.tasks import task
from backend.core.transactions import enqueue, transaction
from healthcode.reports import actions, queries
from healthcode.reports.documents import document
from healthcode.reports.queries.gathering import gather, people_of
from healthcode.reports.rules import Format

log = structlog.get_logger()


@task("reports.make", queue="bulk")
def make(report_id: str) -> None:
    """Make a report that waits, in one transaction with what is written down about it; a refusal is kept with it."""
    wanted = UUID(report_id)
    with transaction():
        begun = actions.take(report_id=wanted)
    if not begun:
        return
    try:
        with transaction():
            _make(wanted)
    except Refused as refused:
        with transaction():
            if (report := queries.lock_waiting(wanted)) is not None:
                actions.refuse(report=report, sentence=refused.message)


def _make(report_id: UUID) -> None:
    report = queries.lock_waiting(report_id)
    if report is None:
        return
    by = queries.asker_of(report)
    transfer = queries.transfer_of(report, by)
    content = gather(transfer, seen_by=by, purpose=report.purpose)
    entries = people_of(transfer, None if report.format is Format.EXCEL else content.mentioned) if report.named else ()
    names = actions.open_names(report=report, transfer=transfer, entries=entries, by=by)
    mark = actions.note_taken_out(report=report, transfer=transfer, people=content.people, by=by)
    actions.finish(report=report, content=document(report.format, content, names, mark))


@task("reports.sweep")
def sweep() -> None:
    """Send again what waits for longer than a report takes."""
    with transaction():
        for report_id in queries.list_overdue():
            enqueue(make, report_id)
