from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model
from backend.notices.rules import Channel, Kind, State


class Message(Model):
    """A line in a person's inbox; always there, whatever becomes of the other channels."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_person_id", "person_id", "created_at"),
        UniqueConstraint("person_id", "topic"),
        {"schema": "notices"},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    kind: Mapped[Kind]
    topic: Mapped[str]
    """Says once what must be said once: a second message of one topic isn't made."""
    title: Mapped[str]
    body: Mapped[str]
    page: Mapped[str]
    """Where it leads in the worker's pages, such as "declare"."""
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Attempt(Model):
    """One try to reach one account about one message on one channel."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "account_id", "channel"),
        Index("ix_attempt_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        {"schema": "notices"},
    )

    id: Mapped[Key]
    message_id: Mapped[UUID] = mapped_column(ForeignKey("notices.message.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account.id"))
    channel: Mapped[Channel]
    state: Mapped[State]
    provider_id: Mapped[str | None]
    error: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    """When there is something to do next: send what is queued, ask after what was sent; None when it is settled."""
    updated_at: Mapped[datetime]


class Grant(Model):
    """How many subscribe messages of one template an account has agreed to and not yet received."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("account_id", "template"), {"schema": "notices"})

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account.id"))
    template: Mapped[str]
    left: Mapped[int]
