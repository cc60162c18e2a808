"""HTTP to the outside world: bounded in time and size, and after a failure it says whether the request had left.

That difference decides what a caller may do: what was never sent may be sent again, what may have arrived must be asked
about. The errors carry no address, since WeChat wants secrets and tokens inside addresses; for the same reason the
HTTP library's own debug lines lose their query.
"""

# ruff: noqa: N818 - they are named for the state in which the request is

import logging
import re
import time
from collections.abc import Iterator
from typing import Any

import requests
from urllib3 import exceptions as transport

LARGEST_REPLY = 4_000_000
"""Bytes; the largest reply expected is a picture of some hundred kilobytes."""

NEVER_SENT = (
    transport.NewConnectionError,
    transport.ConnectTimeoutError,
    transport.SSLError,
    transport.ProxyError,
)


class NotSent(Exception):
    """No connection came about, so the other side knows nothing of the request."""


class Unanswered(Exception):
    """The request left, but no whole answer came back: it may have been carried out."""


class _WithoutQuery(logging.Filter):
    """Cuts the query out of the addresses that urllib3 writes at debug level."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = re.sub(r"\?\S*", "?…", record.getMessage())
        record.args = ()
        return True


_WITHOUT_QUERY = _WithoutQuery()


class _Body:
    """A reply's body, read only until a moment and up to a size, however slowly it drips in."""

    def __init__(self, raw: Any, until: float) -> None:  # noqa: ANN401 - requests leaves the type of `raw` open
        self._raw = raw
        self._until = until

    def stream(self, amount: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """The chunks as they come."""
        size = 0
        while chunk := self._raw.read1(amount, decode_content=decode_content):
            size += len(chunk)
            if time.monotonic() > self._until or size > LARGEST_REPLY:
                self._raw.close()
                raise requests.ReadTimeout("The reply took too long or was too large.")
            yield chunk

    def close(self) -> None:
        self._raw.close()

    def release_conn(self) -> None:
        self._raw.release_conn()


class Exchange(requests.Session):
    """A session that follows no redirect, takes `timeout` (seconds, required) for the whole exchange, and refuses with
    NotSent or Unanswered.

    The bound is on connecting, on each wait, and on the body as a whole; a name lookup is the system's own affair.
    """

    def __init__(self) -> None:
        super().__init__()
        logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_QUERY)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own options, passed on
        """Refuses: NotSent, Unanswered."""
        until = time.monotonic() + kwargs["timeout"]
        try:
            response = super().send(request, **{**kwargs, "stream": True, "allow_redirects": False})
            response.raw = _Body(response.raw, until)
            _ = response.content
        except requests.RequestException as error:
            failure = _judged(error)
        else:
            return response
        # Raised out here so that the library's error, which quotes the address, is not chained to ours.
        raise failure


def _judged(error: requests.RequestException) -> NotSent | Unanswered:
    kind = type(error).__name__
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, transport.MaxRetryError) else cause
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NEVER_SENT):
        return NotSent(kind)
    return Unanswered(kind)
