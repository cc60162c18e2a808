from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Key, Model, daily, new_key
from healthcode.itinerary.rules import Presence, Source


class Place(Model):
    """Somewhere with a place code on the wall: a station, a checkpoint, a workshop."""

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_organisation_id", "organisation_id"), {"schema": "itinerary"})

    id: Mapped[Key]
    name: Mapped[str]
    region_code: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    radius_m: Mapped[int]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    created_at: Mapped[datetime]


class Poster(Model):
    """One printed version of a place's code; a revoked one proves nothing."""

    __tablename__ = "poster"
    __table_args__ = (UniqueConstraint("place_id", "version"), {"schema": "itinerary"})

    id: Mapped[Key]
    place_id: Mapped[UUID] = mapped_column(ForeignKey("itinerary.place.id"))
    version: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    """Random text in the QR's URL."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Sighting(Model):
    """Somebody at a place or position at a time, with what proves it. Only proven ones make the itinerary."""

    __tablename__ = "sighting"
    __table_args__ = (
        PrimaryKeyConstraint("day", "id"),
        UniqueConstraint("day", "person_id", "request_key"),
        Index("ix_sighting_person_id", "person_id", "at"),
        Index("ix_sighting_unlocated", "at", postgresql_where=text("NOT located")),
        {"schema": "itinerary", "postgresql_partition_by": "RANGE (day)", "info": daily(14)},
    )

    day: Mapped[date]
    id: Mapped[UUID] = mapped_column(default=new_key)
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    source: Mapped[Source]
    presence: Mapped[Presence]
    doubt: Mapped[str | None]
    """Why it proves nothing, in the worker's language."""
    place_id: Mapped[UUID | None]
    region_code: Mapped[str | None]
    """None where the position is too near a border to tell, proves nothing, or isn't looked up yet."""
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    located: Mapped[bool]
    """Whether the region was looked up, or needs no looking up."""
    request_key: Mapped[str]
    """The sender's own key: the same one again is the same sighting."""


class LastSeen(Model):
    """The newest sign of life of a person: any sighting, and the newest proven one; one row a person."""

    __tablename__ = "last_seen"
    __table_args__ = ({"schema": "itinerary"},)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"), primary_key=True)
    sign_at: Mapped[datetime]
    """Any sign, proven or not: it ends silence."""
    at: Mapped[datetime | None]
    place_id: Mapped[UUID | None]
    region_code: Mapped[str | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
