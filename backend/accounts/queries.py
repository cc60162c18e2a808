"""Reads of people, accounts, organisations and operators. Whatever is about people takes who asks."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Account, Consent, Holding, Membership, Operator, Organisation, Person
from backend.accounts.rules import HoldingState, OrganisationKind, Purpose, Relation, Role
from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.errors import NotFound
from backend.core.statements import Prepared
from backend.regions.names import prefix

PAGE = 50


def get_account(account_id: UUID) -> Account:
    """The account. Refuses: NotFound."""
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound
    return account


def list_holdings(account_id: UUID) -> Sequence[Row[Holding, Person]]:
    """For whom an account speaks or asked to, oneself first; ended and refused ones of the past are left out."""
    query = (
        select(Holding, Person)
        .join(Person, Person.id == Holding.person_id)
        .where(Holding.account_id == account_id, Holding.state != HoldingState.ENDED, _running())
        .order_by(Holding.relation != "self", Holding.claimed_at)
    )
    return db.session.execute(query).all()


def _running() -> ColumnElement[bool]:
    return or_(Holding.until.is_(None), Holding.until > clock.now())


def families_among(person_ids: Sequence[UUID]) -> list[list[UUID]]:
    """Which of these people belong to one family: an account speaks for them as itself and its family."""
    query = (
        select(func.array_agg(Holding.person_id))
        .where(
            Holding.person_id.in_(person_ids),
            Holding.state == HoldingState.CONFIRMED,
            Holding.relation.in_([Relation.SELF, Relation.FAMILY]),
            _running(),
        )
        .group_by(Holding.account_id)
        .having(func.count() > 1)
        .order_by(Holding.account_id)
    )
    return [list(family) for family in db.session.scalars(query)]


def may_speak() -> Select[UUID]:
    """The rule by which an account speaks for a person, for joining: confirmed and not ended, or self-stated by it."""
    stated = (Holding.state == HoldingState.PENDING) & Person.verified_at.is_(None)
    return (
        select(Holding.person_id)
        .join(Person, Person.id == Holding.person_id)
        .where(or_(Holding.state == HoldingState.CONFIRMED, stated), _running())
    )


def get_held_person(account_id: UUID, person_id: UUID) -> Person:
    """The person, if this account speaks for them now.

    Refuses: NotFound for anybody else's, and for a claim on a verified person that a clerk has yet to decide.
    """
    held = may_speak().where(Holding.account_id == account_id, Holding.person_id == person_id)
    person = db.session.scalar(select(Person).where(Person.id.in_(held)))
    if person is None:
        raise NotFound
    return person


def list_spoken_for(account_id: UUID) -> list[UUID]:
    """The ids of the people for whom an account speaks now."""
    return list(db.session.scalars(may_speak().where(Holding.account_id == account_id)))


def list_speakers(person_ids: Sequence[UUID]) -> Sequence[Row[UUID, Account]]:
    """(person id, account) for every account that speaks for one of these people now."""
    speaking = select(Holding.person_id, Account).join(Account, Account.id == Holding.account_id)
    query = speaking.join(Person, Person.id == Holding.person_id).where(
        Holding.person_id.in_(person_ids),
        or_(
            Holding.state == HoldingState.CONFIRMED,
            (Holding.state == HoldingState.PENDING) & Person.verified_at.is_(None),
        ),
        _running(),
    )
    return db.session.execute(query).all()


def get_person(person_id: UUID) -> Person:
    """A person, for a caller who has made sure that the asking office may know of them."""
    return db.session.get_one(Person, person_id)


def find_person(person_id: UUID) -> Person | None:
    """The person of this id, for a caller who has made sure that the asking office may know of them."""
    return db.session.get(Person, person_id)


def find_verified(resident_id: str) -> Person | None:
    """The verified person with this ID number."""
    return db.session.scalar(
        select(Person).where(
            Person.resident_id_index == blind_index(resident_id, "resident_id"), Person.verified_at.is_not(None)
        )
    )


def consents_of(account_id: UUID) -> dict[Purpose, bool]:
    """What an account agrees to at this moment; never asked counts as no."""
    query = (
        select(Consent.purpose, Consent.agreed)
        .ext(distinct_on(Consent.purpose))
        .where(Consent.account_id == account_id)
        .order_by(Consent.purpose, Consent.at.desc(), Consent.id.desc())
    )
    given = {row.purpose: row.agreed for row in db.session.execute(query)}
    return {purpose: given.get(purpose, False) for purpose in Purpose}


def list_consents(account_id: UUID) -> Sequence[Consent]:
    """Every agreement and withdrawal of an account, the newest first."""
    return db.session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.at.desc(), Consent.id.desc())
    ).all()


def speaks_for_itself(account_id: UUID, person_id: UUID) -> bool:
    """Whether an account is the person's own, beyond a clerk's doubt."""
    own = select(Holding.id).join(Person, Person.id == Holding.person_id)
    own = own.where(Holding.account_id == account_id, Holding.person_id == person_id, _running())
    itself = (Holding.relation == Relation.SELF) & (Holding.state == HoldingState.CONFIRMED)
    return db.session.scalar(own.where(itself, Person.verified_at.is_not(None))) is not None


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
    .where(_operator.id == bindparam("operator_id"), _operator.disabled_at.is_(None))
    .order_by(_organisation.name, _membership.role)
)


def who_share(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people whose accounts agree to sharing with the destination, and none of whose refuses it."""
    newest = (
        select(Holding.person_id, Consent.agreed)
        .ext(distinct_on(Holding.person_id, Holding.account_id))
        .join(Consent, Consent.account_id == Holding.account_id)
        .where(
            Holding.person_id.in_(person_ids),
            Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING]),
            Consent.purpose == Purpose.SHARING,
        )
        .order_by(Holding.person_id, Holding.account_id, Consent.at.desc(), Consent.id.desc())
        .subquery()
    )
    query = select(newest.c.person_id).group_by(newest.c.person_id).having(func.bool_and(newest.c.agreed))
    return set(db.session.scalars(query))


def list_acting(operator_id: UUID, *, epoch: int | None = None) -> list[Acting]:
    """The offices and roles in which an operator may act, by the office's name; none once a session's epoch is over."""
    return [
        Acting(operator_id, name, office_id, office_name, OrganisationKind(kind), region_code, Role(role))
        for current, name, office_id, office_name, kind, region_code, role in ACTING.all({"operator_id": operator_id})
        if epoch is None or epoch == current
    ]


def get_operator(operator_id: UUID) -> Operator | None:
    """The operator, unless disabled."""
    return db.session.scalar(select(Operator).where(Operator.id == operator_id, Operator.disabled_at.is_(None)))


def list_operators() -> Sequence[Row[Operator, Organisation, Membership]]:
    """Every membership with its operator and office, for the platform's administrator."""
    query = (
        select(Operator, Organisation, Membership)
        .join(Membership, Membership.operator_id == Operator.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .order_by(Organisation.name, Operator.username)
    )
    return db.session.execute(query).all()


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
            _running(),
        )
        .order_by(Holding.claimed_at)
    )
    return db.session.execute(query).all()


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
