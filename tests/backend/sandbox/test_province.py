"""The province's health query as the sandbox speaks it, and the live client against it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import requests

from healthcode.codes.gateway import (
    Answer,
    ProvinceClient,
    ProvinceForged,
    ProvinceRefused,
    ProvinceUnreachable,
    sign,
)
from healthcode.codes.rules import Colour
from tests.factories.sandbox import Sandbox

KEY = "demo-province-key"
NUMBER = "522201198503076128"
API = "phi/v1/health-query"


def ask(sandbox: Sandbox, *, key: str = KEY, request_id: str = "", **changes: object) -> Answer | None:
    client = ProvinceClient(sandbox.url, app="linghuo", key=key, timeout=1)
    said = {"name": "杨秀英", "resident_id": NUMBER, "request_id": request_id or uuid4().hex, "now": datetime.now(UTC)}
    return client.query(**said | changes)  # type: ignore[arg-type] # a test's own values


@pytest.mark.parametrize("colour", ["green", "yellow", "red"])
def test_the_colour_that_was_set_is_answered_with_its_time(sandbox: Sandbox, colour: str) -> None:
    sandbox.control("provinces", id_number=NUMBER, colour=colour)
    answer = ask(sandbox)
    assert answer is not None
    assert answer.colour is Colour(colour)
    assert abs(answer.at - datetime.now(UTC)) < timedelta(seconds=5)


def test_nobody_of_that_number_is_an_answer_too(sandbox: Sandbox) -> None:
    sandbox.control("provinces", id_number=NUMBER, colour="nobody")
    assert ask(sandbox) is None


def test_a_forged_answer_is_refused(sandbox: Sandbox) -> None:
    sandbox.control("provinces", forged=True)
    with pytest.raises(ProvinceForged):
        ask(sandbox)


def test_with_another_key_neither_side_believes_the_other(sandbox: Sandbox) -> None:
    with pytest.raises(ProvinceForged):
        ask(sandbox, key="another-key")


def test_the_same_request_again_is_refused(sandbox: Sandbox) -> None:
    ask(sandbox, request_id="r-1")
    with pytest.raises(ProvinceRefused):
        ask(sandbox, request_id="r-1")


def test_an_answer_to_another_request_is_none(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[requests.Response] = []
    send = requests.Session.send
    monkeypatch.setattr(requests.Session, "send", lambda *a, **k: kept[0] if kept else send(*a, **k))
    client = ProvinceClient(sandbox.url, app="linghuo", key=KEY)
    said = {"name": "杨秀英", "resident_id": NUMBER, "now": datetime.now(UTC)}
    client.query(**said, request_id="r-1")  # type: ignore[arg-type] # a test's own values
    head = {"appId": "linghuo", "requestId": "r-2", "timestamp": datetime.now(UTC).isoformat()}
    data = {"name": "杨秀英", "idType": "111", "idNumber": NUMBER}
    body = {"head": head | {"sign": sign(KEY.encode(), head, data)}, "data": data}
    kept.append(requests.post(f"{sandbox.url}/{API}", json=body, timeout=5))
    with pytest.raises(ProvinceForged):
        client.query(**said, request_id="r-3")  # type: ignore[arg-type] # a test's own values


def test_clocks_that_differ_by_hours_are_noticed(sandbox: Sandbox) -> None:
    sandbox.control("clock", shift=3600)
    with pytest.raises(ProvinceForged):
        ask(sandbox, now=datetime.now(UTC) + timedelta(minutes=58))


@pytest.mark.parametrize(
    ("kind", "value"), [("http", "503"), ("drop", ""), ("drop_reply", ""), ("garbled", ""), ("delay_reply", "2")]
)
def test_trouble_of_every_kind_means_that_it_may_be_asked_again(sandbox: Sandbox, kind: str, value: str) -> None:
    sandbox.fault(API, kind, value)
    with pytest.raises(ProvinceUnreachable):
        ask(sandbox)
    assert ask(sandbox) is not None


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(ProvinceUnreachable):
        ask(Sandbox("http://127.0.0.1:1"))


def test_no_number_or_key_is_in_the_clients_representation(sandbox: Sandbox) -> None:
    assert KEY not in repr(ProvinceClient(sandbox.url, app="linghuo", key=KEY))


def test_the_page_sets_a_colour_and_refuses_what_is_no_number(sandbox: Sandbox) -> None:
    page = f"{sandbox.url}/province"
    assert requests.post(page, data={"id_number": "12", "colour": "red"}, timeout=5).status_code == 422
    assert "红码" in requests.post(page, data={"id_number": NUMBER, "colour": "red"}, timeout=5).text
    requests.post(f"{page}/trouble", data={"trouble": "busy"}, timeout=5)
    assert "等着出的毛病：1 次" in requests.get(page, timeout=5).text
    with pytest.raises(ProvinceUnreachable):
        ask(sandbox)
