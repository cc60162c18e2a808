"""Messages that WeChat pushes to us: is it WeChat, and what does it say.

Source: 消息推送服务器配置指南 and 消息加解密说明 of WeChat's documentation.
"""

import base64
import hashlib
import hmac
import json
import struct
from datetime import datetime
from typing import Any

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import WeChatException

from backend.core.wechat.errors import PushForged

FRESH = 600
"""Seconds; WeChat signs a push when sending it and repeats it within some seconds, so an older one is a replay."""

LARGEST_PUSH = 100_000
"""Bytes of a body."""


def check_signature(token: str, signature: str, timestamp: str, *others: str, at: datetime) -> None:
    """sha1 over the sorted token, timestamp and other parts; compared in constant time.

    Refuses: PushForged, also when no token is configured, since everyone knows the signature of an empty one.
    """
    # SHA-1 is WeChat's protocol; the secret token inside makes it a keyed digest.
    digest = hashlib.sha1("".join(sorted((token, timestamp, *others))).encode(), usedforsecurity=False).hexdigest()
    if not token or not hmac.compare_digest(digest.encode(), signature.encode()):
        raise PushForged("the signature does not fit")
    if (
        not timestamp.isdecimal()
        or len(timestamp) > len("1584856800000")
        or abs(at.timestamp() - int(timestamp)) > FRESH
    ):
        raise PushForged("the time does not fit")


def encrypted_part(body: bytes) -> str:
    """The `Encrypt` of a push's JSON body. Refuses: PushForged."""
    try:
        outer = json.loads(body) if len(body) <= LARGEST_PUSH else None
    except (ValueError, RecursionError):
        outer = None
    encrypted = outer.get("Encrypt") if isinstance(outer, dict) else None
    if not isinstance(encrypted, str):
        raise PushForged("the body is not an encrypted push")
    return encrypted


def decrypted(encrypted: str, *, push_key: str, appid: str) -> dict[str, Any]:
    """The event inside, for this app. Refuses: PushForged."""
    try:
        cipher = PrpCrypto(base64.b64decode(push_key + "="))
        event = json.loads(cipher.decrypt(encrypted, appid))
    except (ValueError, RecursionError, IndexError, struct.error, WeChatException):
        event = None
    if not isinstance(event, dict):
        raise PushForged("the content cannot be decrypted for this app")
    return event
