"""Who is, or was, aboard which vehicle."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model
from healthcode.transfers.rules import Leaving


class Ride(Model):
    """Somebody of a roster aboard one vehicle, from boarding until leaving it; who changes vehicles has several."""

    __tablename__ = "ride"
    __table_args__ = (
        Index("uq_ride_aboard", "entry_id", unique=True, postgresql_where=text("left_at IS NULL")),
        Index("ix_ride_trip_id", "trip_id", "boarded_at", "id"),
        Index("ix_ride_entry_id", "entry_id", "boarded_at"),
        {"schema": "transfers"},
    )

    id: Mapped[Key]
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.entry.id", ondelete="CASCADE"))
    seat: Mapped[str]
    boarded_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_as: Mapped[Leaving | None]
    left_place: Mapped[str]
    """Where, as whoever wrote it down named it; empty while aboard."""
