from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, aged
from backend.partners.rules import MessageKind, PartnerState, SendState
from healthcode.codes.rules import Colour

PartnerId = Annotated[UUID, mapped_column(ForeignKey("partners.partner.id"))]


class Partner(Model):
    """Another deployment, which speaks for one government here and for the regions that were registered."""

    __tablename__ = "partner"
    __table_args__ = ({"schema": "partners"},)

    id: Mapped[Key]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"), unique=True)
    """The government that it is, among ours."""
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    """Under which its steps stand; nobody can sign in as it."""
    base_url: Mapped[str]
    regions: Mapped[list[str]]
    """Codes; it speaks for these and all below."""
    scopes: Mapped[list[str]]
    signing_key: Mapped[str]
    sealing_key: Mapped[str]
    client_id: Mapped[str] = mapped_column(unique=True)
    secret_digest: Mapped[bytes]
    """SHA-256 of 32 random bytes."""
    previous_digest: Mapped[bytes | None]
    previous_until: Mapped[datetime | None]
    own_client_id: Mapped[str]
    """Ours at the partner; empty until it told us."""
    own_secret: Mapped[Sealed | None] = mapped_column(SealedText("partners.partner.own_secret"))
    state: Mapped[PartnerState]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Link(Model):
    """A transfer whose other government is a partner's, and how far the partner was told of it."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("partner_id", "reference"), {"schema": "partners"})

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"), primary_key=True)
    partner_id: Mapped[PartnerId]
    reference: Mapped[UUID]
    """What both call it: the origin's id."""
    salt: Mapped[Sealed] = mapped_column(SealedText("partners.link.salt"))
    """Keys the references by which both speak of its people."""
    steps_until: Mapped[UUID]
    """Steps up to this one were told."""
    roster_digest: Mapped[bytes | None]
    colours_digest: Mapped[bytes | None]
    arrivals_digest: Mapped[bytes | None]
    """Of what was told last."""


class Message(Model):
    """What a partner is told, in the order of the ids for each transfer."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_message_transfer_id", "transfer_id", "id"),
        {"schema": "partners", "info": aged("created_at", 180)},
    )

    id: Mapped[Key]
    partner_id: Mapped[PartnerId]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"))
    kind: Mapped[MessageKind]
    content: Mapped[Sealed | None] = mapped_column(SealedText("partners.message.content"))
    """The request's body; gone once it was answered."""
    state: Mapped[SendState]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answer: Mapped[str]
    """What the partner said last, or why it couldn't be reached."""


class Received(Model):
    """A partner's message and what it was answered: the same again when it comes again."""

    __tablename__ = "received"
    __table_args__ = (
        Index("ix_received_partner_id", "partner_id", "at"),
        {"schema": "partners", "info": {**aged("at", 30), **INSERT_ONLY}},
    )

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.partner.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    digest: Mapped[bytes]
    """SHA-256 of the body."""
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Told(Model):
    """The colour of somebody on a roster, as the origin's government told it."""

    __tablename__ = "told"
    __table_args__ = (Index("ix_told_transfer_id", "transfer_id"), {"schema": "partners"})

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.entry.id", ondelete="CASCADE"), primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"))
    colour: Mapped[Colour]
    until: Mapped[datetime | None]
    as_of: Mapped[datetime]
