"""The one commit point: a request, or one step of a task, is one transaction; sends to Celery follow the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from celery import Task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backend.core.db import db
from backend.core.tasks import celery

log = structlog.get_logger()
OUTBOX = "linghuo.outbox"


@contextmanager
def transaction() -> Iterator[None]:
    """Commit at the end, roll back on any error, then hand what was enqueued to the broker."""
    try:
        yield
        if not db.session.registry.has():
            return  # nothing was asked of the database in a transaction
        db.session.commit()
    except BaseException:
        db.session.rollback()
        db.session.info.pop(OUTBOX, None)
        raise
    send_outbox()


def enqueue(task: "Task[..., Any] | str", *args: object) -> None:
    """Send a task, given itself or by name, once the transaction has committed, never if it rolls back.

    A send that the broker refuses is logged and forgotten: whatever must not be lost has a row that a sweep finds.
    """
    db.session.info.setdefault(OUTBOX, []).append((celery.tasks[task] if isinstance(task, str) else task, args))


def send_outbox() -> None:
    """Hand over what the committed transaction enqueued."""
    for task, args in db.session.info.pop(OUTBOX, ()):
        try:
            task.apply_async(args=[str(arg) for arg in args], retry=False)
        except (OperationalError, RedisError, OSError):
            log.warning("tasks.not_sent", task=task.name)


def release() -> None:
    """Give the connection back before a call to the outside world, so that none is held while waiting."""
    db.session.commit()
    db.session.close()
