"""The vehicles of all transfers that an office sees, with what needs somebody now: few statements for all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, text

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from healthcode.codes.rules import FEVER
from healthcode.transfers import seating
from healthcode.transfers.alarms import LOOKS_AHEAD, Course, Said, alarms
from healthcode.transfers.models import Entry, Plan, SeatRule, Transfer, Trip
from healthcode.transfers.planned import missing
from healthcode.transfers.queries.boarding import MEASURED_WITHIN
from healthcode.transfers.queries.plans import WHOLE, standing
from healthcode.transfers.queries.transfers import side_of, visible_to
from healthcode.transfers.rules import RUNNING, UNDER_WAY, Mode, Side, State, TripState

PLANNED = RUNNING - {State.OFFERED}
"""States in which somebody has to see that a vehicle leaves as planned."""
ABOARD = text("""
SELECT r.trip_id, count(*) AS people, count(*) FILTER (WHERE e.colour IN ('yellow', 'red')) AS not_green,
       count(*) FILTER (WHERE m.temperature >= :fever) AS fevers
FROM transfers.ride r
JOIN transfers.entry e ON e.id = r.entry_id
LEFT JOIN LATERAL (
    SELECT temperature FROM codes.measurement
    WHERE person_id = e.person_id AND day >= :day AND at >= :since ORDER BY at DESC, id DESC LIMIT 1
) AS m ON true
WHERE r.trip_id = ANY (cast(:trips AS uuid[])) AND r.left_at IS NULL
GROUP BY r.trip_id
""")
TICKED = text("SELECT DISTINCT trip_id FROM transfers.ride WHERE trip_id = ANY (cast(:trips AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Watched:
    """A vehicle that needs somebody, or of which a check says so, and why as far as its own data say."""

    trip: Trip
    transfer: Transfer
    said: Sequence[Said]


def list_watched(*, seen_by: Acting, also: Collection[UUID] = ()) -> list[Watched]:
    """Vehicles under way or about to leave that don't fare as planned, and these others, by planned departure.

    What a plan lacks is said to the origin, which can mend it; who would sit beside a stranger isn't part of it, since
    that takes opening addresses.
    """
    now = clock.now()
    leaving = (Trip.state == TripState.WAITING) & (Trip.departs_at <= now + LOOKS_AHEAD) & Transfer.state.in_(PLANNED)
    of_interest = or_(Trip.state.in_(UNDER_WAY), leaving & (Trip.entries > 0), Trip.id.in_(also))
    query = (
        select(Trip, Transfer, Plan)
        .join(Transfer, Transfer.id == Trip.transfer_id)
        .outerjoin(Plan, Plan.trip_id == Trip.id)
        .where(visible_to(seen_by), Transfer.state.in_(RUNNING), of_interest)
        .order_by(Trip.departs_at.nulls_last(), Trip.id)
    )
    rows = [(trip, transfer, plan) for trip, transfer, plan in db.session.execute(query)]
    fevers, not_green = _aboard([trip for trip, *_ in rows])
    own = [(trip, plan) for trip, transfer, plan in rows if side_of(transfer, seen_by) is Side.ORIGIN]
    lacking = _lacking([(trip, plan) for trip, plan in own if trip.state is TripState.WAITING])
    watched = [
        Watched(
            trip,
            transfer,
            alarms(
                Course(
                    state=trip.state,
                    departs_at=trip.departs_at,
                    arrives_at=trip.arrives_at,
                    fevers=fevers.get(trip.id, 0),
                    not_green=not_green.get(trip.id, trip.yellow + trip.red),
                    undeclared=trip.entries - trip.green - trip.yellow - trip.red,
                    lacking=lacking.get(trip.id, ()),
                ),
                now,
            ),
        )
        for trip, transfer, _ in rows
    ]
    return [one for one in watched if one.said or one.trip.id in also]


def _aboard(trips: Sequence[Trip]) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """(how many have a fever, how many aren't green) of those aboard; nothing of vehicles without a ticked person."""
    under_way = [trip.id for trip in trips if trip.state in UNDER_WAY]
    if not under_way:
        return {}, {}
    since = clock.now() - MEASURED_WITHIN
    about = {"trips": under_way, "fever": FEVER, "since": since, "day": clock.local(since).date()}
    ticked = set(db.session.scalars(TICKED, about))
    rows = db.session.execute(ABOARD, about).all()
    return {row.trip_id: row.fevers for row in rows}, dict.fromkeys(ticked, 0) | {
        row.trip_id: row.not_green for row in rows
    }


def _lacking(planned: Sequence[tuple[Trip, Plan | None]]) -> dict[UUID, list[str]]:
    """What each of these vehicles lacks before it leaves."""
    coaches = [trip.id for trip, plan in planned if trip.mode is Mode.COACH and plan and plan.seats]
    taken: dict[UUID, list[str]] = {}
    seats = select(Trip.id, Entry.seat).join(Entry, Entry.trip_id == Trip.id).where(Trip.id.in_(coaches))
    for trip_id, seat in db.session.execute(seats):
        taken.setdefault(trip_id, []).append(seat)
    rules = db.session.scalars(select(SeatRule)).all() if planned else []
    found = {}
    for trip, plan in planned:
        unseated, observed = _seated(plan.seats, taken.get(trip.id, [])) if plan and plan.seats else (0, 0)
        day = clock.local(trip.departs_at or clock.now()).date()
        stands = standing(
            trip,
            plan,
            percent=_percent(rules, trip.mode, day),
            unseated=unseated if trip.mode is Mode.COACH else 0,
            observation_taken=observed if trip.mode is Mode.COACH else 0,
            beside_strangers=0,
        )
        found[trip.id] = missing(stands)
    return found


def _seated(seats: int, given: Sequence[str]) -> tuple[int, int]:
    """(how many of these seats a coach of so many doesn't have or gives twice, how many lie in the last rows)."""
    places = {str(seat.number): seat for row in seating.layout(seats) for seat in row}
    held = {seat for seat in given if seat in places}
    return len(given) - len(held), sum(places[seat].observation for seat in held)


def _percent(rules: Sequence[SeatRule], mode: Mode, day: date) -> int:
    """As `plans.percent_of`, from all the rules at once."""
    holding = (
        rule.percent
        for rule in rules
        if rule.mode is mode and rule.first_day <= day and (rule.last_day is None or rule.last_day >= day)
    )
    return min(holding, default=WHOLE)
