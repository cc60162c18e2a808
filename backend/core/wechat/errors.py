"""What can go wrong with WeChat, by what the caller should do about it."""

# ruff: noqa: N818 - they are named for what happened, as the refusals of the product are

import re

BUSY = -1
STALE_TOKEN = frozenset({40001, 40014, 42001})


class WeChatError(Exception):
    """WeChat refused, or did not answer. `code` is its errcode, None where there was no answer of its protocol.

    None of these carries the request or the reply: their addresses hold the app's secret and tokens.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message if code is None else f"{code}: {message}")
        self.code = code


class Unreachable(WeChatError):
    """Nothing was done; trying later is safe."""


class Busy(Unreachable):
    """WeChat is busy (-1); nothing was done, trying again is what it asks for."""


class Unanswered(WeChatError):
    """The request left, but no answer of WeChat's protocol came: it may have been carried out; never just repeat it."""


class CodeInvalid(WeChatError):
    """The login or phone-number code is unknown, too old (5 minutes) or another app's: the user has to tap again."""


class CodeUsed(CodeInvalid):
    """The login code was exchanged before: a replay, or a double tap."""


class UserBlocked(WeChatError):
    """WeChat holds the user for high-risk and gives no session."""


class UserUnknown(WeChatError):
    """No such openid in this app."""


class TooFrequent(WeChatError):
    """A quota is used up, a minute's or a day's."""


class NoConsent(WeChatError):
    """The user agreed to no (more) messages of this template."""


class BadTemplate(WeChatError):
    """The app has no such message template."""


class BadValue(WeChatError):
    """A template's value does not fit; `field` is its key, such as "thing1", empty where WeChat named none."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message, code)
        found = re.search(r"data\.(\w+)\.value", message)
        self.field = found[1] if found else ""


class BadPage(WeChatError):
    """The published mini program has no such page."""


class BadContent(WeChatError):
    """A text is empty or too long, or its scene is none of WeChat's four."""


class TokenRefused(WeChatError):
    """The access token was refused, and its successor too."""


class Misconfigured(WeChatError):
    """App id, secret, IP allow list or permission is not as WeChat has it: an administrator must look."""


class PushForged(WeChatError):
    """A message push is not from WeChat, or too old, or not encrypted as agreed."""


BY_CODE: dict[int, type[WeChatError]] = {
    BUSY: Busy,
    40002: Misconfigured,
    40003: UserUnknown,
    40013: Misconfigured,
    40029: CodeInvalid,
    40037: BadTemplate,
    40125: Misconfigured,
    40129: BadContent,
    40163: CodeUsed,
    40164: Misconfigured,
    40165: BadPage,
    40226: UserBlocked,
    40243: Misconfigured,
    41002: Misconfigured,
    41004: Misconfigured,
    41030: BadPage,
    43101: NoConsent,
    44004: BadContent,
    45002: BadContent,
    45009: TooFrequent,
    45011: TooFrequent,
    47003: BadValue,
    48001: Misconfigured,
    50002: Misconfigured,
    50007: Misconfigured,
    **dict.fromkeys(STALE_TOKEN, TokenRefused),
}


def refused(code: int, message: str) -> WeChatError:
    """The error for WeChat's errcode; a code that this table lacks becomes a plain WeChatError with it."""
    kind = BY_CODE.get(code, WeChatError)
    return kind(message, code)
