"""The access token: one for all processes, fetched by one of them at a time."""

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol

from redis import Redis
from redis.exceptions import LockError, RedisError

from backend.core.wechat.errors import Unanswered, Unreachable

RENEWED_EARLY = 300
"""Seconds before the end at which WeChat gives out the next token (stable_token)."""


class Fetch(Protocol):
    """How a token is got from WeChat."""

    def __call__(self, until: float, *, force: bool) -> tuple[str, int]:
        """The token and its life in seconds, by the monotonic moment `until`; `force` ends the one before."""
        ...


class Tokens:
    """Keeps the app's token in Redis for as long as WeChat would give out the same one."""

    def __init__(self, redis: Redis, appid: str, fetch: Fetch) -> None:
        self._redis = redis
        self._key = f"wechat:token:{appid}"
        self._fetch = fetch

    def current(self, until: float, *, stale: str = "") -> str:
        """A token other than the one that WeChat just called stale.

        Where others are already fetching one, theirs is used. Refuses: Unreachable when there is none by `until`
        (monotonic), and what WeChat says to the app's secret.
        """
        failure = None
        try:
            if (kept := self._kept()) and kept != stale:
                return kept
            with self._alone(until):
                if (kept := self._kept()) and kept != stale:
                    return kept
                return self._renewed(until, stale)
        except RedisError as error:
            failure = Unreachable(f"the token's cache: {type(error).__name__}")
        except Unanswered:
            # Only the token's fetch went unanswered; the call that wanted it was not made.
            failure = Unreachable("no answer to the token's fetch")
        raise failure

    def _renewed(self, until: float, stale: str) -> str:
        token, life = self._fetch(until, force=False)
        if token == stale:
            token, life = self._fetch(until, force=True)
        # The old token stays good for RENEWED_EARLY after WeChat begins to give out the next one.
        self._redis.set(self._key, token, ex=max(life - RENEWED_EARLY, life // 2, 1))
        return token

    def _kept(self) -> str:
        kept = self._redis.get(self._key)
        return kept.decode() if isinstance(kept, bytes) else str(kept or "")

    @contextlib.contextmanager
    def _alone(self, until: float) -> Iterator[None]:
        patience = max(until - time.monotonic(), 0.01)
        # The lock outlives the exchange by a second, so that a process killed inside holds the others up only briefly.
        lock = self._redis.lock(f"{self._key}:lock", timeout=patience + 1, sleep=0.05)
        if not lock.acquire(blocking_timeout=patience):
            raise Unreachable("waited too long for another process to fetch the token")
        try:
            yield
        finally:
            with contextlib.suppress(LockError):
                lock.release()
