"""How much memory an instance takes: `python -m backend.local memory`."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.local import leftovers


@dataclass(frozen=True, slots=True)
class Usage:
    pid: int
    command: str
    pss: int
    """Bytes; memory shared between processes counts in each by its share, so the sum is what the machine gives."""


def usage(data_dir: Path) -> list[Usage]:
    """Every process of the running instance, the foreground one included, largest first; empty when none runs.

    Proportional set size needs Linux; elsewhere it is the resident size, which counts shared memory more than once.
    """
    tree: dict[int, psutil.Process] = {}
    for process in leftovers.find(data_dir):
        for member in (process, *process.children(recursive=True)):
            tree[member.pid] = member
        parent = process.parent()
        if parent is not None and parent.pid != 1 and _is_foreground(parent):
            tree[parent.pid] = parent
    found = [measured for process in tree.values() if (measured := _measure(process))]
    return sorted(found, key=lambda each: each.pss, reverse=True)


def total(data_dir: Path) -> int:
    """Bytes of the whole instance."""
    return sum(each.pss for each in usage(data_dir))


def _is_foreground(process: psutil.Process) -> bool:
    try:
        return "backend.local" in process.cmdline()
    except psutil.Error:
        return False


def _measure(process: psutil.Process) -> Usage | None:
    try:
        with process.oneshot():
            memory = process.memory_full_info()
            # A program forked from the supervisor has the supervisor's command line and a name of its own.
            command = f"{process.name()}: {' '.join(process.cmdline())}"[:90]
            return Usage(process.pid, command, getattr(memory, "pss", memory.rss))
    except psutil.Error:
        return None
