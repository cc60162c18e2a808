"""WeChat's server protocol, as far as the product uses it. Source: its 小程序服务端 documentation."""

import base64
import io
import json
import re
import secrets
import sqlite3
from datetime import UTC, datetime
from typing import Any

import qrcode
from flask import Blueprint, Response, jsonify, request, url_for

from backend.sandbox import codes, tokens, values
from backend.sandbox.demo import APPS, PAGES, REVIEW_WORDS, RISKY_WORDS, TEMPLATES
from backend.sandbox.faults import store, strike, strike_reply
from backend.sandbox.refusals import Refusal
from backend.sandbox.store import count, get_setting, now

blueprint = Blueprint("wechat", __name__)
blueprint.before_request(strike)
blueprint.after_request(strike_reply)

DAILY = {
    "cgi-bin/stable_token": 500_000,
    "wxa/business/getuserphonenumber": 1_000_000,
    "wxa/getwxacodeunlimit": 1_000_000,
    "cgi-bin/message/subscribe/send": 10_000_000,
    "wxa/msg_sec_check": 2_000_000,
    "wxa/generate_urllink": 1_000_000,
}
"""Calls a day; `/control/quota` lowers them."""

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
CONTENT_CHARACTERS = 2500
SCENES = (1, 2, 3, 4)
VERSIONS = ("release", "trial", "develop")
WIDTH = range(280, 1281)
LINK_DAYS = range(1, 31)
EXPIRES_AFTER_DAYS = 1


@blueprint.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """Say no as WeChat does: with HTTP 200."""
    return jsonify(refusal.body())


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refusal(47001)
    return body


def _app(appid: object, secret: object) -> str:
    if not appid:
        raise Refusal(41002)
    if not secret:
        raise Refusal(41004)
    if (app := APPS.get(str(appid))) is None:
        raise Refusal(40013)
    if app.secret != secret:
        raise Refusal(40125)
    return app.appid


def _within_quota(db: sqlite3.Connection) -> None:
    api = request.path.strip("/")
    limit = int(get_setting(db, f"quota:{api}", str(DAILY[api])))
    if count(db, f"calls:{api}:{datetime.fromtimestamp(now(db), UTC).date()}") > limit:
        raise Refusal(45009)


def _caller(db: sqlite3.Connection) -> str:
    appid = tokens.holder(db, request.args.get("access_token"))
    _within_quota(db)
    return appid


def _check_page(page: object) -> None:
    if str(page).split("?")[0] not in PAGES:
        raise Refusal(41030)


def _check_person(db: sqlite3.Connection, openid: object) -> sqlite3.Row:
    person: sqlite3.Row | None = db.execute("select * from person where openid = ?", (str(openid),)).fetchone()
    if person is None:
        raise Refusal(40003)
    return person


@blueprint.post("/cgi-bin/stable_token")
def stable_token() -> Response:
    """A token for the calls below."""
    body = _body()
    if body.get("grant_type") != "client_credential":
        raise Refusal(40002)
    appid = _app(body.get("appid"), body.get("secret"))
    with store().writing() as db:
        _within_quota(db)
        token, life = tokens.issue(db, appid, force=body.get("force_refresh") is True)
    return jsonify(access_token=token, expires_in=life)


@blueprint.get("/sns/jscode2session")
def session() -> Response:
    """Who logged in; needs no token."""
    appid = _app(request.args.get("appid"), request.args.get("secret"))
    if request.args.get("grant_type") != "authorization_code":
        raise Refusal(40002)
    if not (code := request.args.get("js_code")):
        raise Refusal(41008)
    with store().writing() as db:
        person = codes.spend(db, codes.Kind.LOGIN, appid, code)
    openid = str(person["openid"])
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return jsonify(openid=openid, session_key=key, unionid=f"u{openid[1:]}")


@blueprint.post("/wxa/business/getuserphonenumber")
def phone_number() -> Response:
    """The number that the user gave away with the button."""
    code = _body().get("code")
    with store().writing() as db:
        appid = _caller(db)
        person = codes.spend(db, codes.Kind.PHONE, appid, str(code))
        moment = int(now(db))
    phone = str(person["phone"])
    country, pure = phone[1:].split(" ", 1) if phone.startswith("+") else ("86", phone)
    return jsonify(
        errcode=0,
        errmsg="ok",
        phone_info={
            "phoneNumber": pure if country == "86" else f"+{country}{pure}",
            "purePhoneNumber": pure,
            "countryCode": country,
            "watermark": {"timestamp": moment, "appid": appid},
        },
    )


