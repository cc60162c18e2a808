"""Reads of organisations, operators, and who of them read what. Whatever is about people takes who asks."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select

from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Membership, Operator, Organisation, Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from backend.core.statements import Prepared

PAGE = 50

# It is asked at every request of an operator, an officer's scans among them.
_operator, _organisation, _membership = Operator.__table__.c, Organisation.__table__.c, Membership.__table__.c
ACTING = Prepared(
    select(
        _operator.session_epoch,
        _operator.name,
        _organisation.id,
        _organisation.name,
        _organisation.kind,
        _organisation.region_code,
        _membership.role,
    )
    .join(Membership.__table__, _membership.operator_id == _operator.id)
    .join(Organisation.__table__, _organisation.id == _membership.organisation_id)
    .where(
        _operator.id == bindparam("operator_id"),
        _operator.disabled_at.is_(None),
        or_(_membership.until.is_(None), _membership.until > bindparam("at")),
    )
    .order_by(_organisation.name, _membership.role)
)


def list_acting(operator_id: UUID, *, epoch: int | None = None) -> list[Acting]:
    """The offices and roles in which an operator may act now, by the office's name; none once a session's epoch is
    over.
    """
    return [
        Acting(operator_id, name, office_id, office_name, OrganisationKind(kind), region_code, Role(role))
        for current, name, office_id, office_name, kind, region_code, role in ACTING.all(
            {"operator_id": operator_id, "at": clock.now()}
        )
        if epoch is None or epoch == current
    ]


def get_operator(operator_id: UUID) -> Operator | None:
    """The operator, unless disabled."""
    return db.session.scalar(select(Operator).where(Operator.id == operator_id, Operator.disabled_at.is_(None)))


def get_device_key(operator_id: UUID) -> bytes | None:
    """The public key of a temporary officer's phone; None for others, who may sign in anywhere."""
    return db.session.scalar(select(Operator.device_key).where(Operator.id == operator_id))


def list_operators() -> Sequence[Row[Operator, Organisation, Membership]]:
    """Every lasting membership with its operator and office, for the platform's administrator."""
    query = (
        select(Operator, Organisation, Membership)
        .join(Membership, Membership.operator_id == Operator.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.until.is_(None))
        .order_by(Organisation.name, Operator.username)
    )
    return db.session.execute(query).all()


def list_colleagues(acting: Acting) -> Sequence[Operator]:
    """Those who work for the same office in the same role and may sign in, the asker among them, by name."""
    query = (
        select(Operator)
        .join(Membership, Membership.operator_id == Operator.id)
        .where(
            Membership.organisation_id == acting.organisation_id,
            Membership.role == acting.role,
            Operator.disabled_at.is_(None),
        )
        .order_by(Operator.name, Operator.id)
    )
    return db.session.scalars(query).all()


def list_organisations(kind: OrganisationKind | None = None, search: str = "") -> Sequence[Organisation]:
    """Organisations of a kind whose name holds a text, at most 50, by name."""
    query = select(Organisation).order_by(Organisation.name).limit(PAGE)
    if kind is not None:
        query = query.where(Organisation.kind == kind)
    if search:
        query = query.where(Organisation.name.contains(search, autoescape=True))
    return db.session.scalars(query).all()


def get_organisation(organisation_id: UUID) -> Organisation:
    """The organisation. Refuses: NotFound."""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


def list_readers(person: Person, limit: int = 200) -> Sequence[Row[AccessLog, str]]:
    """Who of which office read this person's data, newest first: what the worker may see."""
    query = (
        select(AccessLog, Organisation.name)
        .join(Organisation, Organisation.id == AccessLog.organisation_id)
        .where(AccessLog.subject_index == person.resident_id_index)
        .order_by(AccessLog.at.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def list_accesses(seen_by: Acting, after: UUID | None = None, limit: int = PAGE) -> Sequence[Row[AccessLog, Operator]]:
    """What the own office's operators read, newest first, paged by id."""
    query = (
        select(AccessLog, Operator)
        .join(Operator, Operator.id == AccessLog.operator_id)
        .where(AccessLog.organisation_id == seen_by.organisation_id)
        .order_by(AccessLog.id.desc())
        .limit(limit)
    )
    return db.session.execute(query.where(AccessLog.id < after) if after else query).all()
