"""Who is aboard a vehicle as an officer sees it: those who don't pass first."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.models import Reading
from healthcode.codes.outcomes import STEPS
from healthcode.codes.rules import COLOUR_NAMES, SEVERITY, Colour, Outcome
from healthcode.codes.transit_rules import REASON, STEP, is_in_transit
from healthcode.transfers.boarding import Standing
from healthcode.transfers.models import Inspection, Transfer, Trip
from healthcode.transfers.queries.boarding import Passenger, has_rides, list_passengers
from healthcode.transfers.rules import TripState

UNKNOWN = "没有登记健康码。"
UNKNOWN_STEP = "请本人登记并申报，或核对身份证后按无手机查询。"


@dataclass(frozen=True, slots=True)
class Looked:
    """One person aboard, as much as this officer may know.

    First character and last four are there also in transit: how else is whoever doesn't pass found on a coach.
    """

    passenger: Passenger
    outcome: Outcome
    colour: Colour | None
    """None where the office is only in transit, and for who doesn't pass there."""
    reason: str
    next_step: str

    @property
    def first_character(self) -> str:
        return self.passenger.entry.name_mask[:1]

    @property
    def last_four(self) -> str:
        return self.passenger.last_four

    @property
    def colour_name(self) -> str:
        return COLOUR_NAMES[self.colour] if self.colour else ""


def get_inspection(inspection_id: UUID, *, seen_by: Acting, lock: bool = False) -> Inspection:
    """An officer's own. Refuses: NotFound."""
    own = (Inspection.operator_id == seen_by.operator_id) & (Inspection.organisation_id == seen_by.organisation_id)
    query = select(Inspection).where(Inspection.id == inspection_id, own)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def list_inspections(trip: Trip) -> list[Inspection]:
    """Where a vehicle was looked at, the newest first."""
    query = select(Inspection).where(Inspection.trip_id == trip.id).order_by(Inspection.at.desc())
    return list(db.session.scalars(query))


def count_inspected(inspection: Inspection) -> tuple[int, int]:
    """(how many pass, how many don't) of those of whom it was written down."""
    day = clock.local(inspection.at).date()
    query = select(func.count().filter(Reading.outcome == Outcome.PASSES), func.count()).where(
        Reading.day == day,
        Reading.code_id == inspection.code_id,
        Reading.request_key.startswith(inspection.id.hex),
    )
    passed, read = db.session.execute(query).one()
    return passed, read - passed


def meets_in_transit(trip: Trip, *, seen_by: Acting) -> bool:
    """Whether the office lies neither where the vehicle comes from nor where it goes, by `transit_rules`."""
    transfer = db.session.get_one(Transfer, trip.transfer_id)
    return is_in_transit(seen_by.region_code, [transfer.origin_region, transfer.destination_region])


def list_looked(trip: Trip, *, seen_by: Acting) -> list[Looked]:
    """Everybody aboard now, whoever doesn't pass first and then by number; nobody once the vehicle has ended.

    While nobody was ticked as boarded, all of its list count as aboard, but for those struck from it.
    """
    transit = meets_in_transit(trip, seen_by=seen_by)
    looked = [_looked(one, transit=transit) for one in _aboard(trip)]
    # A colour that isn't told isn't told by the order either.
    return sorted(looked, key=lambda one: (-_rank(one), one.passenger.entry.number))


def _aboard(trip: Trip) -> list[Passenger]:
    standing: Collection[Standing] = {Standing.ABOARD}
    if trip.state is TripState.WAITING and not has_rides(trip):
        standing = {Standing.EXPECTED}
    if trip.state is not TripState.WAITING and not has_rides(trip):
        standing = {Standing.EXPECTED, Standing.ABOARD}
    return [one for one in list_passengers(trip) if one.standing in standing]


def _rank(one: Looked) -> int:
    if one.colour is None or one.outcome is Outcome.PASSES:
        return int(one.outcome is not Outcome.PASSES)
    return 1 + SEVERITY[one.colour]


def _looked(one: Passenger, *, transit: bool) -> Looked:
    colour = one.verdict.colour
    if colour is Colour.GREEN and not one.feverish:
        return Looked(one, Outcome.PASSES, colour, REASON if transit else one.verdict.fact, STEPS[colour])
    if one.entry.person_id is None:
        return Looked(one, Outcome.REFUSED, Colour.GREY, UNKNOWN, UNKNOWN_STEP)
    if transit:
        return Looked(one, Outcome.REFUSED, None, REASON, STEPS[colour] if colour is Colour.GREY else STEP)
    if one.feverish and one.temperature is not None:
        return Looked(one, Outcome.REFUSED, colour, f"车上测得体温 {one.temperature / 10} ℃。", STEPS[Colour.YELLOW])
    return Looked(one, Outcome.REFUSED, colour, one.verdict.fact, STEPS[colour])
