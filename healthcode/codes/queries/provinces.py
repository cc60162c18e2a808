"""Reads of what provinces said of their own codes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.accounts.models import Person
from backend.accounts.queries import who_share
from backend.core.config import settings
from backend.core.db import db
from healthcode.codes.fact_rules import QueryState
from healthcode.codes.models import ProvincialQuery

SHARING_SINCE = "2026-12"
"""The version of the terms that first says that a province's code is asked with name and number."""
OPEN_STATES = (QueryState.QUEUED, QueryState.ASKING)


def connected_provinces() -> list[str]:
    """The codes of the provinces whose own code can be asked for."""
    return sorted(settings().provinces)


def who_may_be_asked(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who agreed to it, and whose number is beyond doubt theirs."""
    sharing = who_share(person_ids, version=SHARING_SINCE)
    query = select(Person.id).where(Person.id.in_(sharing), Person.verified_at.is_not(None))
    return set(db.session.scalars(query))


def asked_since(person_ids: Sequence[UUID], moment: datetime) -> set[tuple[UUID, str]]:
    """(person, province) of the questions put, or waiting, since a moment."""
    query = select(ProvincialQuery.person_id, ProvincialQuery.province).where(
        ProvincialQuery.person_id.in_(person_ids), ProvincialQuery.asked_at > moment
    )
    return {(person_id, province) for person_id, province in db.session.execute(query)}


def newest_provincial(person: Person) -> Sequence[ProvincialQuery]:
    """The newest question about a person for each province."""
    query = (
        select(ProvincialQuery)
        .ext(distinct_on(ProvincialQuery.province))
        .where(ProvincialQuery.person_id == person.id)
        .order_by(ProvincialQuery.province, ProvincialQuery.asked_at.desc())
    )
    return db.session.scalars(query).all()


def list_provincial(person: Person, limit: int = 100) -> Sequence[ProvincialQuery]:
    """What provinces were asked and said of a person, the newest first."""
    query = select(ProvincialQuery).where(ProvincialQuery.person_id == person.id)
    return db.session.scalars(query.order_by(ProvincialQuery.asked_at.desc()).limit(limit)).all()
