from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, choice, new_key
from healthcode.codes.rules import Colour
from healthcode.transfers.rules import OPEN, Change, ImportState, Mode, State, TripState

OPEN_STATES = ", ".join(f"'{state}'" for state in sorted(OPEN))
TransferId = Annotated[UUID, mapped_column(ForeignKey("transfers.transfer.id"))]


class Transfer(Model):
    """Workers moved from one region's government to another's, point to point."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_origin_id", "origin_id", "created_at"),
        Index("ix_transfer_destination_id", "destination_id", "created_at"),
        {"schema": "transfers"},
    )

    id: Mapped[Key]
    title: Mapped[str]
    origin_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    destination_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    origin_region: Mapped[str]
    destination_region: Mapped[str]
    state: Mapped[State]
    created_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    """From then on the destination sees it."""
    recalled_at: Mapped[datetime | None]
    """When the origin called it off while vehicles were on their way: no other leaves, these return."""
    ended_at: Mapped[datetime | None]
    elsewhere: Mapped[bool] = mapped_column(default=False)
    """It came from the origin's own deployment, where its people register and are looked after: no check here."""
    entries: Mapped[int] = mapped_column(default=0)
    """How many rows the roster has: a kept counter."""
    counted_at: Mapped[datetime | None]
    """When the tallies and the trips' counters were last made."""


class Tally(Model):
    """How many rows of a roster have a colour, and how these stand: kept, so that no page counts 100,000 rows."""

    __tablename__ = "tally"
    __table_args__ = ({"schema": "transfers"},)

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.transfer.id"), primary_key=True)
    colour: Mapped[Colour] = mapped_column(primary_key=True)
    entries: Mapped[int]
    claimed: Mapped[int]
    arrived: Mapped[int]
    poor: Mapped[int]


