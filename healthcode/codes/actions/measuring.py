"""Temperatures that others take: an officer at a checkpoint or a door, a leader on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from healthcode.codes import cwt, keys, pseudonyms, queries
from healthcode.codes.actions.appeal_outcomes import close_mistyped
from healthcode.codes.actions.cards import person_of_card
from healthcode.codes.actions.rejudging import rejudge
from healthcode.codes.card_text import is_card
from healthcode.codes.colour_rules import MISTYPED
from healthcode.codes.cose import Unreadable
from healthcode.codes.models import Measurement, Status
from healthcode.codes.rules import CLOCK_SKEW, FAULT_SENTENCES, FEVER, TEMPERATURES, Colour, Taker, Verdict
from healthcode.itinerary import queries as places

LATEST = timedelta(days=2)
"""A phone without a network may bring its temperatures this late."""

SHOWN = timedelta(minutes=10)
"""After a code's end; so long may it take from the scan to the thermometer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One temperature, in tenths of a degree Celsius, with the sender's own key for it."""

    person_id: UUID
    temperature: int
    at: datetime
    place: str
    """As the person is told where it was: 铜仁站东门."""
    request_key: str

    @property
    def is_fever(self) -> bool:
        return self.temperature >= FEVER


def measure(taken: Sequence[Taken], *, taker: Taker, taker_id: UUID, organisation_id: UUID | None = None) -> int:
    """Keep these temperatures, and judge anew whom they may touch; returns how many are new.

    `taker_id` is an officer's operator or a leader's account. One key of a taker is one temperature, however often it
    comes. Refuses: Invalid for a temperature outside 34.0 to 43.0 °C, for a moment to come, or one more than two days
    ago; Conflict when a key was used for something else.
    """
    for one in taken:
        _check(one)
    earlier = _earlier(taken, taker_id)
    new = [one for one in {one.request_key: one for one in taken}.values() if one.request_key not in earlier]
    for one in taken:
        if one.request_key in earlier and earlier[one.request_key] != (one.person_id, one.temperature):
            raise Conflict("codes.key_reused", "这个请求编号已经用于另一次测温，请重新填写。")
    if not new:
        return 0
    rows = [
        {
            "day": clock.local(one.at).date(),
            "person_id": one.person_id,
            "at": one.at,
            "temperature": one.temperature,
            "taker": taker,
            "taker_id": taker_id,
            "organisation_id": organisation_id,
            "place": one.place,
            "request_key": one.request_key,
        }
        for one in new
    ]
    db.session.execute(insert(Measurement).on_conflict_do_nothing(), rows)
    for person_id in _touched(new):
        rejudge(person_id=person_id)
        if MISTYPED in {reason.rule for reason in queries.status_of_id(person_id).reasons}:
            close_mistyped(person_id)
    return len(new)


def measure_by_code(
    *, text: str, by: Acting, place_id: UUID | None, temperature: int, request_key: str, waited: timedelta
) -> tuple[Taken, Verdict]:
    """Keep the temperature of whoever showed an officer this code or card; gives the verdict that now stands.

    Refuses: Invalid for what is no code of ours or one that had ended ten minutes before; NotFound for a place that
    isn't the office's; Conflict for a card without a shift, or one that doesn't count; and what `measure` refuses.
    """
    at = clock.now() - waited
    person_id, place_id = _whose(text, by, place_id, at)
    place = places.get_place(place_id, seen_by=by).name if place_id else by.organisation_name
    taken = Taken(person_id, temperature, at, place, request_key)
    measure([taken], taker=Taker.OFFICER, taker_id=by.operator_id, organisation_id=by.organisation_id)
    return taken, queries.status_of_id(person_id)


def _whose(text: str, by: Acting, place_id: UUID | None, at: datetime) -> tuple[UUID, UUID | None]:
    """Whose code or card it is, and where it was shown."""
    if is_card(text):
        return person_of_card(text=text, by=by)
    try:
        claims = cwt.read(text, keys.find_verifier)
    except Unreadable as unreadable:
        raise Invalid("codes.measured_whose", FAULT_SENTENCES[unreadable.fault]) from unreadable
    person = db.session.get(Person, pseudonyms.person_of(claims))
    if person is None or not claims.begins_at - CLOCK_SKEW <= at <= claims.expires_at + SHOWN:
        raise Invalid("codes.measured_whose", "这个码已经过期，请对方刷新健康码，重新扫描后再填体温。")
    return person.id, place_id


def _check(taken: Taken) -> None:
    if taken.temperature not in TEMPERATURES:
        sentence = "请填写 34.0 到 43.0 之间的体温。"
        raise Invalid("codes.temperature", sentence, fields={"temperature": sentence})
    now = clock.now()
    if not now - LATEST <= taken.at <= now + CLOCK_SKEW:
        raise Invalid("codes.measured_when", "测温时间不对：不能晚于现在，也不能早于两天前。请核对手机时间。")


def _earlier(taken: Sequence[Taken], taker_id: UUID) -> dict[str, tuple[UUID, int]]:
    """What this taker's keys stand for already, whatever the day."""
    days = {clock.local(one.at).date() for one in taken}
    keys = [(taker_id, one.request_key) for one in taken]
    query = select(Measurement.request_key, Measurement.person_id, Measurement.temperature).where(
        Measurement.day.between(min(days) - LATEST, max(days) + LATEST),
        tuple_(Measurement.taker_id, Measurement.request_key).in_(keys),
    )
    return {key: (person_id, temperature) for key, person_id, temperature in db.session.execute(query)}


def _touched(taken: Sequence[Taken]) -> list[UUID]:
    """Those with a fever, and those whose colour a temperature without one may mend."""
    people = {one.person_id for one in taken}
    coloured = select(Status.person_id).where(
        Status.person_id.in_(people), Status.colour.in_([Colour.YELLOW, Colour.RED])
    )
    fevers = {one.person_id for one in taken if one.is_fever}
    return sorted(fevers | set(db.session.scalars(coloured)))
