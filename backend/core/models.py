from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import READ_ONLY, Key, Model


class Delivery(Model):
    """One event on its way to one listener; kept a week after it is done."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_waiting", "next_at", postgresql_where=text("done_at IS NULL")),
        {"schema": "core"},
    )

    id: Mapped[Key]
    event: Mapped[str]
    listener: Mapped[str]
    payload: Mapped[dict[str, Any]]
    request_id: Mapped[str]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]


class AgedTable(Model):
    """A table whose rows are erased by their age, by which column, and how long they are kept."""

    __tablename__ = "aged_table"
    __table_args__ = (CheckConstraint("kept_days >= 0", name="kept_days"), {"schema": "core", "info": READ_ONLY})

    name: Mapped[str] = mapped_column(primary_key=True)
    moment: Mapped[str]
    """The column that says when the time begins."""
    kept_days: Mapped[int]


class DailyTable(Model):
    """A table that is partitioned by day, and how long a day of it is kept; the partition functions go by it."""

    __tablename__ = "daily_table"
    __table_args__ = (CheckConstraint("kept_days >= 0", name="kept_days"), {"schema": "core", "info": READ_ONLY})

    name: Mapped[str] = mapped_column(primary_key=True)
    kept_days: Mapped[int]
