"""All that is known of where somebody was, in one line of time: stays, rides, scans, what the person declares.

It stands here because rides do; itinerary knows nothing of vehicles. What contradicts is marked and shown, never left
out. An office sees of it what the transfer needs, and none of the rides of other offices' transfers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db
from backend.regions import names
from backend.regions.centroids import centroid
from backend.regions.datum import Point as Wgs84
from backend.regions.distance import distance_km
from healthcode.itinerary import declared
from healthcode.itinerary import queries as itinerary
from healthcode.itinerary.declared import Journey, Proof, Spot
from healthcode.itinerary.models import DeclaredTrip
from healthcode.itinerary.queries import Point, StayLine
from healthcode.itinerary.risk import LEVEL_NAMES
from healthcode.itinerary.rules import ITINERARY, SOURCE_NAMES, VEHICLE_NAMES, Presence, Source
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.queries.companions import stretches
from healthcode.transfers.queries.transfers import visible_to
from healthcode.transfers.rules import MODE_NAMES

CONTRADICTED = "与前后的记录矛盾：时间上来不及，其中一个不对，不影响健康码。"
DECLARED_ONLY = "本人申报，没有证明，不影响健康码。"
Covers = Callable[[datetime], bool]


class Kind(StrEnum):
    STAY = "stay"
    RIDE = "ride"
    SEEN = "seen"
    DECLARED = "declared"
    DECLARED_STAY = "declared_stay"


KIND_NAMES = {
    Kind.STAY: "停留",
    Kind.RIDE: "乘车",
    Kind.SEEN: "到过",
    Kind.DECLARED: "申报的行程",
    Kind.DECLARED_STAY: "申报的停留",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the line of time; `until` is None for a moment."""

    kind: Kind
    at: datetime
    until: datetime | None
    title: str
    lines: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """What speaks against it, in plain sentences."""
    proven: bool = True
    region_code: str | None = None
    to_region: str | None = None

    @property
    def contradicted(self) -> bool:
        """Something speaks against it; of a scan that proves nothing that is no news."""
        return bool(self.doubts) and (self.proven or self.kind is not Kind.SEEN)


@dataclass(frozen=True, slots=True)
class Mark:
    """A region on the map, and how long somebody was proven or said to be there."""

    code: str
    name: str
    spot: Spot
    proven: bool
    said: str


