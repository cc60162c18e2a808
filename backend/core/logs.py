"""Structured logs: one JSON line an event, with the request's id through web, Celery and back; no secret, no body."""

import logging
import sys
from contextvars import ContextVar

import structlog
from pydantic_core import to_json

from backend.core.db import new_key

HIDDEN = frozenset({"password", "secret", "token", "code", "phone", "resident_id", "name", "session_key", "openid"})
_REQUEST = ContextVar("request_id", default="")


def _name_request(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    if identifier := _REQUEST.get():
        event["request_id"] = identifier
    return event


def _hide(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    for key in HIDDEN & event.keys():
        event[key] = "[hidden]"
    return event


class Lines(structlog.stdlib.ProcessorFormatter):
    """Our own records come here complete; only the libraries', and those of failures, go through the processors."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict) and "exc_info" not in record.msg:
            return to_json(record.msg, fallback=repr).decode()
        return super().format(record)


# One list for the life of the process: a logger that was used keeps it, whoever configures again.
_SHARED: tuple[structlog.types.Processor, ...] = (
    _name_request,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    _hide,
)
_PROCESSORS: list[structlog.types.Processor] = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def configure() -> None:
    """Send everything, the libraries' records too, to standard output as JSON lines."""
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        Lines(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=_SHARED,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # Nothing of these is in a line, and each record would ask the system for them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - the way that Python's logging HOWTO names
    for noisy in ("fontTools", "urllib3", "kombu", "_granian"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def bind_request(identifier: str | None = None) -> str:
    """Start a request's or task's log context; returns its id."""
    chosen = identifier or new_key().hex
    _REQUEST.set(chosen)
    return chosen


def request_id() -> str:
    """The id of the request or task under way, empty outside of both."""
    return _REQUEST.get()
