"""Reads of findings and runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation
from backend.accounts.queries import who_share
from backend.core import clock
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.checks.models import Finding, FindingStep, Run, Tally
from healthcode.checks.rules import OF_VEHICLES, WHEREABOUTS, Check, Kind, Move, Work
from healthcode.transfers.models import Entry, Ride, Transfer, Trip
from healthcode.transfers.queries import side_of, visible_to
from healthcode.transfers.rules import Side

PAGE = 50
WITHHELD = "本人没有同意共享，详情请向来源地了解。"


@dataclass(frozen=True, slots=True)
class Done:
    """One step of a finding's history; no operator where time or a departure did it."""

    move: Move
    at: datetime
    operator: str
    office: str
    receiver: str
    words: str


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the roster's row that it is about; without one it is about the vehicle."""

    finding: Finding
    entry: Entry | None
    trip: Trip | None
    transfer: Transfer
    withheld: bool = False
    """The person, or nobody aboard, shares with the destination, which asks: it sees that something is, not what."""

    owner: str = ""
    """Who sees to it, by name."""

    @property
    def fact(self) -> str:
        """What was found, in a sentence."""
        return WITHHELD if self.withheld else self.finding.fact


def _visible(seen_by: Acting) -> Select[*tuple[Finding, Entry | None, Trip | None, Transfer]]:
    return (
        select(Finding, Entry, Trip, Transfer)
        .join(Transfer, Transfer.id == Finding.transfer_id)
        .outerjoin(Entry, Entry.id == Finding.entry_id)
        .outerjoin(Trip, Trip.id == func.coalesce(Finding.trip_id, Entry.trip_id))
        .where(visible_to(seen_by))
    )


def list_findings(
    *,
    seen_by: Acting,
    transfer_id: UUID | None = None,
    kind: Kind | None = None,
    trip_id: UUID | None = None,
    work: Work | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Found]:
    """Open findings in the transfers that an office sees, the soonest due first, paged by id; the settled ones alone
    if asked, else only those that people have to see to.
    """
    query = (
        _visible(seen_by)
        .add_columns(Operator.name)
        .outerjoin(Operator, Operator.id == Finding.owner_id)
        .where(Finding.closed_at.is_(None), _worked(work, seen_by))
        .order_by(Finding.due_at, Finding.id)
        .limit(limit)
    )
    if transfer_id:
        query = query.where(Finding.transfer_id == transfer_id)
    if kind:
        query = query.where(Finding.kind == kind)
    if trip_id:
        query = query.where(Trip.id == trip_id)
    if after:
        last = db.session.execute(select(Finding.due_at, Finding.id).where(Finding.id == after)).one_or_none()
        query = query.where(tuple_(Finding.due_at, Finding.id) > tuple_(*last)) if last else query
    rows = db.session.execute(query).all()
    return _as_seen_by(
        seen_by,
        [Found(finding, entry, trip, transfer, owner=owner or "") for finding, entry, trip, transfer, owner in rows],
    )


def _worked(work: Work | None, seen_by: Acting) -> ColumnElement[bool]:
    """Findings with which people are so far."""
    mine = Finding.owner_id == seen_by.operator_id
    match work:
        case Work.SETTLED:
            return Finding.settled_at.is_not(None)
        case Work.WAITING:
            return Finding.settled_at.is_(None) & Finding.owner_id.is_(None)
        case Work.MINE:
            return Finding.settled_at.is_(None) & mine
        case Work.OTHERS:
            return Finding.settled_at.is_(None) & Finding.owner_id.is_not(None) & ~mine
        case None:
            return Finding.settled_at.is_(None)


def count_mine(*, seen_by: Acting) -> tuple[int, int]:
    """(how many open findings this operator has, how many of them are overdue)."""
    query = select(func.count(), func.count().filter(Finding.due_at <= clock.now())).where(
        Finding.owner_id == seen_by.operator_id, Finding.closed_at.is_(None), Finding.settled_at.is_(None)
    )
    mine, overdue = db.session.execute(query).one()
    return mine, overdue


def list_steps(finding_id: UUID) -> list[Done]:
    """What people did about a finding, the oldest first."""
    return steps_of([finding_id]).get(finding_id, [])


def steps_of(finding_ids: Sequence[UUID]) -> dict[UUID, list[Done]]:
    """What people did about some findings, the oldest first of each."""
    to = aliased(Operator)
    query = (
        select(FindingStep, Operator.name, Organisation.name, to.name)
        .outerjoin(Operator, Operator.id == FindingStep.operator_id)
        .outerjoin(Organisation, Organisation.id == FindingStep.organisation_id)
        .outerjoin(to, to.id == FindingStep.to_id)
        .where(FindingStep.finding_id.in_(finding_ids))
        .order_by(FindingStep.at, FindingStep.id)
    )
    done: dict[UUID, list[Done]] = {}
    for step, operator, office, receiver in db.session.execute(query):
        words = unseal(step.words) if step.words else ""
        said = Done(step.move, step.at, operator or "", office or "", receiver or "", words)
        done.setdefault(step.finding_id, []).append(said)
    return done


def list_every(transfer_id: UUID, *, seen_by: Acting, limit: int) -> list[Found]:
    """All findings that there ever were of a transfer which an office sees, the first found first."""
    query = (
        _visible(seen_by)
        .add_columns(Operator.name)
        .outerjoin(Operator, Operator.id == Finding.owner_id)
        .where(Finding.transfer_id == transfer_id)
        .order_by(Finding.opened_at, Finding.id)
        .limit(limit)
    )
    return _as_seen_by(
        seen_by,
        [
            Found(finding, entry, trip, transfer, owner=owner or "")
            for finding, entry, trip, transfer, owner in db.session.execute(query)
        ],
    )


