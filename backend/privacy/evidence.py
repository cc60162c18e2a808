"""What the evidence log is told of erasures: what was erased on a day, what could not be, what an authority held."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.core.db import db
from backend.core.features import EvidenceKind
from backend.privacy.models import ErasureReport, Hold

ERASURE = EvidenceKind(
    name="privacy.erasure",
    title="到期删除报告",
    days=1096,  # three years: for so long a claim can be brought (民法典, article 188)
    known_to=frozenset({"government", "regulator", "platform"}),
    rebuild="backend.privacy.evidence:rebuild_reports",
    rows="backend.privacy.evidence:list_report_ids",
)

HOLD = EvidenceKind(
    name="privacy.hold",
    title="依法留存",
    days=1096,
    known_to=frozenset({"government", "regulator", "platform"}),
)


def hold_content(hold: Hold, what: str) -> dict[str, Any]:
    """Which days of what are held for whom and until when, or that this was lifted."""
    return {
        "what": what,
        "hold": str(hold.id),
        "kind": hold.kind,
        "first": hold.first_day.isoformat(),
        "last": hold.last_day.isoformat(),
        "until": hold.until.isoformat(),
        "authority": hold.authority,
        "document": hold.document,
        "reason": hold.reason,
    }


def report_content(*, day: date, at: datetime, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is committed to: all of the report."""
    return {"day": day.isoformat(), "at": at.astimezone(UTC).isoformat(), "lines": list(lines)}


def rebuild_reports(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    reports = db.session.scalars(select(ErasureReport).where(ErasureReport.id.in_(record_ids)))
    return {each.id: report_content(day=each.day, at=each.at, lines=each.lines) for each in reports}


def list_report_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    ids = select(ErasureReport.id).where(ErasureReport.id > after).order_by(ErasureReport.id)
    return db.session.scalars(ids.limit(limit)).all()
