"""SIGKILL at every step of sequencing: no gap, no duplicate, no fork, and every tile as the entries make it."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from backend.core.config import Config
from backend.core.db import db
from backend.core.requests import Application
from backend.evidence import publishing, queries
from backend.evidence.actions.standing import LOCK
from backend.evidence.tiles import WIDTH
from tests.conftest import ROOT, environment
from tests.factories.evidence import check_log, drop_kinds, make_kinds, make_records, published_size, root_of
from tests.faults.conftest import until

pytestmark = pytest.mark.faults
Sequence = Callable[[int], str]
NEVER = 0
LEAST_STEPS = 20
"""That taking in anything has, so that the test sees if the counting of steps fails."""


@pytest.fixture
def log(app: Application) -> Iterator[Application]:
    make_kinds()
    yield app
    drop_kinds()


@pytest.fixture
def sequence(log: Application, config: Config, ask: Callable[..., object]) -> Iterator[Sequence]:
    """Sequence in another process, which is killed at the step of this number, counted from 1."""
    del log
    held = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK}"
    command = [sys.executable, "-m", "tests.faults.sequencer"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(config), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def run(step: int) -> str:
            process.stdin.write(f"{step}\n")
            process.stdin.flush()
            while (line := process.stdout.readline().strip()).startswith("{"):
                pass  # the log's own lines
            until(lambda: not ask(held), "the database to notice")
            return line

        yield run
        process.stdin.close()


def signed_trees() -> dict[int, bytes]:
    """The trees that the log has signed, with their roots."""
    db.session.rollback()
    return {each.size: each.root for each in queries.list_checkpoints(limit=10_000)}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("waiting", [3, WIDTH + 1])
def test_killed_at_every_step_of_taking_in_records(sequence: Sequence, waiting: int):
    """Whoever takes over is killed as well, half as far; the larger number fills a tile each time."""
    total, step = 0, 0
    killed = True
    while killed:
        step += 1
        total += len(make_records(waiting))
        killed = sequence(step) == "killed"
        check_seen()
        sequence(step // 2 + 1)
        check_seen()
        assert sequence(NEVER) == "done"
        assert published_size() == total

    assert step > LEAST_STEPS
    entries = check_log()
    assert len(entries) == total
    for size, root in signed_trees().items():
        assert root_of(entries[:size]) == root, "every signed tree is a beginning of this one"


def check_seen() -> None:
    """What others see is a tree that was signed and committed before."""
    note = publishing.published(publishing.CHECKPOINT)
    if note is not None:
        tree = publishing.policy().check(note).checkpoint
        assert signed_trees()[tree.size] == tree.root
