"""The keys of this deployment, drawn from one secret: one signs (Ed25519), one opens rosters (X25519)."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _drawn(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, f"linghuo partners {purpose}".encode()).derive(secret.encode())


def signing_key(secret: str) -> Ed25519PrivateKey:
    """What signs this deployment's requests."""
    return Ed25519PrivateKey.from_private_bytes(_drawn(secret, "signing"))


def sealing_key(secret: str) -> X25519PrivateKey:
    """What opens rosters that were sealed for this deployment."""
    return X25519PrivateKey.from_private_bytes(_drawn(secret, "sealing"))


def public_text(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    """The public half, as partners exchange it: base64url without padding (RFC 8037's `x`)."""
    return encode(key.public_key().public_bytes_raw())


def read_signing(text: str) -> Ed25519PublicKey:
    """Raises ValueError for what is no key."""
    return Ed25519PublicKey.from_public_bytes(decode(text))


def read_sealing(text: str) -> X25519PublicKey:
    """Raises ValueError for what is no key."""
    return X25519PublicKey.from_public_bytes(decode(text))


def encode(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Raises ValueError for what isn't base64url."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as wrong:
        raise ValueError(text) from wrong


def seal(content: bytes, key: str, info: str) -> str:
    """For the holder of a key alone, in the one message that `info` names (HPKE base mode, RFC 9180)."""
    return encode(SUITE.encrypt(content, read_sealing(key), info.encode()))


def unseal(text: str, secret: str, info: str) -> bytes:
    """Raises ValueError when it was sealed for another key or message, or altered."""
    try:
        return SUITE.decrypt(decode(text), sealing_key(secret), info.encode())
    except Exception as damage:
        raise ValueError("not sealed for this key and message") from damage
