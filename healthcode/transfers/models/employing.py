"""Which enterprise a roster means by a name, and who started work there."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model
from healthcode.transfers.employing import StartKind


class Employer(Model):
    """An official says which registered enterprise a name on the roster is; only then does it see these rows."""

    __tablename__ = "employer"
    __table_args__ = (
        Index("uq_employer_open", "transfer_id", "name", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_employer_organisation_id", "organisation_id", "transfer_id"),
        {"schema": "transfers"},
    )

    id: Mapped[Key]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"))
    name: Mapped[str]
    """As the roster has it."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    """The official's."""
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Start(Model):
    """What an enterprise said of somebody's first day; the last one counts."""

    __tablename__ = "start"
    __table_args__ = (
        UniqueConstraint("entry_id", "request_key"),
        Index("ix_start_entry_id", "entry_id", "id"),
        Index("ix_start_organisation_id", "organisation_id", "at"),
        {"schema": "transfers", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    """Also that of its record in the evidence log."""
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.entry.id", ondelete="CASCADE"))
    kind: Mapped[StartKind]
    day: Mapped[date | None]
    certificate: Mapped[Sealed | None] = mapped_column(SealedText("transfers.start.certificate"))
    certificate_until: Mapped[date | None]
    training: Mapped[str]
    words: Mapped[str]
    """Why somebody didn't start, or what was wrong."""
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    """The enterprise."""
    request_key: Mapped[str]
    at: Mapped[datetime]
