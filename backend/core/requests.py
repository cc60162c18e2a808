"""What every HTTP request goes through: a log context, a priority, one transaction, security headers."""

import time
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import structlog
from apiflask import APIFlask
from flask import Blueprint, Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from itsdangerous import URLSafeTimedSerializer

from backend.core.errors import Forbidden, Unavailable
from backend.core.logs import bind_request
from backend.core.metrics import observe
from backend.core.transactions import transaction

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = structlog.get_logger()
TURN_SECONDS = 2.0
"""How long an extra waits for the one before it."""
SHED_RETRY_SECONDS = 5
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every answer carries, unless its view said otherwise."""
_CARRIED = tuple((name.lower(), (name, value)) for name, value in HEADERS.items())


def extra(blueprint: Blueprint) -> Blueprint:
    """Mark a blueprint as an extra: maps, exports, statistics give way to showing and scanning codes."""
    setattr(blueprint, "linghuo_extra", True)  # noqa: B010 - Flask's class has no such attribute to declare
    return blueprint


class Application(APIFlask):
    """One transaction a request; an error rolls back, a return commits."""

    def dispatch_request(self) -> ResponseReturnValue:
        _refuse_foreign_writes()
        with transaction():
            response: ResponseReturnValue = super().dispatch_request()
        return response

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Flask's, with the headers that every answer carries added where nobody looks at each of them again."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:  # noqa: ANN401 - of PEP 3333
            given = {name.lower() for name, _ in headers}
            return start_response(status, [*headers, *(pair for name, pair in _CARRIED if name not in given)], exc_info)

        return super().wsgi_app(environ, start)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No function here is a coroutine; Flask would look at each one again at every request."""
        return func


class Sessions(SecureCookieSessionInterface):
    """Flask's own, with one signer, and with no work where there is no cookie and nobody asks for a session."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        self._signer = self._signer or super().get_signing_serializer(app)
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if "HTTP_COOKIE" in request.environ else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)


def _refuse_foreign_writes() -> None:
    """A write that a browser sends from another site is refused (fetch metadata; OWASP CSRF notes)."""
    if request.method not in {"GET", "HEAD", "OPTIONS"} and request.headers.get(
        "Sec-Fetch-Site", "same-origin"
    ) not in {
        "same-origin",
        "none",
    }:
        raise Forbidden("foreign_request", "这个操作来自别的网站，已被拦截。请回到本系统页面重试。")


class Room:
    """What extras may have of a process: a quarter of the threads, of which one at a time works.

    A thread that works holds up what the others wait for; one that waits for its turn costs nothing but itself.
    """

    def __init__(self, threads: int) -> None:
        self._places = BoundedSemaphore(max(1, threads // 4))
        self._turn = BoundedSemaphore(max(1, threads // 8))

    def enter(self) -> bool:
        """Take a place and wait for a turn; False where there is none, asked first of all so that this is cheap."""
        if not self._places.acquire(blocking=False):
            return False
        if self._turn.acquire(timeout=TURN_SECONDS):
            return True
        self._places.release()
        return False

    def leave(self) -> None:
        self._turn.release()
        self._places.release()


def _take_room() -> None:
    """Refuses: Unavailable with Retry-After where an extra finds no room."""
    blueprint = current_app.blueprints.get(request.blueprint or "")
    if not getattr(blueprint, "linghuo_extra", False):
        return
    room: Room = current_app.extensions["linghuo.extras"]
    if not room.enter():
        raise Unavailable(
            "overloaded", "现在使用的人很多，地图和报表稍后再试；亮码和查验不受影响。", retry_after=SHED_RETRY_SECONDS
        )
    g.room = room


def _leave_room(_: BaseException | None) -> None:
    if (room := g.pop("room", None)) is not None:
        room.leave()


def start() -> None:
    """Give the request its id, the caller's own where it is a sane one, and its place among the threads."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = bind_request(given if 8 <= len(given) <= 64 and given.isalnum() else None)  # noqa: PLR2004 - a sane id
    g.started = time.perf_counter()
    _take_room()


def finish(response: Response) -> Response:
    """The request's id, one log line, one observation."""
    response.headers["X-Request-Id"] = g.request_id
    seconds = time.perf_counter() - g.started
    observe(request.endpoint or "none", response.status_code, seconds)
    log.info(
        "request",
        method=request.method,
        route=str(request.url_rule),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    return response


def install(app: Application, threads: int) -> None:
    """Hang all of it on an application."""
    app.session_interface = Sessions()
    app.extensions["linghuo.extras"] = Room(threads)
    app.before_request(start)
    app.after_request(finish)
    app.teardown_request(_leave_room)
