"""The one supervisor of an instance, as its foreground process sees it."""

import subprocess
import sys
import time
import xmlrpc.client
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Self

from supervisor.xmlrpc import SupervisorTransport

from backend.local import leftovers
from backend.local.ground import short_folder
from backend.local.problems import Problem
from backend.local.programs import ROOT, Program, configuration

PATIENCE = 60.0
"""Seconds; it loads the product before it answers."""
STOP_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Supervisor:
    process: "subprocess.Popen[bytes]"
    control: Path

    @classmethod
    def start(cls, data_dir: Path, first: list[Program], then: list[Program], environment: dict[str, str]) -> Self:
        """Start supervisord with the programs of `first`. Refuses: Problem when it doesn't answer."""
        logs = data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        folder = short_folder(data_dir, "run")
        folder.mkdir(mode=0o700, exist_ok=True)
        control, file = folder / "supervisor.sock", data_dir / "supervisord.conf"
        control.unlink(missing_ok=True)
        file.write_text(configuration(data_dir, control, first, then), encoding="utf-8")
        with (logs / "supervisord.out").open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "backend.local.supervise", "-c", str(file)],
                env=environment | leftovers.mark(data_dir),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        started = cls(process, control)
        started.wait(logs / "supervisord.out")
        return started

    def _ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - XML-RPC knows no types
        # A new connection each time: the transport doesn't recover from a failed one.
        transport = SupervisorTransport(None, None, f"unix://{self.control}")
        remote = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        return getattr(remote.supervisor, method)(*arguments)

    def wait(self, output: Path) -> None:
        """Return when supervisord answers. Refuses: Problem with the end of its output."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._ask("getState")
            except (OSError, HTTPException):
                if time.monotonic() > end or not self.is_alive():
                    said = output.read_text(encoding="utf-8", errors="replace")[-1500:]
                    raise Problem(f"程序没有启动，请按下面的原因处理后重试：\n{said}") from None
                time.sleep(0.05)
            else:
                return

    def is_alive(self) -> bool:
        """Whether supervisord itself runs."""
        return self.process.poll() is None

    def start_product(self) -> None:
        """Start what waited for the migrated database; returns at once."""
        self._ask("startProcessGroup", "product", False)  # noqa: FBT003 - XML-RPC knows positions only

    def run(self, name: str) -> int:
        """Run a program that ends by itself; returns its exit status."""
        self._ask("startProcess", name, False)  # noqa: FBT003 - see above
        while (info := self._ask("getProcessInfo", name))["statename"] in {"STARTING", "RUNNING", "BACKOFF"}:
            time.sleep(0.1)
        return int(info["exitstatus"])

    def pids(self) -> dict[str, int]:
        """The process of each program that has one now."""
        return {info["name"]: info["pid"] for info in self._ask("getAllProcessInfo") if info["pid"]}

    def stop(self) -> None:
        """Stop everything in its order, and wait for it."""
        if self.is_alive():
            self.process.terminate()
        try:
            self.process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
