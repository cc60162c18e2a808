"""The witness over HTTP: the protocol, and the verification page with this witness's own policy."""

import sqlite3
from http import HTTPStatus
from pathlib import Path
from typing import cast

import structlog
from flask import Blueprint, Flask, Response, current_app, redirect, request, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

import backend.evidence
from backend.witness.cosigner import Cosigner
from backend.witness.rules import ClockBehindError
from backend.witness.submission import MOST_BYTES

log = structlog.get_logger()
PAGE = Path(backend.evidence.__file__).parent / "static" / "verify"
PLAIN = "text/plain; charset=utf-8"
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
blueprint = Blueprint("witness", __name__)


def create_app(cosigner: Cosigner, policy_text: str) -> Flask:
    """The witness as a WSGI application; `policy_text` is the file that `cosigner` judges by."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.extensions["witness"] = cosigner
    app.extensions["witness.policy"] = policy_text
    app.register_blueprint(blueprint)
    app.register_error_handler(ClockBehindError, _wait_for_clock)
    app.register_error_handler(sqlite3.Error, _wait_for_disk)
    app.register_error_handler(HTTPException, _refuse)
    app.after_request(_guard)
    return app


def _cosigner() -> Cosigner:
    found: Cosigner = current_app.extensions["witness"]
    return found


@blueprint.post("/add-checkpoint")
def add_checkpoint() -> ResponseReturnValue:
    """Cosign a checkpoint that extends what was cosigned."""
    answer = _cosigner().add(request.get_data())
    content_type = PLAIN if answer.size is None else "text/x.tlog.size"
    return Response(answer.said, answer.status, content_type=content_type)


@blueprint.get("/<origin_hash>/checkpoint")
def checkpoint(origin_hash: str) -> ResponseReturnValue:
    """The newest cosigned checkpoint, for monitors."""
    note = _cosigner().checkpoint(origin_hash)
    if not note:
        return _plain("nothing cosigned\n", HTTPStatus.NOT_FOUND)
    return _plain(note)


@blueprint.get("/verify")
def without_slash() -> ResponseReturnValue:
    """The page finds its parts relative to itself."""
    return redirect("verify/", HTTPStatus.PERMANENT_REDIRECT)


@blueprint.get("/verify/")
def page() -> ResponseReturnValue:
    """The verification page."""
    return send_from_directory(PAGE, "index.html")


@blueprint.get("/verify/policy")
def policy() -> ResponseReturnValue:
    """Whom this witness believes."""
    return _plain(current_app.extensions["witness.policy"])


@blueprint.get("/verify/<path:name>")
def part(name: str) -> ResponseReturnValue:
    """A script or style of the page."""
    return send_from_directory(PAGE, name)


def _plain(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(text, status, content_type=PLAIN)


def _guard(reply: Response) -> Response:
    reply.headers["Content-Security-Policy"] = STRICT
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers.setdefault("Cache-Control", "no-cache")
    return reply


def _wait_for_clock(why: ClockBehindError) -> Response:
    log.error("witness.clock_behind", witness=_cosigner().key.name, why=str(why))
    return _plain("this witness's clock is behind\n", HTTPStatus.SERVICE_UNAVAILABLE)


def _wait_for_disk(why: sqlite3.Error) -> Response:
    log.error("witness.disk", witness=_cosigner().key.name, why=str(why))
    return _plain("this witness can't keep anything at the moment\n", HTTPStatus.SERVICE_UNAVAILABLE)


def _refuse(why: HTTPException) -> Response:
    """In a line: whoever asks is a program."""
    reply = why.get_response()
    reply.set_data(f"{why.name}\n")
    reply.content_type = PLAIN
    return cast("Response", reply)
