from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import INSERT_ONLY, READ_ONLY, Key, Model, daily
from backend.evidence.rules import AlarmCause


class Record(Model):
    """That something was committed to; what it was stands in the opening."""

    __tablename__ = "record"
    __table_args__ = (
        CheckConstraint("octet_length(commitment) = 32", name="commitment"),
        {"schema": "evidence", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    kind: Mapped[str]
    commitment: Mapped[bytes]


class Opening(Model):
    """What opens a record's commitment, sealed; without it the record can't be proved any more.

    The key that sealed it has to stay in DATA_KEYS until its day is over: an opening is never changed.
    """

    __tablename__ = "opening"
    __table_args__ = (
        PrimaryKeyConstraint("day", "record_id"),
        Index("ix_opening_record_id", "record_id"),
        Index("ix_opening_subject_index", "subject_index"),
        {
            "schema": "evidence",
            "postgresql_partition_by": "RANGE (day)",
            "info": {**daily(0), **INSERT_ONLY},
        },
    )

    day: Mapped[date]
    """The last one on which it is kept."""
    record_id: Mapped[UUID]
    subject_index: Mapped[bytes]
    """Blind index of whom the record is about."""
    sealed: Mapped[bytes]
    """JSON of salt, subject and, unless the kind is rebuilt from its rows, content."""


class Pending(Model):
    """A record that waits for its place in the log; `evidence.sequence` alone takes it away."""

    __tablename__ = "pending"
    __table_args__ = (
        CheckConstraint("octet_length(commitment) = 32", name="commitment"),
        {"schema": "evidence", "info": INSERT_ONLY},
    )

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    commitment: Mapped[bytes]


class Leaf(Model):
    """The log's entries, written by `evidence.sequence` and `evidence.restore` alone, in order and without a gap."""

    __tablename__ = "leaf"
    __table_args__ = (
        CheckConstraint("octet_length(commitment) = 32", name="commitment"),
        Index("ix_leaf_commitment", "commitment"),
        {"schema": "evidence", "info": READ_ONLY},
    )

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[UUID | None] = mapped_column(unique=True)
    """None where an old backup was restored and the entry came back from what was published, without its record."""
    commitment: Mapped[bytes]


class Checkpoint(Model):
    """A tree that the log has signed."""

    __tablename__ = "checkpoint"
    __table_args__ = (Index("ix_checkpoint_at", "at"), {"schema": "evidence", "info": INSERT_ONLY})

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[str]
    """Signed by the log alone; the cosignatures stand beside it."""
    at: Mapped[datetime]


class Cosignature(Model):
    """A witness's signature on a checkpoint."""

    __tablename__ = "cosignature"
    __table_args__ = (PrimaryKeyConstraint("size", "witness"), {"schema": "evidence", "info": INSERT_ONLY})

    size: Mapped[int] = mapped_column(BigInteger, ForeignKey("evidence.checkpoint.size"))
    witness: Mapped[str]
    """Its name in the policy."""
    line: Mapped[str]
    """The signature line of the note, with its end."""
    at: Mapped[datetime]


class WitnessState(Model):
    """How it stands with a witness."""

    __tablename__ = "witness_state"
    __table_args__ = ({"schema": "evidence"},)

    witness: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    """Of the largest tree that it has cosigned; beyond our own checkpoints only where our signature proves it."""
    tried_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    """Why its cosignature is missing; "" when all is well."""


class Alarm(Model):
    """The sequencer stands still; the newest one without an end is in force."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("uq_alarm_open", "cause", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"schema": "evidence"},
    )

    id: Mapped[Key]
    cause: Mapped[AlarmCause]
    detail: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Anchor(Model):
    """That a witnessed checkpoint is written, or about to be written, into an EVM chain."""

    __tablename__ = "anchor"
    __table_args__ = (UniqueConstraint("sender", "nonce", name="uq_anchor_nonce"), {"schema": "evidence"})

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str]
    """The checkpoint's, which the transaction carries."""
    sender: Mapped[str]
    nonce: Mapped[int] = mapped_column(BigInteger)
    transaction: Mapped[str]
    """Its hash, by which anybody finds it."""
    signed: Mapped[bytes]
    """The transaction itself: sent again it is the same one, not a second."""
    at: Mapped[datetime]
    block: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the block that holds it; none before it is mined."""
    problem: Mapped[str]
    """What the chain said when it was sent last; "" when it took it."""
