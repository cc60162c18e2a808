"""A second deployment: its own database, its own keys, its own process; and this test's own as a process beside it."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import make_url

from backend.core.config import Config
from backend.core.db import db
from backend.core.redis import redis_client
from backend.core.requests import Application
from backend.core.tasks import celery
from backend.local.postgres import OWNER
from backend.local.services import Services
from tests.conftest import ROOT, end, environment
from wsgi import create_app

STARTS_WITHIN = 60
OTHER = "linghuo_other"


@dataclass(frozen=True, slots=True)
class Deployment:
    app: Application
    url: str
    """Where its server listens."""


def _elsewhere(url: str) -> str:
    return make_url(url).set(database=OTHER).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def other_config(config: Config, services: Services, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The other deployment's: all its secrets are its own."""
    return config.model_copy(
        update={
            "port": config.port + 8,
            "data_dir": tmp_path_factory.mktemp("other"),
            "database_url": _elsewhere(services.database_url),
            "database_owner_url": _elsewhere(services.database_owner_url),
            "redis_url": f"{services.redis_url.rstrip('/').removesuffix('/0')}/1",
            "secret_key": SecretStr("other-secret-key-of-32-characters"),
            "token_key": SecretStr("other-token-key-of-32-characters-"),
            "index_key": SecretStr("other-index-key-of-32-characters-"),
            "data_keys": SecretStr("o1:other-data-key-of-32-characters"),
            "partners_key": SecretStr("other-partners-key-of-32-characters"),
            "codes_issuer": "320583",
        }
    )


@pytest.fixture(scope="session")
def deployments(
    application: Application, config: Config, other_config: Config, services: Services
) -> Iterator[tuple[Deployment, Deployment]]:
    """Tongren's and Kunshan's, each with a server of its own over HTTP."""
    url = make_url(services.superuser_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(OTHER), sql.Identifier(OWNER))
        connection.execute(made)
    processes = [_serve(config)]
    try:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
        subprocess.run(command, cwd=ROOT, env=environment(other_config), check=True, capture_output=True)
        processes.append(_serve(other_config))
        broker = celery.conf.broker_url
        other = create_app(other_config)
        celery.conf.broker_url, celery.flask_app = broker, application
        for process, each in zip(processes, (config, other_config), strict=True):
            _wait(process, each)
        yield Deployment(application, config.base_url), Deployment(other, other_config.base_url)
        with other.app_context():
            db.session.remove()
            db.engine.dispose()
            redis_client().close()
    finally:
        for process in processes:
            end(process)


@pytest.fixture(scope="session")
def elsewhere(deployments: tuple[Deployment, Deployment], services: Services) -> Iterator[psycopg.Connection]:
    """A connection to the other's database that may do anything."""
    del deployments
    url = make_url(_elsewhere(services.superuser_url)).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def _serve(config: Config) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "backend.local.web", "wsgi:app", "--port", str(config.port), "--threads", "2"]
    log = Path(config.data_dir) / "web.log"
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment(config), start_new_session=True, stdout=output, stderr=output
        )


def _wait(process: subprocess.Popen[bytes], config: Config) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while not _answers(config.base_url):
        assert process.poll() is None, (Path(config.data_dir) / "web.log").read_text(encoding="utf-8")
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
