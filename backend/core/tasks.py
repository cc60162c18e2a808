"""Celery: one application, one base class with what every task needs.

A task runs in an application context and opens its own transactions. It is acknowledged after its end, so that a
killed worker's task runs again: every task is idempotent. Queues: `default`, `bulk` for work that loads heavy
libraries or takes long, and `log` for the evidence log, which must not wait behind either.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from celery import Celery
from celery import Task as CeleryTask
from celery.signals import before_task_publish, worker_ready
from flask import Flask, current_app
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from backend.core.config import Config
from backend.core.logs import bind_request, request_id
from backend.core.redis import redis_client

QUEUES = ("default", "bulk", "log")
HEARTBEAT_SECONDS = 45
celery = Celery("linghuo")
P = ParamSpec("P")
BROKER_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    # A request that sends must not wait for a broker that is away: kombu would try a hundred times.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
QUEUE_OF: dict[str, str] = {}


class Task(CeleryTask):  # type: ignore[misc] # Celery carries no types
    """Retry with back-off on a lost database or broker; late acknowledgement; request id and app context."""

    abstract = True
    acks_late = True
    reject_on_worker_lost = True
    ignore_result = True
    autoretry_for = (OperationalError, RedisError, ConnectionError)
    retry_backoff = 2
    retry_backoff_max = 60
    max_retries = 5

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run with the application's context, unless the caller is in one already."""
        if current_app:
            return super().__call__(*args, **kwargs)
        flask_app = cast("Flask", self.app.flask_app)
        bind_request(self.request.get("linghuo_request") or None)
        with flask_app.app_context():
            return super().__call__(*args, **kwargs)


def task(name: str, *, queue: str = "default", **options: Any) -> Callable[[Callable[P, None]], "CeleryTask[P, None]"]:  # noqa: ANN401 - Celery's own options
    """Make a function a task of this name on this queue."""

    def make(function: Callable[P, None]) -> "CeleryTask[P, None]":
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            function(*args, **kwargs)

        QUEUE_OF[name] = queue
        return cast("CeleryTask[P, None]", celery.task(run, name=name, base=Task, **options))

    return make


def _route(name: str, *_: object, **__: object) -> dict[str, str]:
    return {"queue": QUEUE_OF.get(name, QUEUES[0])}


def configure(app: Flask, config: Config, schedule: dict[str, dict[str, object]]) -> None:
    """Bind Celery to an application, its broker and its schedule; one without a broker leaves another's binding."""
    if not config.redis_url:
        return
    celery.flask_app = app
    celery.conf.update(
        broker_url=config.redis_url,
        broker_connection_retry_on_startup=True,
        broker_transport_options=BROKER_OPTIONS,
        task_default_queue=QUEUES[0],
        task_routes=(_route,),
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        timezone="Asia/Shanghai",
        beat_schedule=schedule,
        beat_scheduler="redbeat.RedBeatScheduler",
        beat_max_loop_interval=5,
        redbeat_redis_url=config.redis_url,
        redbeat_redis_options={name: BROKER_OPTIONS[name] for name in ("socket_timeout", "socket_connect_timeout")},
        redbeat_lock_timeout=15,
        redbeat_key_prefix="redbeat:",
    )


def _carry_request_id(headers: dict[str, object] | None = None, **_: object) -> None:
    if headers is not None:
        headers["linghuo_request"] = request_id()


def _first_heartbeat(sender: Any = None, **_: object) -> None:  # noqa: ANN401 - Celery's consumer
    with cast("Flask", celery.flask_app).app_context():
        for queue in sender.task_consumer.queues:
            beat_heart(queue.name)


before_task_publish.connect(_carry_request_id, weak=False)
worker_ready.connect(_first_heartbeat, weak=False)


def beat_heart(queue: str) -> None:
    """Say that a worker of this queue is alive; /readyz listens."""
    redis_client().set(f"heartbeat:{queue}", "alive", ex=HEARTBEAT_SECONDS)
