"""Is it alive, is it ready, how is it doing: for the supervisor, the load balancer and the watchers."""

import hmac
import ipaddress

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.core import deliveries, metrics
from backend.core.config import settings
from backend.core.db import db
from backend.core.errors import NotFound
from backend.core.features import load
from backend.core.redis import redis_client
from backend.core.tasks import QUEUES

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Database, Redis and a worker of each queue answer; 503 names what doesn't."""
    checks = {"database": _database(), "redis": _redis()} | {f"worker.{q}": _worker(q) for q in QUEUES}
    return jsonify(checks), 200 if all(checks.values()) else 503


def _database() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def _redis() -> bool:
    try:
        return bool(redis_client().ping())
    except RedisError:
        return False


def _worker(queue: str) -> bool:
    try:
        return bool(redis_client().exists(f"heartbeat:{queue}"))
    except RedisError:
        return False


@blueprint.get("/metrics")
def scrape() -> Response:
    """Prometheus text for a scraper on this machine, or one that brings the token; others find nothing here."""
    token = settings().metrics_token.get_secret_value()
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    allowed = hmac.compare_digest(brought.encode(), token.encode()) if token else _is_local(request.remote_addr)
    if not allowed:
        raise NotFound
    gauges = {"linghuo_deliveries_waiting": ("Events not yet delivered", float(deliveries.count_waiting()))}
    gauges |= {f"linghuo_worker_{q}_alive": (f"A worker of queue {q} answers", float(_worker(q))) for q in QUEUES}
    gauges |= {
        f"linghuo_queue_{q}_length": (f"Tasks waiting in {q}", float(redis_client().llen(q) if _redis() else -1))
        for q in QUEUES
    }
    for feature in current_app.extensions["linghuo.features"]:
        if feature.gauges:
            gauges |= load(feature.gauges)()
    return Response(metrics.render(gauges), mimetype="text/plain; version=0.0.4")


def _is_local(address: str | None) -> bool:
    return address is not None and ipaddress.ip_address(address).is_loopback
