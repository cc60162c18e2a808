"""What is published: the two notes, and tiles of trees that have grown since."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core import clock
from backend.core.config import Config
from backend.core.db import db
from backend.core.files import UNFINISHED, Store
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence import publishing, queries
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.models import Cosignature
from backend.evidence.note import Algorithm, Malformed, Note, PrivateKey
from backend.evidence.policy import Group, Policy, Witness
from backend.evidence.tiles import Tile, decode_bundle
from tests.conftest import LOG_KEY
from tests.factories.evidence import make_log

BANK, TAX = (PrivateKey.generate(f"{name}.example", Algorithm.COSIGNATURE) for name in ("bank", "tax"))
KEYS = {"bank": BANK, "tax": TAX}
BOTH = Policy(
    (LOG_KEY.public,),
    (Witness("bank", BANK.public), Witness("tax", TAX.public)),
    (Group("both", 2, ("bank", "tax")),),
    "both",
)


@pytest.fixture
def both(log: Application, config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[Policy]:
    """A policy that asks for two witnesses, whom nobody asks here."""
    del log
    monkeypatch.setattr("backend.evidence.actions.sequencing.enqueue", lambda *_: None)
    config.policy_file.parent.mkdir(parents=True, exist_ok=True)
    config.policy_file.write_text(str(BOTH), encoding="utf-8")
    yield BOTH
    config.policy_file.unlink()


def cosign(witness: str, size: int) -> None:
    """A witness's cosignature, stored and published."""
    note = next(each.note for each in queries.list_checkpoints() if each.size == size)
    with transaction():
        line = str(KEYS[witness].cosign(Note.parse(note).text, 1_800_000_000))
        db.session.add(Cosignature(size=size, witness=witness, line=line, at=clock.now()))
        db.session.flush()
        publishing.publish_notes()


def sizes() -> tuple[int, int]:
    """Of the newest and the witnessed tree."""
    notes = (publishing.published(name) for name in (publishing.CHECKPOINT, publishing.WITNESSED))
    first, second = (Checkpoint.parse(note.text).size if note else 0 for note in notes)
    return first, second


@pytest.mark.usefixtures("log")
def test_without_a_policy_file_every_checkpoint_counts_as_witnessed():
    make_log(2)

    assert sizes() == (2, 2)
    assert publishing.policy() == Policy(logs=(LOG_KEY.public,))


def test_a_checkpoint_is_witnessed_once_the_policy_is_met_and_not_before(both: Policy):
    make_log(2)
    assert sizes() == (2, 0)
    cosign("bank", 2)
    assert sizes() == (2, 0)
    newest = both.check(publishing.published(publishing.CHECKPOINT))
    assert list(newest.times) == ["bank"], "the newest has the cosignatures so far"

    make_log(3)
    cosign("tax", 2)
    assert sizes() == (5, 2)
    assert both.check(publishing.published(publishing.WITNESSED)).witnessed


def test_what_is_witnessed_never_becomes_smaller(both: Policy):
    make_log(2)
    make_log(3)
    for witness in both.witnesses:
        cosign(witness.name, 5)
    for witness in both.witnesses:
        cosign(witness.name, 2)

    assert sizes() == (5, 5)


def test_what_is_published_is_never_overwritten_by_less(log: Application):
    make_log(4)
    key = LOG_KEY
    text = Checkpoint(key.name, 9, bytes(32)).text
    ahead = str(Note(text, (key.sign(text),)))
    publishing.log_store().write(publishing.CHECKPOINT, ahead.encode())
    with transaction():
        publishing.publish_notes()

    assert publishing.log_store().read(publishing.CHECKPOINT).decode() == ahead
    del log


def test_publishers_at_once_leave_the_newest(both: Policy, app: Application):
    for _ in range(4):
        make_log(2)
    failures: list[BaseException] = []

    def run(witness: str) -> None:
        with app.app_context():
            try:
                for size in (2, 4, 6, 8):
                    cosign(witness, size)
            except BaseException as failure:  # noqa: BLE001 - the test tells of it
                failures.append(failure)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(witness.name,)) for witness in both.witnesses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sizes() == (8, 8)
    assert set(both.check(publishing.published(publishing.CHECKPOINT)).times) == {"bank", "tax"}


def test_a_policy_file_that_is_none_is_told(config: Config, log: Application):
    del log
    config.policy_file.parent.mkdir(parents=True, exist_ok=True)
    config.policy_file.write_text("witness nobody\n", encoding="utf-8")
    try:
        with pytest.raises(Malformed, match="line 1"):
            publishing.policy()
    finally:
        config.policy_file.unlink()


@pytest.mark.usefixtures("log")
def test_a_partial_tile_that_is_gone_is_cut_from_the_full_one():
    make_log(256)

    assert len(publishing.fetch(Tile(0, 0, 100))) == 100 * 32
    assert len(decode_bundle(publishing.fetch(Tile(None, 0, 100)))) == 100
    with pytest.raises(FileNotFoundError):
        publishing.fetch(Tile(1, 0, 7))


def test_many_files_are_there_whole_and_leave_nothing_behind(tmp_path: Path):
    store = Store(tmp_path.as_uri())
    store.write_many((f"a/{n % 3}/{n}", bytes([n])) for n in range(50))
    store.write_many([("a/0/0", b"anew")])

    assert store.read("a/0/0") == b"anew"
    assert store.read("a/1/49") == bytes([49])
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 50


def test_what_an_interrupted_writer_left_is_removed(tmp_path: Path):
    def files() -> Iterator[tuple[str, bytes]]:
        yield "a/1", b"1"
        raise InterruptedError

    store = Store(tmp_path.as_uri())
    with pytest.raises(InterruptedError):
        store.write_many(files())
    assert not store.exists("a/1")
    assert store.exists(UNFINISHED)
    for _ in range(2):
        store.clear_unfinished()

    assert list(tmp_path.iterdir()) == []


def test_a_store_elsewhere_takes_many_files_too():
    store = Store("memory://linghuo-test-log")
    store.write_many([("tile/0/000", b"a"), ("tile/0/001", b"b")])
    store.clear_unfinished()

    assert store.read("tile/0/001") == b"b"
    store.remove_folder("tile")
    store.remove_folder("tile")
    assert not store.exists("tile/0/000")
