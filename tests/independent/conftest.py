"""Logs for the followers. Where Go or anvil is missing their tests aren't collected, and the end of the run says so."""

from pathlib import Path

import pytest

from tests.factories.logs import Log, numbered
from tests.independent.followers import Consistency, Inclusion, Published, build_go, is_anvil_expected, is_go_expected

MISSING = {
    "test_go.py": "" if is_go_expected() else "no Go with golang.org/x/mod here",
    "test_anchor.py": "" if is_anvil_expected() else "no anvil for this kind of machine",
}
collect_ignore = [name for name, why in MISSING.items() if why]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name in collect_ignore:
        terminalreporter.line(f"tests/independent/{name} was not collected: {MISSING[name]}", yellow=True)


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that follows with Go."""
    return build_go(tmp_path_factory.mktemp("go"))


def publish(folder: Path, sizes: tuple[int, ...]) -> Published:
    """A log that grew by these steps, with proofs for the edges of its tiles and for every step."""
    log = Log(folder)
    for size in sizes:
        log.grow(numbered(size - len(log.entries), len(log.entries)))
    size = len(log.entries)
    indices = {index for index in (0, 1, 255, 256, 257, 65_535, 65_536, size // 2, size - 1) if index < size}
    return Published(
        folder,
        str(log.key.public),
        [str(key.public) for key in log.witness_keys],
        [
            Inclusion(index, size, log.root(size), log.entries[index], log.prove(index).path)
            for index in sorted(indices)
        ],
        [Consistency(old, log.root(old), size, log.root(size), log.prove_growth(old, size)) for old in sizes],
    )


@pytest.fixture(scope="session", params=[(1,), (255, 256), (3, 256, 257, 700), (1, 257, 65_536, 70_000)], ids=str)
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish(tmp_path_factory.mktemp("log"), request.param)


@pytest.fixture
def small(tmp_path: Path) -> Published:
    """A log of its own, to be spoilt."""
    return publish(tmp_path / "log", (3, 256, 300))
