from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from backend.core.db import INSERT_ONLY, Key, Model


class ErasureReport(Model):
    """What one run of the erasure did. Its id is that of its record in the evidence log."""

    __tablename__ = "erasure_report"
    __table_args__ = (Index("ix_erasure_report_day", "day"), {"schema": "privacy", "info": INSERT_ONLY})

    id: Mapped[Key]
    day: Mapped[date]
    at: Mapped[datetime]
    lines: Mapped[list[Any]]
    """As `rules.Line.to_json` writes them, one for each table that has a period."""
    failed: Mapped[int]
    """How many lines say that it didn't work."""
