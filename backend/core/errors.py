"""Refusals: what the product says when it doesn't do what it was asked."""

from collections.abc import Mapping

NOTHING_FOUND = "没有找到：链接可能不完整，内容可能已被删除，或者不归您查看。"
"""To an operator and to a worker alike; it says nothing of whether there is such a thing."""


class Refused(Exception):  # noqa: N818 - a refusal is an outcome that was foreseen, not an error
    """A request that is turned down.

    `code` is stable and belongs to a context ("transfers.closed"); `message` is Chinese, says what happened and what
    to do; `fields` maps a field of the request to its own sentence; `retry_after` is in seconds.
    """

    status = 400

    def __init__(
        self, code: str, message: str, *, fields: Mapping[str, str] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(Refused):
    """What was sent can't be right, whoever sends it."""

    status = 422


class Unauthenticated(Refused):
    """Nobody is signed in, or the sign-in has ended."""

    status = 401


class Forbidden(Refused):
    """Signed in, but not entitled. Another office's row is `NotFound` instead, so that it can't be probed."""

    status = 403


class NotFound(Refused):
    """It isn't there, or not for this office."""

    status = 404

    def __init__(self, code: str = "not_found", message: str = NOTHING_FOUND) -> None:
        super().__init__(code, message)


class Conflict(Refused):
    """It could be right at another time or in another state."""

    status = 409


class TooMany(Refused):
    """Asked too often; `retry_after` says when to come back."""

    status = 429


class Unavailable(Refused):
    """The outside world, or this server under load, can't do it at the moment."""

    status = 503
