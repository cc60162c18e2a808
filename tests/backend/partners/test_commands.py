"""`flask partners`: how two deployments come to know each other."""

import pytest

from backend.core.crypto import unseal
from backend.core.db import db
from backend.partners import keys, queries
from backend.partners.rules import MOST_ATTEMPTS, PartnerState, SendState, state_after, wait_after

NAME = "昆山市人力资源和社会保障局"


@pytest.fixture
def flask(app):
    return app.test_cli_runner()


def printed(text: str) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("{"))


def register(flask, **changes: str):
    own = printed(flask.invoke(args=["partners", "identity"]).output)
    given = {"region": "320583", **own} | changes
    options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    return flask.invoke(args=["partners", "register", NAME, *options])


def test_a_partner_is_registered_connected_rotated_and_stopped(flask):
    first = printed(register(flask).output)
    flask.invoke(args=["partners", "connect", NAME, "--client-id", "ours"], input="their secret\n")
    second = flask.invoke(args=["partners", "rotate-secret", NAME]).output.split()[-1]
    flask.invoke(args=["partners", "revoke", NAME])

    db.session.expire_all()
    partner = queries.find_client(first["client_id"])
    assert partner is not None
    assert partner.own_secret is not None
    assert (partner.own_client_id, unseal(partner.own_secret)) == ("ours", "their secret")
    assert first["secret"] != second
    assert partner.state is PartnerState.REVOKED


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"region": "999999"}, "行政区划"),
        ({"base_url": "ftp://a.example"}, "网址"),
        ({"base_url": "https://a.example/path"}, "网址"),
        ({"signing_key": "AAAA"}, "公钥"),
        ({"sealing_key": "not base64!"}, "公钥"),
    ],
)
def test_what_can_t_be_is_said_and_nobody_registered(flask, change, sentence):
    done = register(flask, **change)

    assert done.exit_code == 1
    assert sentence in done.output
    assert queries.list_partners() == []


def test_an_unknown_partner_is_named(flask):
    assert NAME in flask.invoke(args=["partners", "revoke", NAME]).output


def test_keys_of_two_secrets_and_two_purposes_differ():
    made = {keys.public_text(make(secret)) for make in (keys.signing_key, keys.sealing_key) for secret in ("a", "b")}
    assert len(made) == 4


@pytest.mark.parametrize(
    ("status", "attempts", "state"),
    [
        (200, 1, SendState.DONE),
        (409, 1, SendState.REFUSED),
        (422, 1, SendState.REFUSED),
        (401, 1, SendState.WAITING),
        (429, 1, SendState.WAITING),
        (503, 1, SendState.WAITING),
        (302, 1, SendState.WAITING),
        (0, 1, SendState.WAITING),
        (0, MOST_ATTEMPTS, SendState.STUCK),
    ],
)
def test_what_an_answer_means(status, attempts, state):
    assert state_after(status, attempts) is state


def test_a_message_is_tried_for_about_a_day():
    hours = sum(wait_after(attempt).total_seconds() for attempt in range(1, MOST_ATTEMPTS)) / 3600
    assert 6 < hours < 48
