"""Core's own tasks: carrying events, sweeping, heartbeats."""

from uuid import UUID

from backend.core import deliveries
from backend.core.partitions import make_partitions
from backend.core.tasks import QUEUES, beat_heart, task
from backend.core.transactions import enqueue, transaction


@task("core.deliver")
def deliver(delivery_id: str) -> None:
    """Carry one event to its listener."""
    key = UUID(delivery_id)
    try:
        with transaction():
            deliveries.carry_out(key)
    except Exception as failure:  # noqa: BLE001 - a listener may fail in any way; the row remembers and tries again
        with transaction():
            deliveries.postpone(key, repr(failure))


@task("core.sweep")
def sweep() -> None:
    """Send again what was not delivered."""
    with transaction():
        for key in deliveries.claim_stale():
            enqueue(deliver, key)


@task("core.tidy")
def tidy() -> None:
    """Make the coming days' partitions. What is past its time is erased by `privacy.erase`, which reports it."""
    with transaction():
        make_partitions()


@task("core.heartbeat.default", queue="default")
def heartbeat_default() -> None:
    """The default worker lives."""
    beat_heart(QUEUES[0])


@task("core.heartbeat.bulk", queue="bulk")
def heartbeat_bulk() -> None:
    """The bulk worker lives."""
    beat_heart(QUEUES[1])


@task("core.heartbeat.log", queue="log")
def heartbeat_log() -> None:
    """The log's worker lives."""
    beat_heart(QUEUES[2])
