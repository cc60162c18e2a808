"""One witness for the module's tests, each with a log of its own; and witnesses that a test may kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.factories.witness import Log, Witness


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def make(tmp_path: Path, log: Log) -> Iterator[Callable[[str], Witness]]:
    """Makes witnesses of the log, not started yet; none outlives the test."""
    made: list[Witness] = []

    def one(name: str) -> Witness:
        made.append(Witness(tmp_path / name, [log.key.public], f"{name}.example/witness"))
        return made[-1]

    yield one
    for each in made:
        each.end()


@pytest.fixture
def witness(make: Callable[[str], Witness]) -> Witness:
    """A started one."""
    return make("bank").start()
