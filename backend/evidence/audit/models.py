from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import INSERT_ONLY, READ_ONLY, Key, Model
from backend.evidence.audit.rules import Cause


class AuditRun(Model):
    """An audit that came to its end, and how much it looked at."""

    __tablename__ = "audit_run"
    __table_args__ = ({"schema": "evidence", "info": INSERT_ONLY},)

    id: Mapped[Key]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    size: Mapped[int] = mapped_column(BigInteger)
    """Leaves of the tree that was recomputed."""
    root: Mapped[bytes]
    """Its root, from the stored leaves."""
    checkpoints: Mapped[int] = mapped_column(BigInteger)
    files: Mapped[int] = mapped_column(BigInteger)
    """Tiles and bundles that were compared byte by byte."""
    records: Mapped[int] = mapped_column(BigInteger)
    openings: Mapped[int] = mapped_column(BigInteger)
    """Of these records, those whose content could be compared still."""
    discrepancies: Mapped[int] = mapped_column(BigInteger)
    """How many there are; the first thousand are kept one by one."""


class Discrepancy(Model):
    """One thing that an audit found wrong."""

    __tablename__ = "audit_discrepancy"
    __table_args__ = (Index("ix_audit_discrepancy_run_id", "run_id", "id"), {"schema": "evidence", "info": INSERT_ONLY})

    id: Mapped[Key]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.audit_run.id"))
    cause: Mapped[Cause]
    kind: Mapped[str]
    """Of the record; "" where no record is meant, or its kind isn't known any more."""
    record_id: Mapped[UUID | None]
    """The record's, or of a row that has none."""
    index: Mapped[int | None] = mapped_column(BigInteger)
    """The leaf's."""
    detail: Mapped[str]
    """Which file, checkpoint or witness, where one is meant."""


class Erasure(Model):
    """That an opening was erased before its day, by `evidence.erase_subject`, which alone writes here."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_erasure_id", "erasure_id"), {"schema": "evidence", "info": READ_ONLY})

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    erasure_id: Mapped[UUID]
    """The record, of kind "evidence.erasure", that says so in the log itself."""
