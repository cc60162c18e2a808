"""The sandbox as a WSGI application: `granian --interface wsgi backend.sandbox.wsgi:app`.

Environment: `PRODUCT_URL` (where the worker pages are; without it `PUBLIC_URL`, else 127.0.0.1 at `PORT`),
`SANDBOX_DATA` (the SQLite file; without it `DATA_DIR`/sandbox.sqlite3), and the product's own `WECHAT_APPID`,
`WECHAT_SECRET`, `WECHAT_PUSH_TOKEN`, `SMS_KEY`, `PROVINCE_KEYS`.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, current_app

from backend.sandbox import control, page, province, province_page, sms, wechat
from backend.sandbox.store import Store, location


def _product_url() -> str:
    port = os.environ.get("PORT", "8000")
    chosen = os.environ.get("PRODUCT_URL") or os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}"
    return chosen.rstrip("/")


def _guard(reply: Response) -> Response:
    """The same strictness as the product's pages; a form may lead to the product's origin."""
    parts = urlsplit(current_app.config["PRODUCT_URL"])
    reply.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers["Cache-Control"] = "no-store"
    return reply


def create_app(data: Path, product_url: str) -> Flask:
    """The sandbox with its memory in the file `data`, opening worker pages at `product_url`."""
    app = Flask(__name__)
    app.config["PRODUCT_URL"] = product_url
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.extensions["sandbox.store"] = Store(data)
    for part in (wechat, sms, province, page, province_page, control):
        app.register_blueprint(part.blueprint)
    app.after_request(_guard)
    app.add_url_rule("/healthz", "healthz", lambda: "ok")
    return app


app = create_app(location(), _product_url())
