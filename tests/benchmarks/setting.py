"""What the benchmarks run on: embedded services of their own, migrated, and servers started as `make run` does."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from pydantic import SecretStr

from backend.core.config import Config, Mode
from backend.core.requests import Application
from backend.local import programs
from backend.local.services import free_port, temporary
from tests.conftest import LOG_KEY, ROOT, environment
from tests.factories.accounts import PASSWORD
from wsgi import create_app

PATIENCE = 60.0
PRODUCT = "wsgi:app"


@dataclass(frozen=True, eq=False)
class Setting:
    """A migrated database and a broker, and the product in this process for laying out what is measured."""

    config: Config
    environment: dict[str, str]
    app: Application


@contextmanager
def embedded() -> Iterator[Setting]:
    """The product's own services in a folder that is gone afterwards, on free ports."""
    with temporary() as services, tempfile.TemporaryDirectory(prefix="linghuo-bench-") as folder:
        config = Config(
            _env_file=None,
            mode=Mode.DEMO,
            port=free_port(),
            data_dir=Path(folder),
            database_url=services.database_url,
            database_owner_url=services.database_owner_url,
            redis_url=services.redis_url,
            secret_key=SecretStr("demo-bench-secret-key-of-32-characters"),
            token_key=SecretStr("demo-bench-token-key-of-32-characters-"),
            index_key=SecretStr("demo-bench-index-key-of-32-characters-"),
            data_keys=SecretStr("b1:demo-bench-data-key-of-32-characters"),
            evidence_key=SecretStr(LOG_KEY.dump()),
        )
        variables = environment(config) | {"MODE": config.mode.value}
        _migrate(variables)
        yield Setting(config, variables, create_app(config))


def _migrate(variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    done = subprocess.run(command, cwd=ROOT, env=variables, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the database could not be migrated: {done.stderr[-1500:]}")


@contextmanager
def served(setting: Setting, application: str = PRODUCT, **variables: str) -> Iterator[int]:
    """An application on the server that `make run` starts the product on, with the same settings; gives its port."""
    port = free_port()
    swapped = {PRODUCT: application, str(setting.config.port): str(port)}
    web = next(program for program in programs.product(setting.config, ()) if program.name == "web")
    command = [swapped.get(part, part) for part in web.command]
    log = setting.config.data_dir / f"{application.partition(':')[0]}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=setting.environment | variables,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/healthz", log)
        yield port
    finally:
        end(process)


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not answers(address):
        if time.monotonic() > until or process.poll() is not None:
            raise RuntimeError(f"the server did not start: {log.read_text(encoding='utf-8')[-1500:]}")
        time.sleep(0.1)


def sign_in(port: int, username: str) -> str:
    """The cookie that a console gives to an operator of one office for the right password."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    form = urlencode({"username": username, "password": PASSWORD})
    connection.request("POST", "/console/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
    cookie = connection.getresponse().getheader("Set-Cookie", "")
    connection.close()
    if not cookie:
        raise RuntimeError(f"{username} could not sign in")
    return cookie.partition(";")[0]


def answers(address: str) -> bool:
    """Whether this address says 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def end(process: "subprocess.Popen[bytes]", patience: float = 60.0) -> None:
    """Stop a process that leads its own session, as a Ctrl-C would; what doesn't stop is killed with its children."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