def drawn(content: str, width: int) -> bytes:
    """A JPEG of a QR with this text, about `width` pixels wide."""
    drawing = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    drawing.add_data(content)
    picture = io.BytesIO()
    drawing.make_image().get_image().convert("L").resize((width, width)).save(picture, "JPEG")
    return picture.getvalue()


@blueprint.post("/wxa/getwxacodeunlimit")
def qr_code() -> Response:
    """A mini program code; the sandbox draws a QR that leads to its own page, since only WeChat reads real ones."""
    body = _body()
    with store().writing() as db:
        _caller(db)
    scene, page, width = str(body.get("scene", "")), body.get("page", PAGES[0]), body.get("width", 430)
    if not SCENE.fullmatch(scene):
        raise Refusal(40169)
    if body.get("env_version", "release") not in VERSIONS or width not in WIDTH:
        raise Refusal(40097)
    if body.get("check_path", True):
        _check_page(page)
    return Response(drawn(url_for("page.scan", scene=scene, page=page, _external=True), width), mimetype="image/jpeg")


@blueprint.post("/cgi-bin/message/subscribe/send")
def send_subscribe() -> Response:
    """One subscribe message for one consent."""
    body = _body()
    with store().writing() as db:
        _caller(db)
        person = _check_person(db, body.get("touser"))
        template = TEMPLATES.get(str(body.get("template_id")))
        if template is None:
            raise Refusal(40037)
        if page := body.get("page"):
            _check_page(page)
        if detail := values.fault(template.fields, body.get("data")):
            raise Refusal(47003, detail)
        spent = db.execute(
            "update consent set remaining = remaining - 1 where openid = ? and template = ? and remaining > 0",
            (person["openid"], template.id),
        )
        if not person["takes_messages"] or not spent.rowcount:
            raise Refusal(43101)
        fields = json.dumps({key: str(body["data"][key]["value"]) for key in template.fields}, ensure_ascii=False)
        db.execute(
            "insert into message (openid, template, page, fields, sent_at) values (?, ?, ?, ?, ?)",
            (person["openid"], template.id, str(page or ""), fields, now(db)),
        )
    return jsonify(errcode=0, errmsg="ok")


@blueprint.post("/wxa/msg_sec_check")
def check_text() -> Response:
    """Whether a text may be shown to others (version 2)."""
    body = _body()
    with store().writing() as db:
        _caller(db)
        _check_person(db, body.get("openid"))
    content = str(body.get("content", ""))
    if body.get("version") != 2:  # noqa: PLR2004 - the interface's version
        raise Refusal(47001)
    if body.get("scene") not in SCENES:
        raise Refusal(40129)
    if not content:
        raise Refusal(44004)
    if len(content) > CONTENT_CHARACTERS:
        raise Refusal(45002)
    risky = [label for word, label in RISKY_WORDS.items() if word in content]
    doubtful = [label for word, label in REVIEW_WORDS.items() if word in content]
    suggest = "risky" if risky else "review" if doubtful else "pass"
    result = {"suggest": suggest, "label": [*risky, *doubtful, 100][0]}
    return jsonify(errcode=0, errmsg="ok", result=result, trace_id=secrets.token_hex(16), detail=[])


@blueprint.post("/wxa/generate_urllink")
def url_link() -> Response:
    """A link for SMS that opens the mini program; it ends after at most 30 days."""
    body = _body()
    path, days = str(body.get("path") or PAGES[0]), body.get("expire_interval", LINK_DAYS[-1])
    with store().writing() as db:
        _caller(db)
        if path not in PAGES:
            raise Refusal(40165)
        if body.get("env_version", "release") not in VERSIONS:
            raise Refusal(40097)
        if body.get("expire_type", EXPIRES_AFTER_DAYS) != EXPIRES_AFTER_DAYS or days not in LINK_DAYS:
            raise Refusal(85401)
        link = secrets.token_urlsafe(8)
        ends = now(db) + days * 86400
        db.execute("insert into link values (?, ?, ?, ?)", (link, path, str(body.get("query", "")), ends))
    return jsonify(errcode=0, errmsg="ok", url_link=url_for("page.follow", link=link, _external=True))
