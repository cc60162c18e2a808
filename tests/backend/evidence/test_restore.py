"""A database restored from a backup: what was published meanwhile is ahead of it."""

import shutil
from pathlib import Path

import psycopg
import pytest

from backend.core import clock
from backend.core.config import Config
from backend.core.db import db
from backend.core.errors import Conflict
from backend.core.transactions import transaction
from backend.evidence import actions, publishing, queries
from backend.evidence.merkle import check_inclusion, leaf_hash
from backend.evidence.models import Cosignature, WitnessState
from backend.evidence.note import Algorithm, Note, PrivateKey
from backend.evidence.policy import Policy, Witness
from backend.evidence.rules import AlarmCause, Stopped
from backend.evidence.tiles import WIDTH
from tests.conftest import LOG_KEY
from tests.factories.evidence import check_log, make_log, make_records, published_size

pytestmark = pytest.mark.usefixtures("log")
TABLES = ("record", "opening", "pending", "leaf", "checkpoint", "cosignature")


class Backup:
    """The database's evidence as it stands when this is made."""

    def __init__(self, superuser: psycopg.Connection) -> None:
        self._superuser = superuser
        read = "SELECT coalesce(json_agg(t), '[]')::text FROM evidence.{} t"
        self._rows = {table: superuser.execute(read.format(table)).fetchone()[0] for table in TABLES}

    def restore(self) -> None:
        db.session.rollback()
        for table in reversed(TABLES):
            self._superuser.execute(f"DELETE FROM evidence.{table}")
        for table in TABLES:
            write = f"INSERT INTO evidence.{table} SELECT * FROM json_populate_recordset(NULL::evidence.{table}, %s)"
            self._superuser.execute(write, (self._rows[table],))


def test_a_restored_backup_stops_the_log_and_what_is_published_mends_it(superuser: psycopg.Connection):
    kept = make_log(300)
    waiting = make_records(5)
    backup = Backup(superuser)
    actions.sequence()
    lost = make_log(WIDTH * 3)
    published = publishing.published(publishing.CHECKPOINT)
    backup.restore()
    new = make_records(2)
    actions.sequence()

    alarm = queries.get_alarm()
    assert alarm.cause is AlarmCause.PUBLISHED_AHEAD
    assert queries.get_checkpoint().size == 300, "nothing was signed that others have seen otherwise"
    assert publishing.published(publishing.CHECKPOINT) == published

    assert actions.rebuild() == 5 + WIDTH * 3
    actions.sequence()
    assert queries.get_alarm() is None
    assert len(check_log()) == 300 + 5 + WIDTH * 3 + 2
    for each in (*kept, *waiting, *new):
        assert queries.get_proof(each).opening is not None
    assert {queries.get_leaf(each).index for each in waiting} == set(range(300, 305))
    assert {queries.get_leaf(each).index for each in new} == {305 + WIDTH * 3, 306 + WIDTH * 3}
    assert all(queries.get_leaf(each) is None for each in lost), "in the log, and nobody's"


def test_a_whole_log_comes_back_from_what_is_published(superuser: psycopg.Connection):
    backup = Backup(superuser)
    make_log(WIDTH + 5)
    make_log(10)
    backup.restore()

    assert actions.rebuild() == WIDTH + 15
    assert actions.rebuild() == 0
    make_log(1)
    assert len(check_log()) == WIDTH + 16


def test_cosignatures_come_back_too(superuser: psycopg.Connection, config: Config):
    witness = PrivateKey.generate("witness.example", Algorithm.COSIGNATURE)
    policy = Policy((LOG_KEY.public,), (Witness("tax", witness.public),), (), "tax")
    config.policy_file.parent.mkdir(parents=True, exist_ok=True)
    config.policy_file.write_text(str(policy))
    try:
        backup = Backup(superuser)
        make_log_cosigned(witness)
        witnessed = publishing.published(publishing.WITNESSED)
        assert witnessed is not None
        backup.restore()
        actions.rebuild()
        with transaction():
            publishing.publish_notes()
    finally:
        config.policy_file.unlink()

    assert publishing.published(publishing.WITNESSED) == witnessed
    assert superuser.execute("SELECT witness, size FROM evidence.cosignature").fetchall() == [("tax", 3)]


