"""Whose code it is, without saying so: the person's id encrypted, in another way each quarter of an hour.

A pseudonym is one AES block: the 16 bytes of the id under a key that HKDF derives for the quarter of an hour, and for
codes shown without a network also for that in which they were issued. So no table maps pseudonyms to people, two codes
of different quarters have nothing in common, and a later pack doesn't share those of an earlier one that was denied.
"""

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from backend.core.crypto import KeyRing, keyring
from healthcode.codes.cwt import Claims
from healthcode.codes.rules import slot_of

BLOCK = 16


def subject_now(person_id: UUID, slot: int) -> bytes:
    """The pseudonym in codes that are shown as they are issued, in this quarter of an hour."""
    return _cipher(keyring(), str(slot)).encryptor().update(person_id.bytes)


def subjects_later(people: Iterable[tuple[UUID, int]], slot: int) -> list[bytes]:
    """The pseudonyms in codes that are shown without a network in this quarter: of (person, quarter of issue)."""
    ring = keyring()
    return [_cipher(ring, f"{issued}.{slot}").encryptor().update(person_id.bytes) for person_id, issued in people]


def person_of(claims: Claims) -> UUID:
    """Whose code it is. Of a code that isn't ours it is nobody."""
    slot, issued = slot_of(claims.begins_at), slot_of(claims.issued_at)
    cipher = _cipher(keyring(), f"{issued}.{slot}" if claims.is_offline else str(slot))
    return UUID(bytes=cipher.decryptor().update(claims.subject))


@lru_cache(maxsize=1024)
def _cipher(ring: KeyRing, what: str) -> Cipher[ECB]:
    # One block under a key of its own: the one case that ECB, the bare block cipher, is for.
    return Cipher(AES256(ring.derive(f"codes.subject.{what}")), ECB())  # noqa: S305
