"""`python -m tests.faults.sequencer`: sequences once for each line that it reads, and dies at the step that it names.

The line is a number: the process that sequences kills itself with SIGKILL when it is about to take the step of that
number, from 1, of those that the world can see: a commit that it sends, a file that it opens to write, waits for,
renames or removes. It answers with how it ended: "killed" or "done". Each runs in a fork of its own, so that none of
them knows what the one before had in memory.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from backend.core.db import db
from backend.core.requests import Application
from backend.evidence import actions
from wsgi import create_app

FILE_EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"}


class Countdown:
    """Steps left until the end."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __call__(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in FILE_EVENTS or (name == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT):
            self()


def counting(function: Callable[[int], None], step: Countdown) -> Callable[[int], None]:
    def counted(descriptor: int) -> None:
        step()
        function(descriptor)

    return counted


def sequence(app: Application, steps: int) -> None:
    """Sequence, dying at this step; a step that never comes is none."""
    step = Countdown(steps)
    with app.app_context():
        db.engine.dispose(close=False)
        event.listen(db.engine, "commit", step)
        os.fsync = counting(os.fsync, step)
        sys.addaudithook(step.audit)
        actions.sequence()


def main() -> None:
    app = create_app()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                sequence(app, int(line))
            finally:
                os._exit(0 if sys.exc_info()[0] is None else 1)
        _, status = os.waitpid(child, 0)
        ends = {signal.SIGKILL: "killed", 0: "done"}
        sys.stdout.write(ends.get(status, f"failed with {status}") + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
