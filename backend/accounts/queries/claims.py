"""Claims on people that wait for a clerk."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Account, Holding, Person
from backend.accounts.queries.offices import PAGE
from backend.accounts.queries.people import still_running
from backend.accounts.rules import HoldingState, OrganisationKind
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions.names import prefix


def _claims_of(seen_by: Acting) -> Select[Holding, Person, Account]:
    return (
        select(Holding, Person, Account)
        .join(Person, Person.id == Holding.person_id)
        .join(Account, Account.id == Holding.account_id)
        .where(
            Holding.state == HoldingState.PENDING,
            Holding.region_code.startswith(prefix(seen_by.region_code)),
        )
    )


def list_claims(
    seen_by: Acting, after: UUID | None = None, limit: int = PAGE
) -> Sequence[Row[Holding, Person, Account]]:
    """Claims that wait for this government, oldest first, paged by the holding's id; none for other offices."""
    if seen_by.kind is not OrganisationKind.GOVERNMENT:
        return []
    query = _claims_of(seen_by).order_by(Holding.id).limit(limit)
    return db.session.execute(query.where(Holding.id > after) if after else query).all()


def count_claims(seen_by: Acting) -> int:
    """How many claims wait for this government."""
    if seen_by.kind is not OrganisationKind.GOVERNMENT:
        return 0
    return db.session.scalar(select(func.count()).select_from(_claims_of(seen_by).subquery())) or 0


def get_claim(holding_id: UUID, seen_by: Acting) -> Row[Holding, Person, Account]:
    """One waiting claim. Refuses: NotFound for another office's."""
    found = None
    if seen_by.kind is OrganisationKind.GOVERNMENT:
        found = db.session.execute(_claims_of(seen_by).where(Holding.id == holding_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_other_holders(person_id: UUID, account_id: UUID) -> Sequence[Row[Holding, Account]]:
    """Who else speaks for a person: what a clerk compares a second claim with."""
    query = (
        select(Holding, Account)
        .join(Account, Account.id == Holding.account_id)
        .where(
            Holding.person_id == person_id,
            Holding.account_id != account_id,
            Holding.state == HoldingState.CONFIRMED,
            still_running(),
        )
        .order_by(Holding.claimed_at)
    )
    return db.session.execute(query).all()
