"""The vehicle that somebody leads: its list for the phone, what leader or deputy write down aboard and declare."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from backend.accounts.queries import speaks_for_itself, with_own_phones
from backend.core import clock
from backend.core.crypto import unseal
from backend.core.errors import Forbidden
from healthcode.codes.rules import COLOUR_NAMES, Colour, Symptom
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import PHONE_IN_USE, Taken, Writer
from healthcode.transfers.boarding import (
    LONGEST_WORDS,
    MOST_AT_ONCE,
    MOST_HEADS,
    Health,
    MarkKind,
    Said,
    Standing,
    moment_of,
)
from healthcode.transfers.models import Entry, Plan, Transfer, Trip
from healthcode.transfers.queries import Passenger
from healthcode.transfers.rules import MODE_NAMES, TRIP_STATE_NAMES, TripState
from miniprogram_api.guard import current_account_id, held, worker
from miniprogram_api.schemas import Answer, Body, many

Written = Literal["boarded", "struck", "added", "swapped", "counted", "measured", "observed", "to_health", "declared"]


class LedOut(Answer):
    id: UUID
    vehicle: str = Field(examples=["贵D12345"])
    mode_name: str = Field(examples=["包车"])
    state: TripState
    state_name: str = Field(examples=["待发车"])
    departs_at: datetime | None
    departed_at: datetime | None


class StopOut(Answer):
    name: str = Field(examples=["怀化服务区"])
    after_minutes: int = Field(description="From departure.")
    hands_over: bool = Field(description="Somebody with a fever can be handed over there.")


class PassengerOut(Answer):
    id: UUID
    number: int = Field(description="On the roster.")
    name: str = Field(examples=["杨秀英"])
    last_four: str = Field(examples=["8127"])
    seat: str = Field(examples=["12"])
    colour: Colour
    colour_name: str = Field(examples=["绿码"])
    colour_until: datetime | None = Field(description="When the colour would next change by itself.")
    why_not: str = Field(description="Why the person may not board and what to do; empty if nothing is against it.")
    standing: Standing
    at: datetime | None = Field(description="When the person boarded, or left.")
    words: str = Field(description="Why the person doesn't travel, or where the person left.")
    temperature: float | None = Field(description="Degrees Celsius, the last that was taken within a day.")
    measured_at: datetime | None
    has_phone: bool = Field(description="Used an account of their own within a day: nobody declares for them.")


class CountOut(Answer):
    at: datetime
    place: str
    heads: int
    expected: int


class ListOut(LedOut):
    title: str = Field(examples=["2026年春铜仁赴昆山专车"])
    server_time: datetime = Field(description="The colours are as of this moment.")
    closed: bool = Field(description="The vehicle has ended: the phone sends what it still holds and forgets the list.")
    stops: list[StopOut]
    observation_seats: list[str] = Field(description="Kept free; none where the seats are unknown.")
    people: list[PassengerOut]
    counts: list[CountOut]


class VehicleCodeOut(Answer):
    text: str = Field(description="For a QR in alphanumeric mode.", examples=["LHV1:6BF…"])
    issued_at: datetime
    expires_at: datetime = Field(description="Five minutes later; the phone asks for another before.")
    server_time: datetime


class MarkIn(Body):
    key: str = Field(
        min_length=8,
        max_length=64,
        pattern=r"^[0-9A-Za-z_-]+$",
        description="A fresh random text for each thing; sent again it is still one.",
        examples=["0197c1a27f5e7d319a362f1f0c1b7c11"],
    )
    kind: Written = Field(examples=["boarded"])
    at: AwareDatetime = Field(description="When it happened, by the phone's clock.")
    entry_id: UUID | None = Field(default=None, description="About whom, from the list.")
    other_id: UUID | None = Field(default=None, description="With whom seats are swapped.")
    name: str = Field(default="", max_length=50, description="Who is added, as on the ID card.")
    last_four: str = Field(default="", max_length=4, pattern=r"^(\d{3}[\dXx])?$", examples=["8127"])
    seat: str = Field(default="", max_length=10)
    place: str = Field(default="", max_length=60)
    words: str = Field(default="", max_length=LONGEST_WORDS, description="Why.")
    heads: int | None = Field(default=None, ge=0, le=MOST_HEADS, strict=True)
    temperature: float | None = Field(default=None, ge=34.0, le=43.0, strict=True, description="Degrees Celsius.")
    symptoms: list[Symptom] = Field(default=[], max_length=len(Symptom), description="Of whom is declared for.")
    contact: bool | None = Field(default=None, strict=True, description="With a case within 14 days.")
    abroad: bool | None = Field(default=None, strict=True, description="Came back from abroad within 14 days.")
    agreed: bool = Field(default=False, strict=True, description="The person stands by and agrees to be declared for.")

    def health(self) -> Health | None:
        """What is declared for somebody; None while an answer or the person's agreement is missing."""
        if self.contact is None or self.abroad is None or not self.agreed:
            return None
        return Health(tuple(dict.fromkeys(self.symptoms)), self.contact, self.abroad)


