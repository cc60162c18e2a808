"""Real services for every test: embedded PostgreSQL and Valkey, migrated once, emptied after each test."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask.ctx import AppContext
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import make_url, select

from backend.core import deliveries
from backend.core.clock import Clock
from backend.core.config import Config, Mode
from backend.core.db import Base, db
from backend.core.models import Delivery
from backend.core.redis import redis_client
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence.note import Algorithm, PrivateKey
from backend.evidence.rules import last_days
from backend.local.services import Services, temporary
from wsgi import create_app

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
LOG_KEY = PrivateKey("linghuo.local/log", Algorithm.LOG, b"test-log-key-of-32-characters---")


def free_ports(count: int = 10) -> int:
    """The first of so many neighbouring ports that nobody listens on, so that two runs can go side by side."""
    while True:
        first = random.randrange(20000, 30000, count)
        sockets = [socket.socket() for _ in range(count)]
        try:
            for port, one in enumerate(sockets, first):
                one.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
        return first


@pytest.fixture(scope="session")
def ports() -> int:
    return free_ports()


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """The embedded services of this run, gone at its end."""
    with temporary() as running:
        yield running


@pytest.fixture(scope="session")
def config(services: Services, ports: int, tmp_path_factory: pytest.TempPathFactory) -> Config:
    return Config(
        _env_file=None,
        mode=Mode.TEST,
        codes_issuers="320583",
        port=ports,
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=services.database_url,
        database_owner_url=services.database_owner_url,
        redis_url=services.redis_url,
        secret_key=SecretStr("test-secret-key-of-32-characters-"),
        token_key=SecretStr("test-token-key-of-32-characters--"),
        index_key=SecretStr("test-index-key-of-32-characters--"),
        data_keys=SecretStr("t1:test-data-key-of-32-characters-"),
        partners_key=SecretStr("test-partners-key-of-32-characters"),
        evidence_key=SecretStr(LOG_KEY.dump()),
    )


def environment(config: Config) -> dict[str, str]:
    """What a process of its own needs to be the same product as this test's."""
    keys = ("secret_key", "token_key", "index_key", "data_keys", "evidence_key", "partners_key")
    given = {name.upper(): getattr(config, name).get_secret_value() for name in keys}
    given |= {
        "MODE": "test",
        "CODES_ISSUERS": config.codes_issuers,
        "PORT": str(config.port),
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "DATABASE_OWNER_URL": config.database_owner_url,
        "REDIS_URL": config.redis_url,
        "WECHAT_BASE_URL": config.wechat_base_url,
        "SMS_BASE_URL": config.sms_base_url,
    }
    return os.environ | given


@pytest.fixture(scope="session")
def application(config: Config) -> Iterator[Application]:
    """The product, on a migrated database with partitions for the tests' days."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(command, cwd=ROOT, env=environment(config), check=True, capture_output=True)
    app = create_app(config)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        redis_client().close()


@pytest.fixture(scope="session")
def superuser(application: Application, services: Services) -> Iterator[psycopg.Connection]:
    """A connection that may do anything, for emptying tables and for adversaries."""
    del application
    ours = make_url(services.database_url).database
    url = make_url(services.superuser_url).set(drivername="postgresql", database=ours)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        days = "generate_series(date '2026-03-07', date '2026-04-12', interval '1 day')"
        connection.execute(
            f"SELECT core.make_partition(t.name, d::date) FROM core.daily_table t CROSS JOIN {days} d"
            " WHERE t.kept_days > 0"
        )
        yield connection


@pytest.fixture(scope="session")
def opening_days(application: Application) -> list[date]:
    """The days on which what the tests record is erased."""
    kept = (kind.days for kind in application.extensions["linghuo.evidence"].values())
    return sorted(last_days(kept, date(2026, 3, 7), date(2026, 4, 12)))


def emptying() -> str:
    """SQL that removes every row."""
    tables = [t.fullname for t in Base.metadata.sorted_tables if t.name not in {"daily_table", "aged_table"}]
    quoted = ['"' + '"."'.join(name.split(".")) + '"' for name in tables]
    return "SET session_replication_role = replica;" + ";".join(f"DELETE FROM {name}" for name in quoted)


@pytest.fixture
def app(
    application: Application, superuser: psycopg.Connection, config: Config, opening_days: list[date]
) -> Iterator[Application]:
    """The application within its context; whatever the test commits is removed afterwards.

    The partitions of openings are made anew each time: a test that lives in another year has dropped them.
    """
    superuser.execute("SELECT core.make_partition('evidence.opening', d) FROM unnest(%s::date[]) d", [opening_days])
    with application.app_context() as context:
        redis_client().flushdb()
        yield application
        shutil.rmtree(config.data_dir / "log", ignore_errors=True)
        db.session.rollback()
        db.session.remove()
        assert isinstance(context, AppContext)
    superuser.execute(emptying())


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return app.test_client()


class Travel:
    """The tests' clock: stands still until it is shifted."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def shift(self, by: timedelta) -> None:
        self.moment += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Noon in Shanghai on 2026-03-22, until the test moves it."""
    travel = Travel(NOON)
    monkeypatch.setattr(Clock, "source", staticmethod(travel))
    return travel


@pytest.fixture
def deliver_all(app: Application) -> Callable[[], int]:
    """Carry out every waiting event in this process, and what these announce in turn; returns how many."""
    del app

    def run() -> int:
        done = 0
        while keys := _waiting():
            for key in keys:
                with transaction():
                    deliveries.carry_out(key)
                done += 1
        return done

    return run


def _waiting() -> list[UUID]:
    return list(db.session.scalars(select(Delivery.id).where(Delivery.done_at.is_(None)).order_by(Delivery.id)))


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process that a test started, and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
