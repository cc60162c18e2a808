"""Reads of colours, codes and readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.accounts.models import Holding, Operator, Organisation, Person
from backend.accounts.rules import HoldingState
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from backend.core.statements import Prepared
from healthcode.codes import rules
from healthcode.codes.helper_rules import HELPER
from healthcode.codes.models import ColourChange, Declaration, Measurement, Reading, Status
from healthcode.codes.rules import Outcome, Reason, Verdict
from healthcode.itinerary.models import Place

# Showing a code is the busiest thing there is. The rule by which an account speaks for a person is that of
# `accounts.queries.may_speak`.
_holding, _person, _status = Holding.__table__.c, Person.__table__.c, Status.__table__.c
DISPLAY = Prepared(
    select(
        _person.name_mask,
        _person.resident_id_mask,
        _status.reasons,
        _status.declared_at,
        _status.since,
        _status.issuer,
        _holding.state,
    )
    .select_from(Holding.__table__)
    .join(Person.__table__, _person.id == _holding.person_id)
    .outerjoin(Status.__table__, _status.person_id == _person.id)
    .where(
        _holding.account_id == bindparam("account_id"),
        _holding.person_id == bindparam("person_id"),
        or_(
            _holding.state == HoldingState.CONFIRMED,
            and_(_holding.state == HoldingState.PENDING, _person.verified_at.is_(None)),
        ),
        or_(_holding.until.is_(None), _holding.until > bindparam("at")),
    )
)


@dataclass(frozen=True, slots=True)
class Display:
    """All that the code page shows of a person at a moment."""

    person_id: UUID
    name_mask: str
    last_four: str
    verdict: Verdict
    declared_at: datetime | None
    since: datetime | None
    """Since when the colour is what it is."""
    issuer: str | None
    """The region whose government issues the code; None where nobody knows yet."""
    pending: bool
    """Name and number are as the person typed them; a clerk has yet to confirm them."""

    @property
    def first_character(self) -> str:
        return self.name_mask[:1]


def get_display(*, account_id: UUID, person_id: UUID, at: datetime) -> Display:
    """What an account may show for a person at this moment, by one SELECT.

    Refuses: NotFound when the account doesn't speak for the person.
    """
    row = DISPLAY.alone({"account_id": account_id, "person_id": person_id, "at": at})
    if row is None:
        raise NotFound
    name_mask, resident_id_mask, reasons, declared_at, since, issuer, state = row
    return Display(
        person_id,
        name_mask,
        resident_id_mask[-4:],
        verdict_of(reasons, at),
        declared_at,
        since,
        issuer,
        pending=state == HoldingState.PENDING,
    )


def lived_at(person_id: ColumnElement[UUID]) -> ScalarSelect[str]:
    """Where somebody said last to live; nothing for whom no account ever spoke."""
    return (
        select(_holding.region_code)
        .where(_holding.person_id == person_id)
        .order_by(_holding.claimed_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def home_of(person_id: UUID) -> str:
    """Where a person lives: as said to us last, else by the ID number. Where the person was seen changes it not."""
    query = select(func.coalesce(lived_at(_person.id), _person.region_code)).where(_person.id == person_id)
    return db.session.execute(query).scalar_one()


def verdict_of(reasons: Sequence[dict[str, Any]] | None, at: datetime) -> Verdict:
    """The colour at a moment from stored reasons; grey from none."""
    return rules.judge([Reason.from_json(value) for value in reasons or ()], at)


def status_of(person: Person) -> Verdict:
    """A person's colour now, with its reasons."""
    return status_of_id(person.id)


def status_of_id(person_id: UUID) -> Verdict:
    """The same by the person's id."""
    return verdict_of(db.session.scalar(select(Status.reasons).where(Status.person_id == person_id)), clock.now())


def find_declaration(person_id: UUID, request_key: str) -> Declaration | None:
    """The declaration that this sender's key stands for, if it isn't older than a day or two."""
    since = clock.local(clock.now() - rules.REPEATS).date()
    return db.session.scalar(
        select(Declaration).where(
            Declaration.day >= since, Declaration.person_id == person_id, Declaration.request_key == request_key
        )
    )


def list_declarations(person: Person, limit: int = 30) -> Sequence[Declaration]:
    """What was declared about a person, the newest first."""
    return db.session.scalars(
        select(Declaration).where(Declaration.person_id == person.id).order_by(Declaration.at.desc()).limit(limit)
    ).all()


def list_measurements(person: Person, limit: int = 100) -> Sequence[Row[Measurement, str | None]]:
    """Which temperatures others took of a person, the newest first: (measurement, office)."""
    helper = select(Operator.id).where(Operator.id == Measurement.taker_id, Operator.device_key.is_not(None)).exists()
    office = case((helper, func.concat(Organisation.name, f"（{HELPER}）")), else_=Organisation.name)
    query = (
        select(Measurement, office)
        .outerjoin(Organisation, Organisation.id == Measurement.organisation_id)
        .where(Measurement.person_id == person.id)
        .order_by(Measurement.at.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def last_temperatures(person_ids: Sequence[UUID], *, since: datetime) -> dict[UUID, tuple[int, datetime]]:
    """The newest temperature that others took of each of these people since a moment, with its own."""
    query = (
        select(Measurement.person_id, Measurement.temperature, Measurement.at)
        .ext(distinct_on(Measurement.person_id))
        .where(Measurement.day >= clock.local(since).date(), Measurement.at >= since)
        .where(Measurement.person_id.in_(person_ids))
        .order_by(Measurement.person_id, Measurement.at.desc(), Measurement.id.desc())
    )
    return {person_id: (temperature, at) for person_id, temperature, at in db.session.execute(query)}


def list_changes(person: Person, limit: int = 100) -> Sequence[ColourChange]:
    """How a person's colour changed, the newest first."""
    return db.session.scalars(
        select(ColourChange).where(ColourChange.person_id == person.id).order_by(ColourChange.at.desc()).limit(limit)
    ).all()


def get_change(change_id: UUID) -> ColourChange:
    """One change of colour, with the reasons that it came from. Refuses: NotFound."""
    change = db.session.get(ColourChange, change_id)
    if change is None:
        raise NotFound
    return change


def refused_lately(person: Person, within: timedelta) -> str | None:
    """Where an officer refused a person's code last, and not longer ago than this: 铜仁站东门."""
    now = clock.now()
    query = (
        select(func.coalesce(Place.name, Organisation.name))
        .select_from(Reading)
        .join(Organisation, Organisation.id == Reading.organisation_id)
        .outerjoin(Place, Place.id == Reading.place_id)
        .where(
            Reading.day >= clock.local(now - within).date(),
            Reading.person_id == person.id,
            Reading.outcome == Outcome.REFUSED,
            Reading.at >= now - within,
        )
        .order_by(Reading.at.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def list_readings(person: Person, limit: int = 200) -> Sequence[Row[Reading, str, str, str | None]]:
    """Which officers read a person's code, the newest first: (reading, office, officer, place).

    A temporary one is called so, and not by name.
    """
    officer = case((Operator.device_key.is_not(None), HELPER), else_=Operator.name)
    query = (
        select(Reading, Organisation.name, officer, Place.name)
        .join(Organisation, Organisation.id == Reading.organisation_id)
        .join(Operator, Operator.id == Reading.operator_id)
        .outerjoin(Place, Place.id == Reading.place_id)
        .where(Reading.person_id == person.id)
        .order_by(Reading.at.desc(), Reading.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()
