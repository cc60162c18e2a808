"""Whoever owns the store of the published log, a backup of the database or the server's clock; the audit tells."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from backend.core import clock as core_clock
from backend.core.db import db
from backend.core.partitions import drop_partitions, due_days
from backend.core.transactions import transaction
from backend.evidence import actions, publishing, queries
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import leaf_hash
from backend.evidence.note import Algorithm, Note, PrivateKey
from backend.evidence.rules import AlarmCause
from backend.evidence.tiles import Tile
from tests.conftest import LOG_KEY, Travel
from tests.factories.audits import WITNESSES, believe_witnesses, cosign, found
from tests.factories.evidence import CONTRACT, make_log, make_records

COUNT = 300
VICTIM = 7
STRANGER = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def victim(log: object) -> list[UUID]:
    """A log of three hundred records under two checkpoints; the forger is after the one at index 7."""
    del log
    return make_log(20) + make_log(COUNT - 20)


@pytest.fixture
def witnessed(log: object) -> Iterator[None]:
    """A log whose policy asks for two witnesses."""
    del log
    file = believe_witnesses()
    yield
    file.unlink()


def test_a_replaced_bundle(victim: list[UUID]):
    tile = Tile(None, 0)
    content = bytearray(publishing.fetch(tile))
    content[34 * VICTIM + 2] ^= 1
    publishing.log_store().write(tile.path, bytes(content))

    assert found() == {("entry_differs", victim[VICTIM])}


@pytest.mark.usefixtures("victim")
def test_a_replaced_tile():
    tile = Tile(0, 0)
    content = publishing.fetch(tile)
    publishing.log_store().write(tile.path, content[:32] + leaf_hash(STRANGER) + content[64:])
    publishing.log_store().write(Tile(1, 0, 1).path, leaf_hash(STRANGER))

    assert found() == {("tile_differs", 1), ("tile_differs", f"{Tile(1, 0, 1).path}: 0")}


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda content: content[:-1], lambda content: content + content[:34]])
@pytest.mark.usefixtures("victim")
def test_a_file_of_another_length(spoil: Callable[[bytes], bytes]):
    for tile in (Tile(0, 1, COUNT - 256), Tile(None, 0)):
        publishing.log_store().write(tile.path, spoil(publishing.fetch(tile)))

    assert {cause for cause, _ in found()} == {"tile_differs"}
    assert len(found()) == 2


@pytest.mark.usefixtures("victim")
def test_a_removed_file():
    publishing.log_store().remove(Tile(0, 0).path)
    publishing.log_store().remove(Tile(None, 1, COUNT - 256).path)

    assert found() == {("file_missing", Tile(0, 0).path), ("file_missing", Tile(None, 1, COUNT - 256).path)}


@pytest.mark.usefixtures("victim")
def test_a_partial_tile_of_an_older_checkpoint():
    make_log(10)
    old = Tile(0, 1, COUNT - 256)
    publishing.log_store().write(old.path, leaf_hash(STRANGER) + publishing.fetch(old)[32:])

    assert found() == {("tile_differs", 256)}


@pytest.mark.usefixtures("victim")
def test_a_published_checkpoint_of_another_tree_or_key():
    text = Checkpoint(LOG_KEY.name, COUNT, STRANGER).text
    publishing.log_store().write("checkpoint", str(Note(text, (LOG_KEY.sign(text),))).encode())
    assert found() == {("published_differs", f"checkpoint: {COUNT}")}

    thief = PrivateKey.generate(LOG_KEY.name, Algorithm.LOG)
    publishing.log_store().write("checkpoint", str(Note(text, (thief.sign(text),))).encode())
    assert found() == {("published_differs", f"checkpoint: not signed by {LOG_KEY.name}")}

    publishing.log_store().write("checkpoint", b"\xff")
    assert {cause for cause, _ in found()} == {"published_differs"}


@pytest.mark.usefixtures("log")
def test_what_is_published_no_more(clock: Travel):
    make_log(3)
    publishing.log_store().remove("checkpoint")
    assert found() == set(), "it may be on its way"

    clock.shift(timedelta(minutes=2))
    assert found() == {("published_behind", "3")}


@pytest.mark.usefixtures("witnessed")
def test_a_published_checkpoint_that_calls_itself_witnessed():
    make_log(3)
    cosign(["tax"])
    publishing.log_store().write("witnessed", publishing.log_store().read("checkpoint"))

    assert found() == {("published_differs", "witnessed: 3 isn't witnessed")}


@pytest.mark.usefixtures("witnessed")
def test_a_feigned_cosignature(superuser: psycopg.Connection):
    make_log(3)
    cosign(["tax"])
    said = Note.parse(queries.get_checkpoint().note).text
    thief = PrivateKey.generate(WITNESSES["bank"].name, Algorithm.COSIGNATURE)
    for line in (str(thief.cosign(said, 1)), str(WITNESSES["bank"].cosign(said + "more\n", 1)), "nothing"):
        superuser.execute("DELETE FROM evidence.cosignature WHERE witness = 'bank'")
        superuser.execute("INSERT INTO evidence.cosignature VALUES (3, 'bank', %s, now())", (line,))
        assert found() == {("cosignature_false", "3: bank")}


@pytest.mark.usefixtures("victim")
def test_a_changed_checkpoint(superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.checkpoint SET root = %s WHERE size = 20", (STRANGER,))
    assert found() == {("root_differs", "20"), ("checkpoint_false", "20: the note says another tree")}

    text = Checkpoint(LOG_KEY.name, 20, STRANGER).text
    thief = PrivateKey.generate(LOG_KEY.name, Algorithm.LOG)
    superuser.execute(
        "UPDATE evidence.checkpoint SET note = %s WHERE size = 20", (str(Note(text, (thief.sign(text),))),)
    )
    assert found() == {("root_differs", "20"), ("checkpoint_false", f"20: not signed by {LOG_KEY.name}")}


# A backup


def go_back(superuser: psycopg.Connection, size: int) -> None:
    """Make the database what it was when the log had so many leaves, as restoring a backup does."""
    for table, key in (("opening", "record_id"), ("record", "id")):
        lost = f"SELECT record_id FROM evidence.leaf WHERE index >= {size}"
        superuser.execute(f"DELETE FROM evidence.{table} WHERE {key} IN ({lost})")
    for table, column in (("leaf", "index + 1"), ("cosignature", "size"), ("checkpoint", "size")):
        superuser.execute(f"DELETE FROM evidence.{table} WHERE {column} > %s", (size,))


@pytest.mark.usefixtures("witnessed")
def test_a_database_restored_from_a_backup(superuser: psycopg.Connection):
    make_log(20)
    make_log(5)
    cosign()
    go_back(superuser, 20)

    assert found() == {("published_ahead", "checkpoint: 25 > 20"), ("published_ahead", "witnessed: 25 > 20")} | {
        ("published_ahead", f"{name}: 25 > 20") for name in WITNESSES
    }
    make_records(1)
    actions.sequence()
    assert queries.get_alarm().cause in {AlarmCause.PUBLISHED_AHEAD, AlarmCause.WITNESS_AHEAD}

    actions.rebuild()
    assert found() == {("record_missing", index) for index in range(20, 25)}
    actions.sequence()
    cosign()
    assert found() == {("record_missing", index) for index in range(20, 25)}, "what the restore lost stays known"
    assert queries.get_alarm() is None


# Clocks


@pytest.mark.usefixtures("log")
def test_a_clock_that_jumped_ahead_and_back(clock: Travel):
    make_log(2)
    clock.shift(timedelta(days=3))
    make_log(2)
    clock.shift(timedelta(days=-3))
    make_log(2)
    clock.shift(timedelta(seconds=-5))
    make_log(2)

    assert found() == {("clock_jumped", "6: 2026-03-22 04:00:00Z after 2026-03-25 04:00:00Z")}


@pytest.mark.usefixtures("witnessed")
def test_a_clock_that_is_ahead_of_the_witnesses(clock: Travel):
    true = core_clock.now()
    clock.shift(timedelta(days=2))
    make_log(2)
    clock.set(true)
    cosign(["tax"])

    assert found() == {("clock_jumped", "2: 2026-03-24 04:00:00Z, but tax cosigned at 2026-03-22 04:00:00Z")}


@pytest.mark.usefixtures("log")
def test_a_clock_years_ahead_erases_nothing(clock: Travel):
    (kept,) = make_log(1)
    day = db.session.scalar(sql("SELECT day FROM evidence.opening"))
    assert day > datetime.now(UTC).date(), "by the database's clock its day is to come"
    db.session.rollback()
    clock.shift(timedelta(days=CONTRACT.days + 400))

    with pytest.raises(DBAPIError, match="inside its retention"), transaction():
        drop_partitions("evidence.opening", due_days("evidence.opening"))
    assert queries.open_record(queries.get_record(kept)).subject == "somebody"


@pytest.mark.usefixtures("log")
def test_a_clock_that_is_wrong_by_years_records_nothing(clock: Travel):
    make_log(1)
    for wrong in (timedelta(days=-3000), timedelta(days=9000)):
        clock.shift(wrong)
        with pytest.raises(DBAPIError, match="no partition"):
            make_records(1)
        clock.shift(-wrong)
    assert found() == set()
