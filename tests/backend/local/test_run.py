"""`python -m backend.local run`, whole: starts, restarts what dies, ends without a trace, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import make_url

from backend.local import leftovers, memory, services
from backend.local.postgres import OWNER
from backend.local.programs import ROOT
from backend.local.witnesses import PARTIES

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
LONGEST_NAME = 15
"""Characters of a process's name that Linux keeps."""
PATIENCE = 240.0
"""Seconds; the machine may be busy with other things than this test."""


@dataclass
class Copy:
    """A copy of the product in a folder and on ports of its own."""

    data_dir: Path
    port: int
    more: dict[str, str] = field(default_factory=dict)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        ours = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "MODE": "demo", "PYTHONUNBUFFERED": "1"}
        taken = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
        return {name: value for name, value in os.environ.items() if name not in taken} | ours | self.more

    @property
    def said(self) -> str:
        return (self.data_dir / "said.txt").read_text(encoding="utf-8")

    def start(self) -> "subprocess.Popen[bytes]":
        with (self.data_dir / "said.txt").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "backend.local", "run"],
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes.append(process)
        wait_until(lambda: "按 Ctrl-C 停止" in self.said or process.poll() is not None, lambda: self.said)
        assert process.poll() is None, self.said
        return process

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "backend.local", *arguments],
            env=self.environment | environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def family(self) -> list[psutil.Process]:
        """Every process but the foreground one."""
        marked = leftovers.find(self.data_dir)
        return marked + [child for each in marked for child in each.children(recursive=True) if child not in marked]

    def named(self, name: str) -> psutil.Process:
        return next(each for each in self.family() if each.name() == name and each.ppid() == self.supervisor().pid)

    def supervisor(self) -> psutil.Process:
        return psutil.Process(int((self.data_dir / "supervisord.pid").read_text()))

    def answers(self, path: str = "/readyz", port: int = 0) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def connect(self) -> psycopg.Connection:
        url = make_url(services.find_cluster(self.data_dir).url(OWNER)).set(drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def wait_until(holds: Callable[[], bool], explain: Callable[[], str] = str, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, explain()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    """One folder for all tests of this module: the first start's long work is done once."""
    made = Copy(Path(tempfile.mkdtemp(prefix="linghuo-test-")), services.free_port())
    made.data_dir.chmod(0o711)
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
        process.wait()
    leftovers.end(made.data_dir)
    services.find_cluster(made.data_dir).end_leftover()
    services.remove(made.data_dir)


def test_what_dies_is_started_again_and_the_end_is_clean(copy: Copy) -> None:
    process = copy.start()
    assert "演示账号" in copy.said
    assert f"http://127.0.0.1:{copy.port}/" in copy.said
    assert copy.answers()
    for name in PARTIES:
        assert copy.named(f"witness-{name}"[:LONGEST_NAME])
        assert f"http://127.0.0.1:{copy.port + 3 + list(PARTIES).index(name)}/verify/" in copy.said

    again = copy.run("run")
    assert again.returncode == 1
    assert "正被另一个正在运行的灵活使用" in again.stderr

    for name in ("web", "worker-default", "valkey-server", "postgres"):
        killed = copy.named(name)
        children = killed.children(recursive=True)
        killed.kill()
        # What a killed main process forked must not go on holding its port.
        wait_until(lambda gone=[killed, *children]: not any(each.is_running() for each in gone))  # type: ignore[misc]
        wait_until(copy.answers, lambda: copy.said)
        assert copy.named(name).pid != killed.pid
    bank = copy.named("witness-bank")
    workers = bank.children(recursive=True)
    bank.kill()
    wait_until(lambda: not any(each.is_running() for each in [bank, *workers]))
    wait_until(lambda: copy.answers("/verify/policy", port=copy.port + 5), lambda: copy.said)
    wait_until(lambda: "worker-default 意外退出，已自动重新启动" in copy.said)

    shown = copy.run("memory")
    assert "together" in shown.stdout
    assert 0 < memory.total(copy.data_dir) < 900e6
    assert copy.run("exec", "flask", "--app", "wsgi", "routes").returncode == 0
    assert copy.run("exec", "python", "-c", "import granian").returncode == 0
    assert "找不到命令" in copy.run("exec", "no-such-program").stderr

    with copy.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.kept AS SELECT 42 AS answer")
    family = copy.family()
    process.send_signal(signal.SIGINT)

    assert process.wait(PATIENCE) == 0
    assert not [each for each in family if each.is_running()]
    assert not services.taken_ports(range(copy.port, copy.port + services.PORTS))


@pytest.mark.parametrize("victim", ["foreground", "supervisor"])
def test_a_killed_keeper_takes_everything_with_it(copy: Copy, victim: str) -> None:
    process = copy.start()
    family = copy.family()

    (psutil.Process(process.pid) if victim == "foreground" else copy.supervisor()).kill()

    wait_until(lambda: not any(each.is_running() for each in family), lambda: str(family))
    assert process.wait(PATIENCE) == (-signal.SIGKILL if victim == "foreground" else 1)


def test_data_outlives_sigkill_of_everything(copy: Copy) -> None:
    process = copy.start()
    with copy.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.kept AS SELECT 42 AS answer")
    for each in [psutil.Process(process.pid), copy.supervisor(), *copy.family()]:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()

    again = copy.start()

    with copy.connect() as connection:
        assert connection.execute("SELECT answer FROM public.kept").fetchall() == [(42,)]
    os.killpg(again.pid, signal.SIGHUP)
    assert again.wait(PATIENCE) == 0
    assert not copy.family()


def test_a_taken_port_is_named(copy: Copy) -> None:
    with services.temporary() as other:
        port = make_url(other.redis_url).port or 0
        refused = copy.run("run", PORT=str(port - 1))

    assert refused.returncode == 1
    assert f"端口 {port} 已被其他程序占用" in refused.stderr
    assert not copy.family()


def test_a_wrong_setting_is_named(copy: Copy) -> None:
    refused = copy.run("run", PORT="eighty")

    assert refused.returncode == 1
    assert "配置有误" in refused.stderr
    assert "PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_own_servers_are_used_instead() -> None:
    with services.temporary() as own:
        urls = {
            "DATABASE_URL": own.database_url,
            "DATABASE_OWNER_URL": own.database_owner_url,
            "REDIS_URL": own.redis_url,
        }
        copy = Copy(Path(tempfile.mkdtemp(prefix="linghuo-test-")), services.free_port(), more=urls)
        process = copy.start()
        try:
            assert copy.answers()
            assert copy.answers("/verify/policy", port=copy.port + 3)
            assert {each.name() for each in copy.family()}.isdisjoint({"postgres", "valkey-server"})
            assert not (copy.data_dir / "postgres").exists()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        services.remove(copy.data_dir)