def make_log_cosigned(witness: PrivateKey) -> None:
    """Three records whose checkpoint this witness has cosigned."""
    make_records(3)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("backend.evidence.actions.sequencing.enqueue", lambda *_: None)
        actions.sequence()
    text = Note.parse(queries.get_checkpoint().note).text
    with transaction():
        line = str(witness.cosign(text, 1_800_000_000))
        db.session.add(Cosignature(size=3, witness="tax", line=line, at=clock.now()))
        db.session.flush()
        publishing.publish_notes()


def test_what_is_published_must_be_whole_to_mend_anything(superuser: psycopg.Connection):
    make_log(10)
    backup = Backup(superuser)
    make_log(WIDTH)
    make_log(WIDTH)
    backup.restore()
    bundle = "tile/entries/001"
    content = publishing.log_store().read(bundle)
    publishing.log_store().write(bundle, content[34:] + content[:34])

    with pytest.raises(Stopped) as refused:
        actions.rebuild()
    assert refused.value.cause is AlarmCause.TILES
    publishing.log_store().remove(bundle)
    with pytest.raises(Stopped, match="missing"):
        actions.rebuild()
    assert superuser.execute("SELECT count(*) FROM evidence.leaf").fetchone() == (10,)


def test_leaves_that_differ_from_what_is_published_are_not_mended_but_told(superuser: psycopg.Connection):
    make_log(10)
    make_records(5)
    superuser.execute("SELECT * FROM evidence.sequence(100)")
    backup = Backup(superuser)
    actions.sequence()
    backup.restore()
    superuser.execute("UPDATE evidence.leaf SET commitment = sha256(commitment) WHERE index = 12")

    with pytest.raises(Stopped, match="aren't the database's") as refused:
        actions.rebuild()
    assert refused.value.cause is AlarmCause.FORKED


def test_a_witness_that_is_ahead_stops_the_log(config: Config):
    make_log(3)
    make_records(1)
    witness = PrivateKey.generate("witness.example", Algorithm.COSIGNATURE)
    policy = Policy((LOG_KEY.public,), (Witness("tax", witness.public),), (), "tax")
    config.policy_file.parent.mkdir(parents=True, exist_ok=True)
    config.policy_file.write_text(str(policy))
    try:
        with transaction():
            db.session.add(WitnessState(witness="tax", size=4, tried_at=clock.now(), problem=""))
        actions.sequence()
    finally:
        config.policy_file.unlink()

    assert queries.get_alarm().cause is AlarmCause.WITNESS_AHEAD
    assert published_size() == 3


def test_a_store_that_lost_its_files_is_written_again(config: Config):
    keys = make_log(WIDTH + 44)
    make_records(1)
    shutil.rmtree(config.data_dir / "log")
    actions.sequence()
    assert queries.get_alarm().cause is AlarmCause.TILES
    assert not (config.data_dir / "log" / "checkpoint").exists(), "no tree is shown whose tiles are gone"

    assert actions.republish() == WIDTH + 44
    actions.sequence()
    assert queries.get_alarm() is None
    assert len(check_log()) == WIDTH + 45
    proof = queries.get_proof(keys[7])
    tree = proof.check(publishing.policy()).checkpoint
    leaf = leaf_hash(queries.get_record(keys[7]).commitment)
    check_inclusion(index=proof.index, size=tree.size, leaf=leaf, path=proof.path, root=tree.root)


def test_nothing_is_written_again_from_leaves_that_were_altered(superuser: psycopg.Connection, config: Config):
    make_log(5)
    superuser.execute("UPDATE evidence.leaf SET commitment = sha256(commitment) WHERE index = 2")
    before = sorted(path.read_bytes() for path in Path(config.data_dir / "log").rglob("*") if path.is_file())

    with pytest.raises(Stopped, match="signed root"):
        actions.republish()
    assert sorted(path.read_bytes() for path in Path(config.data_dir / "log").rglob("*") if path.is_file()) == before


def test_a_lost_opening_is_told_from_a_lost_record(superuser: psycopg.Connection):
    (key,) = make_log(1)
    superuser.execute("DELETE FROM evidence.opening")

    with pytest.raises(Conflict, match=r"evidence\.erased"):
        queries.get_proof(key)
    assert queries.get_leaf(key).index == 0
