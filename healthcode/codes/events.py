from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.events import Event


@dataclass(frozen=True, slots=True)
class Declared(Event):
    """A person's health was declared."""

    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ColourChanged(Event):
    """A person's colour is another one than before; `change_id` is the `ColourChange` row that says why."""

    person_id: UUID
    change_id: UUID
    before: str
    after: str
