"""Ordinary links that open the mini program, and WeChat's message push.

A poster's QR holds `{base_url}/p/{token}`. Scanned in WeChat it opens the mini program, whose page receives the whole
URL in `q`, when the domain's verification file is served from the URL's last folder; elsewhere it opens the web pages.
"""

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from backend.core import clock
from backend.core.config import settings
from backend.core.errors import Forbidden, NotFound
from backend.core.outside import wechat
from backend.core.wechat import PushForged

blueprint = Blueprint("links", __name__)


@blueprint.get("/")
def front() -> ResponseReturnValue:
    """Whoever types the bare address is a worker."""
    return redirect("/w/")


@blueprint.get("/p/<token>")
def place(token: str) -> ResponseReturnValue:
    """A poster scanned outside of WeChat goes to the web pages with the whole URL in `q`."""
    if token.endswith(".txt"):
        return verification(token)
    return redirect("/w/?" + urlencode({"q": f"{settings().base_url}/p/{token}"}))


@blueprint.get("/<string:name>.txt")
def root_verification(name: str) -> ResponseReturnValue:
    """The file by which WeChat knows that the domain is ours."""
    return verification(f"{name}.txt")


def verification(name: str) -> Response:
    """The configured verification file. Refuses: NotFound for any other name."""
    known, _, content = settings().wechat_verify_file.partition("=")
    if not known or known != name:
        raise NotFound
    return Response(content, mimetype="text/plain")


@blueprint.get("/wechat/push")
def push_check() -> Response:
    """WeChat asks whether this address is ours: the signature is checked, the echo given back."""
    try:
        echo = wechat().verify_push(
            **{name: request.args.get(name, "") for name in ("signature", "timestamp", "nonce", "echostr")},
            at=clock.now(),
        )
    except PushForged as forged:
        raise Forbidden("wechat.push_forged", "签名不对。") from forged
    return Response(echo, mimetype="text/plain")
