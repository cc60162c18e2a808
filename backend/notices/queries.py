"""Reads of the inbox, of consents left, and of how messages fared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.core.db import db
from backend.notices.models import Attempt, Grant, Message
from backend.notices.rules import Channel, Kind, State
from backend.notices.templates import TEMPLATES

NEWEST = 100


def inbox(person_ids: Sequence[UUID], limit: int = NEWEST) -> Sequence[Message]:
    """The newest messages of these people, the newest first."""
    query = select(Message).where(Message.person_id.in_(person_ids)).order_by(Message.id.desc()).limit(limit)
    return db.session.scalars(query).all()


def count_unread(person_ids: Sequence[UUID]) -> int:
    """How many messages of these people nobody has opened."""
    query = select(func.count()).where(Message.person_id.in_(person_ids), Message.read_at.is_(None))
    return db.session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Consents:
    """How many messages of a template may still be sent to an account."""

    id: str
    name: str
    left: int


def list_grants(account_id: UUID) -> list[Consents]:
    """Every template there is, with what is left of this account's consents."""
    left = {grant.template: grant.left for grant in db.session.scalars(select(Grant).filter_by(account_id=account_id))}
    return [Consents(template.id, template.name, left.get(template.id, 0)) for template in TEMPLATES]


@dataclass(frozen=True, slots=True)
class Sent:
    """One try to reach somebody beside the inbox."""

    channel: Channel
    state: State
    error: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and how it fared: it is in the inbox, and each channel that was tried has its state."""

    message_id: UUID
    person_id: UUID
    kind: Kind
    title: str
    created_at: datetime
    read_at: datetime | None
    attempts: tuple[Sent, ...]


def deliveries(person_ids: Sequence[UUID], *, since: datetime, kind: Kind | None = None) -> list[Delivery]:
    """Messages to these people since a moment with what became of them, the newest first; for an official's pages.

    The caller has made sure that the asking office may know of these people.
    """
    query = select(Message).where(Message.person_id.in_(person_ids), Message.created_at >= since)
    if kind is not None:
        query = query.where(Message.kind == kind)
    messages = db.session.scalars(query.order_by(Message.id.desc()).limit(NEWEST * 2)).all()
    attempts: dict[UUID, list[Sent]] = {message.id: [] for message in messages}
    tried = select(Attempt).where(Attempt.message_id.in_(attempts)).order_by(Attempt.id)
    for attempt in db.session.scalars(tried):
        attempts[attempt.message_id].append(Sent(attempt.channel, attempt.state, attempt.error, attempt.updated_at))
    return [
        Delivery(m.id, m.person_id, m.kind, m.title, m.created_at, m.read_at, tuple(attempts[m.id])) for m in messages
    ]
