"""What a partner's answers mean, also when somebody else answers at its address."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from backend.core.redis import redis_client
from backend.partners.gateway import TOKEN_PATH, PartnerClient, authority_of
from tests.conftest import NOON

TOKEN = {"access_token": "t", "token_type": "Bearer", "expires_in": 600}


class Answering(BaseHTTPRequestHandler):
    """Says to a token request and to a message what a test wants."""

    token: ClassVar[tuple[int, object]] = (200, TOKEN)
    message: ClassVar[tuple[int, object]] = (200, {"status": "accepted"})
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.path)
        status, said = self.token if self.path == TOKEN_PATH else self.message
        self.send_response(status)
        self.end_headers()
        self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answering(app) -> Iterator[tuple[type[Answering], PartnerClient]]:
    del app
    kind = type("Kind", (Answering,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield kind, PartnerClient("p", url, "client", "secret", "key", redis_client())
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_token_is_asked_for_once_and_again_after_a_refusal(answering):
    kind, client = answering
    assert [client.deliver(b"{}", NOON)[0] for _ in range(2)] == [200, 200]
    assert kind.asked.count(TOKEN_PATH) == 1

    kind.message = (401, {"error": {"code": "x", "message": "令牌无效"}})
    assert client.deliver(b"{}", NOON) == (401, "令牌无效")
    client.deliver(b"{}", NOON)
    assert kind.asked.count(TOKEN_PATH) == 2


@pytest.mark.parametrize("said", [b"<html>", [], {}, {"access_token": 1, "expires_in": "soon"}])
def test_whoever_gives_no_token_is_no_partner(answering, said):
    kind, client = answering
    kind.token = (200, said)

    status, sentence = client.deliver(b"{}", NOON)

    assert status == 0
    assert "核对地址" in sentence


@pytest.mark.parametrize("said", [b"<html>", [], {"status": "ok"}])
def test_an_answer_of_somebody_else_isn_t_taken_for_a_delivery(answering, said):
    kind, client = answering
    kind.message = (200, said)
    assert client.deliver(b"{}", NOON)[0] == 0


@pytest.mark.parametrize("said", [b"<html>", [], {"error": "no"}, {"error": {"message": "不行", "fields": ["x"]}}])
def test_a_refusal_of_any_form_is_one(answering, said):
    kind, client = answering
    kind.message = (422, said)
    assert client.deliver(b"{}", NOON)[0] == 422


def test_nobody_there_is_said_as_such(app):
    del app
    client = PartnerClient("p", "http://127.0.0.1:9", "client", "secret", "key", redis_client())
    assert client.deliver(b"{}", NOON) == (0, "连不上对方系统")


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://A.example:443", "a.example"),
        ("http://a.example:80/", "a.example"),
        ("https://a.example:8443", "a.example:8443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
    ],
)
def test_an_authority_is_written_one_way(url, authority):
    assert authority_of(url) == authority
