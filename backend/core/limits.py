"""How often something may be tried: counted in Redis, per account, person or document, never by address alone.

A whole station stands behind one address; limiting it would stop the queue.
"""

import structlog
from redis.exceptions import RedisError

from backend.core.errors import TooMany
from backend.core.redis import redis_client

log = structlog.get_logger()


def limit(what: str, who: str, *, times: int, seconds: int, message: str = "") -> None:
    """Count one try of `what` by `who`.

    Refuses: TooMany when it is more than `times` within `seconds` of the first; the sentence says how long to wait.
    Without Redis the try is let through and logged: a broken counter must not stop a queue of travellers.
    """
    key = f"limit:{what}:{who}"
    try:
        with redis_client().pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=seconds, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
            _, count, left = pipe.execute()
    except RedisError:
        log.warning("limits.unavailable", what=what)
        return
    if count > times:
        raise TooMany("too_many", message or f"操作太频繁，请 {wait(left)}后再试。", retry_after=max(left, 1))


def forgive(what: str, who: str) -> None:
    """Start the count anew, after a try that proved right."""
    try:
        redis_client().delete(f"limit:{what}:{who}")
    except RedisError:
        log.warning("limits.unavailable", what=what)


def wait(seconds: int) -> str:
    """A waiting time as people say it: 40 秒, 5 分钟, 2 小时."""
    minute, hour = 60, 3600
    if seconds < minute:
        return f"{max(seconds, 1)} 秒"
    return f"{-(-seconds // minute)} 分钟" if seconds < hour else f"{-(-seconds // hour)} 小时"
