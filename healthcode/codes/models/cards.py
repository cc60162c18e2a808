"""Printed identity cards of people without a phone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model, aged
from healthcode.codes.card_rules import CARDS_KEPT_DAYS, CardEnd


class Card(Model):
    """One version of a person's card. Its token is on the paper alone; here lies the digest by which it is found."""

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("person_id", "version"),
        Index("uq_card_in_use", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"schema": "codes", "info": aged("ends_at", CARDS_KEPT_DAYS)},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    version: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    """Printed on it, for saying over the phone which one was lost; it opens nothing."""
    digest: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of the token."""
    issued_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    """Which office printed it."""
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[CardEnd | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """The official who wrote the loss down; None where the person or the family did, or a new card took its place."""
