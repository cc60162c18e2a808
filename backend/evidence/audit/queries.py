"""What the audits found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.core import clock
from backend.core.db import db
from backend.evidence import queries
from backend.evidence.audit.models import AuditRun, Discrepancy, Erasure
from backend.evidence.audit.rules import SENTENCES, Cause


@dataclass(frozen=True, slots=True)
class Found:
    """A discrepancy as an office may read it."""

    id: UUID
    cause: Cause
    kind: str
    record_id: UUID | None
    index: int | None
    detail: str

    @property
    def sentence(self) -> str:
        return SENTENCES[self.cause]


def get_last_run() -> AuditRun | None:
    """The newest audit that came to its end; None before the first."""
    return db.session.scalar(select(AuditRun).order_by(AuditRun.id.desc()).limit(1))


def list_runs(*, before: UUID | None = None, limit: int = 30) -> Sequence[AuditRun]:
    """The newest audits, or the newest before one."""
    rows = select(AuditRun).order_by(AuditRun.id.desc()).limit(limit)
    return db.session.scalars(rows.where(AuditRun.id < before) if before else rows).all()


def list_discrepancies(run_id: UUID, known_to: str = "", *, after: UUID | None = None, limit: int = 50) -> list[Found]:
    """What an audit found, in the order in which it looked.

    Of records of a kind that this kind of organisation may not know of it learns the cause and nothing else: neither
    which kind, nor which record, nor its place in the log.
    """
    rows = select(Discrepancy).where(Discrepancy.run_id == run_id).order_by(Discrepancy.id).limit(limit)
    if after:
        rows = rows.where(Discrepancy.id > after)
    known = {"", *(kind.name for kind in queries.list_kinds(known_to))}
    return [
        Found(each.id, each.cause, each.kind, each.record_id, each.index, each.detail)
        if not known_to or each.kind in known
        else Found(each.id, each.cause, "", None, None, "")
        for each in db.session.scalars(rows)
    ]


def rebuild_erasures(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the records of erasures said: which records' openings were erased."""
    erased: dict[UUID, list[str]] = {}
    rows = select(Erasure.erasure_id, Erasure.record_id).where(Erasure.erasure_id.in_(record_ids))
    for erasure_id, record_id in db.session.execute(rows.order_by(Erasure.record_id)):
        erased.setdefault(erasure_id, []).append(str(record_id))
    return {erasure_id: {"records": records} for erasure_id, records in erased.items()}


def list_erasures(after: UUID, limit: int) -> Sequence[UUID]:
    """The records of erasures that the rows name."""
    ids = select(Erasure.erasure_id).where(Erasure.erasure_id > after).distinct()
    return db.session.scalars(ids.order_by(Erasure.erasure_id).limit(limit)).all()


def get_gauges() -> dict[str, tuple[str, float]]:
    """What the watchers see of the log and of its audits."""
    run = get_last_run()
    age = (clock.now() - run.ended_at).total_seconds() if run else math.inf
    return queries.get_gauges() | {
        "linghuo_evidence_discrepancies": ("What the newest audit found wrong", float(run.discrepancies if run else 0)),
        "linghuo_evidence_audit_age_seconds": ("Time since an audit came to its end", age),
    }
