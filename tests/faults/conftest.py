"""The product's own processes, for killing: web, both workers and beat on the tests' services."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import requests
from redis import Redis
from redis.exceptions import RedisError

from backend.core.config import Config
from backend.core.requests import Application
from backend.local.programs import product
from backend.local.services import Services
from tests.conftest import ROOT, environment

PATIENCE = 60.0


def until(happened: Callable[[], object], what: str, *, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait for something; fails with what it was."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s for: {what}"
        meanwhile()
        time.sleep(0.02)


class House:
    """Processes by the names that the supervisor knows them by."""

    def __init__(self, config: Config, services: Services, logs: Path) -> None:
        self._config, self._services, self._logs = config, services, logs
        self._commands = {program.name: program.command for program in product(config, ())}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            self._running[name] = self._launch(name, self._commands[name], environment(self._config))

    def wait(self, happened: Callable[[], object], what: str) -> None:
        """Wait for something, and start again what ended by itself, as the supervisor does."""
        until(happened, what, meanwhile=self._tend)

    def _tend(self) -> None:
        self.start(*(name for name, process in self._running.items() if process.poll() is not None))

    def _launch(self, name: str, command: Sequence[str], env: dict[str, str]) -> "subprocess.Popen[bytes]":
        with (self._logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)

    def kill(self, name: str) -> None:
        """SIGKILL to it and all that it started, without a word before."""
        process = self._running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_valkey(self) -> None:
        """SIGKILL to the broker, with all that waits in it, and another one in its place."""
        process = self._services.processes["valkey"]
        command = Path(f"/proc/{process.pid}/cmdline").read_text().rstrip("\0").split("\0")
        process.kill()
        process.wait()
        self._services.processes["valkey"] = self._launch("valkey", command, dict(os.environ))
        with Redis.from_url(self._config.redis_url) as client:
            until(lambda: _answers(client), "Valkey")

    def wait_for_web(self) -> None:
        self.wait(self._web_answers, "web")

    def _web_answers(self) -> bool:
        try:
            return requests.get(f"{self._config.base_url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False

    def end(self) -> None:
        for name in list(self._running):
            self.kill(name)


def _answers(client: "Redis") -> bool:
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False


@pytest.fixture
def house(app: Application, config: Config, services: Services, tmp_path: Path) -> Iterator[House]:
    del app
    running = House(config, services, tmp_path)
    yield running
    running.end()


@pytest.fixture
def ask(superuser: psycopg.Connection) -> Callable[..., object]:
    """One value from the database as it stands at this moment."""

    def value(query: str, *parameters: object) -> object:
        row = superuser.execute(query, parameters or None).fetchone()
        return row[0] if row else None

    return value
