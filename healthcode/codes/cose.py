"""Signed texts: COSE_Sign1 (RFC 9052) with ES256, in base45 (RFC 9285) after a prefix that says of which kind.

Health codes (`cwt`), the signed time and lists of the checkpoint page (`lists`), printed cards (`card_text`) and the
code of a whole vehicle (`transfers.vehicle_code`) differ by prefix and external_aad (RFC 9052, 4.4), so that none can
be passed off as another. Built and read with cbor2 directly, since only one algorithm exists here; the tests read them
with the `cwt` library as well. Pure: keys are given.
"""

import io
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from healthcode.codes.rules import Fault

PREFIX = "LH1:"
"""Of a health code."""
VEHICLE_PREFIX = "LHV1:"
MAX_TEXT = 600

# Header labels (RFC 9052, table 3).
ALG, KID, ES256 = 1, 4, -7
COSE_SIGN1 = 18
CWT = 61
COORDINATE = 32
_ALGORITHM = ECDSA(SHA256())
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_PAIRS = [_BASE45[value % 45] + _BASE45[value // 45] for value in range(2**16 // 45 + 1)]


class Unreadable(Exception):  # noqa: N818 - an outcome that an officer is told, not an error
    """A text that is not a health code to rely on, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


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
