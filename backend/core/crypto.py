"""Personal data at rest: sealed with AES-256-GCM under a named key, found again by a keyed blind index.

A sealed value is `key id length | key id | nonce (12) | ciphertext and tag`; its place ("accounts.person.name") is
authenticated with it, so that a ciphertext moved to another column doesn't open. Nothing opens by being read from the
database: `unseal` is a deliberate act, and for a person's eyes only `accounts.actions.reveal` performs it.
Source: NIST SP 800-38D (GCM), RFC 2104 (HMAC); the blind index follows the OWASP cryptographic storage notes.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from backend.core.config import settings

NONCE_BYTES = 12
INDEX_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sealed:
    """A ciphertext with its key's id. Its representation shows neither."""

    blob: bytes
    place: str

    def __repr__(self) -> str:
        return f"Sealed({self.place})"

    @property
    def key_id(self) -> str:
        return self.blob[1 : 1 + self.blob[0]].decode()


class SealedText(TypeDecorator[Sealed]):
    """A bytea column that holds a sealed text of one place."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> bytes | None:
        del dialect
        if value is not None and value.place != self.place:
            raise ValueError(f"a value sealed for {value.place} doesn't belong in {self.place}")
        return value.blob if value is not None else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        del dialect
        return Sealed(bytes(value), self.place) if value is not None else None


class KeyRing:
    """The keys that open and the one that seals."""

    def __init__(self, data_keys: str, index_key: str) -> None:
        pairs = [pair.split(":", 1) for pair in data_keys.split(",") if pair]
        self._keys = {name: AESGCM(hashlib.sha256(secret.encode()).digest()) for name, secret in pairs}
        self.current = pairs[0][0]
        self._cipher = self._keys[self.current]
        self._head = bytes([len(self.current)]) + self.current.encode()
        self._index_key = index_key.encode()

    def seal(self, text: str, place: str) -> bytes:
        return self.seal_bytes(text.encode(), place)

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._cipher.encrypt(nonce, content, place.encode())

    def unseal(self, blob: bytes, place: str) -> str:
        return self.unseal_bytes(blob, place).decode()

    def unseal_bytes(self, blob: bytes, place: str) -> bytes:
        start = 1 + blob[0]
        cipher = self._keys.get(blob[1:start].decode())
        if cipher is None:
            raise LookupError(f"no key {blob[1:start].decode()!r} for {place}: is DATA_KEYS complete?")
        nonce, body = blob[start : start + NONCE_BYTES], blob[start + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, place.encode())
        except InvalidTag as damage:
            raise ValueError(f"a sealed value of {place} was altered, or its key's secret was changed") from damage

    def derive(self, purpose: str) -> bytes:
        """32 bytes for this purpose alone, the same for as long as the index key is (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(self._index_key)

    def index(self, text: str, purpose: str) -> bytes:
        return hmac.digest(self._index_key, f"{purpose}\0{text}".encode(), "sha256")[:INDEX_BYTES]


@lru_cache(maxsize=4)
def _ring(data_keys: str, index_key: str) -> KeyRing:
    return KeyRing(data_keys, index_key)


def keyring() -> KeyRing:
    """The configured keys; hold it in a loop over many rows."""
    config = settings()
    return _ring(config.data_keys.get_secret_value(), config.index_key.get_secret_value())


def seal(text: str, place: str) -> Sealed:
    """Seal a text for one column, named "schema.table.column"."""
    return Sealed(keyring().seal(text, place), place)


def unseal(sealed: Sealed) -> str:
    """The text; raises ValueError when the value was altered, LookupError when its key is gone."""
    return keyring().unseal(sealed.blob, sealed.place)


def blind_index(text: str, purpose: str) -> bytes:
    """16 bytes that are equal for equal texts of one purpose and tell nothing without the index key."""
    return keyring().index(text, purpose)


def digest_of(token: str | bytes) -> bytes:
    """By what a random token of at least 128 bits is found and known: SHA-256 keeps it, since it can't be guessed."""
    return hashlib.sha256(token.encode() if isinstance(token, str) else token).digest()
