"""Daily partitions: rows of a table that grows without end, and is erased by the day.

The application's role owns no table; two SECURITY DEFINER functions, made by the first migration, do this one thing
for it: `core.make_partition(table, day)` and `core.drop_partition(table, day)`, which refuses a day still inside the
table's retention. A row of a day without a partition is refused by the database.
"""

import re
from datetime import timedelta

from sqlalchemy import text

from backend.core import clock
from backend.core.db import db

AHEAD = 7


def is_partition(table_name: str) -> bool:
    """Whether a table is one day of another: "sighting_20200322"."""
    return re.fullmatch(r".*_\d{8}", table_name) is not None


def make_partitions() -> None:
    """Have every daily table's partitions from yesterday to a week ahead; makes nothing twice."""
    today = clock.today()
    db.session.execute(
        text(
            "SELECT core.make_partition(t.name, d::date) FROM core.daily_table t"
            " CROSS JOIN generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') d"
        ),
        {"first": today - timedelta(days=1), "last": today + timedelta(days=AHEAD)},
    )


def drop_old_partitions() -> list[str]:
    """Drop every partition whose day is past its table's retention; returns their names."""
    names = db.session.scalars(
        text(
            "SELECT core.drop_partition(t.name, to_date(right(p.relname, 8), 'YYYYMMDD')) FROM core.daily_table t"
            " JOIN pg_inherits i ON i.inhparent = t.name::regclass JOIN pg_class p ON p.oid = i.inhrelid"
            " WHERE to_date(right(p.relname, 8), 'YYYYMMDD') < CAST(:today AS date) - t.kept_days"
        ),
        {"today": clock.today()},
    )
    return list(names)
