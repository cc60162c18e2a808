"""WeChat behind one adapter: login, phone number, codes, messages, text check, links, pushes.

It promises bounded time, one access token for all processes, one kind of error, and that no secret, token or session
key gets into a log, a repr or a traceback. It owns the Redis keys that begin with "wechat:".
"""

from backend.core.wechat.client import Scene, Suggestion, TextVerdict, WeChat, WeChatSession
from backend.core.wechat.errors import (
    BadContent,
    BadPage,
    BadTemplate,
    BadValue,
    Busy,
    CodeInvalid,
    CodeUsed,
    Misconfigured,
    NoConsent,
    PushForged,
    TokenRefused,
    TooFrequent,
    Unanswered,
    Unreachable,
    UserBlocked,
    UserUnknown,
    WeChatError,
)

__all__ = [
    "BadContent",
    "BadPage",
    "BadTemplate",
    "BadValue",
    "Busy",
    "CodeInvalid",
    "CodeUsed",
    "Misconfigured",
    "NoConsent",
    "PushForged",
    "Scene",
    "Suggestion",
    "TextVerdict",
    "TokenRefused",
    "TooFrequent",
    "Unanswered",
    "Unreachable",
    "UserBlocked",
    "UserUnknown",
    "WeChat",
    "WeChatError",
    "WeChatSession",
]
