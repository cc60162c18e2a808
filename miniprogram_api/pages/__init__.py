"""The worker's web client under `/w/`: static files that speak nothing but `/api/v1`.

One page (`/w/`), its modules, and a service worker that keeps them all, so that a later visit loads none of them and
a valid code is shown without a network. Every file's digest is in the list that the service worker fetches.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from backend.core.assets import asset_url
from backend.core.config import settings
from backend.core.errors import NotFound

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
NOT_KEPT = {"service_worker.js", "icon-192.png", "icon-512.png"}
LATER = {
    "pages/appeal.js",
    "pages/appeals.js",
    "pages/cards.js",
    "pages/certificate.js",
    "pages/copy.js",
    "pages/facts.js",
    "pages/journeys.js",
    "pages/photos.js",
    "parts/attaching.js",
    "parts/track_map.js",
}
"""Kept once the rest is: who opens the client for the first time on a bad network shows a code before these come."""
LIBRARIES = ("/assets/qr/index.js", "/assets/qr/decode.js")
REVALIDATE = "no-cache"

blueprint = Blueprint("pages", __name__, url_prefix="/w", template_folder="templates")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent; `packed` is the same with gzip, where that is smaller."""

    content: bytes
    packed: bytes | None
    digest: str
    mimetype: str


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The page. It is the same for everybody: what is a worker's own comes over the API."""
    return _answer(_file(_page().encode(), "text/html"))


@blueprint.get("/files.json")
def list_files() -> ResponseReturnValue:
    """What the service worker keeps, at once and after it, and the digest of it all."""
    own = _static()
    names = [asset_url("weui.css"), *LIBRARIES]
    parts = [_page(), *names, *(f"{name} {file.digest}" for name, file in own.items())]
    listing = {
        "version": hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16],
        "files": ["/w/", *(f"/w/{name}" for name in own if name not in NOT_KEPT | LATER), *names],
        "later": [f"/w/{name}" for name in sorted(LATER)],
    }
    return listing, {"Cache-Control": REVALIDATE}


@blueprint.get("/<path:name>")
def send(name: str) -> ResponseReturnValue:
    """One of the client's files. Refuses: NotFound."""
    file = _static().get(name)
    if file is None:
        raise NotFound
    return _answer(file)


def _page() -> str:
    return render_template("worker.html", service_phone=settings().service_phone)


@cache
def _static() -> dict[str, File]:
    """All files by their path below `/w/`, packed once."""
    return {
        path.relative_to(STATIC).as_posix(): _file(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(STATIC.rglob("*"))
        if path.suffix in TYPES
    }


def _file(content: bytes, mimetype: str) -> File:
    packed = gzip.compress(content, compresslevel=9, mtime=0)
    smaller = packed if len(packed) < len(content) else None
    return File(content, smaller, hashlib.sha256(content).hexdigest()[:32], mimetype)


def _answer(file: File) -> ResponseReturnValue:
    packed = file.packed if request.accept_encodings.quality("gzip") > 0 else None
    response = Response(packed or file.content, mimetype=file.mimetype)
    response.set_etag(file.digest + ("-gzip" if packed else ""))
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = REVALIDATE
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response.make_conditional(request)
