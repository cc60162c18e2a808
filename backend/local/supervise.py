"""A supervisord made for this machine: `python -m backend.local.supervise -c FILE`.

Two things are added to it. It ends with whoever started it: its standard input is a pipe whose other end only the
foreground process holds, and when that process is gone, however it went, everything is stopped as if told to. And it
loads the product's modules once: a program of the product is forked from it instead of starting Python anew, which
brings a start from half a minute to a few seconds, a restart to less than one, and shares the memory of the code.
"""

import ctypes
import gc
import os
import runpy
import signal
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path

from supervisor import supervisord
from supervisor.options import ServerOptions

PRODUCT = "wsgi"
PRELOADED = (
    "granian.server",
    "celery.bin.celery",
    "celery.worker.worker",
    "celery.concurrency.thread",
    "kombu.transport.redis",
    "redbeat",
    "backend.witness.server",
)
PR_SET_NAME = 15
"""prctl(2)"""
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2)


class Options(ServerOptions):  # type: ignore[misc] # supervisor carries no types
    """Supervisord's options, by which it also makes its system calls."""

    def execve(self, filename: str, argv: list[str], env: dict[str, str]) -> None:
        """Become the program: in this fork where it is a Python module, by exec otherwise.

        Elsewhere than on Linux system libraries don't bear a fork without exec.
        """
        if argv[:2] == [sys.executable, "-m"] and sys.platform == "linux":
            os._exit(_run(argv[2], argv[2:], env))
        os.execve(filename, argv, env)  # noqa: S606 - what the generated configuration says


def _run(module: str, argv: list[str], environment: dict[str, str]) -> int:
    """Run a module as a program in this process; returns its exit status."""
    for number in HANDLED:
        signal.signal(number, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    name = environment.get("SUPERVISOR_PROCESS_NAME", module)
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())
    sys.argv = argv
    status = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:  # noqa: BLE001 - the last frame of this process: what passes it goes to the log
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _status(code: str | int | None) -> int:
    if isinstance(code, str):
        sys.stderr.write(code + "\n")
        return 1
    return code or 0


def _watch() -> None:
    while os.read(0, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


def _preload() -> None:
    """Load what every program of the product needs; nothing is kept, and nothing connects to anything."""
    for module in PRELOADED:
        import_module(module)
    # An application loads by name what its features name; each program makes its own afterwards.
    import_module(PRODUCT).create_app()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Run supervisord with the command line's arguments."""
    threading.Thread(target=_watch, daemon=True).start()
    if sys.platform == "linux":
        sys.path.insert(0, str(Path.cwd()))
        _preload()
    options = Options()
    options.realize(sys.argv[1:], doc=supervisord.__doc__)
    options.first, options.test = True, False
    supervisord.go(options)
    options.close_httpservers()
    options.close_logger()


if __name__ == "__main__":
    main()
