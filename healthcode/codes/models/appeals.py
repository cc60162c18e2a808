"""Appeals against a colour, with what was attached and what happened; and who is on duty for the urgent ones."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, aged
from healthcode.codes.appeal_rules import AppealMove, AppealState, FileType


class Appeal(Model):
    """Somebody says that a reason of a colour is wrong: who has it, until when it is due, what came of it."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("person_id", "request_key"),
        Index("uq_appeal_waiting", "person_id", "rule", unique=True, postgresql_where=text("answered_at IS NULL")),
        Index("ix_appeal_due_at", "due_at", "id"),
        Index("ix_appeal_filed_at", "filed_at"),
        Index("ix_appeal_regions", "regions", postgresql_using="gin"),
        Index("uq_appeal_decision_id", "decision_id", unique=True),
        {"schema": "codes"},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account.id"))
    rule: Mapped[str]
    finding: Mapped[dict[str, Any]]
    """The reason as it stood when the appeal was filed, as `rules.Reason.to_json` writes it."""
    words: Mapped[Sealed] = mapped_column(SealedText("codes.appeal.words"))
    request_key: Mapped[str]
    region_code: Mapped[str]
    """Where the person was."""
    regions: Mapped[list[str]]
    """Whose governments have it, in the order in which it came to them; the last one answers."""
    state: Mapped[AppealState]
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    at_top: Mapped[bool]
    """It is overdue, and there is nobody above."""
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("codes.decision.id"))
    """The lift that was proposed for it."""
    stopped_at: Mapped[str] = mapped_column(server_default="")
    """Where the person is held up by it, 铜仁站东门 or 贵D12345（07:30）; empty where nobody waits at a door."""
    answer: Mapped[str]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    answered_office: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    erased_at: Mapped[datetime | None]
    """When its words and files were erased."""

    @property
    def is_urgent(self) -> bool:
        """Whether somebody stands at a door and the duty desk has to answer at once."""
        return self.stopped_at != ""


class AppealFile(Model):
    """A photo or PDF for an appeal, stored sealed."""

    __tablename__ = "appeal_file"
    __table_args__ = (
        UniqueConstraint("appeal_id", "digest"),
        {"schema": "codes", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("codes.appeal.id"))
    kind: Mapped[FileType]
    size: Mapped[int]
    digest: Mapped[bytes]
    stored_as: Mapped[str]
    added_at: Mapped[datetime]


class AppealStep(Model):
    """What happened to an appeal, each with a record in the evidence log; nobody's where time did it or the worker."""

    __tablename__ = "appeal_step"
    __table_args__ = (
        Index("ix_appeal_step_appeal_id", "appeal_id", "at"),
        {"schema": "codes", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("codes.appeal.id"))
    person_id: Mapped[UUID]
    rule: Mapped[str]
    move: Mapped[AppealMove]
    region_code: Mapped[str]
    """Whose office answers from then on."""
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    digest: Mapped[str]
    """SHA-256 in hex of what was written or attached; empty where nothing was."""
    at: Mapped[datetime]


class Duty(Model):
    """Two people of a government who answer urgent appeals by phone from one moment to another."""

    __tablename__ = "duty"
    __table_args__ = (
        Index("ix_duty_organisation_id", "organisation_id", "until"),
        CheckConstraint("until > since", name="forward"),
        {"schema": "codes", "info": aged("until", 30)},
    )

    id: Mapped[Key]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    first_name: Mapped[str]
    first_phone: Mapped[Sealed] = mapped_column(SealedText("codes.duty.phone"))
    second_name: Mapped[str]
    second_phone: Mapped[Sealed] = mapped_column(SealedText("codes.duty.phone"))
    """Who approves, and who is called when the first one doesn't answer."""
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
