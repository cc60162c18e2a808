"""An officer on a shift looks up somebody without a phone: the verdict only, kept, counted, and shown to the person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from backend.accounts import actions as accounts
from backend.accounts import queries as people
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, TooMany
from healthcode.codes import outcomes, queries
from healthcode.codes.actions.helpers import end_helpers
from healthcode.codes.lookup_rules import (
    HOUR,
    LONGEST_SHIFT,
    MOST_A_SHIFT,
    MOST_AN_HOUR,
    REASON_NAMES,
    TYPED_REASONS,
    UNKNOWN,
    UNKNOWN_STEP,
    WORDS,
    LookupReason,
)
from healthcode.codes.models import Lookup, Reading, Shift
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import Colour, Outcome
from healthcode.itinerary import queries as places

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked for: by the ID number, or else by name, birth date and phone together."""

    resident_id: str = ""
    name: str = ""
    birth_date: date | None = None
    phone: str = ""


def open_shift(*, place_id: UUID, hours: int, by: Acting) -> Shift:
    """Begin a shift at a place now; one that is under way ends.

    Refuses: Invalid for a length that is none; NotFound for a place that isn't the office's.
    """
    if not timedelta(0) < timedelta(hours=hours) <= LONGEST_SHIFT:
        raise Invalid("codes.shift", "一班请填 1 到 12 小时。", fields={"hours": "1 到 12。"})
    places.get_place(place_id, seen_by=by)
    end_shift(by=by)
    now = clock.now()
    shift = Shift(
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        place_id=place_id,
        since=now,
        until=now + timedelta(hours=hours),
    )
    db.session.add(shift)
    db.session.flush()
    return shift


def end_shift(*, by: Acting) -> None:
    """End the shift that is under way, if there is one, and with it those whom the officer let help in it.

    One that ends in the very moment in which it began lasted a microsecond.
    """
    shift = queries.find_shift(by, lock=True)
    if shift is not None:
        shift.until = clock.now()
        shift.since = min(shift.since, shift.until - MOMENT)
        end_helpers(shift_id=shift.id)
        db.session.flush()


def look_up(*, asked: Asked, reason: LookupReason, words: str, by: Acting) -> ReadResult:
    """The verdict on somebody without a phone. Whoever isn't known gets the same answer as who doesn't exist.

    Each attempt counts, found or not. Refuses: Invalid for a reason that says nothing; Conflict without a shift;
    TooMany beyond the number of an hour or a shift.
    """
    if reason not in TYPED_REASONS:
        raise Invalid("codes.lookup_reason", "身份卡请在查验页面扫码，不能手工查。", fields={"reason": "请另选。"})
    if len(words) not in WORDS:
        raise Invalid(
            "codes.lookup_reason", "请写明原因，4 到 100 个字，本人会看到。", fields={"words": "4 到 100 个字。"}
        )
    shift = queries.find_shift(by, lock=True)
    if shift is None:
        raise Conflict("codes.no_shift", "您还没有上岗，或这一班已经结束，请先上岗再查。")
    _check_number(shift)
    person = _find(asked)
    result = told_of(person)
    note_lookup(
        shift=shift,
        reason=reason,
        words=words,
        person=person,
        result=result,
        by=by,
        fields=["健康码颜色"],
    )
    return result


def note_lookup(
    *,
    shift: Shift,
    reason: LookupReason,
    words: str,
    person: Person | None,
    result: ReadResult,
    by: Acting,
    fields: Sequence[str],
    fault: str | None = None,
    code_id: bytes | None = None,
    request_key: str = "",
) -> None:
    """Keep that somebody was asked for: it counts in the shift, is a reading, and is shown to the person."""
    now = clock.now()
    lookup = Lookup(id=new_key(), shift_id=shift.id, reason=reason, words=seal(words, "codes.lookup.words"), at=now)
    db.session.add(lookup)
    db.session.add(
        Reading(
            day=clock.local(now).date(),
            at=now,
            operator_id=by.operator_id,
            organisation_id=by.organisation_id,
            place_id=shift.place_id,
            person_id=person.id if person else None,
            code_id=code_id,
            outcome=result.outcome,
            colour=result.colour,
            fault=fault,
            seen_elsewhere=result.seen_elsewhere,
            request_key=request_key or f"lookup:{lookup.id.hex}",
        )
    )
    if person is not None:
        accounts.log_access(
            subjects=[person.resident_id_index],
            by=by,
            purpose=f"没有亮码，卡口查询（{REASON_NAMES[reason]}）：{words}",
            fields=fields,
        )
    db.session.flush()


def _check_number(shift: Shift) -> None:
    in_hour, in_shift = queries.count_lookups(shift)
    if in_shift >= MOST_A_SHIFT:
        raise TooMany("codes.lookups", f"这一班已经查了 {MOST_A_SHIFT} 次，不能再查，请对方亮码或交给卫生人员。")
    if in_hour >= MOST_AN_HOUR:
        raise TooMany(
            "codes.lookups",
            f"一小时最多查 {MOST_AN_HOUR} 次，请稍后再查。",
            retry_after=int(HOUR.total_seconds()),
        )


def _find(asked: Asked) -> Person | None:
    if asked.resident_id:
        return people.find_verified(asked.resident_id)
    if asked.birth_date is None:
        return None
    return people.find_by_name(name=asked.name, birth_date=asked.birth_date, phone=asked.phone)


def told_of(person: Person | None) -> ReadResult:
    """The verdict only: outcome, colour and next step, with what the ID card is compared with."""
    now = clock.now()
    if person is None:
        return ReadResult(Outcome.CANNOT_BE_CHECKED, UNKNOWN, UNKNOWN_STEP, now)
    verdict = queries.status_of(person)
    green = verdict.colour is Colour.GREEN
    return ReadResult(
        Outcome.PASSES if green else Outcome.REFUSED,
        "",
        outcomes.STEPS[verdict.colour],
        now,
        colour=verdict.colour,
        first_character=person.name_mask[:1],
        last_four=person.resident_id_mask[-4:],
        person_id=person.id,
        home=queries.home_of(person.id),
    )
