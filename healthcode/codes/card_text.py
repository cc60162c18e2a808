"""What the QR of a printed identity card holds: a random token, signed, and nothing of whose card it is.

The structure of a health code (see `cwt`) with a prefix and an external_aad of its own, so that neither can be passed
off as the other, and so that nonsense is told apart without asking the database. Pure: keys and times are given.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from healthcode.codes.card_rules import CARD_LIFE, TOKEN_BYTES
from healthcode.codes.cose import FindKey, SigningKey, Unreadable, open_signed, tidy, write
from healthcode.codes.cwt import CTI, EXP, IAT, LAST_SECOND
from healthcode.codes.rules import Fault

PREFIX = "LHC1:"
AAD = b"linghuo.card"


@dataclass(frozen=True, slots=True)
class CardClaims:
    """What a card says; whole seconds."""

    token: bytes
    issued_at: datetime
    ends_at: datetime


def is_card(text: str) -> bool:
    """Whether a scanned text means to be a card."""
    return tidy(text[:100]).upper().startswith(PREFIX)


def issue_card(claims: CardClaims, signer: SigningKey) -> str:
    """The text of a card, for a QR in alphanumeric mode."""
    payload: dict[int, object] = {
        EXP: int(claims.ends_at.timestamp()),
        IAT: int(claims.issued_at.timestamp()),
        CTI: claims.token,
    }
    return write(payload, signer, prefix=PREFIX, external=AAD)


def read_card(text: str, find_key: FindKey) -> CardClaims:
    """What a card says, once its signature proves that an issuer printed it. Whether it still counts is not asked.

    Raises Unreadable and nothing else, whatever the text is. A card outlives the key that signed it.
    """
    payload, key = open_signed(text, find_key, prefix=PREFIX, external=AAD)
    match payload:
        case {4: int(ends), 6: int(issued), 7: bytes(token)} if len(token) == TOKEN_BYTES:
            claims = CardClaims(token, _moment(issued), _moment(ends))
        case _:
            raise Unreadable(Fault.FORGED)
    if not claims.issued_at < claims.ends_at <= claims.issued_at + CARD_LIFE:
        raise Unreadable(Fault.FORGED)
    if key.retired_at is not None and claims.issued_at > key.retired_at:
        raise Unreadable(Fault.RETIRED_KEY)
    return claims


def _moment(seconds: int) -> datetime:
    if not 0 <= seconds < LAST_SECOND:
        raise Unreadable(Fault.FORGED)
    return datetime.fromtimestamp(seconds, UTC)
