from dataclasses import dataclass
from uuid import UUID

from backend.core.events import Event


@dataclass(frozen=True, slots=True)
class TransferMoved(Event):
    """One of the two governments took a transfer from one state to another."""

    transfer_id: UUID
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TripMoved(Event):
    """One of the two governments took a vehicle from one state to another."""

    transfer_id: UUID
    trip_id: UUID
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RosterApplied(Event):
    """A file's rows are in the roster."""

    transfer_id: UUID
    import_id: UUID


@dataclass(frozen=True, slots=True)
class Claimed(Event):
    """Rows of rosters were joined to a person."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class PeopleChanged(Event):
    """People of a vehicle under way changed to another one."""

    transfer_id: UUID
    trip_id: UUID
    onto_id: UUID


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """Somebody signed for the people of a vehicle."""

    trip_id: UUID
