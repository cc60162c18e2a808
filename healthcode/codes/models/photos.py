"""Photos of paper certificates, each beside the reading at which an officer took it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model
from healthcode.codes.appeal_rules import FileType


class ReadingPhoto(Model):
    """A photo of a certificate on paper, stored sealed; it proves nothing by itself and changes no colour."""

    __tablename__ = "reading_photo"
    __table_args__ = (
        UniqueConstraint("operator_id", "request_key"),
        Index("ix_reading_photo_reading_id", "reading_id"),
        Index("ix_reading_photo_person_id", "person_id", "id"),
        Index("ix_reading_photo_taken_at", "taken_at"),
        {"schema": "codes"},
    )

    id: Mapped[Key]
    reading_id: Mapped[UUID]
    """No foreign key: readings lie in daily partitions."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    place: Mapped[str]
    """As people are told: 铜仁站东门; the office's name where no place was chosen."""
    home_region: Mapped[str]
    """Where the person lives: that region's government may see it."""
    place_region: Mapped[str | None]
    """The checkpoint's, whose government may see it as well; None where the person was only in transit."""
    kind: Mapped[FileType]
    size: Mapped[int]
    digest: Mapped[bytes]
    """SHA-256."""
    stored_as: Mapped[str]
    request_key: Mapped[str]
    taken_at: Mapped[datetime]
