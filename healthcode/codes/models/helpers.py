"""Who was invited to help at a checkpoint for one shift, and who joined."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import Key, Model, aged


class Helper(Model):
    """An officer's invitation to one phone, and from its joining on the temporary officer behind it."""

    __tablename__ = "helper"
    __table_args__ = (
        Index("ix_helper_organisation_id", "organisation_id", "until"),
        Index("ix_helper_shift_id", "shift_id"),
        Index("uq_helper_helper_id", "helper_id", unique=True),
        {"schema": "codes", "info": aged("until", 30)},
    )

    id: Mapped[Key]
    shift_id: Mapped[UUID]
    """The inviting officer's; no foreign key, since both are erased by their own age."""
    place_id: Mapped[UUID]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    """Who invited, and answers for it."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    invited_at: Mapped[datetime]
    until: Mapped[datetime]
    """The end of the shift, or when somebody ended it before."""
    token: Mapped[Sealed | None] = mapped_column(SealedText("codes.helper.token"))
    """Of the QR, until a phone has joined by it or another took its place."""
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256."""
    codes_sent: Mapped[int] = mapped_column(default=0)
    helper_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """The temporary officer's own operator."""
    name: Mapped[Sealed | None] = mapped_column(SealedText("codes.helper.name"))
    name_mask: Mapped[str] = mapped_column(default="")
    phone: Mapped[Sealed | None] = mapped_column(SealedText("codes.helper.phone"))
    phone_mask: Mapped[str] = mapped_column(default="")
    joined_at: Mapped[datetime | None]
