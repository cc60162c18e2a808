"""Showing a code."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from backend.core import clock
from backend.core.errors import Unavailable
from healthcode.codes import cwt, keys
from healthcode.codes.cwt import SigningKey
from healthcode.codes.queries import Display
from healthcode.codes.rules import CODE_LIFE


@dataclass(frozen=True, slots=True)
class Code:
    """A health code ready to be drawn as a QR."""

    text: str
    issued_at: datetime
    expires_at: datetime


def issue_code(*, display: Display, at: datetime) -> Code:
    """A code that says what is shown at this moment, good for five minutes.

    Refuses: Unavailable while no key signs.
    """
    signer = signing_key(at)
    issued_at = at.replace(microsecond=0)
    claims = cwt.Claims(
        issuer=signer.issuer,
        issued_at=issued_at,
        expires_at=issued_at + CODE_LIFE,
        code_id=secrets.token_bytes(cwt.CODE_ID_BYTES),
        person_id=display.person_id,
        colour=display.verdict.colour,
        first_character=display.first_character,
        last_four=display.last_four,
        until=display.verdict.until,
    )
    return Code(cwt.issue(claims, signer), claims.issued_at, claims.expires_at)


def sign_time(*, nonce: bytes) -> str:
    """The time now, signed for one asker by the key that signs codes. Refuses: Unavailable while no key signs."""
    now = clock.now()
    return cwt.issue_time(nonce, now, signing_key(now))


def signing_key(at: datetime) -> SigningKey:
    """The key that signs at this moment. Refuses: Unavailable while none does."""
    signer = keys.keychain().signer(at)
    if signer is None:
        raise Unavailable("codes.no_key", "健康码暂时发不出来，请稍后重试，或向工作人员出示身份证。", retry_after=10)
    return signer
