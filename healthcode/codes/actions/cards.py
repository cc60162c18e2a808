"""Printed identity cards: issued in versions, reported lost, and shown to an officer on a shift."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.crypto import digest_of
from backend.core.db import db
from backend.core.errors import Conflict, NotFound, TooMany
from healthcode.codes import card_text, keys, outcomes, queries
from healthcode.codes.actions.lookups import note_lookup, told_of
from healthcode.codes.actions.showing import signer_for
from healthcode.codes.card_rules import (
    BY_ID_CARD,
    CARD_FAULT_SENTENCES,
    CARD_FAULT_STEPS,
    CARD_LIFE,
    COPIED_DOUBT,
    MOST_CARDS_A_SHIFT,
    MOST_CARDS_AN_HOUR,
    NUMBER_DIGITS,
    TOKEN_BYTES,
    CardEnd,
    CardFault,
    card_fault,
    spaced,
)
from healthcode.codes.card_text import CardClaims
from healthcode.codes.cose import Unreadable
from healthcode.codes.lookup_rules import HOUR, LookupReason
from healthcode.codes.models import Card, Reading, Shift
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import FAULT_SENTENCES, FAULT_STEPS, Fault, Outcome
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary import queries as places
from healthcode.itinerary.rules import Spot

MET = frozenset({Outcome.PASSES, Outcome.REFUSED})
CARD_STEPS = {
    Fault.EMPTY: "请对准卡片上的二维码重新扫描。",
    Fault.CUT: f"请擦净卡片、避开反光再扫；仍不行，{BY_ID_CARD}",
    Fault.UNKNOWN_KEY: BY_ID_CARD,
    Fault.RETIRED_KEY: BY_ID_CARD,
}
"""Where a card needs another next step than a code on a screen."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new card, with the text of its QR: it is told here and never again."""

    card: Card
    text: str


def issue_cards(*, people: Sequence[Person], by: Acting) -> list[Issued]:
    """A new card for each of these verified people, in their order; the one before counts no more.

    Refuses: Conflict for somebody whose number nobody has verified; Unavailable while no key signs. The caller has made
    sure that the office may print for them.
    """
    if any(person.verified_at is None for person in people):
        raise Conflict("codes.card_unverified", "身份还没有核实的人不能发身份卡，请先在“身份核实”里处理。")
    ids = sorted(person.id for person in people)
    db.session.execute(
        select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
    ).all()
    now = clock.now().replace(microsecond=0)
    in_use = select(Card).where(Card.person_id.in_(ids), Card.ended_at.is_(None))
    for card in db.session.scalars(in_use):
        card.ended_at, card.ended_as = now, CardEnd.REPLACED
    db.session.flush()
    newest = select(Card.person_id, func.max(Card.version)).where(Card.person_id.in_(ids)).group_by(Card.person_id)
    versions: dict[UUID, int] = {row[0]: row[1] for row in db.session.execute(newest)}
    signer, issued = signer_for(keys.issuer_for(by.region_code), clock.now()), []
    for person in people:
        token = secrets.token_bytes(TOKEN_BYTES)
        card = Card(
            person_id=person.id,
            version=versions.get(person.id, 0) + 1,
            number="".join(secrets.choice("0123456789") for _ in range(NUMBER_DIGITS)),
            digest=digest_of(token),
            issued_at=now,
            ends_at=now + CARD_LIFE,
            operator_id=by.operator_id,
            organisation_id=by.organisation_id,
        )
        issued.append(Issued(card, card_text.issue_card(CardClaims(token, now, card.ends_at), signer)))
    db.session.add_all(one.card for one in issued)
    db.session.flush()
    return issued


def lose_card(*, card_id: UUID, person_id: UUID, by: Acting | None = None) -> Card:
    """A card was lost and counts no more; saying so twice is saying it once.

    `by` is the official who was told; None where whoever speaks for the person says so. Refuses: NotFound for another
    person's card.
    """
    card = db.session.scalar(select(Card).where(Card.id == card_id, Card.person_id == person_id).with_for_update())
    if card is None:
        raise NotFound
    if card.ended_at is None:
        card.ended_at, card.ended_as = clock.now(), CardEnd.LOST
        card.ended_by = by.operator_id if by else None
    return card


def show_card(*, text: str, by: Acting, request_key: str) -> ReadResult:
    """The verdict on whoever showed this card to an officer on a shift; the same `request_key` again is one showing.

    What isn't signed by an issuer is told apart without a query. Each well-signed card counts as a look-up, is shown to
    the person among who looked (a lost one as well), and what was seen makes a meeting at the shift's place.
    Refuses: Conflict without a shift, or for a key that was used for another card; TooMany beyond the number of an hour
    or a shift.
    """
    try:
        claims = card_text.read_card(text, keys.find_verifier)
    except Unreadable as unreadable:
        return _unreadable(unreadable.fault)
    shift = queries.find_shift(by, lock=True)
    if shift is None:
        raise Conflict("codes.no_shift", "您还没有上岗，或这一班已经结束。请先点“没有手机的人”上岗，再扫身份卡。")
    card, key = queries.find_card(claims.token), f"card:{request_key}"
    earlier = queries.find_card_reading(by.operator_id, key)
    if earlier is not None:
        return _again(earlier, card)
    _check_number(shift)
    return _shown(card, shift, by, key)


