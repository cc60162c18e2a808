"""Where the person was and is going, and who looked."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from backend.accounts import queries as accounts
from backend.accounts.models import Person
from backend.accounts.rules import Purpose
from backend.privacy import queries as privacy
from backend.regions import names as regions
from backend.regions.datum import Datum
from healthcode.codes import queries as codes
from healthcode.codes.helper_rules import HELPER
from healthcode.itinerary import actions, queries
from healthcode.itinerary.models import Sighting
from healthcode.itinerary.risk import Level
from healthcode.itinerary.rules import Position, Presence, Source
from healthcode.transfers import actions as boarding
from healthcode.transfers import queries as transfers
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.rules import MODE_NAMES, STATE_NAMES
from miniprogram_api.guard import held, worker
from miniprogram_api.schemas import Answer, Body, Once, many


class PositionIn(Body):
    lon: float = Field(ge=-180, le=180, strict=True, examples=[109.19])
    lat: float = Field(ge=-90, le=90, strict=True, examples=[27.72])
    accuracy: float = Field(ge=0, le=100_000, strict=True, description="Metres.", examples=[30])
    datum: Datum = Field(description="gcj02 from wx.getLocation, wgs84 from a browser.", examples=["wgs84"])

    def position(self) -> Position:
        return Position(self.lon, self.lat, self.accuracy)


class ScanIn(Body):
    q: str = Field(
        min_length=1,
        max_length=1000,
        description="What the QR code on the wall holds, or the mini program's `q`.",
        examples=["https://linghuo.example.cn/p/9fGx2kQ7Lm3T"],
    )
    position: PositionIn | None = None


class PlaceOut(Answer):
    name: str = Field(examples=["铜仁站"])
    region_name: str = Field(examples=["贵州省铜仁市碧江区"])


class ScanOut(Answer):
    place: PlaceOut
    presence: Presence
    doubt: str | None = Field(description="Why it proves nothing.")
    message: str = Field(examples=["已登记：铜仁站"])


class PositionOut(Answer):
    presence: Presence
    doubt: str | None


class SightingOut(Answer):
    at: datetime
    source: Source
    presence: Presence
    doubt: str | None
    place_name: str | None
    region_name: str | None


class StayOut(Answer):
    region_name: str = Field(examples=["贵州省铜仁市碧江区"])
    since: datetime
    until: datetime = Field(description="The last proof; nothing is assumed beyond it.")
    level: Level = Field(description="The highest risk level that the region had while the person was there.")
    contradicted: bool = Field(description="Another proof lies too far away: no colour follows from this stay.")


class OfferOut(Answer):
    id: UUID
    vehicle: str = Field(examples=["贵D00002"])
    departs_at: datetime | None
    free: int | None = Field(description="Seats left; null where their number is unknown.")


class NextIn(Body):
    trip_id: UUID = Field(description="One of the offered vehicles.")


class TripOut(Answer):
    id: UUID = Field(description="Of the row on the roster.")
    title: str = Field(examples=["2026年春铜仁赴昆山专车"])
    state_name: str = Field(examples=["在途"])
    vehicle: str | None = Field(examples=["贵D12345"])
    mode_name: str | None = Field(examples=["包车"])
    departs_at: datetime | None
    arrives_at: datetime | None
    seat: str
    origin_name: str
    destination_name: str
    arrived_at: datetime | None
    missed: bool = Field(description="The vehicle left without the person.")
    offers: list[OfferOut] = Field(description="The next vehicles with a seat, for whoever missed theirs.")


class ReaderOut(Answer):
    at: datetime
    office: str = Field(examples=["铜仁市人力资源和社会保障局"])
    purpose: str = Field(examples=["核实乘车信息"])
    fields: list[str] = Field(examples=[["姓名", "联系电话"]])


@worker.post("/people/<uuid:person_id>/scans")
@worker.input(ScanIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(ScanOut, 201)
def scan_place(person_id: UUID, body: ScanIn, once: Once) -> ScanOut:
    """扫场所码 Scan the code of a place.

    A printed one proves presence only with a position at the place; a screen's, which changes every minute, proves it
    by itself for about three minutes.
    """
    sighting = actions.scan_place(
        person=held(person_id, Purpose.SENSITIVE),
        text=body.q,
        position=body.position.position() if body.position else None,
        datum=body.position.datum if body.position else Datum.WGS84,
        request_key=once.idempotency_key,
    )
    place = queries.place_of(sighting)
    return ScanOut(
        place=PlaceOut(name=place.name, region_name=regions.full_name(place.region_code)),
        presence=sighting.presence,
        doubt=sighting.doubt,
        message=_message(sighting, place.name),
    )


def _message(sighting: Sighting, place_name: str) -> str:
    if sighting.presence is Presence.PROVEN:
        return f"已登记：{place_name}。"
    if sighting.source is Source.SCREEN:
        return f"已记下您扫了{place_name}的屏幕码，但还不能证明您在现场。请再扫一次屏幕上现在的码。"
    return f"已记下您扫了{place_name}的场所码，但还不能证明您在现场。请让查验员扫一下您的健康码。"


@worker.post("/people/<uuid:person_id>/positions")
@worker.input(PositionIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(PositionOut, 201)
def report_position(person_id: UUID, body: PositionIn, once: Once) -> PositionOut:
    """上报位置 Say where the phone is, by the person's own wish."""
    sighting = actions.report_position(
        person=held(person_id, Purpose.SENSITIVE),
        position=body.position(),
        datum=body.datum,
        request_key=once.idempotency_key,
    )
    return PositionOut.model_validate(sighting)


