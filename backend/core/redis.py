"""The one connection pool to Redis (or Valkey), made on first use so that each process after a fork has its own."""

from collections.abc import Callable
from contextlib import suppress
from typing import cast

from flask import current_app
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from backend.core.config import settings


def redis_client() -> Redis:
    """The client of this process; it speaks str, times out after two seconds, and tries again within half a second.

    The library's own ten tries would hold a request for many seconds while Redis is away.
    """
    extensions = current_app.extensions
    if "linghuo.redis" not in extensions:
        extensions["linghuo.redis"] = Redis.from_url(
            settings().redis_url,
            decode_responses=True,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=Retry(ExponentialBackoff(cap=0.2, base=0.05), 2),
        )
    return cast("Redis", extensions["linghuo.redis"])


def kept(key: str, seconds: int, make: Callable[[], str]) -> str:
    """A text that any process made within so many seconds, or that is made now.

    For what many ask at once and what costs much. While Redis is away, each asker has it made.
    """
    try:
        found = cast("str | None", redis_client().get(key))
    except RedisError:
        return make()
    if found is not None:
        return found
    text = make()
    with suppress(RedisError):
        redis_client().set(key, text, ex=seconds)
    return text
