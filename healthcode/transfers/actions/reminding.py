"""What travellers are reminded of before they leave: the day before, and hours before; each once for each departure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text

from backend.core import clock
from backend.core.clock import local
from backend.core.db import db
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind
from healthcode.transfers.rules import MODE_NAMES, Mode

DAY_BEFORE, SOON = timedelta(hours=26), timedelta(hours=4)
"""From when on a reminder is due; what leaves sooner has been told by the next one."""
AWAKE = range(8, 22)
"""Hours in which people are reminded of tomorrow; of what leaves soon they are at any hour."""
PAGE = "trips"
DECLARED = {True: "今天已申报，出发当天请再申报一次。", False: "出发前请先申报健康，没有绿码不能上车。"}

# The departure stands in the topic: another one is told anew, the same one never twice.
DUE = text("""
SELECT person_id, vehicle, mode, seat, departs_at, declared, topic
FROM (
    SELECT e.person_id, t.vehicle, t.mode, e.seat, t.departs_at,
           s.declared_at >= cast(:now AS timestamptz) - interval '1 day' AS declared,
           format('departs:%s:%s:%s', t.id, to_char(t.departs_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MI'),
                  cast(:which AS text)) AS topic
    FROM transfers.trip t
    JOIN transfers.transfer f ON f.id = t.transfer_id AND f.state IN ('agreed', 'enrolling', 'departing', 'in_transit')
    JOIN transfers.entry e ON e.trip_id = t.id AND e.person_id IS NOT NULL AND e.arrived_at IS NULL
    LEFT JOIN codes.status s ON s.person_id = e.person_id
    WHERE t.state = 'waiting' AND t.departs_at > cast(:now AS timestamptz) + :least
      AND t.departs_at <= cast(:now AS timestamptz) + :most
      AND NOT EXISTS (SELECT FROM transfers.mark m
                      WHERE m.entry_id = e.id AND m.trip_id = t.id AND m.kind IN ('struck', 'boarded'))
) AS due
WHERE NOT EXISTS (SELECT FROM notices.message m WHERE m.person_id = due.person_id AND m.topic = due.topic)
""")


def remind() -> int:
    """Remind everybody whose departure is a day or some hours away; returns how many were told. Twice is like once."""
    now = clock.now()
    told = notify_many(_notices("soon", now, timedelta(0), SOON))
    if local(now).hour in AWAKE:
        told += notify_many(_notices("day", now, SOON, DAY_BEFORE))
    return told


def _notices(which: str, now: datetime, least: timedelta, most: timedelta) -> Iterator[Notice]:
    rows = db.session.execute(DUE, {"now": now, "which": which, "least": least, "most": most}).all()
    for row in rows:
        vehicle = " ".join(filter(None, (MODE_NAMES[Mode(row.mode)], row.vehicle)))
        seat = f"，座位 {row.seat}" if row.seat else ""
        leaves = local(row.departs_at)
        body = (
            f"{leaves.month}月{leaves.day}日 {leaves:%H:%M} 出发，{vehicle}{seat}。请带身份证、口罩和随身药品，"
            f"提前半小时到集合点。{DECLARED[bool(row.declared)]}"
        )
        title = "几小时后出发" if which == "soon" else "明天出发"
        if which == "day" and leaves.date() == local(now).date():
            title = "今天出发"
        yield Notice(row.person_id, Kind.TRIP, row.topic, title, body, PAGE)