@dataclass(frozen=True, slots=True)
class Way:
    """An arrow on the map."""

    start: Spot
    end: Spot
    said: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The newest first."""

    items: Sequence[Item] = field(default=())

    @property
    def days(self) -> list[tuple[date, list[Item]]]:
        """By the day on which each began, in China."""
        grouped = groupby(self.items, key=lambda item: clock.local(item.at).date())
        return [(day, list(items)) for day, items in grouped]

    @property
    def contradictions(self) -> int:
        return sum(item.contradicted for item in self.items)

    @property
    def marks(self) -> list[Mark]:
        """Where somebody was, a mark a region, those proven before those declared."""
        found: dict[str, Mark] = {}
        where = [item for item in self.items if item.region_code and item.to_region is None]
        for item in sorted(where, key=lambda one: not one.proven):
            code = item.region_code or ""
            if code not in found and (middle := centroid(code)):
                lines = "\n".join(filter(None, (names.full_name(code), *item.lines)))
                found[code] = Mark(code, names.short_name(code), Spot(*middle), item.proven, lines)
        return list(found.values())

    @property
    def ways(self) -> list[Way]:
        """Journeys from region to region, those aboard a vehicle of a transfer as proven."""
        return [
            Way(Spot(*start), Spot(*end), item.title, item.proven)
            for item in self.items
            if item.region_code and item.to_region
            if (start := centroid(item.region_code)) and (end := centroid(item.to_region))
        ]


def timeline_of(person: Person, *, covers: Covers = lambda _at: True, seen_by: Acting | None = None) -> Timeline:
    """Fourteen days and what is to come, of a person; for an office those moments that its transfer covers."""
    points = [point for point in itinerary.itinerary_of(person) if covers(point.at)]
    trips = [trip for trip in itinerary.list_declared(person) if covers(trip.departs_at)]
    rides = [(ride, journey) for ride, journey in _rides(person, seen_by) if covers(ride.at)]
    proofs = _proofs(points)
    items = [
        *(_stay(stay) for stay in itinerary.list_stays(person) if covers(stay.since)),
        *(ride for ride, _ in rides),
        *_seen(points, proofs),
        *_declared(trips, [journey for _, journey in rides], [proof for _, proof in proofs]),
        *_declared_stays(trips),
    ]
    order = list(Kind)
    return Timeline(sorted(items, key=lambda item: (item.at, -order.index(item.kind)), reverse=True))


def _stay(stay: StayLine) -> Item:
    return Item(
        Kind.STAY,
        stay.since,
        stay.until,
        names.full_name(stay.region_code),
        (f"{stay.length}，{LEVEL_NAMES[stay.level]}地区",),
        (CONTRADICTED,) if stay.contradicted else (),
        region_code=stay.region_code,
    )


def _rides(person: Person, seen_by: Acting | None) -> list[tuple[Item, Journey]]:
    """From boarding to leaving each vehicle, by its whole list where nobody was ticked.

    The journey of whoever is aboard still lasts until the planned arrival.
    """
    own = stretches(select(Entry.id).where(Entry.person_id == person.id)).subquery("own")
    query = (
        select(Trip, Transfer, own.c.seat, own.c.since, own.c.until)
        .select_from(own)
        .join(Trip, Trip.id == own.c.trip_id)
        .join(Transfer, Transfer.id == Trip.transfer_id)
        .where(own.c.until >= clock.now() - ITINERARY)
    )
    if seen_by is not None:
        query = query.where(visible_to(seen_by))
    return [_ride(*row) for row in db.session.execute(query)]


def _ride(trip: Trip, transfer: Transfer, seat: str, since: datetime, until: datetime) -> tuple[Item, Journey]:
    name = f"{MODE_NAMES[trip.mode]} {trip.vehicle}".strip()
    aboard = trip.ended_at is None and until >= clock.now()
    planned = max(until, trip.arrives_at or until) if aboard else until
    ends = f"{names.short_name(transfer.origin_region)} → {names.short_name(transfer.destination_region)}"
    item = Item(
        Kind.RIDE,
        since,
        until,
        name,
        tuple(filter(None, (ends, f"座位 {seat}" if seat else "", "上车到下车期间，以全车人员的最新位置为准"))),
        region_code=transfer.origin_region,
        to_region=transfer.destination_region,
    )
    return item, Journey(name, since, planned, None, None)


def _proofs(points: Sequence[Point]) -> list[tuple[Point, Proof]]:
    """Those that prove something and say where, in the order of time."""
    return [
        (point, Proof(point.at, Spot(point.lon, point.lat), (point.accuracy_m or 0) / 1000, _place(point)))
        for point in reversed(points)
        if point.presence is Presence.PROVEN and point.lon is not None and point.lat is not None
    ]


def _place(point: Point) -> str:
    return point.place_name or (names.full_name(point.region_code) if point.region_code else "位置靠近边界的地方")


def _seen(points: Sequence[Point], proofs: Sequence[tuple[Point, Proof]]) -> list[Item]:
    leaps = declared.leaps([proof for _, proof in proofs], _km)
    found = {id(proofs[index][0]): sentence for index, sentence in leaps.items()}
    return [
        Item(
            Kind.SEEN,
            point.at,
            None,
            _place(point),
            tuple(filter(None, (SOURCE_NAMES[point.source], names.full_name(point.region_code or "")))),
            tuple(filter(None, (point.doubt, found.get(id(point))))),
            proven=point.presence is Presence.PROVEN,
            region_code=point.region_code,
        )
        for point in points
        if point.source is not Source.VEHICLE or id(point) in found
    ]


def _declared(trips: Sequence[DeclaredTrip], rides: Sequence[Journey], proofs: Sequence[Proof]) -> list[Item]:
    journeys = [_journey(trip) for trip in trips]
    return [
        Item(
            Kind.DECLARED,
            trip.departs_at,
            trip.arrives_at,
            journey.name,
            tuple(
                filter(
                    None,
                    (
                        f"{names.full_name(trip.from_region)} → {names.full_name(trip.to_region)}",
                        f"座位 {trip.seat}" if trip.seat else "",
                        DECLARED_ONLY,
                    ),
                )
            ),
            tuple(declared.doubts(journey, [*(one for one in journeys if one is not journey), *rides], proofs, _km)),
            proven=False,
            region_code=trip.from_region,
            to_region=trip.to_region,
        )
        for trip, journey in zip(trips, journeys, strict=True)
    ]


def _journey(trip: DeclaredTrip) -> Journey:
    start, end = centroid(trip.from_region), centroid(trip.to_region)
    return Journey(
        f"{VEHICLE_NAMES[trip.vehicle]} {trip.number}".strip(),
        trip.departs_at,
        trip.arrives_at,
        Spot(*start) if start else None,
        Spot(*end) if end else None,
        declared.FASTEST[trip.vehicle],
    )


def _declared_stays(trips: Sequence[DeclaredTrip]) -> list[Item]:
    """Between arriving somewhere and leaving from there, by what the person says alone."""
    in_order = sorted(trips, key=lambda trip: trip.departs_at)
    return [
        Item(
            Kind.DECLARED_STAY,
            one.arrives_at,
            then.departs_at,
            names.full_name(one.to_region),
            (DECLARED_ONLY,),
            proven=False,
            region_code=one.to_region,
        )
        for one, then in pairwise(in_order)
        if timedelta(0) < then.departs_at - one.arrives_at <= ITINERARY
        and (names.within(one.to_region, then.from_region) or names.within(then.from_region, one.to_region))
    ]


def _km(one: Spot, other: Spot) -> float:
    return distance_km(Wgs84(*one), Wgs84(*other))