class MarksIn(Body):
    phone_now: AwareDatetime = Field(description="The phone's clock while it sends, so that a wrong one does no harm.")
    marks: list[MarkIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class TakenOut(Answer):
    key: str
    accepted: bool = Field(description="If not it will never be: the phone drops it and shows the message.")
    message: str
    fields: dict[str, str] | None


@worker.get("/people/<uuid:person_id>/vehicles")
@worker.output(many(LedOut))
def list_vehicles(person_id: UUID) -> list[LedOut]:
    """我带的车 The vehicles that the person leads, or helps to lead, until they have ended."""
    held(person_id)
    return [LedOut(**_vehicle(trip)) for trip in queries.list_led(person_id)]


def _vehicle(trip: Trip) -> dict[str, object]:
    return {
        "id": trip.id,
        "vehicle": trip.vehicle,
        "mode_name": MODE_NAMES[trip.mode],
        "state": trip.state,
        "state_name": TRIP_STATE_NAMES[trip.state],
        "departs_at": trip.departs_at,
        "departed_at": trip.departed_at,
    }


def _led(person_id: UUID, trip_id: UUID) -> tuple[Trip, Transfer, Plan, Entry]:
    """The vehicle, for the leader or deputy in person. Refuses: NotFound for others', Forbidden to who speaks for one.

    A family member who holds the leader's code holds none of the passengers' names.
    """
    held(person_id)
    trip, transfer, plan, own = queries.get_led(person_id, trip_id)
    if not speaks_for_itself(current_account_id(), person_id):
        raise Forbidden("transfers.leader_only", "乘车名单只给车长、副车长本人用自己的账号查看。")
    return trip, transfer, plan, own


@worker.get("/people/<uuid:person_id>/vehicles/<uuid:trip_id>")
@worker.output(ListOut)
def vehicle_list(person_id: UUID, trip_id: UUID) -> ListOut:
    """乘车名单 Everybody of the vehicle with seat and colour as of now; passengers see that the leader looked."""
    trip, transfer, plan, own = _led(person_id, trip_id)
    closed = trip.ended_at is not None
    people = [] if closed else queries.list_passengers(trip)
    phones = with_own_phones([one.entry.person_id for one in people if one.entry.person_id], within=PHONE_IN_USE)
    actions.note_list_read(plan=plan, leader=own, entries=[one.entry for one in people])
    return ListOut(
        **_vehicle(trip),
        title=transfer.title,
        server_time=clock.now(),
        closed=closed,
        stops=[StopOut(**stop) for stop in plan.stops],
        observation_seats=queries.observation_seats(trip),
        people=[_passenger(one, has_phone=one.entry.person_id in phones) for one in people],
        counts=[CountOut.model_validate(mark) for mark in queries.list_counts(trip)],
    )


def _passenger(one: Passenger, *, has_phone: bool) -> PassengerOut:
    ride = one.ride
    return PassengerOut(
        id=one.entry.id,
        number=one.entry.number,
        name=unseal(one.entry.name),
        last_four=one.last_four,
        seat=one.seat,
        colour=one.verdict.colour,
        colour_name=COLOUR_NAMES[one.verdict.colour],
        colour_until=one.verdict.until,
        why_not=one.why_not,
        standing=one.standing,
        at=(ride.left_at or ride.boarded_at) if ride else None,
        temperature=None if one.temperature is None else one.temperature / 10,
        measured_at=one.measured_at,
        has_phone=has_phone,
        words=(one.settled.words if one.settled else "") or (ride.left_place if ride else ""),
    )


@worker.get("/people/<uuid:person_id>/vehicles/<uuid:trip_id>/code")
@worker.output(VehicleCodeOut)
def vehicle_code(person_id: UUID, trip_id: UUID) -> VehicleCodeOut:
    """车辆码 A code for the whole vehicle, by which an officer sees everybody aboard at once."""
    trip, *_ = _led(person_id, trip_id)
    code = actions.issue_vehicle_code(trip=trip)
    return VehicleCodeOut(text=code.text, issued_at=code.issued_at, expires_at=code.expires_at, server_time=clock.now())


@worker.post("/people/<uuid:person_id>/vehicles/<uuid:trip_id>/marks")
@worker.input(MarksIn, arg_name="body")
@worker.output(many(TakenOut))
def write_down(person_id: UUID, trip_id: UUID, body: MarksIn) -> list[Taken]:
    """车上登记 What happened at the door and aboard, also long after it did; each thing once, by its key."""
    trip, transfer, plan, own = _led(person_id, trip_id)
    del plan
    now = clock.now()
    said = [
        Said(
            key=one.key,
            kind=MarkKind(one.kind),
            at=moment_of(one.at, phone_now=body.phone_now, now=now),
            phone_at=one.at,
            entry_id=one.entry_id,
            other_id=one.other_id,
            name=one.name,
            last_four=one.last_four,
            seat=one.seat,
            place=one.place,
            words=one.words,
            heads=one.heads,
            temperature=None if one.temperature is None else round(one.temperature * 10),
            health=one.health(),
        )
        for one in body.marks
    ]
    return actions.take_marks(
        transfer=transfer, trip=trip, said=said, by=Writer(leader=own, account_id=current_account_id())
    )
