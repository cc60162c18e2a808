"""Codes for stretches without a network: given to a phone ahead, and denied when the colour turns from green or
the phone speaks for the person no more.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from backend.accounts.events import ClaimDecided, SpeakingEnded
from backend.accounts.models import Holding
from backend.accounts.rules import HoldingState
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, NotFound
from backend.core.limits import limit
from healthcode.codes import cwt, pseudonyms, queries
from healthcode.codes.actions.showing import signer_for
from healthcode.codes.cose import SigningKey
from healthcode.codes.models import Pack, Status
from healthcode.codes.queries import Display
from healthcode.codes.rules import PACK_LIFE, SLOT, Colour, slot_of, slot_start

PACKS_AN_HOUR = 12
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OfflineCode:
    """A code that is good for a quarter of an hour to come, or for what is left of it."""

    text: str
    good_from: datetime
    expires_at: datetime


def issue_pack(*, display: Display, account_id: UUID, request_key: str) -> list[OfflineCode]:
    """Codes for the next hours, a quarter of an hour each: four hours at most, never longer than the colour lasts
    or the account speaks for the person.

    The same `request_key` again gives what is left of the same pack. Refuses: NotFound when the account doesn't speak
    for the person; Conflict("codes.pack_not_green") for any colour but green; Conflict("codes.pack_denied") for a pack
    that was denied, or a new one in the same quarter of an hour as one; TooMany beyond a dozen an hour; Unavailable
    while no key signs.
    """
    limit("pack", f"{account_id}:{display.person_id}", times=PACKS_AN_HOUR, seconds=3600)
    until = min(_green_until(display.person_id), _speaks_until(account_id, display.person_id))
    pack = _keep(display.person_id, account_id, request_key, until)
    signer = signer_for(display.issuer, pack.issued_at)
    return list(_codes(pack, display, signer))


def _green_until(person_id: UUID) -> datetime:
    """How long the person is green, with the colour held still: what turns it next finds the pack and denies it."""
    held = select(Status.reasons).where(Status.person_id == person_id).with_for_update(read=True)
    now = clock.now()
    verdict = queries.verdict_of(db.session.scalar(held), now)
    if verdict.colour is not Colour.GREEN or verdict.until is None or verdict.until < now + SHORTEST:
        raise Conflict("codes.pack_not_green", "只有绿码才能存离线码。请先看健康码页面上的说明。")
    return verdict.until


def _speaks_until(account_id: UUID, person_id: UUID) -> datetime:
    """How long the account speaks for the person, with that held still: whatever ends it finds the pack."""
    theirs = (Holding.account_id == account_id) & (Holding.person_id == person_id)
    speaking = theirs & Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING])
    holding = db.session.scalar(select(Holding).where(speaking).with_for_update(read=True))
    until = (holding.until or clock.now() + PACK_LIFE) if holding else clock.now()
    if until < clock.now() + SHORTEST:
        raise NotFound
    return until


def _keep(person_id: UUID, account_id: UUID, request_key: str, until: datetime) -> Pack:
    now = clock.now()
    row = {
        "person_id": person_id,
        "account_id": account_id,
        "request_key": request_key,
        "issued_at": now,
        "ends_at": min(slot_start(slot_of(now)) + PACK_LIFE, until.replace(microsecond=0)),
    }
    db.session.execute(insert(Pack).values(row).on_conflict_do_nothing())
    quarter = (Pack.person_id == person_id) & (Pack.issued_at >= slot_start(slot_of(now)))
    pack = db.session.scalars(select(Pack).where(Pack.person_id == person_id, Pack.request_key == request_key)).one()
    if pack.denied_at or db.session.scalar(select(func.count()).where(quarter, Pack.denied_at.is_not(None))):
        raise Conflict("codes.pack_denied", "刚存过的离线码已作废，过一刻钟再存；现在请用联网的健康码。")
    return pack


def _codes(pack: Pack, display: Display, signer: SigningKey) -> Iterator[OfflineCode]:
    """What is left of a pack, dated to the quarter of an hour so that the date tells no pack from another."""
    issued = slot_of(pack.issued_at)
    for slot in range(slot_of(clock.now()), slot_of(pack.ends_at) + 1):
        good_from = slot_start(slot)
        expires_at = min(good_from + SLOT, pack.ends_at)
        if expires_at < good_from + SHORTEST:
            return
        (subject,) = pseudonyms.subjects_later([(pack.person_id, issued)], slot)
        claims = cwt.Claims(
            issuer=signer.issuer,
            issued_at=slot_start(issued),
            expires_at=expires_at,
            code_id=hashlib.sha256(pack.id.bytes + slot.to_bytes(8)).digest()[: cwt.CODE_ID_BYTES],
            subject=subject,
            colour=Colour.GREEN,
            first_character=display.first_character,
            last_four=display.last_four,
            until=None,
            good_from=good_from,
        )
        yield OfflineCode(cwt.issue(claims, signer), good_from, expires_at)


def deny_packs(person_ids: Sequence[UUID]) -> None:
    """Have officers' phones refuse what is left of these people's packs: they aren't green.

    They may be all of a city, more than a statement has parameters for.
    """
    now, theirs = clock.now(), Pack.person_id == any_(literal(list(person_ids), ARRAY(Uuid)))
    outstanding = theirs & (Pack.ends_at > now) & Pack.denied_at.is_(None)
    db.session.execute(update(Pack).where(outstanding).values(denied_at=now))


def deny_refused_claim(event: ClaimDecided) -> None:
    """Have officers' phones refuse the codes of an account that a clerk found not to speak for the person."""
    if event.confirmed:
        return
    account_id = db.session.scalars(select(Holding.account_id).where(Holding.id == event.holding_id)).one()
    _deny_of(account_id, event.person_id)


def deny_ended(event: SpeakingEnded) -> None:
    """Have officers' phones refuse the codes of an account that speaks for the person no more."""
    _deny_of(event.account_id, event.person_id)


def _deny_of(account_id: UUID, person_id: UUID) -> None:
    now, theirs = clock.now(), (Pack.person_id == person_id) & (Pack.account_id == account_id)
    db.session.execute(update(Pack).where(theirs, Pack.ends_at > now, Pack.denied_at.is_(None)).values(denied_at=now))
