"""Showing a code."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from backend.core import clock
from backend.core.config import settings
from backend.core.errors import Unavailable
from healthcode.codes import cwt, keys, pseudonyms
from healthcode.codes.cose import SigningKey
from healthcode.codes.queries import Display
from healthcode.codes.rules import CODE_LIFE, slot_of


@dataclass(frozen=True, slots=True)
class Code:
    """A health code ready to be drawn as a QR."""

    text: str
    issued_at: datetime
    expires_at: datetime


def issue_code(*, display: Display, at: datetime) -> Code:
    """A code that says what is shown at this moment, good for five minutes, signed for the person's own government.

    Refuses: Unavailable while no key signs.
    """
    signer = signer_for(display.issuer, at)
    issued_at = at.replace(microsecond=0)
    expires_at, until = issued_at + CODE_LIFE, display.verdict.until
    claims = cwt.Claims(
        issuer=signer.issuer,
        issued_at=issued_at,
        expires_at=expires_at,
        code_id=secrets.token_bytes(cwt.CODE_ID_BYTES),
        subject=pseudonyms.subject_now(display.person_id, slot_of(issued_at)),
        colour=display.verdict.colour,
        first_character=display.first_character,
        last_four=display.last_four,
        # A later end would tell two codes of one person from all others.
        until=until if until and until <= expires_at else None,
    )
    return Code(cwt.issue(claims, signer), claims.issued_at, claims.expires_at)


def sign_time(*, nonce: bytes) -> str:
    """The time now, signed for one asker by a key that signs codes. Refuses: Unavailable while no key signs."""
    now = clock.now()
    return cwt.issue_time(nonce, now, signer_for(None, now))


def signer_for(issuer: str | None, at: datetime) -> SigningKey:
    """The key that signs for this issuer, else for the first of all. Refuses: Unavailable while no key signs."""
    chain, first = keys.keychain(), settings().codes_issuer
    signer = (chain.signer(issuer, at) if issuer else None) or chain.signer(first, at)
    if signer is None:
        raise Unavailable("codes.no_key", "健康码暂时发不出来，请稍后重试，或向工作人员出示身份证。", retry_after=10)
    return signer
