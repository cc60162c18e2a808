"""Who takes a vehicle's people over, and with which signature."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import Key, Model


class Receiver(Model):
    """Somebody whom an official of the destination lets take a vehicle's people over, by a link to the own phone."""

    __tablename__ = "receiver"
    __table_args__ = (Index("ix_receiver_trip_id", "trip_id", "id"), {"schema": "transfers"})

    id: Mapped[Key]
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"))
    name: Mapped[Sealed] = mapped_column(SealedText("transfers.receiver.name"))
    name_mask: Mapped[str]
    phone: Mapped[Sealed] = mapped_column(SealedText("transfers.receiver.phone"))
    phone_mask: Mapped[str]
    employer: Mapped[str]
    """For which enterprise or station."""
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    invited_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    token: Mapped[Sealed | None] = mapped_column(SealedText("transfers.receiver.token"))
    """Of the link, until a phone has opened it."""
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256."""
    device_hash: Mapped[bytes | None]
    """SHA-256 of what the one phone keeps that opened the link."""
    bound_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Handover(Model):
    """The one signature under a vehicle's list."""

    __tablename__ = "handover"
    __table_args__ = ({"schema": "transfers"},)

    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"), primary_key=True)
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.receiver.id"))
    signed_at: Mapped[datetime]
    strokes: Mapped[Sealed | None] = mapped_column(SealedText("transfers.handover.strokes"))
    """As JSON, until they stand on the form."""
    received: Mapped[int]
    to_health: Mapped[int]
    not_received: Mapped[int]
    note: Mapped[str]
    form: Mapped[str | None]
    """Where the sealed PDF lies, once it is made."""
    form_digest: Mapped[bytes | None]
    """SHA-256 of the PDF."""
