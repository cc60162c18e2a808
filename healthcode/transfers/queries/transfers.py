"""Transfers, their trips, their counters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Tuple, cast, func, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.rules import Colour
from healthcode.transfers.models import Step, Tally, Transfer, Trip
from healthcode.transfers.queries.vehicles import states_of_trips
from healthcode.transfers.rules import ACCESS_AFTER_END, BY_VEHICLES, MOVES, RUNNING, UNDER_WAY, Side, State

PAGE = 50


def visible_to(seen_by: Acting) -> ColumnElement[bool]:
    """The rule for joining: the origin sees its transfers, the destination from the offer until 14 days after the end.

    Officials of governments alone; for anybody else nothing is there.
    """
    if seen_by.kind is not OrganisationKind.GOVERNMENT or seen_by.role is not Role.OFFICIAL:
        return Transfer.id.is_(None)
    office = seen_by.organisation_id
    running = or_(Transfer.ended_at.is_(None), Transfer.ended_at > clock.now() - ACCESS_AFTER_END)
    return or_(
        Transfer.origin_id == office, (Transfer.destination_id == office) & Transfer.offered_at.is_not(None) & running
    )


def side_of(transfer: Transfer, seen_by: Acting) -> Side:
    """On which side of a transfer that it sees an office stands."""
    return Side.ORIGIN if transfer.origin_id == seen_by.organisation_id else Side.DESTINATION


def possible_moves(transfer: Transfer, seen_by: Acting) -> list[State]:
    """To which states this office may take the transfer now."""
    side = side_of(transfer, seen_by)
    moves = [after for (before, after), who in MOVES.items() if before is transfer.state and who is side]
    by_vehicles = BY_VEHICLES & set(moves) and states_of_trips(transfer)
    return [to for to in moves if not by_vehicles or to not in BY_VEHICLES]


def may_recall(transfer: Transfer, seen_by: Acting) -> bool:
    """Whether this office may call off a transfer of which vehicles are on their way."""
    own = side_of(transfer, seen_by) is Side.ORIGIN and transfer.state is State.IN_TRANSIT
    return own and transfer.recalled_at is None and bool(UNDER_WAY & set(states_of_trips(transfer)))


@dataclass(frozen=True, slots=True)
class Listed:
    """A transfer in a list, with its two offices' names."""

    transfer: Transfer
    origin_name: str
    destination_name: str
    counts: "Counts"


@dataclass(frozen=True, slots=True)
class Counts:
    """How a roster stands, as of `at`; None where nobody has counted yet. Kept, so that asking costs nothing."""

    at: datetime | None
    entries: int
    colours: dict[Colour, int]
    claimed: int
    arrived: int
    poor: int

    @property
    def unclaimed(self) -> int:
        return self.entries - self.claimed


def list_transfers(
    *,
    seen_by: Acting,
    search: str = "",
    state: State | None = None,
    running: bool = False,
    origin_region: str = "",
    destination_region: str = "",
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Listed]:
    """Transfers of an office, the newest first, paged by id; if asked, those alone that run, or from or to a region."""
    origin, destination = aliased(Organisation), aliased(Organisation)
    query = (
        select(Transfer, origin.name, destination.name)
        .join(origin, origin.id == Transfer.origin_id)
        .join(destination, destination.id == Transfer.destination_id)
        .where(visible_to(seen_by))
        .order_by(Transfer.id.desc())
        .limit(limit)
    )
    if search:
        query = query.where(
            or_(
                *(
                    column.contains(search, autoescape=True)
                    for column in (Transfer.title, origin.name, destination.name)
                )
            )
        )
    if state:
        query = query.where(Transfer.state == state)
    if running:
        query = query.where(Transfer.state.in_(RUNNING))
    if origin_region:
        query = query.where(Transfer.origin_region == origin_region)
    if destination_region:
        query = query.where(Transfer.destination_region == destination_region)
    if after:
        query = query.where(Transfer.id < after)
    rows = db.session.execute(query).all()
    counts = _counts([transfer for transfer, *_ in rows])
    return [Listed(transfer, left, right, counts[transfer.id]) for transfer, left, right in rows]


