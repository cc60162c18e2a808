"""wechatpy's client with its sharp edges closed: addresses, token, endless retries, missing time limits, raw errors.

The edges are those of wechatpy 1.8.18.
"""

import time
from collections.abc import Callable
from typing import Any

from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from backend.core import outbound
from backend.core.wechat.errors import Unanswered, Unreachable, WeChatError, refused

SERVER_FAULT = 500


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy bound to one base address, our token and our transport.

    wechatpy itself has its address in three places (client, wxa, inside the token's fetch), repeats a call with a
    stale token without end, and keeps its token without a lock and with an end that only one process knows.
    """

    def __init__(self, *, appid: str, secret: str, base_url: str, token: Callable[[], str]) -> None:
        super().__init__(appid, secret, auto_retry=False)
        self.API_BASE_URL = f"{base_url}/"
        self.wxa.API_BASE_URL = f"{base_url}/"
        self._http = outbound.Exchange()
        self._token = token

    @property
    def access_token(self) -> str:
        """The token that all processes share."""
        return self._token()

    def fetch_access_token(self) -> None:
        """Nothing: `Tokens` fetches, under its lock."""
        raise NotImplementedError


def exchange(until: float, send: Callable[[float], Any]) -> Any:  # noqa: ANN401 - WeChat's JSON, or a response that is none
    """What `send`, given the seconds left until the monotonic moment `until`, brought back.

    Refuses with our errors alone, and never chained to the library's: those hold addresses with secrets in them.
    """
    failure: WeChatError
    left = until - time.monotonic()
    if left <= 0:
        raise Unreachable("no time was left")
    try:
        return send(left)
    except WeChatClientException as error:
        failure = _refused(error)
    except outbound.NotSent as error:
        failure = Unreachable(f"not connected: {error}")
    except outbound.Unanswered as error:
        failure = Unanswered(f"no whole answer: {error}")
    except (ValueError, TypeError, RecursionError):
        # wechatpy stumbles so over an errcode that is no number.
        failure = Unanswered("the answer is not WeChat's protocol")
    raise failure


def _refused(error: WeChatClientException) -> WeChatError:
    if error.errcode is not None:
        return refused(int(error.errcode), str(error.errmsg))
    status = error.response.status_code
    # A gateway in between may report trouble after having passed the request on.
    return Unanswered(f"HTTP {status}") if status >= SERVER_FAULT else Unreachable(f"HTTP {status}")


def fields(reply: object) -> dict[str, Any]:
    """The reply as an object. Refuses: Unanswered when it is none."""
    if not isinstance(reply, dict):
        raise Unanswered("the answer is not WeChat's protocol")
    return reply


def text(reply: dict[str, Any], name: str) -> str:
    """The reply's text of this name. Refuses: Unanswered when it lacks one."""
    found = reply.get(name)
    if not isinstance(found, str) or not found:
        raise Unanswered(f"the answer lacks {name}")
    return found
