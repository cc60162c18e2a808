"""Reads of printed identity cards."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, select

from backend.accounts.models import Operator, Organisation
from backend.core import clock
from backend.core.crypto import digest_of
from backend.core.db import db
from healthcode.codes.card_rules import ELSEWHERE
from healthcode.codes.models import Card, Reading

DAY = timedelta(days=1)


def find_card(token: bytes) -> Card | None:
    """The card with this token, whether it still counts or not."""
    return db.session.scalar(select(Card).where(Card.digest == digest_of(token)))


def cards_of(person_id: UUID) -> Sequence[Row[Card, str, str]]:
    """A person's cards, the newest first: (card, office, official)."""
    query = (
        select(Card, Organisation.name, Operator.name)
        .join(Organisation, Organisation.id == Card.organisation_id)
        .join(Operator, Operator.id == Card.operator_id)
        .where(Card.person_id == person_id)
        .order_by(Card.version.desc())
    )
    return db.session.execute(query).all()


def with_cards(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who have a card that counts now."""
    counts = Card.ended_at.is_(None) & (Card.ends_at > clock.now())
    return set(db.session.scalars(select(Card.person_id).where(Card.person_id.in_(person_ids), counts)))


def shown_elsewhere(card: Card, place_id: UUID) -> bool:
    """Whether the same card was scanned at another place only just now."""
    now = clock.now()
    since = now - ELSEWHERE
    query = (
        select(Reading.id)
        .where(
            Reading.day >= clock.local(since).date(),
            Reading.code_id == card.id.bytes,
            Reading.at > since,
            Reading.place_id != place_id,
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None


def find_card_reading(operator_id: UUID, request_key: str) -> Reading | None:
    """The reading that an officer's key stands for already."""
    today = clock.today()
    query = select(Reading).where(
        Reading.day.between(today - DAY, today + DAY),
        Reading.operator_id == operator_id,
        Reading.request_key == request_key,
    )
    return db.session.scalar(query.limit(1))
