"""Which people of a roster have no phone to show a code on."""

from collections.abc import Sequence

from backend.accounts.queries import with_own_phones
from healthcode.codes.queries import with_cards
from healthcode.transfers.queries.entries import Line


def without_card(lines: Sequence[Line]) -> list[Line]:
    """Those who have neither an account of their own nor a printed card that counts."""
    known = [line.entry.person_id for line in lines if line.entry.person_id is not None]
    served = with_own_phones(known) | with_cards(known)
    return [line for line in lines if line.entry.person_id not in served]
