"""What officers' phones check codes by without a network: keys and denied pseudonyms, signed and dated."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from flask import current_app

from backend.core import clock
from backend.core.errors import Unavailable
from backend.regions import names
from healthcode.codes import keys, lists, pseudonyms, queries
from healthcode.codes.cose import SigningKey
from healthcode.codes.keys import KeyChain
from healthcode.codes.lists import NamedKey
from healthcode.codes.rules import CLOCK_SKEW, PACK_LIFE, slot_of

SECOND = timedelta(seconds=1)
FORGOTTEN = PACK_LIFE + timedelta(hours=1)
"""After a key's retirement, when nothing that it signed is good any more."""
KEPT = timedelta(seconds=15)
"""A signed list of what is denied serves everybody who asks for so long, unless more is denied meanwhile."""
CACHE = "linghuo.codes.denied"


@dataclass(frozen=True, slots=True)
class SignedDenied:
    """A signed list of what is denied, by which key, and of how many packs."""

    signed: bytes
    kid: bytes
    at: datetime
    packs: int


@dataclass(frozen=True, slots=True)
class SignedKeys:
    """The issuers' keys as one signed list, who signed it, and how to believe that who knows an earlier signer."""

    signed: bytes
    signer: SigningKey
    vouched: list[bytes]
    """Each signer vouched for by the one before, the oldest first."""


def sign_keys() -> SignedKeys:
    """The issuers' keys, signed and dated. Refuses: Unavailable while no key signs lists."""
    now, chain = clock.now(), keys.read_anew()
    useful = [
        NamedKey(known.verifier, names.short_name(known.verifier.issuer))
        for known in chain.keys.values()
        if known.verifier.retired_at is None or known.verifier.retired_at > now - FORGOTTEN
    ]
    signer = _signer(chain, now)
    return SignedKeys(lists.sign_keys(useful, now, signer), signer, [known.vouched for known in chain.list_signers])


def sign_denied() -> bytes:
    """The pseudonyms of packs that were denied, from this quarter of an hour to each pack's end.

    All that is denied by now is in it, its date may be 15 seconds old: this process signs one list for all who ask.
    Refuses: Unavailable while no key signs lists.
    """
    now = clock.now()
    signer = _signer(keys.keychain(), now)
    kept = cast("SignedDenied | None", current_app.extensions.get(CACHE))
    if kept is None or kept.kid != signer.kid or not _holds(kept, now):
        current_app.extensions[CACHE] = kept = _sign_denied(signer, now)
    return kept.signed


def _holds(kept: SignedDenied, now: datetime) -> bool:
    """Whether a list says the same as one that would be signed now: of its time's packs no further one is denied.

    What was denied stays denied, so that their number is a version of the list.
    """
    fresh = kept.at <= now < kept.at + KEPT
    return fresh and queries.count_denied(kept.at - CLOCK_SKEW) == kept.packs


def _sign_denied(signer: SigningKey, now: datetime) -> SignedDenied:
    first = slot_of(now - CLOCK_SKEW)
    denied: dict[int, list[tuple[UUID, int]]] = defaultdict(list)
    packs = queries.list_denied(now - CLOCK_SKEW)
    for person_id, issued_at, ends_at in packs:
        issued = slot_of(issued_at)
        for slot in range(max(first, issued), slot_of(ends_at - SECOND) + 1):
            denied[slot].append((person_id, issued))
    subjects = (subject for slot, people in denied.items() for subject in pseudonyms.subjects_later(people, slot))
    return SignedDenied(lists.sign_denied(subjects, now, signer), signer.kid, now, len(packs))


def _signer(chain: KeyChain, now: datetime) -> SigningKey:
    signer = chain.list_signer(now)
    if signer is None:
        raise Unavailable("codes.no_list_key", "名单暂时签不出来，请稍后重试。", retry_after=10)
    return signer
