from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model
from healthcode.reports.rules import Format, ReportState


class Report(Model):
    """One report that an official asked for; the row is the job, so a killed worker's report is made by the next."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("operator_id", "request_key"),
        Index("ix_report_transfer_id", "transfer_id", "operator_id", "id"),
        Index("ix_report_queued", "asked_at", postgresql_where=text("state = 'queued'")),
        {"schema": "reports"},
    )

    id: Mapped[Key]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    format: Mapped[Format]
    named: Mapped[bool]
    """With full names instead of masks."""
    purpose: Mapped[str]
    request_key: Mapped[str]
    state: Mapped[ReportState] = mapped_column(default=ReportState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    refusal: Mapped[str | None]
    """Why it was not made, in a sentence."""
    file: Mapped[str | None]
    """Where the sealed document lies."""
    size: Mapped[int | None]
    """Bytes."""
    export_id: Mapped[UUID | None]
    """Of its entry in the export log, which stands in its watermark."""
