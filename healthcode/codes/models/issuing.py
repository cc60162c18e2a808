"""The keys that sign codes and lists, and the packs of codes that lie on phones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import Key, Model, aged


class IssuerKey(Model):
    """A P-256 key that signs health codes for a region's government."""

    __tablename__ = "issuer_key"
    __table_args__ = ({"schema": "codes"},)

    id: Mapped[Key]
    kid: Mapped[bytes] = mapped_column(unique=True)
    """Eight bytes: the head of the SHA-256 of the public key."""
    issuer: Mapped[str]
    private_key: Mapped[Sealed] = mapped_column(SealedText("codes.issuer_key.private_key"))
    public_key: Mapped[str]
    """PEM, SubjectPublicKeyInfo."""
    signs_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """It signs no more; what it signed stays valid to its end."""


class ListKey(Model):
    """A P-256 key that signs what officers' phones check codes by; each is vouched for by the one before it."""

    __tablename__ = "list_key"
    __table_args__ = ({"schema": "codes"},)

    id: Mapped[Key]
    kid: Mapped[bytes] = mapped_column(unique=True)
    """Eight bytes: the head of the SHA-256 of the public key."""
    private_key: Mapped[Sealed] = mapped_column(SealedText("codes.list_key.private_key"))
    public_key: Mapped[str]
    """PEM, SubjectPublicKeyInfo."""
    vouched: Mapped[bytes]
    """As `lists.vouch` writes it."""
    signs_from: Mapped[datetime]


class Pack(Model):
    """Codes that were given to a phone ahead, for showing without a network; the codes themselves aren't kept."""

    __tablename__ = "pack"
    __table_args__ = (
        UniqueConstraint("person_id", "request_key"),
        Index("ix_pack_ends_at", "person_id", "ends_at"),
        Index("ix_pack_denied", "ends_at", postgresql_where=text("denied_at IS NOT NULL")),
        {"schema": "codes", "info": aged("ends_at", 2)},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    account_id: Mapped[UUID]
    request_key: Mapped[str]
    issued_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The end of its last code."""
    denied_at: Mapped[datetime | None]
    """The person's colour turned from green, or the account speaks for the person no more; officers' phones are told to
    refuse what is left of it.
    """
