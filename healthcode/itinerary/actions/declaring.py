"""Writes: journeys that a worker declares, and takes back."""

from datetime import datetime
from uuid import UUID

from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from backend.regions import names
from healthcode.itinerary import declared, queries
from healthcode.itinerary.models import DeclaredTrip
from healthcode.itinerary.rules import Vehicle


def declare_trip(
    *,
    person: Person,
    vehicle: Vehicle,
    number: str,
    seat: str,
    from_region: str,
    to_region: str,
    departs_at: datetime,
    arrives_at: datetime,
    request_key: str,
) -> DeclaredTrip:
    """Keep a journey as the person says it; the same `request_key` again is the same one.

    What contradicts it is no reason to refuse it. Refuses: Invalid with a sentence for each field; Conflict for one
    that is declared already, beyond forty, and when the key was used for another.
    """
    tidy, place = declared.tidy_number(number), " ".join(seat.split())
    said = {
        "vehicle": vehicle,
        "number": tidy,
        "seat": place,
        "from_region": from_region,
        "to_region": to_region,
        "departs_at": departs_at,
        "arrives_at": arrives_at,
    }
    if earlier := queries.find_declared(person, request_key):
        if any(getattr(earlier, name) != value for name, value in said.items()):
            raise Conflict("itinerary.key_reused", "这个请求编号已经用于另一次申报，请刷新页面后重试。")
        return earlier
    faults = declared.faults(vehicle, tidy, place, departs_at, arrives_at, clock.now())
    faults |= _unknown(from_region, to_region)
    if faults:
        raise Invalid("itinerary.trip_invalid", "行程有误，请按提示修改。", fields=faults)
    others = queries.list_declared(person)
    if any((one.vehicle, one.number, one.departs_at) == (vehicle, tidy, departs_at) for one in others):
        raise Conflict("itinerary.trip_known", "这趟行程已经申报过，不用再报；填错了的请先撤回。")
    if len(others) >= declared.MOST_DECLARED:
        raise Conflict("itinerary.trips_full", f"最多申报 {declared.MOST_DECLARED} 趟，请先撤回不对的。")
    trip = DeclaredTrip(person_id=person.id, declared_at=clock.now(), request_key=request_key, **said)
    db.session.add(trip)
    db.session.flush()
    return trip


def _unknown(from_region: str, to_region: str) -> dict[str, str]:
    ends = {"from_region": from_region, "to_region": to_region}
    found = {name: "请选择县（市、区），至少选到市。" for name, code in ends.items() if not _is_place(code)}
    if not found and from_region == to_region:
        found["to_region"] = "到达地和出发地一样，请检查。"
    return found


def _is_place(code: str) -> bool:
    """A county or a city; a province is too large to have been in, unless it is a city itself."""
    region = names.find(code)
    if region is None or region.kind is not names.Kind.PROVINCE:
        return region is not None
    return not any(names.children(below.code) for below in names.children(code))


def withdraw_trip(*, person: Person, trip_id: UUID) -> None:
    """Take a declared journey back; once more is no difference. Refuses: NotFound for what isn't the person's own."""
    trip = queries.get_declared(person, trip_id)
    trip.withdrawn_at = trip.withdrawn_at or clock.now()
