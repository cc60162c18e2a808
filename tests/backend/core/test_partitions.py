from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core import partitions
from backend.core.db import db
from backend.core.transactions import transaction
from tests.conftest import Travel


@pytest.mark.usefixtures("app")
def test_partitions_are_made_ahead_and_only_once(clock: Travel):
    clock.shift(timedelta(days=60))
    for _ in range(2):
        with transaction():
            partitions.make_partitions()
    assert db.session.scalar(text("SELECT to_regclass('codes.reading_20260528')")) is not None


@pytest.mark.usefixtures("app")
def test_a_day_inside_its_retention_can_not_be_dropped():
    with pytest.raises(DBAPIError, match="inside its retention"):
        db.session.execute(text("SELECT core.drop_partition('itinerary.sighting', current_date)"))


@pytest.mark.usefixtures("app")
def test_a_row_of_a_day_without_partition_is_refused(superuser: psycopg.Connection):
    with pytest.raises(psycopg.errors.CheckViolation):
        superuser.execute(
            "INSERT INTO codes.reading"
            " (day, id, at, operator_id, organisation_id, outcome, seen_elsewhere, request_key)"
            " SELECT date '2001-01-01', i, now(), i, i, 'passes', false, 'k' FROM gen_random_uuid() i"
        )


DEFAULTS = "SELECT partrelid::regclass::text FROM pg_partitioned_table WHERE partdefid <> 0"
POINTED_AT = """
SELECT c.conrelid::regclass::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid
WHERE c.contype = 'f' AND t.relkind = 'p'
"""
KEYS_WITHOUT_DAY = """
SELECT i.indrelid::regclass::text FROM pg_index i JOIN pg_partitioned_table p ON p.partrelid = i.indrelid
WHERE i.indisunique AND NOT p.partattrs[0] = ANY (i.indkey)
"""


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("forbidden", [DEFAULTS, POINTED_AT, KEYS_WITHOUT_DAY])
def test_a_day_can_always_be_dropped(superuser: psycopg.Connection, forbidden: str):
    """No default partition that swallows rows, no foreign key that holds a day back, no key that spans days."""
    assert superuser.execute("SELECT count(*) FROM pg_partitioned_table").fetchone() > (5,)
    assert superuser.execute(forbidden).fetchall() == []


@pytest.mark.usefixtures("app")
def test_the_application_owns_nothing():
    for statement in (
        "CREATE TABLE core.mine (a int)",
        "ALTER TABLE codes.reading ADD COLUMN b int",
        "DROP TABLE codes.status",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            db.session.execute(text(statement))
        db.session.rollback()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("table", ["codes.reading", "codes.declaration", "accounts.access_log", "codes.colour_change"])
def test_insert_only_rows_can_not_be_removed(table):
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text(f"DELETE FROM {table}"))
    db.session.rollback()
