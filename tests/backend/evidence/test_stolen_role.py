"""Whoever steals the application's password for the database can add, and the audit finds what was added by hand."""

from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from backend.core.config import Config
from backend.core.crypto import blind_index
from backend.core.db import INSERT_ONLY, READ_ONLY, Base, new_key
from backend.core.transactions import transaction
from backend.evidence import actions, queries
from backend.evidence.rules import AlarmCause
from tests.factories.audits import found
from tests.factories.evidence import make_log

STRANGER = b"0123456789abcdef0123456789abcdef"
GUARDED = [table for table in Base.metadata.sorted_tables if table.info.get("rights") in {"SELECT, INSERT", "SELECT"}]
LEAST = ("evidence.record", "evidence.leaf", "codes.colour_change", "transfers.step", "accounts.consent")
DENIED = (errors.InsufficientPrivilege, errors.FeatureNotSupported, errors.ObjectNotInPrerequisiteState)


@pytest.fixture
def thief(log: object, config: Config) -> Iterator[psycopg.Connection]:
    """The application's own role, at a prompt of his own."""
    del log
    url = config.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def denied(thief: psycopg.Connection, statement: str) -> None:
    with pytest.raises(DENIED):
        thief.execute(statement)


def test_what_is_guarded():
    assert {table.fullname for table in GUARDED} >= set(LEAST)
    assert all(table.info["rights"] in {INSERT_ONLY["rights"], READ_ONLY["rights"]} for table in GUARDED)


@pytest.mark.parametrize("table", [table.fullname for table in GUARDED])
def test_no_row_of_a_guarded_table_can_be_changed_or_removed(thief: psycopg.Connection, table: str):
    column = next(iter(Base.metadata.tables[table].columns)).name
    for statement in (
        f'UPDATE {table} SET "{column}" = "{column}"',
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"SELECT * FROM {table} FOR UPDATE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f'ALTER TABLE {table} RENAME COLUMN "{column}" TO mine',
        f"ALTER TABLE {table} OWNER TO linghuo",
        f"DROP TABLE {table}",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION evidence.sequence()",
        f"CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
        f"GRANT ALL ON {table} TO linghuo",
        f"VACUUM FULL {table}",
    ):
        denied_or_warned(thief, statement)
    if Base.metadata.tables[table].info["rights"] == READ_ONLY["rights"]:
        denied(thief, f"COPY {table} FROM STDIN")
        denied(thief, f"INSERT INTO {table} SELECT * FROM {table}")


def denied_or_warned(thief: psycopg.Connection, statement: str) -> None:
    """PostgreSQL warns of a right that nobody can give and a table that isn't his to vacuum, and does nothing."""
    if not statement.startswith(("GRANT", "VACUUM")):
        return denied(thief, statement)
    said: list[str] = []
    thief.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
    try:
        thief.execute(statement)
    except DENIED:
        return None
    assert any("no privileges were granted" in each or "permission denied" in each for each in said), (statement, said)
    return None


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE linghuo_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "ALTER ROLE linghuo SUPERUSER",
        "CREATE ROLE another",
        "CREATE TABLE evidence.mine (id int)",
        "CREATE FUNCTION evidence.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION evidence.restore(first bigint, entries bytea[]) RETURNS void LANGUAGE sql AS ''",
        "ALTER FUNCTION evidence.sequence(integer) SECURITY INVOKER",
        "DROP FUNCTION evidence.erase_subject(bytea, uuid[], uuid)",
        "ALTER SCHEMA evidence RENAME TO mine",
        "DROP SCHEMA evidence CASCADE",
        "COPY evidence.record TO PROGRAM 'cat'",
        "COPY evidence.record TO '/tmp/records'",
        "COPY evidence.leaf FROM PROGRAM 'echo'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "UPDATE pg_class SET relowner = 10",
        "DELETE FROM pg_depend",
        "UPDATE core.daily_table SET kept_days = 0 WHERE name = 'codes.declaration'",
        "CREATE EXTENSION plpython3u",
        "ALTER SYSTEM SET fsync = off",
    ],
)
def test_no_way_around_the_rights(thief: psycopg.Connection, statement: str):
    with pytest.raises((*DENIED, errors.InvalidParameterValue, errors.UndefinedObject)):
        thief.execute(statement)


def test_a_partition_can_not_be_reached_beside_its_table(thief: psycopg.Connection):
    make_log(1)
    (partition,) = thief.execute("SELECT tableoid::regclass::text FROM evidence.opening").fetchone()

    for statement in (f"DELETE FROM {partition}", f"UPDATE {partition} SET sealed = ''", f"DROP TABLE {partition}"):
        denied(thief, statement)
    denied(thief, f"ALTER TABLE evidence.opening DETACH PARTITION {partition}")
    with pytest.raises(errors.RaiseException, match="inside its retention"):
        thief.execute("SELECT core.drop_partition('evidence.opening', to_date(right(%s, 8), 'YYYYMMDD'))", (partition,))
    with pytest.raises(errors.NoDataFound):
        thief.execute("SELECT core.drop_partition('evidence.leaf', '2020-01-01')")
    with pytest.raises(errors.NoDataFound):
        thief.execute("SELECT core.drop_partition('evidence.record; DROP TABLE evidence.leaf', '2020-01-01')")


