"""Where the people of transfers are: counts by region, for maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from backend.core.db import db
from healthcode.codes.rules import Colour
from healthcode.itinerary.models import LastSeen
from healthcode.transfers.models import Entry


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How many people of a colour (as last counted) were last proven to be in a region; None: nowhere yet."""

    region_code: str | None
    colour: Colour
    people: int


def count_whereabouts(transfer_ids: Sequence[UUID]) -> list[Whereabouts]:
    """By region and colour, over all rows of these transfers; its cost grows with them, so it belongs to an extra."""
    query = (
        select(LastSeen.region_code, Entry.colour, func.count())
        .select_from(Entry)
        .outerjoin(LastSeen, LastSeen.person_id == Entry.person_id)
        .where(Entry.transfer_id.in_(transfer_ids))
        .group_by(LastSeen.region_code, Entry.colour)
    )
    return [Whereabouts(*row) for row in db.session.execute(query)]
