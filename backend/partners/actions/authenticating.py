"""Is it the partner that it says it is: its secret, its token, its signature, and for the first time?"""

import hmac
from datetime import timedelta

from redis.exceptions import RedisError

from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import digest_of
from backend.core.errors import Conflict, Unauthenticated, Unavailable
from backend.core.limits import forgive, limit
from backend.core.redis import redis_client
from backend.partners import keys, queries, signatures, tokens
from backend.partners.models import Partner
from backend.partners.rules import SKEW, TOKEN_LIFE, PartnerState, Scope
from backend.partners.signatures import Message, Unfit

UNKNOWN = "客户端编号或密钥不对，或对接已停用。"
NOBODYS = bytes(32)


def grant(*, client_id: str, secret: str, wanted: str = "") -> tuple[str, list[str], timedelta]:
    """(token, scopes, life) for a partner's credentials.

    Refuses: Unauthenticated, the same for an unknown client, a wrong secret and a revoked one; TooMany after ten wrong
    tries within five minutes.
    """
    limit("partners.token", client_id[:64], times=10, seconds=300)
    partner, given, now = queries.find_client(client_id), digest_of(secret), clock.now()
    overlap = partner is not None and partner.previous_until is not None and now < partner.previous_until
    current = hmac.compare_digest(given, partner.secret_digest if partner else NOBODYS)
    previous = hmac.compare_digest(given, (partner.previous_digest or NOBODYS) if partner and overlap else NOBODYS)
    if partner is None or not (current or previous) or partner.state is not PartnerState.ACTIVE:
        raise Unauthenticated("invalid_client", UNKNOWN)
    forgive("partners.token", client_id)
    scopes = [scope for scope in partner.scopes if not wanted or scope in wanted.split()]
    return tokens.issue(client_id, scopes, settings().token_key.get_secret_value(), now), scopes, TOKEN_LIFE


def read_token(header: str) -> tuple[Partner, frozenset[Scope]]:
    """The partner that an Authorization header names, and for what. Refuses: Unauthenticated, also once revoked."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("partners.token_missing", "请求没有访问令牌，请先到 /partners/v1/token 获取。")
    client_id, scopes = tokens.read(token.strip(), settings().token_key.get_secret_value(), clock.now())
    partner = queries.find_client(client_id)
    if partner is None or partner.state is not PartnerState.ACTIVE:
        raise Unauthenticated("partners.revoked", UNKNOWN)
    return partner, frozenset(Scope(scope) for scope in scopes & set(partner.scopes))


def check_signature(*, partner: Partner, message: Message, body: bytes) -> None:
    """Let a request pass that the partner's key signed as it is, now, and that wasn't sent before.

    Refuses: Unauthenticated for any other; Conflict("partners.replayed") for a second time; Unavailable without Redis,
    since nobody would know of the first time.
    """
    try:
        signature = signatures.read(message.headers)
        signatures.check_window(signature, clock.now())
        signatures.check_digest(message.headers.get("content-digest", ""), body)
        signatures.verify(signature, message, keys.read_signing(partner.signing_key))
    except Unfit as unfit:
        raise Unauthenticated(f"partners.signature_{unfit.code}", unfit.sentence) from unfit
    _take_nonce(partner, signature)


def _take_nonce(partner: Partner, signature: signatures.Signature) -> None:
    kept = int(signature.expires - clock.now().timestamp() + 2 * SKEW.total_seconds())
    try:
        fresh = redis_client().set(f"partners:nonce:{partner.id}:{signature.nonce}", "1", ex=max(kept, 1), nx=True)
    except RedisError as away:
        raise Unavailable("partners.no_memory", "暂时不能核对请求是否重复，请稍后重发。", retry_after=5) from away
    if not fresh:
        raise Conflict("partners.replayed", "这个签名已经用过一次；重发须重新签名，消息编号不变。")
