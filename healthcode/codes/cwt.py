"""A health code as text: a CWT (RFC 8392) in COSE_Sign1 (RFC 9052) with ES256, in base45 (RFC 9285) after "LH1:".

About 160 bytes, 250 characters, a QR of version 9 at level M. The subject is a pseudonym (pseudonyms.py), not a person.
A code for showing without a network says from when it is good (NBF) as well, and is dated to the quarter of an hour.
Pure: keys and time are given.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from healthcode.codes.cose import FindKey, SigningKey, Unreadable, open_signed, write
from healthcode.codes.rules import CODE_LIFE, PACK_LIFE, SLOT, Colour, Fault, slot_of, slot_start

TIME_PREFIX = "LHT1:"
CODE_ID_BYTES = 16
SUBJECT_BYTES = 16

# Claim keys (RFC 8392, table 1); CONTENT is of the range for private use.
ISS, EXP, NBF, IAT, CTI, CONTENT = 1, 4, 5, 6, 7, -70001
TIME_AAD = b"linghuo.time"
COLOURS = (Colour.GREY, Colour.GREEN, Colour.YELLOW, Colour.RED)
LAST_SECOND = 2**33


@dataclass(frozen=True, slots=True)
class Claims:
    """What a code says. Times are whole seconds; `until` is when the colour changes by itself, if before the end."""

    issuer: str
    issued_at: datetime
    expires_at: datetime
    code_id: bytes
    subject: bytes
    """Whose code it is, as a pseudonym."""
    colour: Colour
    first_character: str
    last_four: str
    until: datetime | None
    good_from: datetime | None = None
    """Of a code for showing without a network; None for one that is shown as it is issued."""

    @property
    def is_offline(self) -> bool:
        return self.good_from is not None

    @property
    def begins_at(self) -> datetime:
        return self.good_from or self.issued_at


def issue(claims: Claims, signer: SigningKey) -> str:
    """The text of a code, for a QR in alphanumeric mode."""
    content = [
        claims.subject,
        COLOURS.index(claims.colour),
        claims.first_character,
        claims.last_four,
        int(claims.until.timestamp()) if claims.until else None,
    ]
    payload = {
        ISS: claims.issuer,
        EXP: int(claims.expires_at.timestamp()),
        IAT: int(claims.issued_at.timestamp()),
        CTI: claims.code_id,
        CONTENT: content,
    }
    if claims.good_from is not None:
        payload[NBF] = int(claims.good_from.timestamp())
    return write(payload, signer)


def issue_time(nonce: bytes, now: datetime, signer: SigningKey) -> str:
    """The server's time, signed for one asker: IAT in seconds with their fraction, CTI the asker's nonce."""
    return write({IAT: now.timestamp(), CTI: nonce}, signer, prefix=TIME_PREFIX, external=TIME_AAD)


def read(text: str, find_key: FindKey) -> Claims:
    """What a code says, once its signature proves that an issuer said it. Whether it is still in time is not asked.

    Raises Unreadable with EMPTY, PLACE_CODE, OTHER_SYSTEM, CUT, UNKNOWN_KEY, FORGED or RETIRED_KEY, and nothing else
    whatever the text is.
    """
    payload, key = open_signed(text, find_key)
    claims = _claims(payload)
    if claims.issuer != key.issuer or not _is_sound(claims):
        raise Unreadable(Fault.FORGED)
    if key.retired_at is not None and claims.issued_at > key.retired_at:
        raise Unreadable(Fault.RETIRED_KEY)
    return claims


def _is_sound(claims: Claims) -> bool:
    """Whether its times are as we issue them: minutes for what is shown at once; for what is shown without a network
    one quarter of an hour of the next four hours, and green.
    """
    if claims.good_from is None:
        return claims.issued_at < claims.expires_at <= claims.issued_at + CODE_LIFE
    return (
        claims.colour is Colour.GREEN
        and claims.good_from == slot_start(slot_of(claims.good_from))
        and claims.issued_at <= claims.good_from < claims.expires_at <= claims.good_from + SLOT
        and claims.expires_at <= claims.issued_at + PACK_LIFE
    )


def _claims(payload: object) -> Claims:
    """A signed payload in our shape; another shape was signed by somebody who isn't this program."""
    match payload:
        case {
            1: str(issuer),
            4: int(expires),
            6: int(issued),
            7: bytes(code_id),
            -70001: [bytes(subject), int(colour), str(first), str(last_four), int() | None as until],
            **rest,
        } if len(code_id) == CODE_ID_BYTES and len(subject) == SUBJECT_BYTES and 0 <= colour < len(COLOURS):
            begins = rest.get(NBF)
            if not isinstance(begins, int | None):
                raise Unreadable(Fault.FORGED)
            return Claims(
                issuer,
                _moment(issued),
                _moment(expires),
                code_id,
                subject,
                COLOURS[colour],
                first,
                last_four,
                None if until is None else _moment(until),
                None if begins is None else _moment(begins),
            )
        case _:
            raise Unreadable(Fault.FORGED)


def _moment(seconds: int) -> datetime:
    if not 0 <= seconds < LAST_SECOND:
        raise Unreadable(Fault.FORGED)
    return datetime.fromtimestamp(seconds, UTC)
