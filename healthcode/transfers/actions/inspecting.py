"""A vehicle's code: shown by its leader, opened by an officer, who writes down whom of the list was looked at."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from healthcode.codes import keys
from healthcode.codes.actions import LookedAt, Taken, measure, read_together, signer_for
from healthcode.codes.cose import Unreadable
from healthcode.codes.rules import CLOCK_SKEW, Taker
from healthcode.itinerary import queries as places
from healthcode.transfers import queries, vehicle_code
from healthcode.transfers.models import Inspection, Trip
from healthcode.transfers.queries import Looked
from healthcode.transfers.vehicle_code import AGAIN, ID_BYTES, LIFE, LIST_LIFE, VehicleClaims

PURPOSE = "卡口整车查验（{}，{}）"
FIELDS = ("姓名首字", "身份证后四位", "座位", "健康码颜色")
FIELDS_IN_TRANSIT = ("姓名首字", "身份证后四位", "座位", "能否通过")


@dataclass(frozen=True, slots=True)
class VehicleCode:
    """A vehicle's code ready to be drawn as a QR."""

    text: str
    issued_at: datetime
    expires_at: datetime


def issue_vehicle_code(*, trip: Trip) -> VehicleCode:
    """A code for the vehicle, good for five minutes; that it goes to its leader alone is the caller's to see to.

    Refuses: Conflict for a vehicle that is neither boarding nor under way; Unavailable while no key signs.
    """
    if reason := vehicle_code.why_not_shown(trip.state):
        raise Conflict("transfers.no_vehicle_code", reason)
    now = clock.now().replace(microsecond=0)
    signer = signer_for(None, clock.now())
    claims = VehicleClaims(signer.issuer, now, now + LIFE, secrets.token_bytes(ID_BYTES), trip.id)
    return VehicleCode(vehicle_code.issue(claims, signer), claims.issued_at, claims.expires_at)


def open_vehicle(*, text: str, by: Acting, place_id: UUID | None, request_key: str) -> tuple[Inspection, Trip]:
    """Open a vehicle's list for an officer who scanned its code; everybody aboard reads that this office looked.

    One key of an officer is one inspection. Refuses: Invalid for what is no vehicle's code or is forged; Conflict for
    one that has ended, that was scanned at another place, or whose vehicle is neither boarding nor under way, and for
    the same request an hour later; NotFound for a place that isn't the office's.
    """
    place = places.get_place(place_id, seen_by=by).name if place_id else by.organisation_name
    claims = _read(text)
    trip = db.session.get(Trip, claims.trip_id, with_for_update=True)
    if trip is None:
        raise Invalid("transfers.vehicle_unknown", f"这辆车已经不在系统里。{AGAIN}")
    earlier = db.session.scalar(
        select(Inspection).where(Inspection.operator_id == by.operator_id, Inspection.request_key == request_key)
    )
    if earlier is not None:
        return _again(earlier, claims, trip), trip
    _check_open(claims, trip, by, place_id)
    inspection = Inspection(
        trip_id=trip.id,
        code_id=claims.code_id,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        place_id=place_id,
        place=place,
        request_key=request_key,
        at=clock.now(),
    )
    db.session.add(inspection)
    transit = queries.meets_in_transit(trip, seen_by=by)
    accounts.log_access(
        subjects=[one.passenger.entry.resident_id_index for one in queries.list_looked(trip, seen_by=by)],
        by=by,
        purpose=PURPOSE.format(trip.vehicle or "未定车牌", place),
        fields=FIELDS_IN_TRANSIT if transit else FIELDS,
    )
    db.session.flush()
    return inspection, trip


def _read(text: str) -> VehicleClaims:
    try:
        return vehicle_code.read(text, keys.find_verifier)
    except Unreadable as unreadable:
        raise Invalid("transfers.vehicle_code", vehicle_code.sentence(unreadable.fault)) from unreadable


def _again(earlier: Inspection, claims: VehicleClaims, trip: Trip) -> Inspection:
    """The same request once more, as after a lost answer: no way to look on for days at who is aboard."""
    if earlier.code_id != claims.code_id:
        raise Conflict("codes.key_reused", "这个请求编号已经用于另一次扫码，请重新扫描。")
    _check_running(earlier, trip)
    return earlier


