"""Journeys that the person declares, and the one line of time of everything that is known."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from backend.accounts.rules import Purpose
from backend.core.config import settings
from backend.regions import names as regions
from healthcode.itinerary import actions, queries
from healthcode.itinerary.models import DeclaredTrip
from healthcode.itinerary.rules import VEHICLE_NAMES, Vehicle
from healthcode.transfers import queries as transfers
from healthcode.transfers.queries.timeline import KIND_NAMES, Item, Kind, Timeline
from miniprogram_api.guard import held, worker
from miniprogram_api.schemas import Answer, Body, Once, many


class JourneyIn(Body):
    vehicle: Vehicle = Field(examples=["train"])
    number: str = Field(
        default="",
        max_length=20,
        description="Of train or flight, or the plate; empty where unknown.",
        examples=["G1234"],
    )
    seat: str = Field(default="", max_length=20, examples=["05车12F"])
    from_region: str = Field(pattern=r"^\d{6}$", description="A county or city (GB/T 2260).", examples=["520602"])
    to_region: str = Field(pattern=r"^\d{6}$", examples=["320583"])
    departs_at: AwareDatetime = Field(examples=["2026-03-22T08:00:00+08:00"])
    arrives_at: AwareDatetime = Field(examples=["2026-03-22T18:00:00+08:00"])


class JourneyOut(Answer):
    id: UUID
    vehicle: Vehicle
    vehicle_name: str = Field(examples=["火车"])
    number: str
    seat: str
    from_name: str = Field(examples=["贵州省铜仁市碧江区"])
    to_name: str
    departs_at: datetime
    arrives_at: datetime
    declared_at: datetime


class ItemOut(Answer):
    kind: Kind
    kind_name: str = Field(examples=["停留"])
    at: datetime
    until: datetime | None = Field(description="Null for a moment.")
    title: str = Field(examples=["贵州省铜仁市碧江区"])
    lines: list[str]
    doubts: list[str] = Field(description="What speaks against it, in plain sentences: marked, never hidden.")
    proven: bool = Field(description="False for what is only declared, and for scans that prove nothing.")


class DayOut(Answer):
    day: date
    items: list[ItemOut]


class MarkOut(Answer):
    name: str = Field(examples=["碧江区"])
    lon: float
    lat: float
    proven: bool
    said: str


class WayOut(Answer):
    start: tuple[float, float] = Field(description="Longitude, latitude.")
    end: tuple[float, float]
    proven: bool
    said: str


class TimelineOut(Answer):
    days: list[DayOut] = Field(description="The newest first.")
    contradictions: int
    marks: list[MarkOut] = Field(description="A mark in the middle of each region; no exact places.")
    ways: list[WayOut]
    review_number: str = Field(description="审图号, to be shown under the map; empty where there is none yet.")


@worker.get("/people/<uuid:person_id>/journeys")
@worker.output(many(JourneyOut))
def list_journeys(person_id: UUID) -> list[JourneyOut]:
    """我申报的行程 The journeys that the person declared, the last departure first."""
    return [_journey(trip) for trip in queries.list_declared(held(person_id))]


@worker.post("/people/<uuid:person_id>/journeys")
@worker.input(JourneyIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(JourneyOut, 201)
def declare_journey(person_id: UUID, body: JourneyIn, once: Once) -> JourneyOut:
    """申报行程 Declare a train, coach, flight or car; it proves nothing and changes no colour."""
    trip = actions.declare_trip(
        person=held(person_id, Purpose.SENSITIVE), request_key=once.idempotency_key, **body.model_dump()
    )
    return _journey(trip)


@worker.delete("/people/<uuid:person_id>/journeys/<uuid:journey_id>")
@worker.output({}, 204)
def withdraw_journey(person_id: UUID, journey_id: UUID) -> str:
    """撤回行程 Take a declared journey back; once more is no difference."""
    actions.withdraw_trip(person=held(person_id), trip_id=journey_id)
    return ""


def _journey(trip: DeclaredTrip) -> JourneyOut:
    return JourneyOut(
        id=trip.id,
        vehicle=trip.vehicle,
        vehicle_name=VEHICLE_NAMES[trip.vehicle],
        number=trip.number,
        seat=trip.seat,
        from_name=regions.full_name(trip.from_region),
        to_name=regions.full_name(trip.to_region),
        departs_at=trip.departs_at,
        arrives_at=trip.arrives_at,
        declared_at=trip.declared_at,
    )


@worker.get("/people/<uuid:person_id>/timeline")
@worker.output(TimelineOut)
def timeline(person_id: UUID) -> TimelineOut:
    """我的行程时间线 Stays, vehicles, scans and declared journeys of 14 days, with what contradicts what."""
    known = transfers.timeline_of(held(person_id))
    return TimelineOut(
        days=[DayOut(day=day, items=_items(items)) for day, items in known.days],
        contradictions=known.contradictions,
        **_map(known),
    )


def _items(items: Sequence[Item]) -> list[ItemOut]:
    return [
        ItemOut(
            kind=item.kind,
            kind_name=KIND_NAMES[item.kind],
            at=item.at,
            until=item.until,
            title=item.title,
            lines=list(item.lines),
            doubts=list(item.doubts),
            proven=item.proven,
        )
        for item in items
    ]


def _map(known: Timeline) -> dict[str, object]:
    return {
        "marks": [
            MarkOut(name=mark.name, lon=mark.spot.lon, lat=mark.spot.lat, proven=mark.proven, said=mark.said)
            for mark in known.marks
        ],
        "ways": [WayOut(start=way.start, end=way.end, proven=way.proven, said=way.said) for way in known.ways],
        "review_number": settings().map_review_number,
    }
