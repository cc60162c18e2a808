"""What anybody may fetch: the published log (C2SP tlog-tiles) below `/log/`, and the page that checks proofs.

Both are files: nothing here asks the database, so that the log can be followed while it is busy or away. Where the
log is published to a store that the world can read by itself, `/log/` is only a second door.
"""

import gzip
import re

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from backend.core.requests import extra
from backend.evidence import publishing
from backend.evidence.tiles import WIDTH, Tile

PLAIN = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
IMMUTABLE = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=2"
ADDRESS = re.compile(
    r"(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<place>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)

log = extra(Blueprint("log", __name__, url_prefix="/log"))
page = Blueprint("verify", __name__, static_folder="static/verify", static_url_path="", url_prefix="/verify")


@log.after_request
def for_everybody(response: Response) -> Response:
    """Pages of other sites, such as a witness's, may read the log too."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@log.get("/checkpoint")
def checkpoint() -> ResponseReturnValue:
    """The newest tree, with the cosignatures so far."""
    return _note(publishing.CHECKPOINT)


@log.get("/witnessed")
def witnessed() -> ResponseReturnValue:
    """The newest tree that enough witnesses have cosigned."""
    return _note(publishing.WITNESSED)


def _note(name: str) -> ResponseReturnValue:
    try:
        content = publishing.log_store().read(name)
    except FileNotFoundError:
        return _absent()
    return Response(content, content_type=PLAIN, headers={"Cache-Control": SHORTLY})


@log.get("/tile/<path:address>")
def tile(address: str) -> ResponseReturnValue:
    """A tile or entry bundle; whoever asks for a partial one that is gone gets the beginning of the full one."""
    asked = _parse(address)
    if asked is None:
        return _absent()
    try:
        content = publishing.fetch(asked)
    except FileNotFoundError:
        return _absent()
    response = Response(content, content_type=BYTES, headers={"Cache-Control": IMMUTABLE})
    return _packed(response) if asked.level is None else response


def _parse(address: str) -> Tile | None:
    """The tile at an address below `/log/tile/`; None for whatever isn't written as the specification has it."""
    match = ADDRESS.fullmatch(address)
    if not match:
        return None
    level = None if match["level"] == "entries" else int(match["level"])
    asked = Tile(level, int(match["place"].replace("x", "").replace("/", "")), int(match["width"] or WIDTH))
    return asked if asked.path == f"tile/{address}" else None


def _packed(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _absent() -> Response:
    """Nothing at this address, or not yet: no answer to keep."""
    return Response("not found\n", 404, content_type=PLAIN)


@page.get("/")
def verify() -> ResponseReturnValue:
    """The page; what it is to check stands behind the # of its address and never reaches us."""
    return page.send_static_file("index.html")


@page.get("/policy")
def policy() -> ResponseReturnValue:
    """Whom we believe; a verifier who doesn't believe us brings another."""
    return Response(str(publishing.policy()), content_type=PLAIN, headers={"Cache-Control": "no-cache"})
