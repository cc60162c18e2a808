"""The sandbox as a process of its own."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
APPID = "wx0000000000000demo"
SECRET = "demo-wechat-secret"
PUSH_TOKEN = "demo-push-token"
PUSH_KEY = "DemoPushKeyOfTheSandbox0000000000000000000A"
SMS_KEY = "demo-sms-key"
PRODUCT_URL = "http://127.0.0.1:8299"
STARTS_WITHIN = 20


@dataclass(frozen=True)
class Sandbox:
    """The running sandbox, with the strings behind its scene."""

    url: str

    def control(self, path: str, method: str = "POST", **body: object) -> Any:
        answer = requests.request(method, f"{self.url}/control/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def look(self, path: str) -> list[dict[str, Any]]:
        """What was received: calls, consents, messages, sms."""
        found: list[dict[str, Any]] = self.control(path, "GET")
        return found

    def fault(self, api: str, kind: str, value: object = "", times: int = 1) -> None:
        """The next call of this API goes wrong."""
        self.control("faults", api=api, kind=kind, value=str(value), times=times)

    def code(self, kind: str = "login", openid: str = "o_yang", **more: str) -> str:
        """A fresh code as the mini program would get it."""
        return str(self.control("codes", kind=kind, openid=openid, **more)["code"])

    def calls(self, api: str) -> int:
        """How often an API was called."""
        return sum(call["api"] == api for call in self.look("calls"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_sandbox(port: int, data: Path, product_url: str = PRODUCT_URL) -> "subprocess.Popen[bytes]":
    """A sandbox that answers on `port` and keeps its memory in the file `data`."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-log"]
    process = subprocess.Popen(
        [*command, "--blocking-threads", "32", "--backpressure", "64", "backend.sandbox.wsgi:app"],
        cwd=ROOT,
        env=os.environ | {"SANDBOX_DATA": str(data), "PRODUCT_URL": product_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return process
    stop_sandbox(process)
    raise TimeoutError("The sandbox did not start.")


def stop_sandbox(process: "subprocess.Popen[bytes]") -> None:
    """End it, and wait until it has ended."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
