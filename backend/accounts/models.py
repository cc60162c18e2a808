from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.accounts.rules import ClaimReason, HoldingState, OrganisationKind, Purpose, Relation, Role
from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, aged

AccountId = Annotated[UUID, mapped_column(ForeignKey("accounts.account.id"))]
PersonId = Annotated[UUID, mapped_column(ForeignKey("accounts.person.id"))]
OrganisationId = Annotated[UUID, mapped_column(ForeignKey("accounts.organisation.id"))]
OperatorId = Annotated[UUID, mapped_column(ForeignKey("accounts.operator.id"))]


class Account(Model):
    """A WeChat account or phone that signs in; not a person."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_openid", "openid_index", unique=True),
        Index("uq_account_phone", "phone_index", unique=True),
        {"schema": "accounts"},
    )

    id: Mapped[Key]
    openid: Mapped[Sealed | None] = mapped_column(SealedText("accounts.account.openid"))
    openid_index: Mapped[bytes | None]
    phone: Mapped[Sealed | None] = mapped_column(SealedText("accounts.account.phone"))
    phone_index: Mapped[bytes | None]
    phone_mask: Mapped[str | None]
    phone_proven_at: Mapped[datetime | None]
    """When somebody last showed to have this number, by an SMS code or by WeChat."""
    created_at: Mapped[datetime]


class Person(Model):
    """Somebody with a resident ID number. Unverified ones are what somebody typed, and may stand beside each other."""

    __tablename__ = "person"
    __table_args__ = (
        Index("uq_person_verified", "resident_id_index", unique=True, postgresql_where=text("verified_at IS NOT NULL")),
        Index("ix_person_resident_id_index", "resident_id_index"),
        Index("ix_person_last_four_index", "last_four_index"),
        {"schema": "accounts"},
    )

    id: Mapped[Key]
    name: Mapped[Sealed] = mapped_column(SealedText("accounts.person.name"))
    name_mask: Mapped[str]
    name_index: Mapped[bytes]
    sort_key: Mapped[str]
    resident_id: Mapped[Sealed] = mapped_column(SealedText("accounts.person.resident_id"))
    resident_id_mask: Mapped[str]
    resident_id_index: Mapped[bytes]
    last_four_index: Mapped[bytes]
    birth_date: Mapped[date]
    region_code: Mapped[str]
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Holding(Model):
    """An account speaks for a person: for oneself, or for family until a day."""

    __tablename__ = "holding"
    __table_args__ = (
        UniqueConstraint("account_id", "person_id"),
        Index("ix_holding_person_id", "person_id"),
        Index("ix_holding_pending", "region_code", "claimed_at", postgresql_where=text("state = 'pending'")),
        {"schema": "accounts"},
    )

    id: Mapped[Key]
    account_id: Mapped[AccountId]
    person_id: Mapped[PersonId]
    relation: Mapped[Relation]
    state: Mapped[HoldingState]
    reason: Mapped[ClaimReason | None]
    region_code: Mapped[str]
    """The region whose labour office decides a pending claim."""
    until: Mapped[datetime | None]
    claimed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    decision_note: Mapped[str | None]


class Consent(Model):
    """One agreement, or its withdrawal, of one account, with the version of the terms it saw."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_account_id", "account_id", "purpose"),
        {"schema": "accounts", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    account_id: Mapped[AccountId]
    purpose: Mapped[Purpose]
    version: Mapped[str]
    agreed: Mapped[bool]
    at: Mapped[datetime]


class RefreshToken(Model):
    """One link of a rotating chain; using a used one ends the whole family (RFC 9700, 4.14.2)."""

    __tablename__ = "refresh_token"
    __table_args__ = (Index("ix_refresh_token_family", "family"), {"schema": "accounts", "info": aged("expires_at", 0)})

    id: Mapped[Key]
    account_id: Mapped[AccountId]
    family: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Organisation(Model):
    __tablename__ = "organisation"
    __table_args__ = ({"schema": "accounts"},)

    id: Mapped[Key]
    kind: Mapped[OrganisationKind]
    name: Mapped[str] = mapped_column(unique=True)
    region_code: Mapped[str]
    """GB/T 2260; a government's jurisdiction is this region and all below it."""
    created_at: Mapped[datetime]


class Operator(Model):
    """Somebody who signs in to the consoles for one or more organisations."""

    __tablename__ = "operator"
    __table_args__ = ({"schema": "accounts"},)

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    session_epoch: Mapped[int]
    """Raised to end all sessions."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    device_key: Mapped[bytes | None]
    """Of a temporary officer: the public point of the key that the one phone keeps, and signs each request with."""


class Membership(Model):
    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("operator_id", "organisation_id", "role"), {"schema": "accounts"})

    id: Mapped[Key]
    operator_id: Mapped[OperatorId]
    organisation_id: Mapped[OrganisationId]
    role: Mapped[Role]
    until: Mapped[datetime | None]
    """When it ends by itself; None for those that don't."""


class AccessLog(Model):
    """Somebody of an office read a person's data: who, for which office, what, why, when. The person can read it."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_subject_index", "subject_index", "at"),
        Index("ix_access_log_organisation_id", "organisation_id", "at"),
        {"schema": "accounts", "info": {**aged("at", 1096), **INSERT_ONLY}},
    )

    id: Mapped[Key]
    subject_index: Mapped[bytes]
    """The blind index of the person's resident ID, so that readings before registration are found too."""
    operator_id: Mapped[OperatorId]
    organisation_id: Mapped[OrganisationId]
    purpose: Mapped[str]
    fields: Mapped[list[Any]]
    at: Mapped[datetime]
