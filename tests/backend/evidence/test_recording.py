import json
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError

from backend.core import clock as core_clock
from backend.core.config import Config
from backend.core.crypto import keyring
from backend.core.db import db
from backend.core.errors import Conflict, NotFound
from backend.core.features import EvidenceKind
from backend.core.partitions import drop_partitions, due_days
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence import actions, queries
from backend.evidence.rules import last_day, last_days
from tests.conftest import Travel
from tests.factories.evidence import CONTRACT, HEALTH, make_log, make_records

TABLES = ("record", "opening", "pending")


def count(table: str) -> int:
    return db.session.scalar(text(f"SELECT count(*) FROM evidence.{table}")) or 0


def rebuild(record_ids: list[object]) -> dict[object, dict[str, object]]:
    """The callers' rows of a kind that is rebuilt."""
    return {key: {"colour": "green"} for key in record_ids}


@pytest.mark.usefixtures("log")
def test_a_record_its_opening_and_its_place_in_the_queue_are_written_together():
    with transaction():
        key = actions.record(kind=CONTRACT.name, subject="p1", content={"amount": 1})

    assert [count(table) for table in TABLES] == [1, 1, 1]
    opened = queries.open_record(queries.get_record(key))
    assert (opened.subject, opened.content) == ("p1", {"amount": 1})
    assert opened.opening.commitment == queries.get_record(key).commitment


