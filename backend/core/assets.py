"""Files of npm packages for the pages: named here one by one, served from `node_modules`, never from a CDN.

`/assets/<package>@<version>/<file>` never changes and may be kept for ever; templates get such an address from
`asset_url("tabler.css")`. `/assets/<package>/<file>` is the same file, asked about again at every use: modules import
by it (`import decodeQR from "/assets/qr/decode.js"`), and `tsc` finds the types by the same path.
Icons (Bootstrap Icons, MIT) are drawn into the page by `icon("house", "首页")`.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from backend.core.errors import NotFound

NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
FILES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "echarts.js": "echarts/dist/echarts.min.js",
    "weui.css": "weui/dist/style/weui.min.css",
    "qr.js": "qr/index.js",
    "qr-decode.js": "qr/decode.js",
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ICON = re.compile(r"bootstrap-icons/icons/[a-z0-9-]+\.svg")
ADDRESS = re.compile(
    r"(?P<package>(?:@[a-z0-9-]+/)?[a-z0-9.-]+)(?:@(?P<version>[0-9a-z.-]+))?/(?P<file>[\w./-]+)", re.ASCII
)
DRAWN = Markup('<svg class="icon" width="1em" height="1em" viewBox="0 0 16 16" fill="currentColor" {}>{}</svg>')
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "public, no-cache"

blueprint = Blueprint("assets", __name__, url_prefix="/assets")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent: its bytes packed with gzip, and the digest of its content."""

    packed: bytes
    digest: str
    mimetype: str


@blueprint.get("/<path:address>")
def send(address: str) -> ResponseReturnValue:
    """A file of the list above.

    Refuses: NotFound for all else, a version that isn't installed among it.
    """
    match = ADDRESS.fullmatch(address)
    if not match or not _listed(path := f"{match['package']}/{match['file']}"):
        raise NotFound
    if match["version"] not in {None, _version(match["package"])}:
        raise NotFound
    asset = _load(path)
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if packed else gzip.decompress(asset.packed), mimetype=asset.mimetype)
    response.set_etag(asset.digest + ("-gzip" if packed else ""))
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = IMMUTABLE if match["version"] else REVALIDATE
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response.make_conditional(request)


@blueprint.app_template_global()
def asset_url(name: str) -> str:
    """The address of a file by its name in `FILES`, or of an icon's file as `icons/house.svg`; it never goes stale."""
    path = FILES.get(name) or f"bootstrap-icons/{name}"
    if not _listed(path):
        raise KeyError(name)
    package, file = _split(path)
    return f"{blueprint.url_prefix}/{package}@{_version(package)}/{file}"


@blueprint.app_template_global()
def icon(name: str, label: str = "") -> Markup:
    """An icon as SVG in the page, in the text's colour; without a label it is hidden from screen readers."""
    reading = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return DRAWN.format(reading, _drawing(name))


@lru_cache(maxsize=256)
def _drawing(name: str) -> Markup:
    if not ICON.fullmatch(path := f"bootstrap-icons/icons/{name}.svg"):
        raise KeyError(escape(name))
    text = (NODE_MODULES / path).read_text("utf-8")
    return Markup(text[text.index(">") + 1 : text.rindex("</svg>")].strip())  # noqa: S704 - a file of the locked package


def _listed(path: str) -> bool:
    return path in FILES.values() or ICON.fullmatch(path) is not None


def _split(path: str) -> tuple[str, str]:
    parts = path.split("/")
    size = 2 if path.startswith("@") else 1
    return "/".join(parts[:size]), "/".join(parts[size:])


@cache
def _version(package: str) -> str:
    """The version that is installed. Without packages nothing can be shown, and the message says how to get them."""
    manifest = NODE_MODULES / package / "package.json"
    if not manifest.is_file():
        raise FileNotFoundError(f"{package} is not installed: `make run` or `npm ci` brings it")
    version: str = json.loads(manifest.read_bytes())["version"]
    return version


@lru_cache(maxsize=256)
def _load(path: str) -> Asset:
    file = NODE_MODULES / path
    if not file.is_file():
        raise NotFound
    content = file.read_bytes()
    return Asset(
        packed=gzip.compress(content, compresslevel=9, mtime=0),
        digest=hashlib.sha256(content).hexdigest()[:32],
        mimetype=TYPES[file.suffix],
    )
