"""Keep-alive connections that ask prepared requests as fast as they are answered, in a process of its own.

`python -m tests.benchmarks.load` reads a job from standard input and writes what it measured, both JSON. Requests are
bytes made beforehand and answers are looked at no further than their status and length, so that this side costs some
ten microseconds a request and the server is what is measured; `busy` tells whether that was so.
"""

import json
import re
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles

HEAD_ENDS = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STATUS = slice(9, 12)
CHUNK = 1 << 18


@dataclass(slots=True, eq=False)
class Connection:
    socket: socket.socket
    received: bytes = b""
    asked_at: float = 0.0

    def ask(self, request: bytes) -> None:
        self.received = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Take what has arrived; whether the answer is whole."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise ConnectionError("the server closed a connection that was to be kept")
        self.received += data
        end = self.received.find(HEAD_ENDS)
        if end < 0:
            return False
        length = LENGTH.search(self.received, 0, end + 2)
        return length is not None and len(self.received) >= end + len(HEAD_ENDS) + int(length[1])


@dataclass(slots=True)
class Load:
    """The answers of one round."""

    waited: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def run(self, port: int, connections: int, requests: Iterator[bytes]) -> None:
        """Ask every request once, one at a time on each connection."""
        with selectors.DefaultSelector() as selector:
            for _ in range(connections):
                opened = socket.create_connection(("127.0.0.1", port), timeout=30)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = Connection(opened)
                selector.register(opened, selectors.EVENT_READ, connection)
                self._go_on(connection, selector, requests)
            while selector.get_map():
                ready = selector.select(timeout=30)
                if not ready:
                    raise TimeoutError("no answer for 30 seconds")
                for key, _ in ready:
                    connection = key.data
                    if connection.is_answered():
                        self.waited.append(time.perf_counter() - connection.asked_at)
                        self.statuses[connection.received[STATUS].decode()] += 1
                        self._go_on(connection, selector, requests)

    @staticmethod
    def _go_on(connection: Connection, selector: selectors.BaseSelector, requests: Iterator[bytes]) -> None:
        request = next(requests, None)
        if request is None:
            selector.unregister(connection.socket)
            connection.socket.close()
        else:
            connection.ask(request)


def main() -> None:
    """Do the job that stands on standard input."""
    job = json.load(sys.stdin)
    requests = [text.encode() for text in job["requests"]]
    load = Load()
    wall, cpu = time.perf_counter(), time.process_time()
    load.run(job["port"], job["connections"], iter(requests))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    hundredths = quantiles(load.waited, n=100)
    found = {"seconds": wall, "busy": cpu / wall, "p50": hundredths[49], "p99": hundredths[98]}
    json.dump(found | {"count": len(load.waited), "statuses": load.statuses}, sys.stdout)


if __name__ == "__main__":
    main()
