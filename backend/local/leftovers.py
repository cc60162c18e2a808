"""Processes that a killed supervisor left behind: known by a variable that each one of an instance inherits."""

from pathlib import Path

import psutil

MARK = "LINGHUO_INSTANCE"


def mark(data_dir: Path) -> dict[str, str]:
    """What the environment of an instance's processes carries."""
    return {MARK: str(data_dir.resolve())}


def find(data_dir: Path) -> list[psutil.Process]:
    """The instance's living processes, without this one and those that it descends from."""
    wanted, own = mark(data_dir)[MARK], psutil.Process()
    spared = {own.pid, *(parent.pid for parent in own.parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in spared and process.environ().get(MARK) == wanted:
                found.append(process)
        except (psutil.Error, OSError):  # another user's, or gone meanwhile
            continue
    return found


def end(data_dir: Path, patience: float = 15.0) -> int:
    """End what is left of the instance, kindly first; returns how many there were."""
    total = 0
    # A supervisor may still have been starting others while it was told to stop.
    while processes := find(data_dir):
        total += len(processes)
        for process in processes:
            _signal(process, kill=False)
        _, alive = psutil.wait_procs(processes, timeout=patience)
        for process in alive:
            _signal(process, kill=True)
        psutil.wait_procs(alive, timeout=5)
    return total


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        return