def _shown(card: Card | None, shift: Shift, by: Acting, key: str) -> ReadResult:
    fault = card_fault(card.ended_as, card.ends_at, clock.now()) if card else CardFault.UNKNOWN
    person = db.session.get_one(Person, card.person_id) if card else None
    result = _refused(fault) if fault else told_of(person)
    copied = card is not None and queries.shown_elsewhere(card, shift.place_id)
    result = replace(result, seen_elsewhere=copied and fault is None)
    note_lookup(
        shift=shift,
        reason=LookupReason.CARD,
        words=_words(card, fault),
        person=person,
        result=result,
        by=by,
        fields=[] if fault else ["健康码颜色"],
        fault=fault,
        code_id=card.id.bytes if card else None,
        request_key=key,
    )
    if person is not None and result.outcome in MET:
        place = places.get_place(shift.place_id, seen_by=by)
        itinerary.see_by_officer(
            person_id=person.id,
            place=Spot(place.id, place.region_code, place.lon, place.lat, place.radius_m),
            at=clock.now(),
            request_key=f"{by.operator_id}:{key}",
            doubt=COPIED_DOUBT if copied else None,
        )
    return result


def _words(card: Card | None, fault: CardFault | None) -> str:
    """What the person reads of the showing, beside its reason."""
    if card is None:
        return "系统里没有的卡"
    said = f"第 {card.version} 版，卡号 {spaced(card.number)}"
    return f"{said}。{CARD_FAULT_SENTENCES[fault]}" if fault else said


def person_of_card(*, text: str, by: Acting) -> tuple[UUID, UUID]:
    """(person, place) of a card that counts, for an officer on a shift who takes a temperature beside it.

    Refuses: Conflict without a shift, or for a card that doesn't count.
    """
    shift = queries.find_shift(by)
    if shift is None:
        raise Conflict("codes.no_shift", "您还没有上岗，或这一班已经结束，请先上岗再填体温。")
    try:
        claims = card_text.read_card(text, keys.find_verifier)
    except Unreadable as unreadable:
        raise Conflict("codes.card", FAULT_SENTENCES[unreadable.fault]) from unreadable
    card = queries.find_card(claims.token)
    fault = card_fault(card.ended_as, card.ends_at, clock.now()) if card else CardFault.UNKNOWN
    if card is None or fault is not None:
        raise Conflict("codes.card", CARD_FAULT_SENTENCES[fault or CardFault.UNKNOWN])
    return card.person_id, shift.place_id


def _check_number(shift: Shift) -> None:
    in_hour, in_shift = queries.count_lookups(shift, by_card=True)
    if in_shift >= MOST_CARDS_A_SHIFT:
        raise TooMany("codes.cards", f"这一班已经扫了 {MOST_CARDS_A_SHIFT} 张身份卡，不能再扫，请报告负责人。")
    if in_hour >= MOST_CARDS_AN_HOUR:
        raise TooMany(
            "codes.cards",
            f"一小时最多扫 {MOST_CARDS_AN_HOUR} 张身份卡，请稍后再扫，或请对方用手机亮码。",
            retry_after=int(HOUR.total_seconds()),
        )


def _unreadable(fault: Fault) -> ReadResult:
    told = outcomes.unreadable(fault, clock.now())
    return replace(told, next_step=CARD_STEPS.get(fault, FAULT_STEPS[fault]))


def _refused(fault: CardFault) -> ReadResult:
    sentence, step = CARD_FAULT_SENTENCES[fault], CARD_FAULT_STEPS[fault]
    return ReadResult(Outcome.CANNOT_BE_CHECKED, sentence, step, clock.now())


def _again(reading: Reading, card: Card | None) -> ReadResult:
    """What was told when this showing came the first time."""
    if reading.code_id != (card.id.bytes if card else None):
        raise Conflict("codes.key_reused", "这个请求编号已经用于另一次扫码，请重新扫描。")
    if reading.fault is not None or reading.colour is None or card is None:
        return _refused(CardFault(reading.fault or CardFault.UNKNOWN))
    told = told_of(db.session.get_one(Person, card.person_id))
    step = outcomes.STEPS[reading.colour]
    seen = reading.seen_elsewhere
    return replace(told, outcome=reading.outcome, colour=reading.colour, next_step=step, seen_elsewhere=seen)
