"""What was written down of a vehicle's people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import INSERT_ONLY, Key, Model
from healthcode.codes.rules import Colour
from healthcode.transfers.boarding import CLOCK_MAY_DIFFER, MarkKind


class Mark(Model):
    """One thing that a clerk, the leader, the deputy or a receiver wrote down: who, when by which clock, of whom, why.

    A phone without a network sends it later; by its key it is there once.
    """

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("trip_id", "request_key"),
        Index("ix_mark_entry_id", "entry_id", "at"),
        Index("ix_mark_leader_id", "leader_id"),
        CheckConstraint("num_nonnulls(operator_id, leader_id, receiver_id) = 1", name="written_by_one"),
        {"schema": "transfers", "info": INSERT_ONLY},
    )

    id: Mapped[Key]
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"))
    kind: Mapped[MarkKind]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.entry.id", ondelete="CASCADE"))
    """About whom; None for a count of heads."""
    at: Mapped[datetime]
    """When it happened, by the server's clock."""
    phone_at: Mapped[datetime | None]
    """The same by the phone's own clock, where a phone said so."""
    written_at: Mapped[datetime]
    """When it came in."""
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.entry.id", ondelete="CASCADE"))
    """The leader's or deputy's own row, where no office wrote it."""
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.receiver.id", ondelete="CASCADE"))
    """Whoever takes these people over at the end of the way."""
    request_key: Mapped[str]
    colour: Mapped[Colour | None]
    """Whoever boarded had it at that moment."""
    seat: Mapped[str]
    place: Mapped[str]
    words: Mapped[str]
    heads: Mapped[int | None]
    expected: Mapped[int | None]
    """How many were aboard by the list when heads were counted."""

    @property
    def late(self) -> bool:
        """Whether it came in so much later that somebody should know."""
        return self.written_at - self.at > CLOCK_MAY_DIFFER
