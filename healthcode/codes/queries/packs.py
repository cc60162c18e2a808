"""Reads of packs of codes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select

from backend.accounts.models import Person
from backend.core.db import db
from healthcode.codes.models import Pack


def list_denied(at: datetime) -> Sequence[Row[UUID, datetime, datetime]]:
    """Which packs officers' phones must refuse at this moment: (person, issued, end)."""
    query = select(Pack.person_id, Pack.issued_at, Pack.ends_at)
    return db.session.execute(query.where(Pack.denied_at.is_not(None), Pack.ends_at > at)).all()


def count_denied(at: datetime) -> int:
    """How many packs officers' phones must refuse at this moment."""
    query = select(func.count()).select_from(Pack).where(Pack.denied_at.is_not(None), Pack.ends_at > at)
    return db.session.scalars(query).one()


def list_packs(person: Person, limit: int = 100) -> Sequence[Pack]:
    """Which packs a person's phones were given, the newest first."""
    query = select(Pack).where(Pack.person_id == person.id).order_by(Pack.issued_at.desc()).limit(limit)
    return db.session.scalars(query).all()
