"""Shifts at a checkpoint, and which people without a phone were looked up in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, aged
from healthcode.codes.lookup_rules import LookupReason


class Shift(Model):
    """An officer stands at a place from one moment to another."""

    __tablename__ = "shift"
    __table_args__ = (
        Index("ix_shift_operator_id", "operator_id", "until"),
        CheckConstraint("until > since", name="forward"),
        {"schema": "codes", "info": aged("until", 30)},
    )

    id: Mapped[Key]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    place_id: Mapped[UUID]
    since: Mapped[datetime]
    until: Mapped[datetime]


class Lookup(Model):
    """Somebody was asked for by what an officer typed, whether found or not; what was typed isn't kept."""

    __tablename__ = "lookup"
    __table_args__ = (
        Index("ix_lookup_shift_id", "shift_id", "at"),
        {"schema": "codes", "info": {**aged("at", 14), **INSERT_ONLY}},
    )

    id: Mapped[Key]
    shift_id: Mapped[UUID]
    reason: Mapped[LookupReason]
    words: Mapped[Sealed] = mapped_column(SealedText("codes.lookup.words"))
    at: Mapped[datetime]
