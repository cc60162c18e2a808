"""Partners' access tokens: JWTs (RFC 7519, HS256) for ten minutes, bound to a client and its scopes."""

from datetime import datetime
from typing import Any

import jwt

from backend.core.db import new_key
from backend.core.errors import Unauthenticated
from backend.partners.rules import TOKEN_LIFE

AUDIENCE = "linghuo:partner"


def issue(client_id: str, scopes: list[str], key: str, now: datetime) -> str:
    """A token for `TOKEN_LIFE`."""
    claims = {"sub": client_id, "aud": AUDIENCE, "scope": " ".join(scopes), "iat": now, "exp": now + TOKEN_LIFE}
    return jwt.encode(claims | {"jti": new_key().hex}, key, algorithm="HS256")


def read(token: str, key: str, now: datetime) -> tuple[str, frozenset[str]]:
    """(client id, scopes). Refuses: Unauthenticated when another key signed it, for something else, or it ended."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"verify_exp": False, "verify_iat": False, "require": ["sub", "exp", "scope"]},
        )
    except jwt.InvalidTokenError as wrong:
        raise Unauthenticated("partners.token_invalid", "访问令牌无效，请重新获取。") from wrong
    if claims["exp"] <= now.timestamp():
        raise Unauthenticated("partners.token_expired", "访问令牌已过期，请重新获取。")
    return claims["sub"], frozenset(str(claims["scope"]).split())
