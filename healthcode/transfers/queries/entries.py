"""The rows of rosters with what is known of their people: colour, last place, arrival."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, tuple_

from backend.accounts.acting import Acting
from backend.accounts.queries import who_share, with_accounts
from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.errors import NotFound
from backend.core.names import sort_key, tidy_name
from backend.core.resident_id import tidy_resident_id
from healthcode.codes.models import Status
from healthcode.codes.queries import verdict_of
from healthcode.codes.rules import Colour, Verdict, judge
from healthcode.itinerary.models import LastSeen, Place
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.queries.transfers import PAGE, beyond, side_of, visible_to
from healthcode.transfers.rules import EVERYTHING, RUNNING, Needed, Side, State, needed

RESIDENT_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
PHONE = re.compile(r"1\d{10}", re.ASCII)
LAST_FOUR = re.compile(r"\d{3}[\dX]", re.ASCII)
NUMBER = re.compile(r"\d{1,3}|\d{5,9}", re.ASCII)
AFTER_ANY = "\U0010ffff"
"""Sorts after whatever may follow a text's beginning."""
NOTHING = datetime.min.replace(tzinfo=UTC)
"""As an end of what may be seen: none of it."""


class Sort(StrEnum):
    NAME = "name"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which rows of a roster. `search` takes a name or its beginning, a whole ID number or phone, the ID's last four
    characters, or a row's number; `colour` goes by the kept colour, at most minutes old.
    """

    search: str = ""
    colour: Colour | None = None
    trip_id: UUID | None = None
    claimed: bool | None = None
    arrived: bool | None = None
    poor: bool | None = None
    enterprise: str | None = None
    """As the roster names it; empty for rows without one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where somebody was last, proven; `sign_at` is the last sign of life of any kind."""

    at: datetime | None
    sign_at: datetime
    place_name: str | None
    region_code: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A roster's row as a list shows it."""

    entry: Entry
    trip: Trip | None
    verdict: Verdict
    """The colour at this moment, with its reasons and its end."""
    declared_at: datetime | None
    seen: Seen | None
    withheld: bool = False
    """The person has not agreed to share with the destination, which asks: no places, no full name or number."""
    needed: Needed = EVERYTHING
    """What the asking side may see of this person."""

    @property
    def claimed(self) -> bool:
        return self.entry.person_id is not None


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(Entry, Trip, Status.reasons, Status.declared_at, LastSeen, Place.name)
        .outerjoin(Trip, Trip.id == Entry.trip_id)
        .outerjoin(Status, Status.person_id == Entry.person_id)
        .outerjoin(LastSeen, LastSeen.person_id == Entry.person_id)
        .outerjoin(Place, Place.id == LastSeen.place_id)
    )


def _line(columns: Sequence[Any]) -> Line:
    entry, trip, reasons, declared_at, last, place = columns
    seen = Seen(last.at, last.sign_at, place, last.region_code, last.lon, last.lat) if last else None
    return Line(entry, trip, verdict_of(reasons, clock.now()), declared_at, seen)


def list_entries(
    transfer: Transfer,
    *,
    filter: EntryFilter = EntryFilter(),  # noqa: A002 - the seam's name; a frozen value
    sort: Sort = Sort.NAME,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Line]:
    """A page of a roster, each row joined with its person's colour and last place.

    `after` is the last row of the page before. Every filter and both orders have an index that begins with the
    transfer, so that a page costs the same in a roster of 1,000 and of 100,000.
    """
    key = tuple_(Entry.sort_key, Entry.id) if sort is Sort.NAME else tuple_(Entry.number, Entry.id)
    page = (
        select(Entry.id)
        .where(Entry.transfer_id == transfer.id, *_conditions(filter))
        .order_by(*key.clauses)
        .limit(limit)
    )
    if after:
        page = page.where(beyond(key, select(*key.clauses).where(Entry.id == after, Entry.transfer_id == transfer.id)))
    # The page's rows are found first and joined after, so that no plan joins what the page doesn't show.
    rows = db.session.execute(_lines().where(Entry.id.in_(page)).order_by(*key.clauses))
    return [_line(row) for row in rows]


def _conditions(chosen: EntryFilter) -> list[Any]:
    found: list[Any] = []
    if chosen.search.strip():
        found += _search(chosen.search)
    if chosen.colour is not None:
        found.append(Entry.colour == chosen.colour)
    if chosen.trip_id is not None:
        found.append(Entry.trip_id == chosen.trip_id)
    if chosen.claimed is not None:
        found.append(Entry.person_id.is_not(None) if chosen.claimed else Entry.person_id.is_(None))
    if chosen.arrived is not None:
        found.append(Entry.arrived_at.is_not(None) if chosen.arrived else Entry.arrived_at.is_(None))
    if chosen.poor is not None:
        found.append(Entry.poor.is_(chosen.poor))
    if chosen.enterprise is not None:
        found.append(Entry.enterprise == chosen.enterprise)
    return found


