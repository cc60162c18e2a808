"""The printed identity cards of somebody without a phone, as whoever speaks for the person sees and loses them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from backend.core import clock
from healthcode.codes import actions, queries
from healthcode.codes.card_rules import CARD_END_NAMES, spaced
from healthcode.codes.models import Card
from miniprogram_api.guard import held, worker
from miniprogram_api.schemas import Answer, many


class CardOut(Answer):
    id: UUID
    number: str = Field(examples=["1234 567 890"])
    version: int = Field(examples=[1])
    office: str = Field(description="Who printed it.", examples=["铜仁市人力资源和社会保障局"])
    issued_at: datetime
    ends_at: datetime
    counts: bool = Field(description="It can be shown now.")
    state_name: str = Field(examples=["可以使用"])


@worker.get("/people/<uuid:person_id>/cards")
@worker.output(many(CardOut))
def list_cards(person_id: UUID) -> list[CardOut]:
    """身份卡 The printed cards of a person, the newest first; none of them says anything of health."""
    return _cards(held(person_id).id)


@worker.post("/people/<uuid:person_id>/cards/<uuid:card_id>/loss")
@worker.output(many(CardOut))
def lose_card(person_id: UUID, card_id: UUID) -> list[CardOut]:
    """挂失 A card was lost and counts no more; an office prints a new one."""
    person = held(person_id)
    actions.lose_card(card_id=card_id, person_id=person.id)
    return _cards(person.id)


def _cards(person_id: UUID) -> list[CardOut]:
    return [_card(card, office) for card, office, _ in queries.cards_of(person_id)]


def _card(card: Card, office: str) -> CardOut:
    ended = CARD_END_NAMES[card.ended_as] if card.ended_as else ""
    over = "" if card.ends_at > clock.now() else "已过期"
    return CardOut(
        id=card.id,
        number=spaced(card.number),
        version=card.version,
        office=office,
        issued_at=card.issued_at,
        ends_at=card.ends_at,
        counts=not ended and not over,
        state_name=ended or over or "可以使用",
    )