class Step(Model):
    """A transfer's move from one state to the next: who, for which office, when, and why where it needs a reason."""

    __tablename__ = "step"
    __table_args__ = (Index("ix_step_transfer_id", "transfer_id", "at"), {"schema": "transfers", "info": INSERT_ONLY})

    id: Mapped[Key]
    transfer_id: Mapped[TransferId]
    before: Mapped[State | None] = mapped_column(choice(State, "before"))
    after: Mapped[State] = mapped_column(choice(State, "after"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    note: Mapped[str]
    at: Mapped[datetime]


class Trip(Model):
    """One vehicle of a transfer on its way; made from the roster's rows of one vehicle and departure."""

    __tablename__ = "trip"
    __table_args__ = (
        Index(
            "uq_trip_departure",
            "transfer_id",
            "vehicle",
            "mode",
            text("coalesce(departs_at, '-infinity')"),
            unique=True,
        ),
        Index("ix_trip_departs_at", "transfer_id", "departs_at", "id"),
        Index("ix_trip_unplanned", "transfer_id", postgresql_where=text("route IS NULL")),
        {"schema": "transfers"},
    )

    id: Mapped[Key]
    transfer_id: Mapped[TransferId]
    vehicle: Mapped[str]
    mode: Mapped[Mode]
    departs_at: Mapped[datetime | None]
    """As planned; None where the roster names the vehicle only."""
    arrives_at: Mapped[datetime | None]
    """As planned; until somebody says otherwise, reckoned from distance and kind of vehicle."""
    route: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """[[lon, lat], …] in WGS-84, from origin to destination; empty where nobody knows it, None until it is planned."""
    state: Mapped[TripState] = mapped_column(default=TripState.WAITING)
    departed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it had arrived, was back, or was cancelled."""
    entries: Mapped[int] = mapped_column(default=0)
    claimed: Mapped[int] = mapped_column(default=0)
    green: Mapped[int] = mapped_column(default=0)
    yellow: Mapped[int] = mapped_column(default=0)
    red: Mapped[int] = mapped_column(default=0)
    arrived: Mapped[int] = mapped_column(default=0)


class TripStep(Model):
    """A vehicle's move from one state to the next: who, for which office, when it happened, where, and why."""

    __tablename__ = "trip_step"
    __table_args__ = (Index("ix_trip_step_trip_id", "trip_id", "id"), {"schema": "transfers", "info": INSERT_ONLY})

    id: Mapped[Key]
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.trip.id"))
    before: Mapped[TripState] = mapped_column(choice(TripState, "before"))
    after: Mapped[TripState] = mapped_column(choice(TripState, "after"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    place: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime]


class Entry(Model):
    """One row of a transfer's roster: a worker as the origin's clerk wrote it down."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("resident_id_index", "transfer_id"),
        Index("ix_entry_person_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_entry_trip_id", "trip_id", "sort_key", "id"),
        Index("ix_entry_list", "transfer_id", "sort_key", "id"),
        Index("ix_entry_colour", "transfer_id", "colour", "sort_key", "id"),
        Index("ix_entry_unclaimed", "transfer_id", "sort_key", "id", postgresql_where=text("person_id IS NULL")),
        Index("ix_entry_number", "transfer_id", "number", "id"),
        Index("ix_entry_last_four", "transfer_id", "last_four_index"),
        Index("ix_entry_phone_index", "transfer_id", "phone_index"),
        {"schema": "transfers"},
    )

    id: Mapped[Key]
    transfer_id: Mapped[TransferId]
    trip_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.trip.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.person.id"))
    number: Mapped[int]
    """序号 as in the file, or the row's place in it."""
    name: Mapped[Sealed] = mapped_column(SealedText("transfers.entry.name"))
    name_mask: Mapped[str]
    name_index: Mapped[bytes]
    sort_key: Mapped[str]
    resident_id: Mapped[Sealed] = mapped_column(SealedText("transfers.entry.resident_id"))
    resident_id_mask: Mapped[str]
    resident_id_index: Mapped[bytes]
    last_four_index: Mapped[bytes]
    sex: Mapped[str]
    address: Mapped[Sealed | None] = mapped_column(SealedText("transfers.entry.address"))
    address_mask: Mapped[str]
    phone: Mapped[Sealed | None] = mapped_column(SealedText("transfers.entry.phone"))
    phone_mask: Mapped[str]
    phone_index: Mapped[bytes | None]
    poor: Mapped[bool]
    skills: Mapped[str]
    enterprise: Mapped[str]
    position: Mapped[str]
    seat: Mapped[str]
    colour: Mapped[Colour] = mapped_column(default=Colour.GREY)
    """The worker's colour when last counted: for finding rows by it. What is shown is judged at that moment."""
    arrived_at: Mapped[datetime | None]
    content_hash: Mapped[bytes]
    """Of all the row says: another one means the row was changed."""
    import_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.roster_import.id"))


class RosterImport(Model):
    """One file on its way into a roster; the row is the job, so a killed worker's import goes on."""

    __tablename__ = "roster_import"
    __table_args__ = (
        Index("ix_roster_import_transfer_id", "transfer_id", "created_at"),
        Index("uq_roster_import_open", "transfer_id", unique=True, postgresql_where=text(f"state IN ({OPEN_STATES})")),
        {"schema": "transfers"},
    )

    id: Mapped[Key]
    transfer_id: Mapped[TransferId]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    file_name: Mapped[str]
    digest: Mapped[bytes]
    """SHA-256 of the file."""
    stored_as: Mapped[str | None]
    """Where the sealed file lies until its rows are read."""
    state: Mapped[ImportState]
    claim: Mapped[UUID | None]
    """Which worker's run holds it."""
    heartbeat_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    """How many runs began with it; a file that breaks one worker after the other is refused in the end."""
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int | None]
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    remove_missing: Mapped[bool] = mapped_column(default=False)
    """Confirmed: who isn't in the file leaves the roster."""
    removed: Mapped[int] = mapped_column(default=0)
    notes: Mapped[list[str]]
    """What the reader wants known: sheets left out, columns ignored, odd rows."""
    refusal: Mapped[str | None]
    faults_file: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportRow(Model):
    """One good row of a file, read but not yet in the roster; gone once the import is done or discarded.

    The columns from `number` to `content_hash` are the entry's own, sealed for the entry's columns.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        Index(
            "ix_import_row_change",
            "import_id",
            "change",
            "sort_key",
            "resident_id_index",
            postgresql_where=text("change IS NOT NULL"),
        ),
        {"schema": "transfers"},
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    """No foreign key: it would be checked 100,000 times, and whoever adds rows holds the import locked."""
    resident_id_index: Mapped[bytes] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(default=new_key)
    """The id that the entry will have if it is a new one."""
    change: Mapped[Change | None]
    """Against the roster; None while not compared, and where the roster says the same."""
    number: Mapped[int]
    name: Mapped[Sealed] = mapped_column(SealedText("transfers.entry.name"))
    name_mask: Mapped[str]
    name_index: Mapped[bytes]
    sort_key: Mapped[str]
    resident_id: Mapped[Sealed] = mapped_column(SealedText("transfers.entry.resident_id"))
    resident_id_mask: Mapped[str]
    last_four_index: Mapped[bytes]
    sex: Mapped[str]
    address: Mapped[Sealed | None] = mapped_column(SealedText("transfers.entry.address"))
    address_mask: Mapped[str]
    phone: Mapped[Sealed | None] = mapped_column(SealedText("transfers.entry.phone"))
    phone_mask: Mapped[str]
    phone_index: Mapped[bytes | None]
    poor: Mapped[bool]
    skills: Mapped[str]
    enterprise: Mapped[str]
    position: Mapped[str]
    departs_at: Mapped[datetime | None]
    mode: Mapped[Mode]
    vehicle: Mapped[str]
    seat: Mapped[str]
    content_hash: Mapped[bytes]
