"""A health code as text: a CWT (RFC 8392) in COSE_Sign1 (RFC 9052) with ES256, in base45 (RFC 9285) after "LH1:".

About 160 bytes, 250 characters, a QR of version 9 at level M. The subject is a pseudonym (pseudonyms.py), not a person.
A code for showing without a network says from when it is good (NBF) as well, and is dated to the quarter of an hour.
Built and read with cbor2 directly, since only one algorithm and one shape exist here; the tests read it with the `cwt`
library as well. Pure: keys and time are given.

The signed time and the lists of the checkpoint page (lists.py) are the same structure with other external_aad (RFC
9052, 4.4), and so are printed cards (card_text.py) and the code of a whole vehicle (`transfers.vehicle_code`), so that
none can be passed off as another.
"""

import io
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from healthcode.codes.rules import CODE_LIFE, PACK_LIFE, SLOT, Colour, Fault, slot_of, slot_start

PREFIX = "LH1:"
TIME_PREFIX = "LHT1:"
VEHICLE_PREFIX = "LHV1:"
MAX_TEXT = 600
CODE_ID_BYTES = 16
SUBJECT_BYTES = 16

# Header labels (RFC 9052, table 3) and claim keys (RFC 8392, table 1); CONTENT is of the range for private use.
ALG, KID, ES256 = 1, 4, -7
ISS, EXP, NBF, IAT, CTI, CONTENT = 1, 4, 5, 6, 7, -70001
COSE_SIGN1 = 18
CWT = 61
TIME_AAD = b"linghuo.time"
COORDINATE = 32
COLOURS = (Colour.GREY, Colour.GREEN, Colour.YELLOW, Colour.RED)
LAST_SECOND = 2**33
_ALGORITHM = ECDSA(SHA256())
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_PAIRS = [_BASE45[value % 45] + _BASE45[value // 45] for value in range(2**16 // 45 + 1)]


class Unreadable(Exception):  # noqa: N818 - an outcome that an officer is told, not an error
    """A text that is not a health code to rely on, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


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


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: bytes
    issuer: str
    key: EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key; after `retired_at` nothing it signs is accepted, what it signed before is."""

    kid: bytes
    issuer: str
    key: EllipticCurvePublicKey
    retired_at: datetime | None


FindKey = Callable[[bytes], VerifyingKey | None]


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


def write(payload: dict[int, object], signer: SigningKey, *, prefix: str = PREFIX, external: bytes = b"") -> str:
    """The text of a signed payload. A kind of its own has a prefix and an external_aad (RFC 9052, 4.4) of its own."""
    return prefix + _to_base45(sign(cbor2.dumps(payload), signer, external))


def open_signed(
    text: str, find_key: FindKey, *, prefix: str = PREFIX, external: bytes = b""
) -> tuple[Any, VerifyingKey]:
    """What a text of this kind says, once its signature holds, and whose key signed it. Raises Unreadable."""
    protected, payload, signature = _open(_body(text, prefix))
    header = _load(protected)
    if not isinstance(header, dict) or not isinstance(kid := header.get(KID), bytes):
        raise Unreadable(Fault.CUT)
    if header.get(ALG) != ES256:
        raise Unreadable(Fault.FORGED)
    key = find_key(kid)
    if key is None:
        raise Unreadable(Fault.UNKNOWN_KEY)
    _verify(key.key, protected, payload, signature, external)
    return _load(payload), key


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


def tidy(text: str) -> str:
    """A scanned text as meant: hand scanners add line ends, and type full-width or small letters when the keyboard is
    set so. Base45 itself neither begins with a space here nor ends with one.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return plain.strip()


def _body(text: str, prefix: str) -> bytes:
    """The COSE message inside a text."""
    plain = tidy(text[: 2 * MAX_TEXT])
    if not plain:
        raise Unreadable(Fault.EMPTY)
    upper = plain.upper()
    if not upper.startswith(prefix):
        is_place = upper.startswith(("HTTP://", "HTTPS://")) and "/P/" in upper
        if upper.startswith(VEHICLE_PREFIX):
            raise Unreadable(Fault.VEHICLE_CODE)
        raise Unreadable(Fault.PLACE_CODE if is_place else Fault.OTHER_SYSTEM)
    try:
        message: bytes = base45.b45decode(upper[len(prefix) : MAX_TEXT])
    except ValueError:
        raise Unreadable(Fault.CUT) from None
    return message


def _open(message: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature of a COSE_Sign1, with its tag or without."""
    cose = _load(message)
    while isinstance(cose, cbor2.CBORTag) and cose.tag in {COSE_SIGN1, CWT}:
        cose = cose.value
    match cose:
        case [bytes(protected), dict(), bytes(payload), bytes(signature)] if len(signature) == 2 * COORDINATE:
            return protected, payload, signature
        case _:
            raise Unreadable(Fault.CUT)


def _load(encoded: bytes) -> Any:  # noqa: ANN401 - CBOR of unknown shape; the callers look
    """One CBOR item and nothing behind it."""
    source = io.BytesIO(encoded)
    try:
        value = cbor2.CBORDecoder(source).decode()
    except Exception:  # noqa: BLE001 - whatever hostile bytes bring the decoder to, the text is no code
        raise Unreadable(Fault.CUT) from None
    if source.tell() != len(encoded):
        raise Unreadable(Fault.CUT)
    return value


def _signed(protected: bytes, payload: bytes, external: bytes) -> bytes:
    """Sig_structure (RFC 9052, 4.4)."""
    encoded: bytes = cbor2.dumps(["Signature1", protected, external, payload])
    return encoded


@lru_cache(maxsize=16)
def _protected(kid: bytes) -> bytes:
    encoded: bytes = cbor2.dumps({ALG: ES256, KID: kid})
    return encoded


def sign(payload: bytes, signer: SigningKey, external: bytes) -> bytes:
    """A COSE_Sign1 over this payload; `external` says what kind of thing it is."""
    protected = _protected(signer.kid)
    r, s = decode_dss_signature(signer.key.sign(_signed(protected, payload, external), _ALGORITHM))
    signature = r.to_bytes(COORDINATE, "big") + s.to_bytes(COORDINATE, "big")
    message: bytes = cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature]))
    return message


def _to_base45(content: bytes) -> str:
    """RFC 9285, two bytes at a time from a table: the library's encoder takes as long as the signature."""
    whole, odd = divmod(len(content), 2)
    words = struct.unpack_from(f">{whole}H", content)
    text = "".join([_BASE45[word % 45] + _BASE45_PAIRS[word // 45] for word in words])
    return text + _BASE45_PAIRS[content[-1]] if odd else text


def _verify(
    key: EllipticCurvePublicKey, protected: bytes, payload: bytes, signature: bytes, external: bytes = b""
) -> None:
    r, s = (int.from_bytes(half, "big") for half in (signature[:COORDINATE], signature[COORDINATE:]))
    try:
        key.verify(encode_dss_signature(r, s), _signed(protected, payload, external), _ALGORITHM)
    except InvalidSignature:
        raise Unreadable(Fault.FORGED) from None


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
