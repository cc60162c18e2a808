"""An officer looks at many people at once, such as a coach: a reading each, and a meeting for each itinerary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import new_key, together
from healthcode.codes.actions.reading import KEEP
from healthcode.codes.rules import Colour, Outcome
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary import queries as places
from healthcode.itinerary.rules import Spot


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One of them, with the sender's own key for it."""

    person_id: UUID
    outcome: Outcome
    colour: Colour
    request_key: str


def read_together(*, seen: Sequence[LookedAt], by: Acting, place_id: UUID | None, code_id: bytes, at: datetime) -> None:
    """Keep that an officer looked at these people at a moment; one key of an officer on a day is one reading.

    `code_id` is that of the code which stood for them all. Refuses: NotFound for a place that isn't the office's.
    """
    place = places.get_place(place_id, seen_by=by) if place_id else None
    spot = Spot(place.id, place.region_code, place.lon, place.lat, place.radius_m) if place else None
    if not seen:
        return
    with together():
        for one in seen:
            KEEP.run(_row(one, by, place_id, code_id, at))
            if spot is not None:
                itinerary.see_by_officer(
                    person_id=one.person_id, place=spot, at=at, request_key=f"{by.operator_id}:{one.request_key}"
                )


def _row(one: LookedAt, by: Acting, place_id: UUID | None, code_id: bytes, at: datetime) -> dict[str, object]:
    return {
        "day": clock.local(at).date(),
        "id": new_key(),
        "at": at,
        "operator_id": by.operator_id,
        "organisation_id": by.organisation_id,
        "place_id": place_id,
        "person_id": one.person_id,
        "code_id": code_id,
        "request_key": one.request_key,
        "outcome": one.outcome,
        "colour": one.colour,
        "fault": None,
        "seen_elsewhere": False,
    }