@worker.get("/people/<uuid:person_id>/itinerary")
@worker.output(many(SightingOut))
def itinerary(person_id: UUID) -> list[SightingOut]:
    """我的行程 Where the person was seen in 14 days, newest first, with what proves it."""
    return [
        SightingOut(
            at=point.at,
            source=point.source,
            presence=point.presence,
            doubt=point.doubt,
            place_name=point.place_name,
            region_name=regions.full_name(point.region_code) if point.region_code else None,
        )
        for point in queries.itinerary_of(held(person_id))
    ]


@worker.get("/people/<uuid:person_id>/stays")
@worker.output(many(StayOut))
def stays(person_id: UUID) -> list[StayOut]:
    """我的停留 In which regions the person stayed in 14 days, newest first, and how risky they were."""
    return [
        StayOut(
            region_name=regions.full_name(stay.region_code),
            since=stay.since,
            until=stay.until,
            level=stay.level,
            contradicted=stay.contradicted,
        )
        for stay in queries.list_stays(held(person_id))
    ]


@worker.get("/people/<uuid:person_id>/trips")
@worker.output(many(TripOut))
def trips(person_id: UUID) -> list[TripOut]:
    """我的车次 The transfers on whose rosters the person stands."""
    return [_trip(*row) for row in transfers.entries_of_person(held(person_id).id)]


def _trip(entry: Entry, trip: Trip | None, transfer: Transfer) -> TripOut:
    missed = transfers.missed(entry, trip, transfer)
    offered = transfers.offers(trip) if missed and trip else ()
    return TripOut(
        id=entry.id,
        title=transfer.title,
        state_name=STATE_NAMES[transfer.state],
        vehicle=trip.vehicle if trip else None,
        mode_name=MODE_NAMES[trip.mode] if trip else None,
        departs_at=trip.departs_at if trip else None,
        arrives_at=trip.arrives_at if trip else None,
        seat=entry.seat,
        origin_name=regions.full_name(transfer.origin_region),
        destination_name=regions.full_name(transfer.destination_region),
        arrived_at=entry.arrived_at,
        missed=missed,
        offers=[
            OfferOut(id=one.trip.id, vehicle=one.trip.vehicle, departs_at=one.trip.departs_at, free=one.free)
            for one in offered
        ],
    )


@worker.post("/people/<uuid:person_id>/trips/<uuid:entry_id>/next")
@worker.input(NextIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(TripOut, 201)
def take_next(person_id: UUID, entry_id: UUID, body: NextIn, once: Once) -> TripOut:
    """改乘下一班 Take a seat on one of the offered vehicles, for whoever missed theirs."""
    person = held(person_id)
    boarding.take_next(person=person, entry_id=entry_id, trip_id=body.trip_id, key=once.idempotency_key)
    return _trip(*transfers.own_row(entry_id, person.id))


@worker.get("/people/<uuid:person_id>/readers")
@worker.output(many(ReaderOut))
def readers(person_id: UUID) -> list[ReaderOut]:
    """谁看过我 Which offices read this person's data or code, when and why, newest first."""
    return readers_of(held(person_id))


def _where(place: str | None, officer: str) -> str:
    """铜仁站东门, and by whom where it was a temporary officer."""
    return f"{place or '流动查验'}{f'，{HELPER}' if officer == HELPER else ''}"


def readers_of(person: Person) -> list[ReaderOut]:
    """Who read what, and when the person took a copy of it all."""
    looked = [
        ReaderOut(at=entry.at, office=office, purpose=entry.purpose, fields=entry.fields)
        for entry, office in accounts.list_readers(person)
    ]
    scanned = [
        ReaderOut(at=reading.at, office=office, purpose=f"查验健康码（{_where(place, officer)}）", fields=["健康码"])
        for reading, office, officer, place in codes.list_readings(person)
    ]
    taken = [
        ReaderOut(at=copy.at, office="本人账号", purpose="下载自己的全部信息", fields=["全部信息"])
        for copy in privacy.list_copies(person)
    ]
    return sorted(looked + scanned + taken, key=lambda r: r.at, reverse=True)
