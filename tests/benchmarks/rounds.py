"""Short rounds in turn, ours and the floor's, and their medians: the machine is shared, and its mood changes."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.conftest import ROOT

ROUNDS = 7
BUSIEST_LOAD = 0.8
"""Of one core: above it the requests come slower than the server could answer, and the round says nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """A server's port, and what to ask it in each round."""

    port: int
    requests: Callable[[], list[bytes]]
    status: str = "200"


@dataclass(frozen=True, slots=True)
class Speed:
    """Requests a second; times of one request in milliseconds."""

    rate: float
    p50: float
    p99: float


def compare(ours: Side, floor: Side, *, connections: int, rounds: int = ROUNDS) -> tuple[Speed, Speed]:
    """The medians of both sides' rounds, after one round each to warm up."""
    for side in (ours, floor):
        ask(side, connections)
    pairs = [(ask(ours, connections), ask(floor, connections)) for _ in range(rounds)]
    return _middle([mine for mine, _ in pairs]), _middle([bare for _, bare in pairs])


def _middle(speeds: list[Speed]) -> Speed:
    return Speed(
        median(speed.rate for speed in speeds),
        median(speed.p50 for speed in speeds),
        median(speed.p99 for speed in speeds),
    )


def ask(side: Side, connections: int) -> Speed:
    requests = side.requests()
    job = {"port": side.port, "connections": connections, "requests": [request.decode() for request in requests]}
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(job), capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the load stopped: {done.stderr[-500:]}")
    found = json.loads(done.stdout)
    if found["statuses"] != {side.status: len(requests)}:
        raise RuntimeError(f"not every answer was {side.status}: {found['statuses']}")
    if found["busy"] > BUSIEST_LOAD:
        raise RuntimeError(f"the load itself took {found['busy']:.0%} of a core: nothing was measured but it")
    return Speed(found["count"] / found["seconds"], found["p50"] * 1000, found["p99"] * 1000)


def http(method: str, path: str, headers: dict[str, str], body: dict[str, object] | None = None) -> bytes:
    """A request as it goes over the wire, with a JSON body if one is given."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content
