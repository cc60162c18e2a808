import random
import threading
from datetime import timedelta

import psycopg
import pytest
from pydantic import SecretStr

from backend.core.config import Config
from backend.core.db import db
from backend.core.requests import Application
from backend.evidence import actions, publishing, queries
from backend.evidence.actions import standing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import check_consistency, consistency_proof
from backend.evidence.note import Algorithm, PrivateKey
from backend.evidence.rules import AlarmCause
from backend.evidence.tiles import WIDTH, Tile, reader
from tests.conftest import LOG_KEY, Travel
from tests.factories.evidence import check_log, make_log, make_records, published_size

SIZES = (1, 1, 253, 1, 1, 255, 256, 700, 3)


@pytest.mark.usefixtures("log")
def test_an_empty_log_publishes_nothing():
    actions.sequence()

    assert publishing.published(publishing.CHECKPOINT) is None
    assert queries.get_alarm() is None


@pytest.mark.usefixtures("log")
def test_every_record_gets_one_place_and_every_tree_begins_with_the_one_before():
    roots = {}
    for size in SIZES:
        make_log(size)
        tree = Checkpoint.parse(publishing.published(publishing.CHECKPOINT).text)
        roots[tree.size] = tree.root
    assert len(check_log()) == sum(SIZES)

    read = reader(tree.size, publishing.fetch)
    for size, root in roots.items():
        proof = consistency_proof(size, tree.size, read)
        check_consistency(old=size, old_root=root, new=tree.size, new_root=tree.root, proof=proof)


@pytest.mark.usefixtures("log")
def test_a_backlog_larger_than_a_batch_is_taken_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("backend.evidence.actions.sequencing.BATCH", 2 * WIDTH)
    make_log(3)
    make_log(5 * WIDTH)

    assert len(check_log()) == 5 * WIDTH + 3
    sizes = [each.size for each in queries.list_checkpoints()]
    assert sizes == [5 * WIDTH + 3, 4 * WIDTH, 2 * WIDTH, 3], "batches end where tiles do"


@pytest.mark.usefixtures("log")
def test_partial_tiles_go_once_the_full_one_stands_and_readers_of_older_trees_still_find_them():
    make_log(10)
    older = [publishing.fetch(Tile(level, 0, 10)) for level in (0, None)]
    make_log(20)
    assert publishing.log_store().exists("tile/0/000.p/10")
    make_log(WIDTH)

    assert not publishing.log_store().exists("tile/0/000.p")
    assert not publishing.log_store().exists("tile/entries/000.p")
    assert [publishing.fetch(Tile(level, 0, 10)) for level in (0, None)] == older
    with pytest.raises(FileNotFoundError):
        publishing.fetch(Tile(0, 7))


@pytest.mark.usefixtures("log")
def test_sequencers_at_once_make_one_log(app: Application):
    stop = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                while not stop.is_set():
                    actions.sequence()
            except BaseException as failure:  # noqa: BLE001 - the test tells of it
                failures.append(failure)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    total = 0
    for _ in range(40):
        total += len(make_records(random.choice([1, 2, 50, 300])))
    stop.set()
    for thread in threads:
        thread.join()
    actions.sequence()

    assert failures == []
    assert len(check_log()) == total


@pytest.mark.usefixtures("log")
def test_a_second_sequencer_does_nothing_while_the_first_works():
    make_records(2)
    with standing.alone() as first:
        assert first is not None
        actions.sequence()
        assert publishing.published(publishing.CHECKPOINT) is None
    actions.sequence()

    assert published_size() == 2


@pytest.mark.usefixtures("log")
def test_the_lock_is_free_again_when_its_connection_breaks(superuser: psycopg.Connection):
    with standing.alone() as first:
        pid = first.connection.driver_connection.info.backend_pid
        superuser.execute("SELECT pg_terminate_backend(%s)", (pid,))
    make_log(1)

    assert published_size() == 1


@pytest.mark.usefixtures("log")
def test_jumps_of_the_clock_make_no_difference(clock: Travel):
    for jump in (timedelta(0), timedelta(days=-1), timedelta(days=3), timedelta(days=-2)):
        clock.shift(jump)
        make_log(3)

    assert len(check_log()) == 12
    assert [each.size for each in queries.list_checkpoints()] == [12, 9, 6, 3]


@pytest.mark.usefixtures("log")
def test_records_of_a_transaction_that_commits_late_come_after(app: Application):
    """Ids are made in order of time, and transactions commit in any order."""
    del app
    early = make_records(1)
    late = make_log(5)

    assert {queries.get_leaf(each).index for each in (*early, *late)} == set(range(6))
    check_log()


@pytest.mark.parametrize(
    "change",
    [
        {"evidence_key": SecretStr("")},
        {"evidence_key": SecretStr(PrivateKey.generate("other.example/log", Algorithm.LOG).dump())},
        {"evidence_origin": "other.example/log"},
        {"evidence_policy": __file__},
    ],
)
def test_a_key_or_policy_that_does_not_fit_stops_it(
    log: Application, change: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    make_records(1)
    config: Config = log.config["LINGHUO"]
    with monkeypatch.context() as patched:
        patched.setitem(log.config, "LINGHUO", config.model_copy(update=change))
        actions.sequence()
        assert queries.get_alarm().cause is AlarmCause.KEY
    actions.sequence()

    assert queries.get_alarm() is None
    assert published_size() == 1


def test_what_another_key_signed_stops_it(log: Application, monkeypatch: pytest.MonkeyPatch):
    make_log(1)
    make_records(1)
    other = PrivateKey.generate(LOG_KEY.name, Algorithm.LOG)
    config: Config = log.config["LINGHUO"]
    monkeypatch.setitem(log.config, "LINGHUO", config.model_copy(update={"evidence_key": SecretStr(other.dump())}))
    actions.sequence()

    assert queries.get_alarm().cause is AlarmCause.FORKED
    assert published_size() == 1


@pytest.mark.usefixtures("log")
def test_a_replaced_tile_stops_it_before_it_signs():
    make_log(5)
    make_records(1)
    content = publishing.fetch(Tile(0, 0, 5))
    publishing.log_store().write("tile/0/000.p/5", content[32:] + content[:32])
    actions.sequence()

    assert queries.get_alarm().cause is AlarmCause.TILES
    assert queries.get_checkpoint().size == 5
    publishing.log_store().write("tile/0/000.p/5", content)
    actions.sequence()
    assert queries.get_alarm() is None
    assert len(check_log()) == 6


@pytest.mark.usefixtures("log")
def test_a_leaf_removed_before_it_was_signed_stops_it(superuser: psycopg.Connection):
    make_log(2)
    make_records(3)
    with superuser.transaction():
        superuser.execute("SELECT * FROM evidence.sequence(100)")
        superuser.execute("DELETE FROM evidence.leaf WHERE index = 3")
    actions.sequence()

    assert queries.get_alarm().cause is AlarmCause.FORKED
    assert published_size() == 2


@pytest.mark.usefixtures("log")
def test_an_alarm_stands_once_however_often_it_is_found(superuser: psycopg.Connection):
    make_log(2)
    superuser.execute("UPDATE evidence.checkpoint SET root = decode(repeat('00', 32), 'hex')")
    for _ in range(3):
        actions.sequence()

    assert superuser.execute("SELECT count(*) FROM evidence.alarm").fetchone() == (1,)
    assert queries.get_alarm().cause is AlarmCause.FORKED