def count_offered(*, seen_by: Acting) -> int:
    """How many transfers wait for this office to agree to receive them."""
    offered = (Transfer.destination_id == seen_by.organisation_id) & (Transfer.state == State.OFFERED)
    return db.session.scalar(select(func.count()).select_from(Transfer).where(visible_to(seen_by), offered)) or 0


def get_transfer(transfer_id: UUID, *, seen_by: Acting) -> Transfer:
    """Refuses: NotFound for a transfer of other offices, not yet offered to this one, or ended long ago."""
    transfer = db.session.scalar(select(Transfer).where(Transfer.id == transfer_id, visible_to(seen_by)))
    if transfer is None:
        raise NotFound
    return transfer


def list_steps(transfer: Transfer) -> Sequence[Row[Step, str, str]]:
    """(step, operator, office) of what the two sides did, the oldest first."""
    query = (
        select(Step, Operator.name, Organisation.name)
        .join(Operator, Operator.id == Step.operator_id)
        .join(Organisation, Organisation.id == Step.organisation_id)
        .where(Step.transfer_id == transfer.id)
        .order_by(Step.id)
    )
    return db.session.execute(query).all()


def count_entries(transfer: Transfer) -> Counts:
    """How the roster stands: by colour, claimed, arrived, from registered poor households."""
    return _counts([transfer])[transfer.id]


def _counts(transfers: Sequence[Transfer]) -> dict[UUID, Counts]:
    tallies: dict[UUID, list[Tally]] = {transfer.id: [] for transfer in transfers}
    for tally in db.session.scalars(select(Tally).where(Tally.transfer_id.in_(tallies))):
        tallies[tally.transfer_id].append(tally)
    return {
        transfer.id: Counts(
            at=transfer.counted_at,
            entries=transfer.entries,
            colours=dict.fromkeys(Colour, 0) | {tally.colour: tally.entries for tally in tallies[transfer.id]},
            claimed=sum(tally.claimed for tally in tallies[transfer.id]),
            arrived=sum(tally.arrived for tally in tallies[transfer.id]),
            poor=sum(tally.poor for tally in tallies[transfer.id]),
        )
        for transfer in transfers
    }


def beyond(key: Tuple, last: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """The condition for the page after a row whose key is read first, so that the index takes the values.

    When that row has gone meanwhile the list begins anew.
    """
    values = db.session.execute(last).one_or_none()
    return key > tuple_(*values) if values else true()


def list_trips(transfer: Transfer, *, after: UUID | None = None, limit: int = PAGE) -> Sequence[Trip]:
    """Trips with people on them or that have left, by departure, those without a time last; paged by id.

    Their counters are kept.
    """
    departs = func.coalesce(Trip.departs_at, cast("infinity", Trip.departs_at.type))
    query = (
        select(Trip)
        .where(Trip.transfer_id == transfer.id, or_(Trip.entries > 0, Trip.departed_at.is_not(None)))
        # The same order as `departs` gives, in the words of the index.
        .order_by(Trip.departs_at.asc().nulls_last(), Trip.id)
        .limit(limit)
    )
    if after:
        last = select(departs, Trip.id).where(Trip.id == after, Trip.transfer_id == transfer.id)
        query = query.where(beyond(tuple_(departs, Trip.id), last))
    return db.session.scalars(query).all()


def get_trip(transfer: Transfer, trip_id: UUID) -> Trip:
    """Refuses: NotFound for a trip of another transfer."""
    trip = db.session.scalar(select(Trip).where(Trip.id == trip_id, Trip.transfer_id == transfer.id))
    if trip is None:
        raise NotFound
    return trip
