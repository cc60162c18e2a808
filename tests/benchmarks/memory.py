"""What `make run` takes when nobody asks it anything."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from backend.local.memory import Usage, usage
from backend.local.services import free_port, remove
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.setting import Setting, end
from tests.conftest import ROOT

READY = "灵活已就绪"
PATIENCE = 300.0
IDLE_SECONDS = 30
"""Enough for every program to have done its first round of scheduled work."""
SAMPLES = 5
MEGABYTE = 1e6
SERVERS = ("postgres", "valkey-server")
OWN = ("DATA_DIR", "PORT", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "MODE")


def measure_idle(_: Setting) -> Iterator[Figure]:
    """Ours: proportional memory of all processes; the floor: that of the database and Valkey among them."""
    folder = Path(tempfile.mkdtemp(prefix="linghuo-idle-"))
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.local", "run"],
            cwd=ROOT,
            env=environment | {"DATA_DIR": str(folder), "PORT": str(free_port())},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, log)
        time.sleep(IDLE_SECONDS)
        samples = [_sample(folder) for _ in range(SAMPLES)]
    finally:
        end(process)
        remove(folder)
        log.unlink()
    ours = median(_megabytes(sample) for sample in samples)
    floor = median(_megabytes([each for each in sample if _is_server(each)]) for sample in samples)
    yield Figure("local.memory", "MB", ours, floor, Bound.LESS_THAN, 900)


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while READY not in (said := log.read_text(encoding="utf-8")):
        if time.monotonic() > until or process.poll() is not None:
            raise RuntimeError(f"make run did not get ready: {said[-1500:]}")
        time.sleep(0.2)


def _sample(folder: Path) -> list[Usage]:
    time.sleep(1)
    return usage(folder)


def _megabytes(found: list[Usage]) -> float:
    return sum(each.pss for each in found) / MEGABYTE


def _is_server(each: Usage) -> bool:
    return each.command.startswith("postgres:") or any(name in each.command for name in SERVERS)
