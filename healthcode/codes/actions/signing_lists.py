"""What officers' phones check codes by without a network: keys and denied pseudonyms, signed and dated."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

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

    Refuses: Unavailable while no key signs lists.
    """
    now = clock.now()
    signer = _signer(keys.keychain(), now)
    first = slot_of(now - CLOCK_SKEW)
    denied: dict[int, list[tuple[UUID, int]]] = defaultdict(list)
    for person_id, issued_at, ends_at in queries.list_denied(now - CLOCK_SKEW):
        issued = slot_of(issued_at)
        for slot in range(max(first, issued), slot_of(ends_at - SECOND) + 1):
            denied[slot].append((person_id, issued))
    subjects = (subject for slot, people in denied.items() for subject in pseudonyms.subjects_later(people, slot))
    return lists.sign_denied(subjects, now, signer)


def _signer(chain: KeyChain, now: datetime) -> SigningKey:
    signer = chain.list_signer(now)
    if signer is None:
        raise Unavailable("codes.no_list_key", "名单暂时签不出来，请稍后重试。", retry_after=10)
    return signer
