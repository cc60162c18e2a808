import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from backend.core.outbound import LARGEST_REPLY, Exchange, NotSent, Unanswered

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
Answer = Callable[[socket.socket], None]


@pytest.fixture
def peer() -> Iterator[Callable[[Answer], str]]:
    """Starts a server that gives one connection to `answer`, and says its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads = []

        def start(answer: Answer) -> str:
            def serve() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    answer(connection)

            threads.append(threading.Thread(target=serve))
            threads[-1].start()
            return f"http://127.0.0.1:{server.getsockname()[1]}/path?secret=s3cret"

        yield start
        for thread in threads:
            thread.join(10)


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange() as session:
        yield session


def test_a_whole_answer_is_handed_over(peer: Callable[[Answer], str], exchange: Exchange) -> None:
    address = peer(lambda connection: connection.sendall(HEAD + b"Content-Length: 2\r\n\r\nok"))

    assert exchange.get(address, timeout=2).text == "ok"


def test_a_reply_that_drips_in_ends_at_its_time(peer: Callable[[Answer], str], exchange: Exchange) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(40):
            try:
                connection.sendall(b"x")
            except OSError:
                return
            time.sleep(0.1)

    began = time.monotonic()
    with pytest.raises(Unanswered):
        exchange.get(peer(drip), timeout=0.5)
    assert time.monotonic() - began < 1.2


def test_an_endless_reply_is_not_swallowed(peer: Callable[[Answer], str], exchange: Exchange) -> None:
    sent = 0

    def pour(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(HEAD + b"\r\n")
        while sent < 20 * LARGEST_REPLY:
            try:
                sent += connection.send(b"x" * 100_000)
            except OSError:
                return

    with pytest.raises(Unanswered):
        exchange.get(peer(pour), timeout=5)
    assert sent < 10 * LARGEST_REPLY


def test_a_redirect_is_not_followed(peer: Callable[[Answer], str], exchange: Exchange) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"

    assert exchange.post(peer(lambda connection: connection.sendall(moved)), timeout=2).status_code == 302


def test_a_connection_cut_before_the_answer_leaves_it_open_whether_anything_was_done(
    peer: Callable[[Answer], str], exchange: Exchange
) -> None:
    with pytest.raises(Unanswered) as doubt:
        exchange.post(peer(lambda _: None), timeout=2)
    assert doubt.value.__context__ is None
    assert "s3cret" not in str(doubt.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://no-such-host.invalid/"])
def test_without_a_connection_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, exchange: Exchange, address: str
) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    if "invalid" in address:
        # The tests have no name server to ask; this is what the system says without one.
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent) as refusal:
        exchange.post(address, timeout=2)
    assert refusal.value.__context__ is None