def test_functions_that_give_out_indices_only_append(thief: psycopg.Connection):
    make_log(5)
    for first in (0, 3, 6, -1):
        with pytest.raises(errors.RaiseException, match="does not end before"):
            thief.execute("SELECT evidence.restore(%s, ARRAY[%s::bytea])", (first, STRANGER))
    with pytest.raises(errors.CheckViolation):
        thief.execute("SELECT evidence.restore(5, ARRAY['short'::bytea])")

    thief.execute("SELECT evidence.restore(5, ARRAY[%s::bytea])", (STRANGER,))
    make_log(1)
    assert found() == {("record_missing", 5)}


def insert_record(thief: psycopg.Connection) -> UUID:
    """A record as good as he can make it without the keys."""
    made = new_key()
    thief.execute("INSERT INTO evidence.record VALUES (%s, 'test.contract', %s)", (made, STRANGER))
    thief.execute(
        "INSERT INTO evidence.opening SELECT day, %s, subject_index, sealed FROM evidence.opening LIMIT 1", (made,)
    )
    thief.execute("INSERT INTO evidence.pending VALUES (%s, %s)", (made, STRANGER))
    return made


def insert_other_record(thief: psycopg.Connection) -> UUID:
    """The same, with an opening of nothing."""
    made = insert_record(thief)
    other = new_key()
    thief.execute("INSERT INTO evidence.record SELECT %s, kind, commitment FROM evidence.record LIMIT 1", (other,))
    thief.execute(
        "INSERT INTO evidence.opening SELECT day, %s, subject_index, %s FROM evidence.opening LIMIT 1", (other, b"?")
    )
    assert made != other
    return other


@pytest.mark.parametrize(
    ("insert", "causes"),
    [
        (insert_record, {"content_changed"}),
        (insert_other_record, {"content_changed", "opening_unreadable", "record_unlogged"}),
    ],
)
def test_a_record_made_without_the_keys(
    thief: psycopg.Connection, insert: Callable[[psycopg.Connection], UUID], causes: set[str]
):
    make_log(3)
    made = insert(thief)
    actions.sequence()

    assert {cause for cause, _ in found()} == causes
    assert made in {about for _, about in found()}


def test_a_contexts_row_added_by_hand(thief: psycopg.Connection):
    made = new_key()
    thief.execute(
        "INSERT INTO codes.colour_change VALUES (%s, gen_random_uuid(), 'red', 'green', '[]', now())", (made,)
    )

    assert found() == {("row_unrecorded", made)}


def test_openings_erased_by_hand_are_no_erasure(thief: psycopg.Connection):
    first, *_ = make_log(2)
    subject, feigned = blind_index("somebody", queries.SUBJECT_PURPOSE), new_key()
    erase = "SELECT evidence.erase_subject(%s, ARRAY[%s::uuid], %s)"
    thief.execute(erase, (subject, first, feigned))
    assert found() == {("row_unrecorded", feigned)}


def test_openings_erased_by_hand_are_no_part_of_a_true_erasure(thief: psycopg.Connection):
    first, *_ = make_log(2)
    with transaction():
        actions.record(kind="test.contract", subject="p1", content={})
    with transaction():
        actions.erase_subject(subject="p1")
    actions.sequence()
    subject = blind_index("somebody", queries.SUBJECT_PURPOSE)
    (erasure,) = thief.execute("SELECT erasure_id FROM evidence.erasure").fetchone()
    thief.execute("SELECT evidence.erase_subject(%s, ARRAY[%s::uuid], %s)", (subject, first, erasure))

    assert found() == {("content_changed", erasure)}


def test_a_checkpoint_added_by_hand_stops_the_log_and_is_told(thief: psycopg.Connection):
    make_log(3)
    (note,) = thief.execute("SELECT note FROM evidence.checkpoint").fetchone()
    thief.execute("INSERT INTO evidence.checkpoint VALUES (2, %s, %s, now())", (STRANGER, note))
    assert found() == {("root_differs", "2"), ("checkpoint_false", "2: the note says another tree")}

    thief.execute("INSERT INTO evidence.checkpoint VALUES (9, %s, %s, now())", (STRANGER, note))
    actions.sequence()
    assert queries.get_alarm().cause in {AlarmCause.TILES, AlarmCause.FORKED}
    assert {("checkpoint_false", "9: the note says another tree"), ("leaf_missing", 8)} <= found()
