"""Whom an enterprise employs of which transfers, and how many are on duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from backend.accounts.acting import Acting
from backend.accounts.models import Organisation
from backend.accounts.queries import who_share
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.models import Status
from healthcode.codes.queries import verdict_of
from healthcode.transfers.employing import EMPLOYS, LEAST_SHOWN, StartKind, is_fit, why_not_start
from healthcode.transfers.models import Employer, Entry, Start, Transfer
from healthcode.transfers.rules import ACCESS_AFTER_END, State

PAGE = 100


@dataclass(frozen=True, slots=True)
class Named:
    """A name of an enterprise on a roster, how many rows have it, and which enterprise an official said it is."""

    name: str
    people: int
    employer: Employer | None
    enterprise: Organisation | None


@dataclass(frozen=True, slots=True)
class Employed:
    """A transfer of which an enterprise employs people."""

    transfer: Transfer
    people: int
    arrived: int
    started: int
    absent: int


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody of a roster as the own enterprise sees them: fit or unfit, no more."""

    entry: Entry
    fit: bool
    shares: bool
    start: Start | None

    @property
    def kind(self) -> StartKind | None:
        """What was said last and holds."""
        return self.start.kind if self.start and self.start.kind is not StartKind.UNDONE else None

    @property
    def why_not(self) -> str:
        """Why the person can't start today; empty for who can."""
        return why_not_start(fit=self.fit, arrived=self.entry.arrived_at is not None, shares=self.shares)


def list_employer_names(transfer: Transfer) -> list[Named]:
    """The enterprises' names on a roster, those with most people first."""
    counted = (
        select(Entry.enterprise, func.count().label("people"))
        .where(Entry.transfer_id == transfer.id, Entry.enterprise != "")
        .group_by(Entry.enterprise)
        .subquery()
    )
    linked = and_(
        Employer.name == counted.c.enterprise, Employer.transfer_id == transfer.id, Employer.ended_at.is_(None)
    )
    query = (
        select(counted.c.enterprise, counted.c.people, Employer, Organisation)
        .outerjoin(Employer, linked)
        .outerjoin(Organisation, Organisation.id == Employer.organisation_id)
        .order_by(counted.c.people.desc(), counted.c.enterprise)
    )
    return [Named(*row) for row in db.session.execute(query)]


def list_enterprises() -> Sequence[Organisation]:
    """The registered enterprises, by name."""
    enterprises = select(Organisation).where(Organisation.kind == OrganisationKind.ENTERPRISE)
    return db.session.scalars(enterprises.order_by(Organisation.name)).all()


def _open_to(seen_by: Acting) -> ColumnElement[bool]:
    """Transfers of which the enterprise sees its people now: it ends by itself."""
    running = or_(
        Transfer.state.in_(EMPLOYS),
        and_(Transfer.state == State.CLOSED, Transfer.ended_at > clock.now() - ACCESS_AFTER_END),
    )
    linked = exists().where(
        Employer.transfer_id == Transfer.id,
        Employer.organisation_id == seen_by.organisation_id,
        Employer.ended_at.is_(None),
    )
    return and_(running, linked)


def _its(transfer_id: UUID, seen_by: Acting) -> ColumnElement[bool]:
    names = select(Employer.name).where(
        Employer.transfer_id == transfer_id,
        Employer.organisation_id == seen_by.organisation_id,
        Employer.ended_at.is_(None),
    )
    return and_(Entry.transfer_id == transfer_id, Entry.enterprise.in_(names))


def get_employed(transfer_id: UUID, *, seen_by: Acting) -> Transfer:
    """A transfer of which this enterprise employs people. Refuses: NotFound for others, and when its time is over."""
    transfer = db.session.scalar(select(Transfer).where(Transfer.id == transfer_id, _open_to(seen_by)))
    if transfer is None:
        raise NotFound
    return transfer


def list_employed(*, seen_by: Acting) -> list[Employed]:
    """The transfers of which this enterprise employs people, the newest first."""
    transfers = db.session.scalars(select(Transfer).where(_open_to(seen_by)).order_by(Transfer.id.desc())).all()
    return [_employed(transfer, seen_by) for transfer in transfers]


def _employed(transfer: Transfer, seen_by: Acting) -> Employed:
    last = _last_starts(_its(transfer.id, seen_by)).subquery()
    said: dict[StartKind, int] = dict(db.session.execute(select(last.c.kind, func.count()).group_by(last.c.kind)).all())
    count = select(func.count(), func.count(Entry.arrived_at)).where(_its(transfer.id, seen_by))
    people, arrived = db.session.execute(count).one()
    return Employed(transfer, people, arrived, said.get(StartKind.STARTED, 0), said.get(StartKind.ABSENT, 0))


def _last_starts(whose: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a select with its extension has no plain type
    rows = select(Start).join(Entry, Entry.id == Start.entry_id).where(whose)
    return rows.ext(distinct_on(Start.entry_id)).order_by(Start.entry_id, Start.id.desc())


def list_employees(
    transfer: Transfer,
    *,
    seen_by: Acting,
    entry_ids: Sequence[UUID] | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> list[Employee]:
    """The enterprise's people of a transfer by number, or some of them; those of others aren't among them."""
    query = select(Entry, Status.reasons).outerjoin(Status, Status.person_id == Entry.person_id)
    query = query.where(_its(transfer.id, seen_by)).order_by(Entry.number, Entry.id).limit(limit)
    if entry_ids is not None:
        query = query.where(Entry.id.in_(entry_ids))
    if after is not None:
        query = query.where(Entry.number > after)
    rows = db.session.execute(query).all()
    ids = [entry.id for entry, _ in rows]
    starts = {start.entry_id: start for start in db.session.scalars(_last_starts(Entry.id.in_(ids)))}
    sharing = who_share([entry.person_id for entry, _ in rows if entry.person_id])
    return [
        Employee(
            entry,
            fit=is_fit(verdict_of(reasons, clock.now()).colour),
            shares=entry.person_id is None or entry.person_id in sharing,
            start=starts.get(entry.id),
        )
        for entry, reasons in rows
    ]


ON_DUTY = text("""
SELECT o.name, count(DISTINCT e.resident_id_index) AS people
FROM (
    SELECT DISTINCT ON (s.entry_id) s.entry_id, s.kind, s.organisation_id
    FROM transfers.start s WHERE s.at < :before ORDER BY s.entry_id, s.id DESC
) AS last
JOIN transfers.entry e ON e.id = last.entry_id
JOIN accounts.organisation o ON o.id = last.organisation_id
WHERE last.kind = 'started'
GROUP BY o.id, o.name HAVING count(DISTINCT e.resident_id_index) >= :least ORDER BY people DESC, o.name
""")


def count_on_duty(*, before: datetime) -> Sequence[Row[Any]]:
    """(enterprise, how many started there) as of a moment, where they are ten or more.

    As of a day's end and by enterprise only, so that two answers don't tell of one person.
    """
    return db.session.execute(ON_DUTY, {"before": before, "least": LEAST_SHOWN}).all()
