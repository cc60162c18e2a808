"""Requests at the moments of a timetable, whether or not earlier ones are answered, in a process of its own.

`python -m tests.benchmarks.open_loop` reads a job from standard input and writes what it measured, both JSON. What
waits is counted from the moment on the timetable, so that a server that falls behind can't hide it (coordinated
omission; Gil Tene, 2013). At most `MOST` connections are open; a request that finds none free goes when one is.
"""

import heapq
import json
import selectors
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle, repeat
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from statistics import quantiles
from typing import Any

from tests.benchmarks.load import STATUS, Connection

MOST = 400
PATIENCE = 30.0
"""Seconds after the timetable's end in which the last answers may come."""
RETRY_AFTER = b"\r\nretry-after: "


@dataclass(order=True, slots=True)
class Due:
    """One request of the timetable."""

    at: float
    kind: str
    request: bytes = field(compare=False)


@dataclass(slots=True)
class Found:
    """What became of the requests of one kind."""

    waited: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        hundredths = quantiles(self.waited, n=100) if len(self.waited) > 1 else [0.0] * 99
        return {"statuses": self.statuses, "p50": hundredths[49], "p99": hundredths[98]}


def timetable(kinds: dict[str, Any], seconds: float) -> Iterator[Due]:
    """All kinds' requests in their order: `rate` times a second `burst` at once, evenly, going round the requests."""
    return heapq.merge(*(_of_kind(name, kind, seconds) for name, kind in kinds.items()))


def _of_kind(name: str, kind: dict[str, Any], seconds: float) -> Iterator[Due]:
    moments = (n / kind["rate"] for n in range(int(seconds * kind["rate"])))
    each = chain.from_iterable(repeat(at, kind.get("burst", 1)) for at in moments)
    requests = cycle([text.encode() for text in kind["requests"]])
    return (Due(at, name, request) for at, request in zip(each, requests, strict=False))


class OpenLoop:
    """One run of a timetable against a port."""

    def __init__(self, port: int, kinds: dict[str, Any], seconds: float) -> None:
        self._port = port
        self._timetable = deque(timetable(kinds, seconds))
        self._until = seconds + PATIENCE
        self._free: list[Connection] = []
        self._selector = selectors.DefaultSelector()
        self._asked: dict[Connection, Due] = {}
        self.found = {name: Found() for name in kinds}

    def run(self) -> None:
        """Send all, and take the answers until the last has come or nobody waits for it any more."""
        began = time.perf_counter()
        while self._timetable or self._asked:
            now = time.perf_counter() - began
            if now > self._until:
                break
            while self._timetable and self._timetable[0].at <= now and len(self._asked) < MOST:
                self._ask(self._timetable.popleft())
            self._take(began, max(0.0, self._timetable[0].at - now) if self._timetable else 1.0)
        for due in [*self._asked.values(), *self._timetable]:
            self.found[due.kind].statuses["unanswered"] += 1
        self._selector.close()

    def _ask(self, due: Due) -> None:
        connection = self._free.pop() if self._free else self._open()
        self._asked[connection] = due
        connection.ask(due.request)

    def _open(self) -> Connection:
        opened = create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
        opened.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        connection = Connection(opened)
        self._selector.register(opened, selectors.EVENT_READ, connection)
        return connection

    def _take(self, began: float, wait: float) -> None:
        for key, _ in self._selector.select(min(wait, 1.0)):
            connection: Connection = key.data
            try:
                if connection.is_answered():
                    self._note(connection, time.perf_counter() - began)
            except OSError:
                self._give_up(connection)

    def _give_up(self, connection: Connection) -> None:
        """The server closed it: an idle one, as it may, or one that waits for an answer."""
        self._selector.unregister(connection.socket)
        connection.socket.close()
        if due := self._asked.pop(connection, None):
            self.found[due.kind].statuses["broken"] += 1
        else:
            self._free.remove(connection)

    def _note(self, connection: Connection, now: float) -> None:
        due = self._asked.pop(connection)
        found, status = self.found[due.kind], connection.received[STATUS].decode()
        told = status == "503" and RETRY_AFTER in connection.received.lower()
        found.statuses[f"{status} retry-after" if told else status] += 1
        found.waited.append(now - due.at)
        self._free.append(connection)


def main() -> None:
    """Do the job that stands on standard input."""
    job = json.load(sys.stdin)
    loop = OpenLoop(job["port"], job["kinds"], job["seconds"])
    cpu, wall = time.process_time(), time.perf_counter()
    loop.run()
    busy = (time.process_time() - cpu) / (time.perf_counter() - wall)
    json.dump({"busy": busy, "kinds": {name: found.to_json() for name, found in loop.found.items()}}, sys.stdout)


if __name__ == "__main__":
    main()
