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
