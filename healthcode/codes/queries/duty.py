"""Reads of the duty desk's rota."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import Organisation
from backend.accounts.rules import OrganisationKind
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.models import Duty


@dataclass(frozen=True, slots=True)
class Turn:
    """Two people on duty, with the numbers at which they are called."""

    id: UUID
    since: datetime
    until: datetime
    office: str
    first_name: str
    first_phone: str
    second_name: str
    second_phone: str

    def __repr__(self) -> str:
        return f"Turn({self.id})"


def on_duty(region_code: str, at: datetime) -> Turn | None:
    """Who is on duty for the government of a region; of several turns the one that began last."""
    turns = _turns(region_code, at, at)
    return turns[-1] if turns else None


def list_duty(*, seen_by: Acting, since: datetime, until: datetime) -> Sequence[Turn]:
    """The turns of a region's governments within a time, in order."""
    return _turns(seen_by.region_code, since, until)


def get_duty(duty_id: UUID, *, seen_by: Acting) -> Duty:
    """A turn of the own office, held until the transaction ends. Refuses: NotFound for another office's."""
    query = select(Duty).where(Duty.id == duty_id, Duty.organisation_id == seen_by.organisation_id)
    found = db.session.scalar(query.with_for_update())
    if found is None:
        raise NotFound
    return found


def _turns(region_code: str, since: datetime, until: datetime) -> list[Turn]:
    query = (
        select(Duty, Organisation.name)
        .join(Organisation, Organisation.id == Duty.organisation_id)
        .where(
            Organisation.kind == OrganisationKind.GOVERNMENT,
            Organisation.region_code == region_code,
            Duty.until > since,
            Duty.since <= until,
        )
        .order_by(Duty.since, Duty.id)
    )
    return [
        Turn(
            duty.id,
            duty.since,
            duty.until,
            office,
            duty.first_name,
            unseal(duty.first_phone),
            duty.second_name,
            unseal(duty.second_phone),
        )
        for duty, office in db.session.execute(query)
    ]