def _check_open(claims: VehicleClaims, trip: Trip, by: Acting, place_id: UUID | None) -> None:
    now = clock.now()
    if claims.issued_at > now + CLOCK_SKEW:
        raise Invalid("transfers.vehicle_code", f"车辆码的签发时间不对。{AGAIN}")
    if now > claims.expires_at + CLOCK_SKEW:
        ended = clock.local(claims.expires_at)
        raise Conflict(
            "transfers.vehicle_code_ended",
            f"这个车辆码在 {ended:%m-%d %H:%M:%S} 已经过期，截图和转发的不能用。请车长当面刷新后再扫。",
        )
    if reason := vehicle_code.why_not_shown(trip.state):
        raise Conflict("transfers.no_vehicle_code", reason)
    elsewhere = or_(Inspection.organisation_id != by.organisation_id, Inspection.place_id.is_distinct_from(place_id))
    if db.session.scalar(select(Inspection.id).where(Inspection.code_id == claims.code_id, elsewhere).limit(1)):
        raise Conflict(
            "transfers.vehicle_code_elsewhere",
            "这个车辆码刚在另一处扫过，可能是转发的截图。请车长当面刷新后再扫。",
        )


def inspect(*, inspection_id: UUID, entry_ids: Collection[UUID], by: Acting) -> tuple[int, int]:
    """Write down that these people of an opened list were looked at; returns how many pass and how many don't, so far.

    One inspection is one reading a person, however often it comes. Who isn't aboard any more is left out. Refuses:
    NotFound for another officer's inspection; Conflict an hour after it was opened, and once the vehicle has ended.
    """
    inspection, trip = _running(inspection_id, by)
    looked = [one for one in queries.list_looked(trip, seen_by=by) if one.passenger.entry.id in set(entry_ids)]
    known = [(one, person_id) for one in looked if (person_id := one.passenger.entry.person_id) is not None]
    read_together(
        seen=[
            LookedAt(person_id, one.outcome, one.passenger.verdict.colour, _key(inspection, one))
            for one, person_id in known
        ],
        by=by,
        place_id=inspection.place_id,
        code_id=inspection.code_id,
        at=inspection.at,
    )
    inspection.passed, inspection.refused = queries.count_inspected(inspection)
    return inspection.passed, inspection.refused


def _key(inspection: Inspection, one: Looked) -> str:
    return f"{inspection.id.hex}{one.passenger.entry.id.hex[-12:]}"


def _running(inspection_id: UUID, by: Acting) -> tuple[Inspection, Trip]:
    inspection = queries.get_inspection(inspection_id, seen_by=by, lock=True)
    trip = db.session.get_one(Trip, inspection.trip_id)
    _check_running(inspection, trip)
    return inspection, trip


def _check_running(inspection: Inspection, trip: Trip) -> None:
    if clock.now() > inspection.at + LIST_LIFE:
        raise Conflict("transfers.list_old", "这份名单是一小时以前打开的，请车长重新出示车辆码，再扫一次。")
    if reason := vehicle_code.why_not_shown(trip.state):
        raise Conflict("transfers.no_vehicle_code", reason)


def measure_aboard(
    *, inspection_id: UUID, entry_id: UUID, temperature: int, request_key: str, waited: timedelta, by: Acting
) -> tuple[Taken, Looked]:
    """Keep the temperature of somebody of an opened list; gives how the person stands now.

    Refuses: as `inspect` and `measure`; NotFound for who isn't aboard; Invalid for who has no health code yet.
    """
    inspection, trip = _running(inspection_id, by)
    one = _one(trip, entry_id, by)
    if (person_id := one.passenger.entry.person_id) is None:
        raise Invalid("transfers.measured_whose", "这个人还没有登记健康码，体温记不下来，请写在纸质登记表上。")
    taken = Taken(person_id, temperature, clock.now() - waited, inspection.place, request_key)
    measure([taken], taker=Taker.OFFICER, taker_id=by.operator_id, organisation_id=by.organisation_id)
    return taken, _one(trip, entry_id, by)


def _one(trip: Trip, entry_id: UUID, by: Acting) -> Looked:
    found = next((one for one in queries.list_looked(trip, seen_by=by) if one.passenger.entry.id == entry_id), None)
    if found is None:
        raise NotFound
    return found
