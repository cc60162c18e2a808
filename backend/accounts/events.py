from dataclasses import dataclass
from uuid import UUID

from backend.core.events import Event


@dataclass(frozen=True, slots=True)
class ClaimDecided(Event):
    """A clerk confirmed or refused that an account speaks for a person."""

    holding_id: UUID
    person_id: UUID
    confirmed: bool


@dataclass(frozen=True, slots=True)
class SpeakingEnded(Event):
    """An account speaks for a person no more: by its own wish, or because its phone number is somebody else's."""

    account_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonVerified(Event):
    """A self-stated person's name and ID number were confirmed."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class OperatorLeft(Event):
    """An operator signs in no more: what waits with them is somebody else's."""

    operator_id: UUID
