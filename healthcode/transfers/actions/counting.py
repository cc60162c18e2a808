"""Kept counters: a roster's tallies by colour, its trips' heads, its rows' colour for finding them.

Whatever changes a roster's figures notes its id in Redis; a task counts those again, small rosters within ten seconds,
large ones within a minute or two. What Redis forgets, and what only time changes, is counted every five minutes.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import or_, select, text, update

from backend.core import clock
from backend.core.db import db
from backend.core.redis import redis_client
from healthcode.codes.events import ColourChanged
from healthcode.codes.rules import Colour
from healthcode.transfers import queries
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.rules import ENDED

log = structlog.get_logger()
UNCOUNTED = "transfers:uncounted"
ROWS_A_SECOND = 1500
"""How many rows of waiting a count of so many rows is worth."""
AT_THE_LATEST = timedelta(minutes=5)

COLOUR_NOW = "coalesce(CASE WHEN s.until > :now THEN s.colour END, 'grey')"
COLOURS = text(f"""
UPDATE transfers.entry e SET colour = {COLOUR_NOW}
FROM codes.status s
WHERE e.transfer_id = :id AND s.person_id = e.person_id AND e.colour <> {COLOUR_NOW}
""")  # noqa: S608 - constants
TALLIES = text("""
INSERT INTO transfers.tally AS known (transfer_id, colour, entries, claimed, arrived, poor)
SELECT cast(:id AS uuid), c.colour, count(e.id), count(e.person_id), count(e.arrived_at), count(*) FILTER (WHERE e.poor)
FROM unnest(cast(:colours AS text[])) AS c (colour)
LEFT JOIN transfers.entry e ON e.transfer_id = :id AND e.colour = c.colour
GROUP BY c.colour
ON CONFLICT (transfer_id, colour) DO UPDATE
SET entries = excluded.entries, claimed = excluded.claimed, arrived = excluded.arrived, poor = excluded.poor
""")
TRIPS = text("""
WITH counted AS (
    SELECT t.id, count(e.id) AS entries, count(e.person_id) AS claimed, count(e.arrived_at) AS arrived,
           count(*) FILTER (WHERE e.colour = 'green') AS green, count(*) FILTER (WHERE e.colour = 'yellow') AS yellow,
           count(*) FILTER (WHERE e.colour = 'red') AS red
    FROM transfers.trip t LEFT JOIN transfers.entry e ON e.trip_id = t.id
    WHERE t.transfer_id = :id GROUP BY t.id
)
UPDATE transfers.trip t
SET entries = c.entries, claimed = c.claimed, arrived = c.arrived, green = c.green, yellow = c.yellow, red = c.red
FROM counted c
WHERE c.id = t.id
  AND (t.entries, t.claimed, t.arrived, t.green, t.yellow, t.red)
      IS DISTINCT FROM (c.entries, c.claimed, c.arrived, c.green, c.yellow, c.red)
""")
TOTAL = text("""
UPDATE transfers.transfer SET counted_at = :now,
       entries = (SELECT coalesce(sum(entries), 0) FROM transfers.tally WHERE transfer_id = :id)
WHERE id = :id
""")


def recount(*, transfer_id: UUID) -> None:
    """Count a roster anew: its rows' colours, its tallies, its trips."""
    about = {"id": transfer_id, "now": clock.now()}
    db.session.execute(COLOURS, about)
    db.session.execute(TALLIES, about | {"colours": [colour.value for colour in Colour]})
    db.session.execute(TRIPS, about)
    db.session.execute(TOTAL, about)
    db.session.expire_all()


def mark_uncounted(transfer_ids: Iterable[UUID]) -> None:
    """Note that these rosters' figures may have changed."""
    marks = [str(transfer_id) for transfer_id in transfer_ids]
    if not marks:
        return
    try:
        redis_client().sadd(UNCOUNTED, *marks)
    except RedisError:
        log.warning("transfers.not_marked", transfers=len(marks))


def uncounted() -> list[UUID]:
    """Rosters whose turn it is: noted and rested for as long as their size asks, or not counted for five minutes.

    Those are taken off the note: what changes while they are counted is noted anew.
    """
    now = clock.now()
    overdue = or_(Transfer.counted_at.is_(None), Transfer.counted_at < now - AT_THE_LATEST)
    due = set(db.session.scalars(select(Transfer.id).where(Transfer.state.not_in(ENDED), overdue)))
    try:
        noted = {UUID(mark) for mark in cast("set[str]", redis_client().smembers(UNCOUNTED))}
    except RedisError:
        noted = set()
    rows = db.session.execute(select(Transfer.id, Transfer.entries, Transfer.counted_at).where(Transfer.id.in_(noted)))
    due |= {
        transfer_id
        for transfer_id, entries, counted_at in rows
        if counted_at is None or counted_at <= now - timedelta(seconds=entries / ROWS_A_SECOND)
    }
    if due & noted:
        redis_client().srem(UNCOUNTED, *(str(transfer_id) for transfer_id in due & noted))
    return sorted(due)


def note_colour(event: ColourChanged) -> None:
    """A person has another colour: their rows are found by it at once, the figures follow."""
    db.session.execute(
        update(Entry)
        .where(Entry.person_id == event.person_id, Entry.colour != Colour(event.after))
        .values(colour=Colour(event.after))
    )
    mark_uncounted(queries.list_transfers_of_person(event.person_id))
