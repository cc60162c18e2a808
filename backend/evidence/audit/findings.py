"""What a running audit has found: said at once in the log, kept for the end, counted to the last one."""

from dataclasses import asdict, dataclass, field
from uuid import UUID

import structlog

from backend.evidence.audit.rules import MOST_KEPT, Cause

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Finding:
    """A discrepancy, as its row will say it."""

    cause: Cause
    kind: str = ""
    record_id: UUID | None = None
    index: int | None = None
    detail: str = ""


@dataclass
class Findings:
    """All of them as a number, and the first ones one by one."""

    count: int = 0
    kept: list[Finding] = field(default_factory=list)

    def add(
        self, cause: Cause, *, kind: str = "", record_id: UUID | None = None, index: int | None = None, detail: str = ""
    ) -> None:
        """Take one in."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            finding = Finding(cause, kind, record_id, index, detail)
            self.kept.append(finding)
            log.error("evidence.discrepancy", **asdict(finding))
