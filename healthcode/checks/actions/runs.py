"""A pass of a check: findings are opened and closed, workers are told, all in one transaction."""

from collections.abc import Iterator
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.db import db, new_key
from backend.notices.actions import Notice, notify_many
from healthcode.checks import messages
from healthcode.checks.actions.location import look_at_location
from healthcode.checks.actions.statements import FIND_HEALTH, RECOUNT, SETTLE, THEIRS, UNTOLD, Theirs
from healthcode.checks.actions.work import reopen_findings
from healthcode.checks.models import Run
from healthcode.checks.rules import CHECK_OF, DUE_WITHIN, EXPIRING_WITHIN, Check, Kind
from healthcode.transfers import actions as transfers


def run_check(*, check: Check) -> Run:
    """Look at every row of the running transfers from a day before departure on.

    Twice is like once: a finding is open once for a row or vehicle and a kind, what is no longer found is closed, and
    a worker is told once a day. A second run at the same time waits for the first.
    """
    run_id, moment = new_key(), clock.now()
    begun = insert(Run).values(
        id=run_id, check=check, started_at=moment, finished_at=None, looked_at=0, opened=0, closed=0
    )
    db.session.execute(begun)
    run = db.session.get_one(Run, run_id)
    run.looked_at, run.opened, run.closed = look(check)
    db.session.execute(RECOUNT, {"kinds": _kinds(check)})
    reopen_findings()
    tell(check)
    run.finished_at = clock.now()
    return run


def _kinds(check: Check) -> list[str]:
    return [kind.value for kind in Kind if CHECK_OF[kind] is check]


def look(check: Check, person_id: UUID | None = None) -> tuple[int, int, int]:
    """Open what is found and close what no longer is, for everybody or one person: (looked at, opened, closed).

    Who is off the route is reckoned for everybody only: its libraries are for the bulk worker.
    """
    now = clock.now()
    kinds = [kind for kind in _kinds(check) if person_id is None or kind != Kind.OFF_ROUTE]
    lives = [DUE_WITHIN[Kind(kind)] for kind in kinds]
    theirs = Theirs(*db.session.execute(THEIRS, {"person": person_id}).one()) if person_id else Theirs()
    about = {"now": now, "kinds": kinds, "lives": lives} | theirs._asdict()
    if check is Check.HEALTH:
        midnight = datetime.combine(clock.local(now).date(), time(), clock.SHANGHAI)
        row = db.session.execute(FIND_HEALTH, about | {"today": midnight, "expiring": EXPIRING_WITHIN}).one()
        return row.looked_at, row.opened, row.closed
    transfers.mark_arrivals(person_id=person_id)
    looked_at, found = look_at_location(now, theirs)
    given = {
        "rows": [one.rows for one in found],
        "trip_ids": [one.trip_id for one in found],
        "transfer_ids": [one.transfer_id for one in found],
        "found": [one.kind.value for one in found],
        "facts": [one.fact for one in found],
    }
    row = db.session.execute(SETTLE, about | given).one()
    return looked_at, row.opened, row.closed


def tell(check: Check) -> int:
    """Tell those whom open findings concern, unless it is night or they were told today."""
    now = clock.now()
    if not messages.is_day(now):
        return 0
    kinds = [kind for kind in _kinds(check) if Kind(kind) in messages.WORDS]
    day = clock.local(now).date().isoformat()
    untold = db.session.execute(UNTOLD, {"kinds": kinds, "day": day})
    return notify_many(_notices(((row.person_id, Kind(row.kind)) for row in untold), now))


def _notices(concerned: Iterator[tuple[UUID, Kind]], now: datetime) -> Iterator[Notice]:
    for person_id, kind in concerned:
        words = messages.WORDS[kind]
        yield Notice(person_id, words.told, messages.topic(kind, now), words.title, words.body, words.page)
