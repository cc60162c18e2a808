"""What an officer's phone checks codes by without a network, as signed and dated lists (COSE_Sign1, RFC 9052).

Who may sign lists, a phone learns once: with the first list, over TLS. It then keeps that key, and believes another one
only when the one before vouches for it, so that keys change without a gap however long the phone was away. The keys of
issuers and the pseudonyms that are denied come in lists signed by such a key. Pure: keys and time are given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from healthcode.codes.cose import COORDINATE, SigningKey, VerifyingKey, sign
from healthcode.codes.cwt import CONTENT, IAT

KEYS_AAD = b"linghuo.keys"
DENIED_AAD = b"linghuo.denied"
SIGNER_AAD = b"linghuo.signer"
HEAD_BYTES = 8
"""Of a pseudonym, as the list of denied ones has it: by chance one in 2^64 codes has the same."""


@dataclass(frozen=True, slots=True)
class NamedKey:
    """An issuer's key, with the issuer's name as officers read it."""

    key: VerifyingKey
    name: str


def vouch(kid: bytes, key: EllipticCurvePublicKey, at: datetime, by: SigningKey) -> bytes:
    """That this key may sign lists, said by the one before it, or of the first one by itself."""
    return sign(cbor2.dumps({IAT: at.timestamp(), CONTENT: [kid, *_point(key)]}), by, SIGNER_AAD)


def sign_keys(keys: Iterable[NamedKey], now: datetime, by: SigningKey) -> bytes:
    """The issuers' keys: id, issuer, its name, x, y, and the second in which it retired."""
    content = [
        [
            named.key.kid,
            named.key.issuer,
            named.name,
            *_point(named.key.key),
            int(named.key.retired_at.timestamp()) if named.key.retired_at else None,
        ]
        for named in keys
    ]
    return sign(cbor2.dumps({IAT: now.timestamp(), CONTENT: content}), by, KEYS_AAD)


def sign_denied(subjects: Iterable[bytes], now: datetime, by: SigningKey) -> bytes:
    """The heads of these pseudonyms in one string of bytes, sorted: their order tells nothing about who is who."""
    heads = b"".join(sorted({subject[:HEAD_BYTES] for subject in subjects}))
    return sign(cbor2.dumps({IAT: now.timestamp(), CONTENT: heads}), by, DENIED_AAD)


def _point(key: EllipticCurvePublicKey) -> tuple[bytes, bytes]:
    point = key.public_numbers()
    return point.x.to_bytes(COORDINATE, "big"), point.y.to_bytes(COORDINATE, "big")
