"""An officer reads a code: one SELECT, one INSERT of the reading, and the meeting for the itinerary."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db, new_key, together
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.statements import Prepared
from healthcode.codes import cwt, keys, outcomes, pseudonyms, queries
from healthcode.codes.cose import Unreadable
from healthcode.codes.cwt import Claims
from healthcode.codes.models import Reading, Status
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import Fault, Outcome
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary import queries as places
from healthcode.itinerary.models import Place
from healthcode.itinerary.rules import Spot

LONGEST_WAIT = timedelta(days=7)
"""A phone without a network may bring its scans this late."""
MET = frozenset({Outcome.PASSES, Outcome.REFUSED})
DAY = timedelta(days=1)

_reading, _status, _place = Reading.__table__.c, Status.__table__.c, Place.__table__.c
_around = _reading.day.between(bindparam("first_day"), bindparam("last_day"))
_elsewhere = exists().where(
    _around,
    _reading.code_id == bindparam("code_id"),
    or_(
        _reading.place_id.is_distinct_from(cast(bindparam("place_id"), Uuid)),
        _reading.organisation_id != bindparam("organisation_id"),
    ),
)
_earlier = (
    select(_reading.id)
    .where(
        _around,
        _reading.operator_id == bindparam("operator_id"),
        _reading.request_key == bindparam("request_key"),
    )
    .limit(1)
    .scalar_subquery()
)
KNOWN = Prepared(
    select(
        _status.reasons,
        _elsewhere.label("elsewhere"),
        _earlier.label("earlier"),
        func.coalesce(queries.lived_at(Person.__table__.c.id), Person.__table__.c.region_code).label("home"),
        _place.id,
        _place.region_code,
        _place.lon,
        _place.lat,
        _place.radius_m,
    )
    .select_from(Person.__table__)
    .outerjoin(Status.__table__, _status.person_id == Person.__table__.c.id)
    .outerjoin(Place.__table__, and_(_place.id == cast(bindparam("place_id"), Uuid), places.open_to_bound()))
    .where(Person.__table__.c.id == bindparam("person_id"))
)
KEEP = Prepared(insert(Reading.__table__).on_conflict_do_nothing())  # type: ignore[arg-type] # a Table, which the stubs call FromClause


def read_code(
    *,
    text: str,
    by: Acting,
    place_id: UUID | None,
    request_key: str,
    phone_time: datetime | None = None,
    waited: timedelta = timedelta(0),
) -> ReadResult:
    """Read a scanned text for an officer, and keep that it was read.

    `phone_time` is what the officer's phone takes the time to be; `waited` is how long ago it scanned, for scans that
    were made without a network. The same `request_key` of one operator is one reading. Whatever the text is, the
    answer is an outcome.

    Refuses: Invalid when the scan waited for more than a week; NotFound for a place that isn't the office's;
    Conflict when the key was used for another code.
    """
    now = clock.now()
    if not timedelta(0) <= waited <= LONGEST_WAIT:
        raise Invalid("codes.scan_too_old", "这次扫码是 7 天以前的，不能再上传，请删除。")
    at = now - waited
    row = _row(by, place_id, request_key, at)
    try:
        claims = cwt.read(text, keys.find_verifier)
    except Unreadable as unreadable:
        if place_id is not None:
            places.get_place(place_id, seen_by=by)
        return _keep(row, outcomes.unreadable(unreadable.fault, at))
    fault = outcomes.check_times(claims, at, phone_time, now)
    row |= {"code_id": claims.code_id, "person_id": pseudonyms.person_of(claims)}
    return _read_known(row, claims, by, fault)


def _row(by: Acting, place_id: UUID | None, request_key: str, at: datetime) -> dict[str, Any]:
    return {
        "day": clock.local(at).date(),
        "id": new_key(),
        "at": at,
        "operator_id": by.operator_id,
        "organisation_id": by.organisation_id,
        "place_id": place_id,
        "person_id": None,
        "code_id": None,
        "request_key": request_key,
    }


def _read_known(row: dict[str, Any], claims: Claims, by: Acting, fault: Fault | None) -> ReadResult:
    """The outcome for a rightly signed code, kept."""
    day = row["day"]
    span = {"first_day": day - DAY, "last_day": day + DAY}
    known = KNOWN.one_or_none(row | span | places.open_to_values(by))
    if known is None:
        row["person_id"] = None
        return _keep(row, outcomes.unreadable(Fault.UNKNOWN_PERSON, row["at"]))
    reasons, elsewhere, earlier, home, *place = known
    spot = Spot(*place) if place[0] is not None else None
    if row["place_id"] is not None and spot is None:
        raise NotFound
    if earlier is not None:
        return replace(_again(earlier, claims, reasons), person_id=row["person_id"], home=home)
    if fault is not None:
        return _keep(row, outcomes.unreadable(fault, row["at"]))
    told = outcomes.decide(claims, queries.verdict_of(reasons, row["at"]), row["at"], seen_elsewhere=elsewhere)
    result = replace(told, person_id=row["person_id"], home=home)
    if spot is None or result.outcome not in MET:
        return _keep(row, result)
    with together():
        _keep(row, result)
        itinerary.see_by_officer(
            person_id=row["person_id"],
            place=spot,
            at=row["at"],
            request_key=f"{by.operator_id}:{row['request_key']}",
            doubt=outcomes.SEEN_TWICE_DOUBT if elsewhere else None,
        )
    return result


def _keep(row: dict[str, Any], result: ReadResult) -> ReadResult:
    seen = {
        "outcome": result.outcome,
        "colour": result.colour,
        "fault": result.fault,
        "seen_elsewhere": result.seen_elsewhere,
    }
    KEEP.run(row | seen)
    return result


def _again(reading_id: UUID, claims: Claims, reasons: list[dict[str, Any]] | None) -> ReadResult:
    """What was told when this scan came the first time."""
    reading = db.session.scalars(select(Reading).where(Reading.id == reading_id)).one()
    if reading.code_id != claims.code_id:
        raise Conflict("codes.key_reused", "这个请求编号已经用于另一次扫码，请重新扫描。")
    if reading.fault is not None:
        return outcomes.unreadable(Fault(reading.fault), reading.at)
    verdict = queries.verdict_of(reasons, reading.at)
    told = outcomes.decide(claims, verdict, reading.at, seen_elsewhere=reading.seen_elsewhere)
    return told if reading.colour is verdict.colour else outcomes.as_recorded(told, reading.outcome, reading.colour)
