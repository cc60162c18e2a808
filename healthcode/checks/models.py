from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model
from healthcode.checks.rules import Check, Kind, Move


class Run(Model):
    """One pass of a check over all running transfers.

    Begun and finished in one transaction, so that a killed pass never was; a second one meanwhile waits at the index.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_check", "check", "started_at"),
        Index("uq_run_open", "check", unique=True, postgresql_where=text("finished_at IS NULL")),
        {"schema": "checks"},
    )

    id: Mapped[Key]
    check: Mapped[Check]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    looked_at: Mapped[int] = mapped_column(default=0)
    """Rows of rosters; for places, of those who travel."""
    opened: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)


class Finding(Model):
    """Something an official should know of one roster row or one vehicle under way, open until no longer found."""

    __tablename__ = "finding"
    __table_args__ = (
        Index("uq_finding_open", "entry_id", "kind", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("uq_finding_vehicle", "trip_id", "kind", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_finding_transfer", "transfer_id", "opened_at", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_finding_kind", "transfer_id", "kind", "opened_at", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_finding_due", "transfer_id", "due_at", "id", postgresql_where=text("closed_at IS NULL")),
        Index(
            "ix_finding_owner_id",
            "owner_id",
            postgresql_where=text("closed_at IS NULL AND owner_id IS NOT NULL"),
        ),
        Index("ix_finding_entry_id", "entry_id"),
        Index("ix_finding_trip_id", "trip_id"),
        CheckConstraint("num_nonnulls(entry_id, trip_id) = 1", name="about_one"),
        {"schema": "checks"},
    )

    id: Mapped[Key]
    kind: Mapped[Kind]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.entry.id", ondelete="CASCADE"))
    trip_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.trip.id", ondelete="CASCADE"))
    """The vehicle, if it is about everybody aboard; else the row says whom it is about."""
    fact: Mapped[str]
    """One sentence in Chinese, without personal data."""
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """By when somebody should have seen to it; None for what was closed before there were deadlines."""
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """Who sees to it; None while it is the offices'."""
    owner_office: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    settled_at: Mapped[datetime | None]
    """When a person said that it was seen to; the check may find it still."""
    closed_at: Mapped[datetime | None]
    """When the check found it no more."""


class FindingStep(Model):
    """What people did about a finding: who, when, in what words."""

    __tablename__ = "finding_step"
    __table_args__ = (
        Index("ix_finding_step_finding_id", "finding_id", "at"),
        {"schema": "checks", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("checks.finding.id", ondelete="CASCADE"))
    move: Mapped[Move]
    at: Mapped[datetime]
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """None where time or a departure did it."""
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    to_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    words: Mapped[Sealed | None] = mapped_column(SealedText("checks.finding_step.words"))


class Tally(Model):
    """How many findings of a kind are open in a transfer: kept, so that no page counts them."""

    __tablename__ = "tally"
    __table_args__ = ({"schema": "checks"},)

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(primary_key=True)
    open: Mapped[int]
