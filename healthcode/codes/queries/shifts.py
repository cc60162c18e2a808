"""Reads of shifts, and of how often somebody was looked up in them."""

from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from healthcode.codes.lookup_rules import HOUR, LookupReason
from healthcode.codes.models import Lookup, Shift


def find_shift(by: Acting, *, lock: bool = False) -> Shift | None:
    """The shift of this officer for this office that is under way; with `lock`, nobody else counts in it meanwhile."""
    now = clock.now()
    query = (
        select(Shift)
        .where(
            Shift.operator_id == by.operator_id,
            Shift.organisation_id == by.organisation_id,
            Shift.since <= now,
            Shift.until > now,
        )
        .order_by(Shift.since.desc())
        .limit(1)
    )
    return db.session.scalar(query.with_for_update() if lock else query)


def count_lookups(shift: Shift, *, by_card: bool = False) -> tuple[int, int]:
    """How many were looked up in the last hour by the shift's officer, and how many in the shift.

    What was typed and what was scanned from cards is counted apart.
    """
    way = Lookup.reason == LookupReason.CARD if by_card else Lookup.reason != LookupReason.CARD
    lately = (Lookup.at > clock.now() - HOUR) & way
    in_hour = (
        select(func.count())
        .select_from(Lookup)
        .join(Shift, Shift.id == Lookup.shift_id)
        .where(lately, Shift.operator_id == shift.operator_id)
    )
    in_shift = select(func.count()).select_from(Lookup).where(Lookup.shift_id == shift.id, way)
    return db.session.scalar(in_hour) or 0, db.session.scalar(in_shift) or 0
