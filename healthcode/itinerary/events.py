from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.core.events import Event


@dataclass(frozen=True, slots=True)
class Sighted(Event):
    """A worker's own scan or position was kept; `proven` tells whether it makes a point of the itinerary.

    Officers' scans announce nothing, so that a queue moves on; whoever needs them reads `last_seen`.
    """

    day: date
    sighting_id: UUID
    person_id: UUID
    proven: bool
