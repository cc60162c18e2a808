"""A WSGI application on granian: `python -m backend.local.web wsgi:app --port 8000 --workers 2 --threads 4`.

What the granian command lacks: the application's modules are loaded once, before the workers are forked, which halves
the start and a good part of the memory; and a worker whose main process is killed ends with it, instead of holding
the port beside the next one.
"""

import ctypes
import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

PR_SET_PDEATHSIG = 1
"""prctl(2)"""


@click.command()
@click.argument("application")
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, default=1)
@click.option("--threads", type=int, default=4, help="Threads of a worker that run the application.")
def serve(application: str, port: int, workers: int, threads: int) -> None:
    """Serve "module:name" on 127.0.0.1 until a signal."""
    sys.path.insert(0, str(Path.cwd()))
    # The modules only: the application itself, with its pools, is made in each worker.
    import_module(application.partition(":")[0])
    gc.collect()
    gc.freeze()
    if sys.platform == "linux":
        os.register_at_fork(after_in_child=_end_with_parent)
    Server(
        application,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=5,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    serve()