def _as_seen_by(seen_by: Acting, rows: list[Found]) -> list[Found]:
    foreign = [
        row for row in rows if row.finding.kind in WHEREABOUTS and side_of(row.transfer, seen_by) is Side.DESTINATION
    ]
    people = _people_of([row.finding for row in foreign])
    sharing = who_share([person_id for persons in people.values() for person_id in persons])
    hidden = {row.finding.id for row in foreign if sharing.isdisjoint(people[row.finding.id])}
    return [replace(row, withheld=row.finding.id in hidden) for row in rows]


def _people_of(findings: Sequence[Finding]) -> dict[UUID, set[UUID]]:
    """Whose whereabouts some findings tell: a row's person, or everybody that the vehicle carries or carried."""
    ids = [finding.id for finding in findings]
    rows = select(Finding.id, Entry.person_id).where(Finding.id.in_(ids))
    query = union(
        rows.join(Entry, Entry.id == Finding.entry_id),
        rows.join(Entry, Entry.trip_id == Finding.trip_id),
        rows.join(Ride, Ride.trip_id == Finding.trip_id).join(Entry, Entry.id == Ride.entry_id),
    )
    people: dict[UUID, set[UUID]] = {finding_id: set() for finding_id in ids}
    for finding_id, person_id in db.session.execute(query) if ids else ():
        people[finding_id] |= {person_id} if person_id else set()
    return people


def get_finding(finding_id: UUID, *, seen_by: Acting) -> Found:
    """Refuses: NotFound for a finding of other offices' transfers."""
    row = db.session.execute(_visible(seen_by).where(Finding.id == finding_id)).one_or_none()
    if row is None:
        raise NotFound
    owner = db.session.get(Operator, row[0].owner_id) if row[0].owner_id else None
    (found,) = _as_seen_by(seen_by, [Found(*row, owner=owner.name if owner else "")])
    return found


def count_findings(*, seen_by: Acting, transfer_id: UUID | None = None) -> dict[Kind, int]:
    """How many findings of each kind are open, from kept counters."""
    query = (
        select(Tally.kind, func.sum(Tally.open))
        .join(Transfer, Transfer.id == Tally.transfer_id)
        .where(visible_to(seen_by))
        .group_by(Tally.kind)
    )
    if transfer_id:
        query = query.where(Tally.transfer_id == transfer_id)
    counts = {kind: int(count) for kind, count in db.session.execute(query)}
    return {kind: counts.get(kind, 0) for kind in Kind}


def count_by_transfer(*, seen_by: Acting) -> dict[UUID, int]:
    """How many findings are open in each transfer that an office sees."""
    query = (
        select(Tally.transfer_id, func.sum(Tally.open))
        .join(Transfer, Transfer.id == Tally.transfer_id)
        .where(visible_to(seen_by))
        .group_by(Tally.transfer_id)
    )
    return {transfer_id: int(count) for transfer_id, count in db.session.execute(query)}


def count_by_vehicle(*, seen_by: Acting) -> dict[UUID, dict[Kind, int]]:
    """How many findings of the kinds that say how a vehicle fares people have to see to, by vehicle.

    A finding about one person counts for the vehicle on whose list the person is.
    """
    trip_id = func.coalesce(Finding.trip_id, Entry.trip_id)
    query = (
        select(trip_id, Finding.kind, func.count())
        .join(Transfer, Transfer.id == Finding.transfer_id)
        .outerjoin(Entry, Entry.id == Finding.entry_id)
        .where(visible_to(seen_by), Finding.closed_at.is_(None), Finding.settled_at.is_(None))
        .where(Finding.kind.in_(OF_VEHICLES), trip_id.is_not(None))
        .group_by(trip_id, Finding.kind)
    )
    found: dict[UUID, dict[Kind, int]] = {}
    for vehicle, kind, count in db.session.execute(query):
        found.setdefault(vehicle, {})[kind] = count
    return found


def findings_of(entry_ids: Sequence[UUID]) -> dict[UUID, list[Finding]]:
    """The open findings of some rows of a roster that the asking office sees, those of their vehicles included."""
    found: dict[UUID, list[Finding]] = {entry_id: [] for entry_id in entry_ids}
    about = or_(Finding.entry_id == Entry.id, Finding.trip_id == func.coalesce(Ride.trip_id, Entry.trip_id))
    query = (
        select(Entry.id, Finding)
        .outerjoin(Ride, (Ride.entry_id == Entry.id) & Ride.left_at.is_(None))
        .join(Finding, about & Finding.closed_at.is_(None))
        .where(Entry.id.in_(entry_ids))
    )
    for entry_id, finding in db.session.execute(query.order_by(Finding.opened_at)):
        found[entry_id].append(finding)
    return found


def list_past(entry_id: UUID, limit: int = PAGE) -> Sequence[Finding]:
    """All findings there ever were of a row, open ones first, then the newest."""
    query = select(Finding).where(Finding.entry_id == entry_id)
    return db.session.scalars(query.order_by(Finding.closed_at.desc(), Finding.opened_at.desc()).limit(limit)).all()


def last_runs() -> dict[Check, Run | None]:
    """The newest finished pass of each check: how fresh a list of findings is."""
    query = select(Run).ext(distinct_on(Run.check)).where(Run.finished_at.is_not(None))
    runs = {run.check: run for run in db.session.scalars(query.order_by(Run.check, Run.started_at.desc()))}
    return {check: runs.get(check) for check in Check}
