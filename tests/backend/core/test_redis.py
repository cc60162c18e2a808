"""What is kept for some seconds, and what becomes of it while Redis is away."""

import pytest
from redis import Redis

from backend.core.redis import kept, redis_client


def test_a_text_is_made_once_for_all_who_ask_within_its_seconds(app):
    del app
    made = iter(["first", "second"])
    assert [kept("figures", 60, lambda: next(made)) for _ in range(3)] == ["first"] * 3
    assert 0 < redis_client().ttl("figures") <= 60
    redis_client().delete("figures")
    assert kept("figures", 60, lambda: next(made)) == "second"


def test_while_redis_is_away_each_asker_has_it_made(app, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.extensions, "linghuo.redis", Redis.from_url("redis://127.0.0.1:1"))
    made = iter(["first", "second"])
    assert [kept("figures", 60, lambda: next(made)) for _ in range(2)] == ["first", "second"]
