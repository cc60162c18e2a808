"""Reads of stays."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db
from healthcode.itinerary.risk import Level
from healthcode.itinerary.rules import ITINERARY

# The level of a region on a day: its own, else that of the city above it, else low; a list stands above what is
# computed. A stay has the highest of its days.
STAYS = text("""
SELECT s.region_code, s.since, s.until, s.contradicted, max(
    CASE coalesce((
        SELECT r.level FROM itinerary.region_risk r
        WHERE r.region_code IN (s.region_code, left(s.region_code, 4) || '00')
          AND r.since <= d::date AND (r.until IS NULL OR r.until >= d::date)
        ORDER BY r.region_code <> s.region_code, r.source <> 'official' LIMIT 1
    ), 'low') WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END) AS level
FROM itinerary.stay s
CROSS JOIN generate_series((s.since AT TIME ZONE 'Asia/Shanghai')::date, s.day, interval '1 day') d
WHERE s.person_id = :person_id AND s.day >= :first
GROUP BY s.region_code, s.since, s.until, s.contradicted
ORDER BY s.since DESC
""")
LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class StayLine:
    region_code: str
    since: datetime
    until: datetime
    contradicted: bool
    level: Level

    @property
    def length(self) -> str:
        """How long, as people say it: 3 小时, 2 天 5 小时, 不到 1 小时."""
        days, rest = divmod(self.until - self.since, timedelta(days=1))
        hours = rest // timedelta(hours=1)
        said = [f"{days} 天"] * bool(days) + [f"{hours} 小时"] * bool(hours)
        return " ".join(said) or "不到 1 小时"


def list_stays(person: Person) -> list[StayLine]:
    """Where a person stayed in 14 days, the newest first, each with the risk there."""
    about = {"person_id": person.id, "first": clock.today() - ITINERARY}
    return [
        StayLine(row.region_code, row.since, row.until, row.contradicted, LEVELS[row.level])
        for row in db.session.execute(STAYS, about)
    ]
