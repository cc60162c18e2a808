"""What is planned of a vehicle beyond its roster, and how many of its seats may be taken when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import Key, Model
from healthcode.transfers.rules import Mode


class Plan(Model):
    """一车一方案: carrier, seats, drivers, stops, who leads, what is on board."""

    __tablename__ = "plan"
    __table_args__ = (
        Index("ix_plan_leader_id", "leader_id"),
        Index("ix_plan_deputy_id", "deputy_id"),
        {"schema": "transfers"},
    )

    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"), primary_key=True)
    carrier: Mapped[str]
    seats: Mapped[int | None]
    """For passengers, as the vehicle's papers say."""
    crew: Mapped[Sealed | None] = mapped_column(SealedText("transfers.plan.crew"))
    """JSON: {"driver_1": ["name", "phone"], …}."""
    crew_masks: Mapped[dict[str, Any]]
    """The same, masked."""
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.entry.id", ondelete="SET NULL"))
    deputy_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.entry.id", ondelete="SET NULL"))
    stops: Mapped[list[Any]]
    """[{"name", "after_minutes", "hands_over"}, …] in the order of the route."""
    supplies: Mapped[dict[str, Any]]
    """How many of each kind."""
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    updated_at: Mapped[datetime]


class SeatRule(Model):
    """From one day to another at most this share of a kind of vehicle's seats may be taken."""

    __tablename__ = "seat_rule"
    __table_args__ = (Index("ix_seat_rule_mode", "mode", "first_day"), {"schema": "transfers"})

    id: Mapped[Key]
    mode: Mapped[Mode]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    percent: Mapped[int]
    source: Mapped[str]
    """The notice that says so."""
    created_at: Mapped[datetime]
