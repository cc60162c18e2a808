"""Access tokens: short-lived JWTs (RFC 7519, HS256) that name an account and nothing else."""

import hmac
import json
from datetime import datetime
from uuid import UUID

import jwt
from jwt.utils import base64url_decode, base64url_encode

from backend.accounts.rules import ACCESS_TOKEN_LIFE
from backend.core.db import new_key
from backend.core.errors import Unauthenticated

AUDIENCE = "linghuo:worker"
HEADER = jwt.encode({}, bytes(32), algorithm="HS256").partition(".")[0]
SIGN_IN_AGAIN = "登录已过期，请重新打开小程序登录。"


def issue(account_id: UUID, key: str, now: datetime) -> str:
    """A token that is good for `ACCESS_TOKEN_LIFE`. No two are alike: by that a phone's tabs see that one renewed."""
    claims = {"sub": account_id.hex, "aud": AUDIENCE, "iat": now, "exp": now + ACCESS_TOKEN_LIFE, "jti": new_key().hex}
    return jwt.encode(claims, key, algorithm="HS256")


def read(token: str, key: str, now: datetime) -> UUID:
    """The account that a token names.

    Every request begins with this, and a general reader of tokens would take a tenth of what showing a code costs. Here
    one algorithm and one header exist, so any other header is refused unread (RFC 8725, 3.1).
    Refuses: Unauthenticated when it was signed by another key, is for something else, or has ended.
    """
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    expected = base64url_encode(hmac.digest(key.encode(), signed.encode(), "sha256"))
    if header != HEADER or not hmac.compare_digest(expected, signature.encode()):
        raise Unauthenticated("accounts.token_invalid", SIGN_IN_AGAIN)
    claims = json.loads(base64url_decode(payload))
    if claims.get("aud") != AUDIENCE:
        raise Unauthenticated("accounts.token_invalid", SIGN_IN_AGAIN)
    if claims["exp"] <= now.timestamp():
        raise Unauthenticated("accounts.token_expired", SIGN_IN_AGAIN)
    return UUID(hex=claims["sub"])
