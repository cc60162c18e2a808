"""Reports that were asked for; each is seen by its asker alone, while that office sees the transfer."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.queries import list_acting
from backend.accounts.rules import Role
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Forbidden, NotFound
from healthcode.reports.models import Report
from healthcode.reports.rules import PATIENCE, ReportState
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import get_transfer

MOST = 20


def list_reports(transfer: Transfer, *, seen_by: Acting) -> Sequence[Report]:
    """The operator's own reports of a transfer, the newest first."""
    own = (Report.operator_id == seen_by.operator_id) & (Report.organisation_id == seen_by.organisation_id)
    query = select(Report).where(Report.transfer_id == transfer.id, own).order_by(Report.id.desc()).limit(MOST)
    return db.session.scalars(query).all()


def get_report(transfer: Transfer, report_id: UUID, *, seen_by: Acting) -> Report:
    """A report that is made. Refuses: NotFound for another operator's, whose name it carries, and until it is made."""
    report = next((one for one in list_reports(transfer, seen_by=seen_by) if one.id == report_id), None)
    if report is None or report.file is None:
        raise NotFound
    return report


def was_asked(by: Acting, key: str) -> bool:
    """Whether the operator asked for something with this key."""
    theirs = select(Report.id).where(Report.operator_id == by.operator_id, Report.request_key == key)
    return db.session.scalar(theirs) is not None


def lock_waiting(report_id: UUID) -> Report | None:
    """A report that waits, held until the transaction ends; None when it is made, or another run is at it."""
    query = select(Report).where(Report.id == report_id, Report.state == ReportState.QUEUED)
    return db.session.scalar(query.with_for_update(skip_locked=True))


def list_overdue() -> Sequence[UUID]:
    """Reports that have waited longer than making one takes."""
    waiting = (Report.state == ReportState.QUEUED) & (Report.asked_at < clock.now() - PATIENCE)
    return db.session.scalars(select(Report.id).where(waiting).order_by(Report.asked_at).limit(MOST)).all()


def asker_of(report: Report) -> Acting:
    """Who asked, as that stands now. Refuses: Forbidden for an operator who has left the office."""
    for acting in list_acting(report.operator_id):
        if acting.organisation_id == report.organisation_id and acting.role is Role.OFFICIAL:
            return acting
    raise Forbidden("reports.left", "您已不是这个单位的经办人，报告没有生成。")


def transfer_of(report: Report, by: Acting) -> Transfer:
    """The transfer, while the asker's office sees it. Refuses: Forbidden when that is over."""
    try:
        return get_transfer(report.transfer_id, seen_by=by)
    except NotFound as gone:
        raise Forbidden("reports.over", "本单位对这次输送的查看期限已过，报告没有生成。") from gone
