from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import INSERT_ONLY, Key, Model, aged


class ErasureReport(Model):
    """What one run of the erasure did. Its id is that of its record in the evidence log."""

    __tablename__ = "erasure_report"
    __table_args__ = (Index("ix_erasure_report_day", "day"), {"schema": "privacy", "info": INSERT_ONLY})

    id: Mapped[Key]
    day: Mapped[date]
    at: Mapped[datetime]
    lines: Mapped[list[Any]]
    """As `rules.Line.to_json` writes them, one for each table that has a period."""
    failed: Mapped[int]
    """How many lines say that it didn't work."""


class Export(Model):
    """Somebody took a list out of the system: which, of how many people, for which office, what for."""

    __tablename__ = "export"
    __table_args__ = (
        Index("ix_export_organisation_id", "organisation_id", "id"),
        {"schema": "privacy", "info": {**aged("at", 1096), **INSERT_ONLY}},
    )

    id: Mapped[Key]
    """It stands in the document's watermark, by which a copy that turns up is traced."""
    at: Mapped[datetime]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    document: Mapped[str]
    transfer_id: Mapped[UUID | None]
    purpose: Mapped[str]
    rows: Mapped[int]


class Copy(Model):
    """A person took a copy of all that is kept of them (PIPL, article 45)."""

    __tablename__ = "copy"
    __table_args__ = (
        Index("ix_copy_person_id", "person_id", "at"),
        {"schema": "privacy", "info": {**aged("at", 1096), **INSERT_ONLY}},
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))


class Hold(Model):
    """Days of a kind of data that aren't erased for now, because an authority has asked for it in writing."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="forward"),
        Index("ix_hold_until", "until"),
        {"schema": "privacy"},
    )

    id: Mapped[Key]
    """Also that of its record in the evidence log."""
    kind: Mapped[str]
    """A DataKind's name."""
    first_day: Mapped[date]
    last_day: Mapped[date]
    until: Mapped[date]
    """The last day on which it holds."""
    authority: Mapped[str]
    document: Mapped[str]
    """Its number."""
    reason: Mapped[str]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
