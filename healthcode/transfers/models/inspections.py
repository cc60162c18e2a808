"""Officers who looked at a whole vehicle by its code."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model, aged


class Inspection(Model):
    """An officer opened a vehicle's list by the code that its leader showed; whom they looked at is a reading each."""

    __tablename__ = "inspection"
    __table_args__ = (
        UniqueConstraint("operator_id", "request_key"),
        Index("ix_inspection_code_id", "code_id"),
        Index("ix_inspection_trip_id", "trip_id", "at"),
        {"schema": "transfers", "info": aged("at", 14)},
    )

    id: Mapped[Key]
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"))
    code_id: Mapped[bytes]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    place_id: Mapped[UUID | None]
    place: Mapped[str]
    """As people are told: 怀化西收费站; the office's name where none was chosen."""
    request_key: Mapped[str]
    at: Mapped[datetime]
    passed: Mapped[int] = mapped_column(default=0)
    """Of how many it was written down that they pass."""
    refused: Mapped[int] = mapped_column(default=0)