@pytest.mark.usefixtures("log")
def test_recording_is_one_statement_however_many():
    statements: list[str] = []

    def note(*given: object) -> None:
        statements.append(str(given[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    with transaction():
        keys = actions.record_many(kind=CONTRACT.name, items=((f"p{n}", {"n": n}) for n in range(50)))
    event.remove(db.engine, "before_cursor_execute", note)

    assert len(statements) == 1
    assert [queries.open_record(queries.get_record(key)).content for key in keys] == [{"n": n} for n in range(50)]


@pytest.mark.usefixtures("log")
def test_a_transaction_that_rolls_back_leaves_nothing():
    with pytest.raises(ZeroDivisionError), transaction():
        actions.record(kind=CONTRACT.name, subject="p1", content={})
        _ = 1 // 0

    assert [count(table) for table in TABLES] == [0, 0, 0]
    actions.sequence()
    assert queries.get_checkpoint() is None


@pytest.mark.usefixtures("log")
def test_equal_contents_have_different_commitments():
    with transaction():
        keys = actions.record_many(kind=CONTRACT.name, items=[("p1", {"a": 1}), ("p1", {"a": 1})])

    assert len({queries.get_record(key).commitment for key in keys}) == 2


@pytest.mark.usefixtures("log")
def test_a_kind_that_nobody_registered_can_not_be_recorded():
    with pytest.raises(LookupError, match="no feature"):
        actions.record(kind="test.unknown", subject="p1", content={})


@pytest.mark.usefixtures("log")
def test_nothing_of_the_content_lies_open_in_the_database(superuser: psycopg.Connection):
    with transaction():
        actions.record(kind=CONTRACT.name, subject="张三的号码", content={"姓名": "张三"})

    (row,) = superuser.execute("SELECT o::text || r::text FROM evidence.opening o, evidence.record r").fetchone()
    for secret in ("张三", "姓名"):
        assert secret not in row
        assert secret.encode().hex() not in row


def test_a_kind_that_is_rebuilt_keeps_no_content(log: Application):
    kind = EvidenceKind("test.colour", "变色", 30, frozenset(), rebuild=f"{__name__}:rebuild")
    log.extensions["linghuo.evidence"][kind.name] = kind
    with transaction():
        key = actions.record(kind=kind.name, subject="p1", content={"colour": "green"})
        other = actions.record(kind=kind.name, subject="p1", content={"colour": "red"})

    (sealed, *_) = db.session.scalars(text("SELECT sealed FROM evidence.opening")).all()
    assert json.loads(keyring().unseal_bytes(sealed, queries.SEALED_PLACE)).keys() == {"salt", "subject"}
    opened = _open_with(log, key)
    assert opened.content == {"colour": "green"}
    with pytest.raises(Conflict, match=r"evidence\.altered"):
        _open_with(log, other)
    del log.extensions["linghuo.evidence"][kind.name]


def _open_with(app: Application, key: object) -> queries.Opened:
    """This module has no name that can be imported: what is found by it is put there by hand."""
    del app
    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(queries, "load", lambda _: rebuild)
        return queries.open_record(queries.get_record(key))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence.record SET kind = 'x'",
        "DELETE FROM evidence.record",
        "UPDATE evidence.opening SET sealed = ''",
        "DELETE FROM evidence.opening",
        "UPDATE evidence.pending SET commitment = ''",
        "DELETE FROM evidence.pending",
        "INSERT INTO evidence.leaf SELECT 9, id, commitment FROM evidence.record",
        "UPDATE evidence.leaf SET index = 9",
        "DELETE FROM evidence.leaf",
        "UPDATE evidence.checkpoint SET size = 9",
        "DELETE FROM evidence.checkpoint",
        "DELETE FROM evidence.cosignature",
        "TRUNCATE evidence.leaf",
        "DROP TABLE evidence.leaf",
    ],
)
@pytest.mark.usefixtures("log")
def test_the_applications_role_can_add_and_nothing_else(statement: str):
    make_log(3)

    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        db.session.execute(text(statement))


@pytest.mark.usefixtures("log")
def test_nobody_else_may_call_the_functions_that_move_and_erase(superuser: psycopg.Connection):
    names = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'evidence'::regnamespace"
    found = [name for (name,) in superuser.execute(names)]

    assert len(found) == 3
    for name in found:
        assert superuser.execute("SELECT has_function_privilege('public', %s, 'EXECUTE')", (name,)).fetchone() == (
            False,
        )


@pytest.mark.usefixtures("log")
def test_a_record_that_waits_a_second_time_by_somebodys_hand_is_not_logged_twice():
    (key,) = make_log(1)
    with transaction():
        db.session.execute(
            text("INSERT INTO evidence.pending SELECT id, commitment FROM evidence.record WHERE id = :id"), {"id": key}
        )
    later = make_records(2)
    for _ in range(2):
        actions.sequence()

    assert count("leaf") == 3
    assert count("pending") == 0
    assert {queries.get_leaf(each).index for each in later} == {1, 2}


@pytest.mark.usefixtures("log")
def test_erasing_a_subject_makes_its_records_unprovable_and_nothing_else():
    with transaction():
        erased, kept = (actions.record(kind=CONTRACT.name, subject=who, content={}) for who in ("p1", "p2"))
    actions.sequence()
    with transaction():
        assert actions.erase_subject(subject="p1") == 1
        assert actions.erase_subject(subject="p1") == 0

    with pytest.raises(Conflict, match=r"evidence\.erased"):
        queries.get_proof(erased)
    assert queries.get_proof(kept).opening is not None
    assert queries.get_leaf(erased) is not None
    assert queries.list_records("p1") == []


@pytest.mark.usefixtures("log")
def test_a_day_that_is_over_is_dropped_and_its_records_become_unprovable(clock: Travel):
    clock.set(core_clock.now().replace(year=2026, month=3, day=22))
    with transaction():
        actions.keep_partitions()
    (short,) = make_records(1, kind=HEALTH)
    (long,) = make_records(1, kind=CONTRACT)
    actions.sequence()
    clock.shift(timedelta(days=HEALTH.days))
    with transaction():
        actions.keep_partitions()
        drop_partitions("evidence.opening", due_days("evidence.opening"))
    assert queries.get_proof(short).opening is not None, "the last day isn't over"

    clock.shift(timedelta(days=1))
    with transaction():
        assert "evidence.opening_20260421" in drop_partitions("evidence.opening", due_days("evidence.opening"))
    with pytest.raises(Conflict, match=r"evidence\.erased"):
        queries.get_proof(short)
    assert queries.get_proof(long).opening is not None


@pytest.mark.parametrize(
    ("kept", "last"),
    [
        (0, date(2026, 11, 24)),
        (30, date(2026, 12, 24)),
        (60, date(2027, 1, 23)),
        (61, date(2027, 2, 1)),
        (3650, date(2036, 12, 1)),
        (25, date(2026, 12, 19)),
        (37 + 365, date(2028, 1, 1)),
    ],
)
def test_a_long_kept_opening_goes_with_its_month(kept: int, last: date):
    assert last_day(kept, date(2026, 11, 24)) == last


def test_partitions_stay_few():
    days = last_days([30, 3650, 30], date(2026, 11, 24), date(2026, 12, 1))

    assert len(days) == 8 + 1


@pytest.mark.usefixtures("log")
def test_an_office_finds_nothing_of_kinds_that_it_may_not_know_of():
    (health,) = make_records(1, kind=HEALTH, subject="p1")
    (contract,) = make_records(1, kind=CONTRACT, subject="p1")
    actions.sequence()

    assert [each.id for each in queries.list_records("p1", "bank")] == [contract]
    assert [each.id for each in queries.list_records("p1", "government")] == [health]
    assert {each.id for each in queries.list_records("p1")} == {health, contract}
    digest = queries.get_record(health).commitment
    assert queries.find_record(digest, "bank") is None
    assert queries.find_record(digest, "government").id == health
    with pytest.raises(NotFound):
        queries.get_record(health, "bank")


def test_what_the_watchers_see(log: Application, config: Config):
    del config
    make_log(3)
    make_records(1)

    text_format = log.test_client().get("/metrics").text
    assert "linghuo_evidence_size 3.0" in text_format
    assert "linghuo_evidence_stopped 0.0" in text_format
    assert "linghuo_evidence_waiting_seconds" in text_format
