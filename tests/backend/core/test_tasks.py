"""What bites with Celery on Redis: work that comes twice or late, a killed beat, a broker that is away."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from redbeat import RedBeatScheduler
from redbeat.schedulers import acquire_distributed_beat_lock, get_redis

from backend.core.requests import Application
from backend.core.tasks import BROKER_OPTIONS, QUEUE_OF, QUEUES, Task, celery

ROOT = Path(__file__).parents[3]
RESTORED_WITHIN = timedelta(seconds=BROKER_OPTIONS["visibility_timeout"])  # type: ignore[arg-type] # seconds
MOST_STOPPED = 20

pytestmark = pytest.mark.usefixtures("app")


def own_tasks(app: Application) -> list[Task]:
    assert app.extensions
    return [celery.tasks[name] for name in QUEUE_OF]


def test_a_killed_worker_loses_no_task(app: Application) -> None:
    """Each is acknowledged after its end, and given back when its process dies (`tests.faults` kills real ones)."""
    tasks = own_tasks(app)
    assert len(tasks) > 20
    for task in tasks:
        assert isinstance(task, Task), task.name
        assert task.acks_late, task.name
        assert task.reject_on_worker_lost, task.name
        assert QUEUE_OF[task.name] in QUEUES
    assert celery.conf.worker_prefetch_multiplier == 1


def test_no_task_waits_in_the_broker_for_longer_than_it_takes_work_for_lost(app: Application) -> None:
    """One that waited longer would be handed out a second time while the first still waits."""
    for task in own_tasks(app):
        assert timedelta(seconds=task.retry_backoff_max) < RESTORED_WITHIN / 10, task.name
        assert timedelta(seconds=task.default_retry_delay) < RESTORED_WITHIN / 10, task.name


def test_nothing_is_planned_in_the_broker() -> None:
    """What is due later is a row that a schedule looks for: an ETA would be lost with the broker, or come twice."""
    planned = re.compile(r"\b(eta|countdown|expires)=")
    sources = [path for part in ("backend", "healthcode", "miniprogram_api") for path in (ROOT / part).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if planned.search(line) and ("apply_async" in line or "send_task" in line or "retry(" in line)
    ]
    assert len(sources) > 300
    assert found == []


def test_a_killed_beat_stops_the_schedule_for_seconds(app: Application) -> None:
    """Its lock lies in Redis as the scheduler takes it, and goes by itself; by default it stays for 25 minutes."""
    assert app.extensions
    assert RedBeatScheduler.lock_timeout > 60 * MOST_STOPPED
    scheduler = RedBeatScheduler(app=celery, lazy=True)
    acquire_distributed_beat_lock(SimpleNamespace(scheduler=scheduler))
    left = get_redis(celery).pttl(scheduler.lock_key)
    assert 0 < left <= MOST_STOPPED * 1000


def test_a_broker_that_is_away_costs_a_request_no_time() -> None:
    assert BROKER_OPTIONS["max_retries"] == 1
    assert BROKER_OPTIONS["socket_connect_timeout"] == 2
