"""PostgreSQL and Valkey without a supervisor: for tests, and for whoever needs a database for a while.

with services.temporary() as running:
    engine = create_engine(running.database_url)
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from backend.local import ground, leftovers
from backend.local.postgres import APPLICATION, OWNER, SUPERUSER, Cluster
from backend.local.problems import Problem
from backend.local.secrets_file import FILE, load_or_make
from backend.local.valkey import Valkey

STOP_PATIENCE = 20.0
TEMPORARY = "linghuo-temporary-"
PORTS = 7
"""Of an instance: web, sandbox, broker and four witnesses."""
FRESH = 60.0
"""Seconds in which a temporary folder's maker has surely claimed it."""


@dataclass(frozen=True, slots=True)
class Services:
    """Two servers that run as children of this process."""

    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    superuser_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    data_dir: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(repr=False)
    lock: IO[bytes] = field(repr=False)

    def stop(self) -> None:
        """End both, cleanly; the data stays."""
        stop(self)


def claim(data_dir: Path) -> IO[bytes]:
    """Make the folder and hold it alone until the file is closed. Refuses: Problem when another process holds it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    # Passing through is all that PostgreSQL's user needs under root; what lies inside is closed by itself.
    data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    file = (data_dir / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise Problem(
            f"数据目录 {data_dir} 正被另一个正在运行的灵活使用。"
            "请先停掉它，或用 DATA_DIR=另一目录 PORT=另一端口 再启动。"
        ) from error
    return file


def find_cluster(data_dir: Path, *, durable: bool = True) -> Cluster:
    """PostgreSQL as it lies in this folder. Refuses: Problem when the folder's secrets are lost."""
    place = ground.choose(data_dir)
    if (place.cluster / "data").exists() and not (data_dir / FILE).exists():
        raise Problem(f"{data_dir} 里有数据库，却没有它的密钥文件 {FILE}。请恢复该文件，或换一个空的 DATA_DIR。")
    return Cluster(place, load_or_make(data_dir), durable)


def find_valkey(data_dir: Path, port: int, *, durable: bool = True) -> Valkey:
    """Valkey as it lies in this folder; `port` is the instance's, Valkey listens two above."""
    return Valkey(data_dir / "valkey", port + 2, load_or_make(data_dir), durable)


def make(cluster: Cluster | None, valkey: Valkey | None) -> None:
    """Make both servers' files ready for a start; a server that outlived its supervisor is ended before."""
    if cluster:
        cluster.create()
        cluster.end_leftover()
    if valkey:
        valkey.create()


def start(data_dir: Path, port: int, *, durable: bool = True) -> Services:
    """Start both on this folder; returns when both answer. Refuses: Problem."""
    data_dir = data_dir.resolve()
    lock = claim(data_dir)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        leftovers.end(data_dir)
        cluster, valkey = find_cluster(data_dir, durable=durable), find_valkey(data_dir, port, durable=durable)
        make(cluster, valkey)
        logs = data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        marked = leftovers.mark(data_dir)
        processes["valkey"] = _launch(logs / "valkey.log", valkey.command(), valkey.environment() | marked)
        processes["postgres"] = _launch(
            logs / "postgres.log", cluster.command(), cluster.environment() | marked, cluster.ground.user
        )
        cluster.wait(processes["postgres"])
        cluster.prepare()
        valkey.wait(processes["valkey"])
    except BaseException:
        _end(processes)
        lock.close()
        raise
    return Services(
        database_url=cluster.url(APPLICATION),
        database_owner_url=cluster.url(OWNER),
        superuser_url=cluster.url(SUPERUSER, "postgres"),
        redis_url=valkey.url,
        data_dir=data_dir,
        processes=processes,
        lock=lock,
    )


def stop(services: Services) -> None:
    """End both, cleanly; the data stays."""
    _end(services.processes)
    services.lock.close()


@contextmanager
def temporary() -> Iterator[Services]:
    """Both servers in a folder that is gone afterwards, on a free port, without waiting for the disk."""
    _clear_abandoned()
    # Not below a test runner's own temporary folder: under root that one is closed to PostgreSQL's user.
    data_dir = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    try:
        services = start(data_dir, free_port(), durable=False)
        try:
            yield services
        finally:
            stop(services)
    finally:
        remove(data_dir)


def _clear_abandoned() -> None:
    """End and remove what killed holders of temporary instances left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*"):
        try:
            if time.time() - folder.stat().st_mtime < FRESH:
                continue
            lock = claim(folder)
        except (Problem, OSError):  # in use, or another user's
            continue
        with lock:
            leftovers.end(folder)
            if (folder / FILE).exists():
                find_cluster(folder).end_leftover()
            remove(folder)


def remove(data_dir: Path) -> None:
    """Delete a stopped instance's folder, and its cluster where that lies elsewhere."""
    link = data_dir / "postgres"
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)


def free_port(count: int = PORTS) -> int:
    """The first of `count` neighbouring TCP ports on 127.0.0.1 that were free a moment ago."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        if not taken_ports(range(first, first + count)):
            return first


def taken_ports(ports: Iterable[int]) -> list[int]:
    """Those of the ports on 127.0.0.1 that another program listens on, or that may not be used."""
    return [port for port in ports if not _can_listen(port)]


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def _launch(
    log: Path, command: list[str], environment: dict[str, str], user: str | None = None
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            # A Ctrl-C at the terminal is for the one in front; it ends these in their order.
            start_new_session=True,
        )


def _end(processes: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for name, process in processes.items():
        # PostgreSQL's SIGTERM waits for clients to leave, its SIGINT doesn't.
        process.send_signal(2 if name == "postgres" else 15)
    for process in processes.values():
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
