"""The embedded PostgreSQL: its cluster, its three roles, and how its server is started.

The server listens on a unix socket alone, in a folder that only its user may enter, and asks every role for its
password (scram-sha-256, RFC 7677) from the first moment. Roles: `postgres`, the superuser, which nothing of the product
uses; `linghuo_owner`, which owns the database and thereby what migrations create; `linghuo`, which owns nothing.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from backend.local.ground import Ground
from backend.local.problems import Problem
from backend.local.secrets_file import Secrets

SUPERUSER, OWNER, APPLICATION = "postgres", "linghuo_owner", "linghuo"
DATABASE = "linghuo"
SOCKET_PORT = 5432
"""Only a part of the socket's name."""
PATIENCE = 60.0
"""Seconds for a start; after a crash the server first replays its log."""

SETTINGS = {
    "listen_addresses": "",
    "port": str(SOCKET_PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    # One machine, no replica: less log, and no processes that wait for one.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",
    "jit": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: nothing waits for the disk. A killed process still loses nothing, a power cut would."""


@dataclass(frozen=True, slots=True)
class Cluster:
    ground: Ground
    secrets: Secrets
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.ground.cluster / "data"

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy's URL for one of the three roles."""
        socket = quote(str(self.ground.sockets), safe="")
        return f"postgresql+psycopg://{role}:{self._password(role)}@/{database}?host={socket}&port={SOCKET_PORT}"

    def environment(self) -> dict[str, str]:
        """All that the server may see: the product's secrets are none of its business."""
        return {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self.ground.cluster)}

    def command(self) -> list[str]:
        """What starts the server in the foreground; SIGINT ends it at once and cleanly."""
        settings = (
            SETTINGS | {"unix_socket_directories": str(self.ground.sockets)} | ({} if self.durable else FORGETFUL)
        )
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.ground.programs / "postgres"), "-D", str(self.data), *options]

    def create(self) -> None:
        """Make the cluster unless it is there; one that was half made is made anew."""
        self.ground.claim(self.ground.cluster)
        self.ground.claim(self.ground.sockets)
        if self.data.exists():
            return
        draft, password = self.ground.cluster / "data.new", self.ground.cluster / "password"
        shutil.rmtree(draft, ignore_errors=True)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(self.secrets.superuser, encoding="utf-8")
        if self.ground.user:
            shutil.chown(password, self.ground.user, self.ground.user)
        try:
            self._run_initdb(draft, password)
        finally:
            password.unlink()
        draft.rename(self.data)

    def _run_initdb(self, folder: Path, password: Path) -> None:
        command = [
            *(str(self.ground.programs / "initdb"), "-D", str(folder), "-U", SUPERUSER, f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        done = subprocess.run(  # noqa: S603 - our own paths
            command,
            env=self.environment(),
            cwd=self.ground.cluster,
            user=self.ground.user,
            group=self.ground.user,
            extra_groups=[] if self.ground.user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Problem(f"数据库初始化失败，请检查磁盘空间和 {self.ground.cluster} 的权限。\n{done.stderr.strip()}")

    def end_leftover(self) -> None:
        """End a server that outlived its supervisor, and remove the trace of one that didn't."""
        trace = self.data / "postmaster.pid"
        if not trace.exists():
            return
        server = self._server_of(int(trace.read_text(encoding="utf-8").split(maxsplit=1)[0]))
        if server is not None:
            server.send_signal(signal.SIGINT)
            _, alive = psutil.wait_procs([server], timeout=20)
            for process in alive:
                process.kill()
            psutil.wait_procs(alive, timeout=5)
        trace.unlink(missing_ok=True)

    def _server_of(self, pid: int) -> psutil.Process | None:
        """The process of this id if it is this cluster's server: after a reboot the number may be someone else's."""
        try:
            process = psutil.Process(pid)
            return process if Path(process.cwd()).samefile(self.data) else None
        except (psutil.Error, OSError):
            return None

    def wait(self, server: "subprocess.Popen[bytes] | None" = None) -> None:
        """Return when the server answers. Refuses: Problem when it ended or stays silent."""
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end or (server is not None and server.poll() is not None):
                raise Problem("数据库没有启动，请查看 DATA_DIR 下 logs/postgres.log 的最后几行。")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with self._connect(SUPERUSER, "postgres"):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Problem(
                    "数据库的密码与 secrets.json 不符：这个数据目录的密钥文件被换过。请恢复原来的 secrets.json。"
                ) from error
            return False

    def prepare(self) -> None:
        """Make the roles and the database unless they are there."""
        with self._connect(SUPERUSER, "postgres") as connection:
            for role in (OWNER, APPLICATION):
                if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                            sql.Identifier(role), sql.Literal(self._password(role))
                        )
                    )
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )

    def _connect(self, role: str, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.ground.sockets),
            port=SOCKET_PORT,
            user=role,
            password=self._password(role),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _password(self, role: str) -> str:
        secrets = self.secrets
        return {SUPERUSER: secrets.superuser, OWNER: secrets.owner, APPLICATION: secrets.application}[role]
