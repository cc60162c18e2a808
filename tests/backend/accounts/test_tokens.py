"""Access tokens: what is taken for one, and what isn't."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest

from backend.accounts import tokens
from backend.core.errors import Unauthenticated

KEY = "test-token-key-of-32-characters--"
NOON = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
ACCOUNT = UUID("0195bc00-0000-7000-8000-000000000001")
TOKEN = tokens.issue(ACCOUNT, KEY, NOON)
CLAIMS = {"sub": ACCOUNT.hex, "aud": tokens.AUDIENCE, "iat": NOON, "exp": NOON + timedelta(minutes=15)}
HEAD, BODY, SIGNATURE = TOKEN.split(".")


def test_a_token_names_its_account_and_is_a_jwt_like_any_other():
    assert tokens.read(TOKEN, KEY, NOON) == ACCOUNT
    read = jwt.decode(TOKEN, KEY, algorithms=["HS256"], audience=tokens.AUDIENCE, options={"verify_exp": False})
    assert read["sub"] == ACCOUNT.hex


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        TOKEN[:-1],
        TOKEN + "=",
        TOKEN + ".",
        f"{HEAD}.{BODY}.",
        f"{HEAD}.{BODY[:-2]}AA.{SIGNATURE}",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}é",
        jwt.encode(CLAIMS, "another-key-of-32-characters-----", algorithm="HS256"),
        jwt.encode(CLAIMS, "", algorithm="none"),
        jwt.encode(CLAIMS, KEY * 2, algorithm="HS512"),
        jwt.encode(CLAIMS, KEY, algorithm="HS256", headers={"kid": "1"}),
        jwt.encode(CLAIMS | {"aud": "linghuo:other"}, KEY, algorithm="HS256"),
        jwt.encode({"sub": ACCOUNT.hex}, KEY, algorithm="HS256"),
    ],
)
def test_anything_else_is_no_token(token: str):
    with pytest.raises(Unauthenticated) as refusal:
        tokens.read(token, KEY, NOON)
    assert refusal.value.code == "accounts.token_invalid"


def test_a_token_that_has_ended_says_so():
    with pytest.raises(Unauthenticated) as refusal:
        tokens.read(TOKEN, KEY, NOON + timedelta(minutes=15))
    assert refusal.value.code == "accounts.token_expired"
