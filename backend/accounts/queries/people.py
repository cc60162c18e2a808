"""Reads of people, their accounts and what these agreed to."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Uuid, any_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from backend.accounts.models import Account, Consent, Holding, Person, RefreshToken
from backend.accounts.rules import REFRESH_TOKEN_LIFE, HoldingState, Purpose, Relation
from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.errors import NotFound


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
        .where(Holding.account_id == account_id, Holding.state != HoldingState.ENDED, still_running())
        .order_by(Holding.relation != "self", Holding.claimed_at)
    )
    return db.session.execute(query).all()


def still_running() -> ColumnElement[bool]:
    """Of a holding: it has no end, or that is to come."""
    return or_(Holding.until.is_(None), Holding.until > clock.now())


def _among(person_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Of a holding: it is of one of these people, who may be more than a statement has parameters for."""
    return Holding.person_id == any_(literal(list(person_ids), ARRAY(Uuid)))


def families_among(person_ids: Sequence[UUID]) -> list[list[UUID]]:
    """Which of these people belong to one family: an account speaks for them as itself and its family."""
    query = (
        select(func.array_agg(Holding.person_id))
        .where(
            _among(person_ids),
            Holding.state == HoldingState.CONFIRMED,
            Holding.relation.in_([Relation.SELF, Relation.FAMILY]),
            still_running(),
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
        .where(or_(Holding.state == HoldingState.CONFIRMED, stated), still_running())
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
        _among(person_ids),
        or_(
            Holding.state == HoldingState.CONFIRMED,
            (Holding.state == HoldingState.PENDING) & Person.verified_at.is_(None),
        ),
        still_running(),
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


def find_by_name(*, name: str, birth_date: date, phone: str) -> Person | None:
    """The verified person of this name and birth date for whom the account with this phone speaks; None for several."""
    query = (
        select(Person)
        .join(Holding, Holding.person_id == Person.id)
        .join(Account, Account.id == Holding.account_id)
        .where(
            Account.phone_index == blind_index(phone, "phone"),
            Holding.state == HoldingState.CONFIRMED,
            still_running(),
            Person.name_index == blind_index(name, "name"),
            Person.birth_date == birth_date,
            Person.verified_at.is_not(None),
        )
        .limit(2)
    )
    found = db.session.scalars(query).all()
    return found[0] if len(found) == 1 else None


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
    own = own.where(Holding.account_id == account_id, Holding.person_id == person_id, still_running())
    itself = (Holding.relation == Relation.SELF) & (Holding.state == HoldingState.CONFIRMED)
    return db.session.scalar(own.where(itself, Person.verified_at.is_not(None))) is not None


def relation_of(account_id: UUID, person_id: UUID) -> Relation:
    """As what an account that speaks for a person does so. Refuses: NotFound where it doesn't."""
    of = (Holding.account_id == account_id) & (Holding.person_id == person_id)
    found = db.session.scalar(select(Holding.relation).where(of, Holding.state != HoldingState.ENDED, still_running()))
    if found is None:
        raise NotFound
    return found


def own_person(account_id: UUID) -> Person | None:
    """Whose own account it is, as far as somebody said so."""
    own = (Holding.account_id == account_id) & (Holding.relation == Relation.SELF)
    speaking = Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING])
    query = select(Person).join(Holding, Holding.person_id == Person.id).where(own, speaking)
    return db.session.scalar(query.order_by(Holding.state, Holding.claimed_at).limit(1))


def with_accounts(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people for whom any account speaks, or asked to."""
    speaking = Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING]) & still_running()
    return set(db.session.scalars(select(Holding.person_id).where(_among(person_ids), speaking)))


def with_own_phones(person_ids: Sequence[UUID], *, within: timedelta | None = None) -> set[UUID]:
    """Those of these people who have an account of their own; with `within`, one that was used so lately.

    A phone in use fetches new tokens every quarter of an hour; one that was signed out has none.
    """
    own = (Holding.relation == Relation.SELF) & (Holding.state == HoldingState.CONFIRMED) & still_running()
    query = select(Holding.person_id).where(_among(person_ids), own)
    if within is not None:
        lately = RefreshToken.expires_at > clock.now() + REFRESH_TOKEN_LIFE - within
        used = exists().where(RefreshToken.account_id == Holding.account_id, RefreshToken.revoked_at.is_(None), lately)
        query = query.where(used)
    return set(db.session.scalars(query))


def who_share(person_ids: Sequence[UUID], *, version: str = "") -> set[UUID]:
    """Those of these people whose accounts agree to sharing with the destination, and none of whose refuses it.

    With a `version` of the terms, only what was agreed to in it or a later one counts.
    """
    newest = (
        select(Holding.person_id, (Consent.agreed & (Consent.version >= version)).label("agreed"))
        .ext(distinct_on(Holding.person_id, Holding.account_id))
        .join(Consent, Consent.account_id == Holding.account_id)
        .where(
            _among(person_ids),
            Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING]),
            Consent.purpose == Purpose.SHARING,
        )
        .order_by(Holding.person_id, Holding.account_id, Consent.at.desc(), Consent.id.desc())
        .subquery()
    )
    query = select(newest.c.person_id).group_by(newest.c.person_id).having(func.bool_and(newest.c.agreed))
    return set(db.session.scalars(query))
