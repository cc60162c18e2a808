from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import Key, Model, aged, daily, new_key
from healthcode.itinerary.risk import Level, ListState, RiskSource
from healthcode.itinerary.rules import Presence, Source, Vehicle

UNSTAYED = "NOT in_stay AND presence = 'proven' AND region_code IS NOT NULL"


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


class Screen(Model):
    """A device at a place that shows its code, a new one each minute; its link opens on one device and does no more."""

    __tablename__ = "screen"
    __table_args__ = (Index("ix_screen_place_id", "place_id", "id"), {"schema": "itinerary"})

    id: Mapped[Key]
    place_id: Mapped[UUID] = mapped_column(ForeignKey("itinerary.place.id"))
    name: Mapped[str]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    created_at: Mapped[datetime]
    token: Mapped[Sealed | None] = mapped_column(SealedText("itinerary.screen.token"))
    """Of the link, until a device has opened it."""
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256."""
    device_hash: Mapped[bytes | None]
    """SHA-256 of what the one device keeps that opened the link."""
    bound_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    """When it last fetched codes."""
    revoked_at: Mapped[datetime | None]


class Sighting(Model):
    """Somebody at a place or position at a time, with what proves it. Only proven ones make the itinerary."""

    __tablename__ = "sighting"
    __table_args__ = (
        PrimaryKeyConstraint("day", "id"),
        UniqueConstraint("day", "person_id", "request_key"),
        Index("ix_sighting_person_id", "person_id", "at"),
        Index("ix_sighting_unlocated", "at", postgresql_where=text("NOT located")),
        Index("ix_sighting_unstayed", "day", "id", postgresql_where=text(UNSTAYED)),
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
    in_stay: Mapped[bool] = mapped_column(server_default=false())
    """Whether the stays have taken it in."""
    request_key: Mapped[str]
    """The sender's own key: the same one again is the same sighting."""


class Stay(Model):
    """A person was in a region from a first proof to a last one; `day` is the last proof's."""

    __tablename__ = "stay"
    __table_args__ = (
        PrimaryKeyConstraint("day", "person_id", "since", "region_code"),
        Index("ix_stay_person_id", "person_id", "since"),
        {"schema": "itinerary", "postgresql_partition_by": "RANGE (day)", "info": daily(14)},
    )

    day: Mapped[date]
    person_id: Mapped[UUID]
    since: Mapped[datetime]
    until: Mapped[datetime]
    region_code: Mapped[str]
    proofs: Mapped[int]
    contradicted: Mapped[bool]
    """Another proof lies too far away to be true at the same time; one of them is wrong, and no colour follows."""


class DeclaredTrip(Model):
    """A journey as the worker says it was or will be: it proves nothing, and no colour follows from it."""

    __tablename__ = "declared_trip"
    __table_args__ = (
        UniqueConstraint("person_id", "request_key"),
        Index("ix_declared_trip_person_id", "person_id", "departs_at"),
        Index("ix_declared_trip_number", "number", "departs_at", postgresql_where=text("number <> ''")),
        {"schema": "itinerary", "info": aged("arrives_at", 14)},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    vehicle: Mapped[Vehicle]
    number: Mapped[str]
    """Of the train or flight, or the plate, in capitals without spaces; empty where the worker doesn't know it."""
    seat: Mapped[str]
    from_region: Mapped[str]
    to_region: Mapped[str]
    departs_at: Mapped[datetime]
    arrives_at: Mapped[datetime]
    declared_at: Mapped[datetime]
    request_key: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    """When the worker took it back: it is shown to nobody then, and goes with the others."""


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


class RiskList(Model):
    """A list of risk levels: computed from case counts, or published by an authority and imported by an office."""

    __tablename__ = "risk_list"
    __table_args__ = ({"schema": "itinerary"},)

    id: Mapped[Key]
    source: Mapped[RiskSource]
    title: Mapped[str]
    state: Mapped[ListState]
    rows: Mapped[list[Any]]
    """As `risk_rows.RiskRow.to_json` writes them; empty for a computed list."""
    faults: Mapped[list[Any]]
    """The rows that were not taken, as `risk_rows.FaultyRow.to_json` writes them."""
    headings: Mapped[list[str]]
    taken: Mapped[int]
    created_at: Mapped[datetime]
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """Who brought it; None where the platform computed it."""
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """The second person, who put it into force or threw it away."""
    decided_at: Mapped[datetime | None]


class RegionRisk(Model):
    """A region's risk level over some days. A region without one has the level of the city above it, else low."""

    __tablename__ = "region_risk"
    __table_args__ = (
        UniqueConstraint("region_code", "source", "since"),
        Index("ix_region_risk_level", "level", "since"),
        {"schema": "itinerary"},
    )

    id: Mapped[Key]
    list_id: Mapped[UUID] = mapped_column(ForeignKey("itinerary.risk_list.id"))
    region_code: Mapped[str]
    source: Mapped[RiskSource]
    level: Mapped[Level]
    since: Mapped[date]
    until: Mapped[date | None]
    """The last day; None where no end is known."""
    confirmed: Mapped[int | None]
    fresh: Mapped[int | None]
    """New cases within 14 days."""
