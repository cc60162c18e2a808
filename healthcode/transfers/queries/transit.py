"""Whether an officer's office has to do with a person, or meets the person only on the way."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from healthcode.codes import queries as codes
from healthcode.codes.transit_rules import is_in_transit
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.rules import ACCESS_AFTER_END, State


def only_passes(person_id: UUID, *, seen_by: Acting, home: str | None = None) -> bool:
    """Whether this person is only in transit where the office is, by `transit_rules`; `home` saves asking for it."""
    lives = home or codes.home_of(person_id)
    if not is_in_transit(seen_by.region_code, [lives]):
        return False
    return is_in_transit(seen_by.region_code, _travels(person_id))


def _travels(person_id: UUID) -> Sequence[str]:
    """Origins and destinations of a person's transfers, also of those that ended within the last 14 days."""
    lately = or_(Transfer.ended_at.is_(None), Transfer.ended_at > clock.now() - ACCESS_AFTER_END)
    query = (
        select(Transfer.origin_region, Transfer.destination_region)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Entry.person_id == person_id, Transfer.state != State.DRAFT, lately)
    )
    return [region for row in db.session.execute(query) for region in row]