def _search(text: str) -> list[Any]:
    """What somebody typed, as conditions on indexed columns; sealed values are found by their blind index."""
    number = tidy_resident_id(text)
    if RESIDENT_ID.fullmatch(number):
        return [Entry.resident_id_index == blind_index(number, "resident_id")]
    if PHONE.fullmatch(number):
        return [Entry.phone_index == blind_index(number, "phone")]
    if LAST_FOUR.fullmatch(number):
        return [Entry.last_four_index == blind_index(number, "last_four")]
    if NUMBER.fullmatch(number):
        return [Entry.number == int(number)]
    name = tidy_name(text)
    # The sound of the beginning narrows by the list's own index, the first character by the mask.
    sound = sort_key(name).removesuffix(name[:1])
    return [
        Entry.sort_key >= sound,
        Entry.sort_key < sound + AFTER_ANY,
        Entry.name_mask.startswith(name[:1], autoescape=True),
    ]


def get_entry(entry_id: UUID, *, seen_by: Acting) -> tuple[Line, Transfer]:
    """One row of a roster and its transfer. Refuses: NotFound for other offices' rows."""
    query = _lines().add_columns(Transfer).join(Transfer, Transfer.id == Entry.transfer_id)
    row: Any = db.session.execute(query.where(Entry.id == entry_id, visible_to(seen_by))).one_or_none()
    if row is None:
        raise NotFound
    *line, transfer = row
    return _line(line), transfer


def as_seen_by(lines: Sequence[Line], transfer: Transfer, seen_by: Acting) -> list[Line]:
    """The rows as this office may see them: the origin's own, whole; the destination's, what the transfer needs.

    Of those who don't share the destination learns colour and arrival only; of the others no place from long before
    departure or after the end. Rows that nobody has claimed are what the two governments exchanged, and so are those
    of people without any account, of whom nobody agreed to more: no place, no declaration.
    """
    if side_of(transfer, seen_by) is Side.ORIGIN:
        return list(lines)
    known = [line.entry.person_id for line in lines if line.entry.person_id is not None]
    sharing, asked = who_share(known), with_accounts(known)
    return [_shared(_narrowed(line, transfer), sharing, asked) for line in lines]


def _shared(line: Line, sharing: set[UUID], asked: set[UUID]) -> Line:
    person_id = line.entry.person_id
    if person_id is None or person_id in sharing:
        return line
    if person_id in asked:
        return replace(line, seen=None, withheld=True)
    return replace(line, seen=None, needed=replace(line.needed, until=NOTHING))


def withheld_among(rows: Iterable[tuple[Entry, Trip | None, Transfer]], seen_by: Acting) -> set[UUID]:
    """The ids of those rows whose people don't share with this office, which is their transfer's destination."""
    of: dict[Transfer, list[Line]] = {}
    for entry, trip, transfer in rows:
        of.setdefault(transfer, []).append(Line(entry, trip, judge((), clock.now()), None, None))
    seen = (line for transfer, lines in of.items() for line in as_seen_by(lines, transfer, seen_by))
    return {line.entry.id for line in seen if line.withheld}


def _narrowed(line: Line, transfer: Transfer) -> Line:
    leaves_at = (line.trip and (line.trip.departed_at or line.trip.departs_at)) or transfer.offered_at
    allowed = needed(Side.DESTINATION, transfer.state, leaves_at or transfer.created_at, transfer.ended_at)
    seen = line.seen if line.seen and line.seen.at and allowed.covers(line.seen.at) else None
    return replace(line, seen=seen, needed=allowed)


def entries_of_person(person_id: UUID) -> Sequence[Row[Entry, Trip, Transfer]]:
    """(entry, trip or None, transfer) for every transfer on whose roster a person stands, the last departure first."""
    query = (
        select(Entry, Trip, Transfer)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .outerjoin(Trip, Trip.id == Entry.trip_id)
        .where(Entry.person_id == person_id, Transfer.state.not_in([State.DRAFT, State.CANCELLED]))
        .order_by(Trip.departs_at.desc().nulls_last(), Entry.id.desc())
    )
    return db.session.execute(query).all()


def sent_from(person_id: UUID) -> str | None:
    """The region whose government sends a person to work, while that transfer runs; None where none does."""
    query = (
        select(Transfer.origin_region)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Entry.person_id == person_id, Transfer.state.in_(RUNNING))
        .order_by(Transfer.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def list_transfers_of_person(person_id: UUID) -> Sequence[UUID]:
    """The ids of the transfers on whose rosters a person stands, whatever their state."""
    return db.session.scalars(select(Entry.transfer_id).where(Entry.person_id == person_id).distinct()).all()


def entries_of_people(person_ids: Sequence[UUID], *, seen_by: Acting) -> Sequence[Entry]:
    """The rows of these people on rosters that an office sees, the newest row of each, by name.

    The destination's rows of who refuses to share are left out.
    """
    query = (
        select(Entry, Transfer)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(visible_to(seen_by), Entry.person_id.in_(person_ids))
        .order_by(Entry.id)
    )
    rows = db.session.execute(query).all()
    sharing = who_share([entry.person_id for entry, _ in rows if entry.person_id])
    newest = {
        entry.person_id: entry
        for entry, transfer in rows
        if side_of(transfer, seen_by) is Side.ORIGIN or entry.person_id in sharing
    }
    return sorted(newest.values(), key=lambda entry: (entry.sort_key, entry.id))
