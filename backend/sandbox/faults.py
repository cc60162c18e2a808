"""Trouble on demand: busy, slow, cut and garbled answers, asked for through the control page and used up by calls."""

import time
from collections.abc import Iterator
from enum import StrEnum

from flask import Response, current_app, g, jsonify, request

from backend.sandbox.store import Store, log_call


class Kind(StrEnum):
    """`value` is the error code, the seconds or the HTTP status; the kinds ending in reply strike after the work."""

    ERRCODE = "errcode"
    HTTP = "http"
    GARBLED = "garbled"
    DELAY = "delay"
    DELAY_REPLY = "delay_reply"
    DROP = "drop"
    DROP_REPLY = "drop_reply"


def store() -> Store:
    """The memory of the application that serves this request."""
    kept: Store = current_app.extensions["sandbox.store"]
    return kept


def _cut() -> Iterator[bytes]:
    yield b"{"
    raise ConnectionAbortedError("The sandbox was told to drop this connection.")


def dropped() -> Response:
    """A reply that promises more than comes before the connection ends."""
    return Response(_cut(), headers={"Content-Length": "200"}, content_type="application/json")


def _take(api: str) -> tuple[Kind, str] | None:
    with store().writing() as db:
        log_call(db, api)
        row = db.execute(
            "select * from fault where api in (?, '*') and times > 0 order by id limit 1", (api,)
        ).fetchone()
        if row is None:
            return None
        db.execute("update fault set times = times - 1 where id = ?", (row["id"],))
        return Kind(row["kind"]), str(row["value"])


def strike() -> Response | None:
    """Before an API's work: the trouble that stands instead of it, if some was asked for."""
    g.fault = taken = _take(request.path.strip("/"))
    match taken:
        case Kind.ERRCODE, value:
            return jsonify(errcode=int(value), errmsg="system busy" if value == "-1" else "fault of the sandbox")
        case Kind.HTTP, value:
            return Response("<html>upstream trouble</html>", status=int(value), content_type="text/html")
        case Kind.GARBLED, value:
            return Response(value or "<html>not JSON</html>", content_type="application/json")
        case Kind.DROP, _:
            return dropped()
        case Kind.DELAY, value:
            time.sleep(float(value))
    return None


def strike_reply(reply: Response) -> Response:
    """After an API's work: keep the answer back, for a while or for good."""
    match g.get("fault"):
        case Kind.DELAY_REPLY, value:
            time.sleep(float(value))
        case Kind.DROP_REPLY, _:
            return dropped()
    return reply
