"""Daily partitions: rows of a table that grows without end, and is erased by the day.

The application's role owns no table; SECURITY DEFINER functions do this one thing for it:
`core.make_partition(table, day)` and `core.drop_partition(table, day)`, which refuses a day still inside the
table's retention. A row of a day without a partition is refused by the database. Tables without partitions are erased
by their rows' age: `core.erase_aged(table, before)`, which refuses likewise.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db

AHEAD = 7


def is_partition(table_name: str) -> bool:
    """Whether a table is one day of another: "sighting_20200322"."""
    return re.fullmatch(r".*_\d{8}", table_name) is not None


def make_partitions() -> None:
    """Have every daily table's partitions from yesterday to a week ahead; makes nothing twice.

    But for those that keep a day for no day after it: which days they need, their context knows.
    """
    today = clock.today()
    db.session.execute(
        text(
            "SELECT core.make_partition(t.name, d::date) FROM core.daily_table t"
            " CROSS JOIN generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') d"
            " WHERE t.kept_days > 0"
        ),
        {"first": today - timedelta(days=1), "last": today + timedelta(days=AHEAD)},
    )


def make_partitions_of(table: str, days: Iterable[date]) -> None:
    """Have this table's partitions of these days, for one whose rows say themselves when they go."""
    db.session.execute(
        text("SELECT core.make_partition(:table, d) FROM unnest(CAST(:days AS date[])) d"),
        {"table": table, "days": sorted(days)},
    )


def daily_tables() -> list[str]:
    """The tables that are partitioned by the day, as "schema.table"."""
    return list(db.session.scalars(text("SELECT name FROM core.daily_table ORDER BY name")))


def due_days(table: str) -> list[date]:
    """The days of this table that are past their retention and still there."""
    return list(
        db.session.scalars(
            text(
                "SELECT to_date(right(p.relname, 8), 'YYYYMMDD') AS day FROM core.daily_table t"
                " JOIN pg_inherits i ON i.inhparent = t.name::regclass JOIN pg_class p ON p.oid = i.inhrelid"
                " WHERE t.name = :table"
                " AND to_date(right(p.relname, 8), 'YYYYMMDD') < CAST(:today AS date) - t.kept_days ORDER BY day"
            ),
            {"table": table, "today": clock.today()},
        )
    )


def erase_aged(table: str, before: datetime) -> int:
    """Erase this table's rows that are older than a moment; returns how many.

    Raises DBAPIError for a moment inside the table's retention.
    """
    return db.session.scalar(text("SELECT core.erase_aged(:table, :before)"), {"table": table, "before": before}) or 0


def drop_partitions(table: str, days: Iterable[date]) -> list[str]:
    """Drop this table's partitions of these days; returns their names.

    Raises DBAPIError for a day inside the table's retention, OperationalError when others hold the table longer than a
    moment: they aren't kept waiting for this.
    """
    db.session.execute(text("SET LOCAL lock_timeout = '3s'"))
    drop = text("SELECT core.drop_partition(:table, d) FROM unnest(CAST(:days AS date[])) d")
    return list(db.session.scalars(drop, {"table": table, "days": sorted(days)}))
