"""A vehicle's plan, the rule of its day, who sits where, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from backend.accounts.queries import families_among
from backend.core import clock
from backend.core.crypto import unseal
from backend.core.db import db
from healthcode.transfers import seating
from healthcode.transfers.models import Entry, Plan, SeatRule, Trip
from healthcode.transfers.planned import Post, Standing, Supply
from healthcode.transfers.rules import Mode

WHOLE = 100


def get_plan(trip: Trip) -> Plan | None:
    """The vehicle's plan, None while nobody has written it."""
    return db.session.get(Plan, trip.id)


def rule_on(mode: Mode, day: date) -> SeatRule | None:
    """The rule for such vehicles on a day, the strictest where two hold; None: every seat may be taken."""
    holds = (SeatRule.first_day <= day) & or_(SeatRule.last_day.is_(None), SeatRule.last_day >= day)
    query = select(SeatRule).where(SeatRule.mode == mode, holds).order_by(SeatRule.percent, SeatRule.id).limit(1)
    return db.session.scalar(query)


def rule_of(trip: Trip) -> SeatRule | None:
    """The rule of the day on which a vehicle leaves."""
    return rule_on(trip.mode, clock.local(trip.departs_at or clock.now()).date())


def percent_of(trip: Trip) -> int:
    """How much of a vehicle's seats may be taken on its day."""
    rule = rule_of(trip)
    return rule.percent if rule else WHOLE


def list_aboard(trip: Trip, limit: int | None = None) -> Sequence[Entry]:
    """The rows of a vehicle, by their number."""
    query = select(Entry).where(Entry.trip_id == trip.id).order_by(Entry.number, Entry.id).limit(limit)
    return db.session.scalars(query).all()


def list_leads(plan: Plan | None) -> dict[str, Entry]:
    """The rows of leader and deputy, as far as they are named."""
    named = {"leader": plan.leader_id, "deputy": plan.deputy_id} if plan else {}
    found = {entry.id: entry for entry in db.session.scalars(select(Entry).where(Entry.id.in_(named.values())))}
    return {post: found[entry_id] for post, entry_id in named.items() if entry_id in found}


def households_of(entries: Sequence[Entry]) -> dict[UUID, str | None]:
    """Who of these belongs together: behind the same door, or families by what their accounts declared.

    Addresses are compared here and shown to nobody.
    """
    by_person = {entry.person_id: entry.id for entry in entries if entry.person_id}
    declared = [[by_person[person] for person in family] for family in families_among(list(by_person))]
    return seating.households({entry.id: unseal(entry.address) if entry.address else "" for entry in entries}, declared)


@dataclass(frozen=True, slots=True)
class Place:
    """A seat of the picture; `entry` is who has it."""

    seat: seating.Seat
    entry: Entry | None
    family: int | None
    """A number that those of one household share."""
    beside_stranger: bool


@dataclass(frozen=True, slots=True)
class SeatPlan:
    rows: Sequence[Sequence[Place]]
    unseated: Sequence[Entry]
    """Who has no seat of this coach."""
    observation_taken: int
    beside_strangers: int


def seat_plan(trip: Trip, seats: int) -> SeatPlan:
    """The coach with who sits where, by the rows' seats as they stand."""
    entries = list_aboard(trip)
    together = households_of(entries)
    rows = seating.layout(seats)
    places = places_of(entries, {seat.number for row in rows for seat in row})
    holder = {places[entry.id]: entry for entry in entries if entry.id in places}
    strangers = set(seating.beside_strangers(places, together, seats))
    numbers: dict[str, int] = {}
    families = {one: numbers.setdefault(key, len(numbers) + 1) for one, key in together.items() if key}

    def place(seat: seating.Seat) -> Place:
        entry = holder.get(seat.number)
        return Place(seat, entry, families.get(entry.id) if entry else None, bool(entry and entry.id in strangers))

    return SeatPlan(
        rows=[[place(seat) for seat in row] for row in rows],
        unseated=[entry for entry in entries if entry.id not in places],
        observation_taken=sum(seat.observation and seat.number in holder for row in rows for seat in row),
        beside_strangers=len(strangers),
    )


def places_of(entries: Sequence[Entry], numbers: set[int]) -> Mapping[UUID, int]:
    """The seats of those who have one of these numbers; of two with the same one the first has it."""
    taken: dict[int, UUID] = {}
    for entry in entries:
        if entry.seat.isdecimal() and int(entry.seat) in numbers:
            taken.setdefault(int(entry.seat), entry.id)
    return {one: number for number, one in taken.items()}


def standing_of(trip: Trip) -> Standing:
    """How a vehicle stands against its plan and the rule of its day."""
    plan = get_plan(trip)
    seats = plan.seats if plan else None
    shown = seat_plan(trip, seats) if seats and trip.mode is Mode.COACH else None
    return standing(
        trip,
        plan,
        percent=percent_of(trip),
        unseated=len(shown.unseated) if shown else 0,
        observation_taken=shown.observation_taken if shown else 0,
        beside_strangers=shown.beside_strangers if shown else 0,
    )


def standing(
    trip: Trip, plan: Plan | None, *, percent: int, unseated: int, observation_taken: int, beside_strangers: int
) -> Standing:
    """How a vehicle stands, from its plan, the share of seats that its day allows, and who sits where."""
    journey = trip.arrives_at - trip.departs_at if trip.arrives_at and trip.departs_at else None
    return Standing(
        mode=trip.mode,
        vehicle=trip.vehicle,
        journey=journey,
        travellers=trip.entries,
        allowed=seating.most_seated(plan.seats, percent) if plan and plan.seats else None,
        unseated=unseated,
        observation_taken=observation_taken,
        beside_strangers=beside_strangers,
        carrier=plan.carrier if plan else "",
        crew=frozenset(Post(post) for post in plan.crew_masks) if plan else frozenset(),
        leader=bool(plan and plan.leader_id),
        deputy=bool(plan and plan.deputy_id),
        hands_over=any(stop["hands_over"] for stop in plan.stops) if plan else False,
        supplies={Supply(kind): count for kind, count in plan.supplies.items()} if plan else {},
    )
