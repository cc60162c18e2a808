"""The witness as a process: a keeper, and one worker that holds the store and is started anew when it dies."""

import ctypes
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from backend.evidence.policy import Policy
from backend.witness.cosigner import Cosigner
from backend.witness.identity import open_witness
from backend.witness.web import Witness

PR_SET_PDEATHSIG = 1
"""prctl(2)"""


@dataclass(frozen=True, slots=True)
class Place:
    folder: Path
    name: str
    policy: Path
    host: str
    port: int

    def application(self) -> Witness:
        """The witness on this folder. Made in the worker: SQLite's connections don't bear a fork."""
        key, store = open_witness(self.folder, self.name)
        text = self.policy.read_text(encoding="utf-8")
        return Witness(Cosigner(key, store, Policy.parse(text)), text)

    def serve(self) -> None:
        """Answer until a signal."""
        log_lines()
        if sys.platform == "linux":
            os.register_at_fork(after_in_child=_end_with_parent)
        Server(
            __name__,
            address=self.host,
            port=self.port,
            interface=Interfaces.RSGI,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=5,
            websockets=False,
            log_level=LogLevels.warning,
        ).serve(target_loader=self.application, wrap_loader=False)


def log_lines() -> None:
    """One JSON line an event, to standard output."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
    )


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
