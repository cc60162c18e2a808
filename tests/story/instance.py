"""A fresh instance of the product, started as `make run` starts it, in a folder and on ports of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.local import leftovers, services
from backend.local.demo import PASSWORD
from tests.conftest import ROOT

READY = "按 Ctrl-C 停止"
PATIENCE = 240.0
"""Seconds; the machine may be busy with other things."""
NOT_OURS = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PUBLIC_URL", "MODE"}


class NotStarted(Exception):  # noqa: N818 - what the product said when it didn't start
    """The instance ended, or took too long; what it printed is the message."""


@dataclass(frozen=True, slots=True)
class Instance:
    data_dir: Path
    port: int
    password: str = PASSWORD

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def environment(self) -> dict[str, str]:
        """The caller's, but always the demo on embedded services."""
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        ours = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "MODE": "demo", "PYTHONUNBUFFERED": "1"}
        return kept | ours

    def run(self, *command: str) -> str:
        """What a command prints that runs with this instance's environment, e.g. "flask", "checks", "run"."""
        done = subprocess.run(
            [sys.executable, "-m", "backend.local", "exec", *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}：{done.stdout[-500:]}{done.stderr[-1500:]}"
        return done.stdout


@contextmanager
def running(data_dir: Path, port: int) -> Iterator[Instance]:
    """A fresh instance until the block ends; what lay in the folder before is gone. Refuses: NotStarted."""
    _remove(data_dir)
    data_dir.mkdir(mode=0o711, parents=True)
    instance = Instance(data_dir, port)
    said = data_dir / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.local", "run"],
            env=instance.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, said)
        yield instance
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while READY not in (text := said.read_text(encoding="utf-8", errors="replace")):
        if process.poll() is not None or time.monotonic() > until:
            raise NotStarted(text[-3000:])
        time.sleep(0.1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """As a Ctrl-C would."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove(data_dir: Path) -> None:
    """An earlier telling's folder, and what of it still runs."""
    if not data_dir.exists():
        return
    leftovers.end(data_dir)
    if (data_dir / "secrets.json").exists():
        services.find_cluster(data_dir).end_leftover()
    services.remove(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)
