"""Auditing: everything that is stored and published, compared with itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import func, insert, select

from backend.core import clock
from backend.core.db import db, new_key
from backend.core.transactions import transaction
from backend.evidence import publishing
from backend.evidence.audit.findings import Findings
from backend.evidence.audit.models import AuditRun, Discrepancy
from backend.evidence.audit.notes import check_published
from backend.evidence.audit.records import Records
from backend.evidence.audit.tree import recompute

log = structlog.get_logger()
LOCK = 0x617564
"""The advisory lock of the one audit."""


def audit() -> AuditRun | None:
    """Recompute the tree from the stored leaves; compare checkpoints, cosignatures, tiles, records and rows with it.

    Reads in short transactions of its own and writes at its end what it found; None while another one runs. Each
    discrepancy is said in the log when it is found. Raises Malformed without a usable policy.
    """
    with _alone() as free:
        if not free:
            return None
        started, findings, policy = clock.now(), Findings(), publishing.policy()
        check_published(findings, policy)
        tree = recompute(findings, policy)
        records = Records(findings)
        records.walk()
        run = AuditRun(
            id=new_key(),
            started_at=started,
            ended_at=clock.now(),
            size=tree.size,
            root=tree.root,
            checkpoints=tree.checkpoints,
            files=tree.files,
            records=records.count,
            openings=records.opened,
            discrepancies=findings.count,
        )
        _keep(run, findings)
    log.info("evidence.audited", size=tree.size, records=records.count, discrepancies=findings.count)
    return run


def _keep(run: AuditRun, findings: Findings) -> None:
    rows = [
        {
            "id": new_key(),
            "run_id": run.id,
            "cause": each.cause,
            "kind": each.kind,
            "record_id": each.record_id,
            "index": each.index,
            "detail": each.detail,
        }
        for each in findings.kept
    ]
    with transaction():
        db.session.add(run)
        db.session.flush()
        if rows:
            db.session.execute(insert(Discrepancy), rows)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other audit runs; as long as this one does, none other begins."""
    with db.engine.connect() as connection:
        free = bool(connection.scalar(select(func.pg_try_advisory_lock(LOCK))))
        connection.commit()
        try:
            yield free
        finally:
            if free:
                connection.execute(select(func.pg_advisory_unlock(LOCK)))
                connection.commit()
