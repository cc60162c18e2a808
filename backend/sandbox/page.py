"""The sandbox's page: who is in WeChat, and taps what. It plays the mini program by opening the worker pages.

Login code, phone-number code and new message consents go in the fragment, which no server's log sees:
`/w/#wx=<login code>&phone=<phone code>&agreed=<template ids, one for each new consent, by commas>`.
"""

import json
import re
import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for

from backend.sandbox import codes
from backend.sandbox.demo import OURS, RANGES, TEMPLATES
from backend.sandbox.faults import store
from backend.sandbox.store import now

blueprint = Blueprint("page", __name__)

CHOSEN = "wechat_user"
SHANGHAI_AHEAD = timedelta(hours=8)
PHONE = re.compile(r"1[3-9]\d{9}")
SHOWN = 50
PROMPTED_AT_ONCE = 3
NAME_CHARACTERS = 20


def product_url() -> str:
    """Where the product's pages are, without a slash at the end."""
    return cast("str", current_app.config["PRODUCT_URL"])


@blueprint.app_template_filter("clock")
def show_clock(seconds: float) -> str:
    """03-22 14:05:09 in China."""
    return (datetime.fromtimestamp(seconds, UTC) + SHANGHAI_AHEAD).strftime("%m-%d %H:%M:%S")


def _chosen(db: sqlite3.Connection) -> sqlite3.Row | None:
    openid = request.cookies.get(CHOSEN, "")
    found: sqlite3.Row | None = db.execute("select * from person where openid = ?", (openid,)).fetchone()
    return found


def _messages(db: sqlite3.Connection, openid: str) -> list[dict[str, object]]:
    rows = db.execute(
        "select message.*, person.name from message join person using (openid)"
        " where ? in ('', openid) order by message.id desc limit ?",
        (openid, SHOWN),
    ).fetchall()
    return [{**dict(row), "template": TEMPLATES[row["template"]], "fields": json.loads(row["fields"])} for row in rows]


def _sms(db: sqlite3.Connection, phone: str) -> list[sqlite3.Row]:
    return db.execute(
        "select sms.*, (select name from person where person.phone = sms.phone) as name from sms"
        " where ? in ('', phone) order by sms.rowid desc limit ?",
        (phone, SHOWN),
    ).fetchall()


def _home(notice: str = "", status: HTTPStatus = HTTPStatus.OK) -> tuple[str, HTTPStatus]:
    with store().reading() as db:
        person = _chosen(db)
        openid, phone = (person["openid"], person["phone"]) if person else ("-", "-")
        consents = dict(db.execute("select template, remaining from consent where openid = ?", (openid,)).fetchall())
        page = render_template(
            "home.html",
            people=db.execute("select * from person order by rowid").fetchall(),
            person=person,
            templates=TEMPLATES.values(),
            consents=consents,
            sms=_sms(db, phone)[:3],
            messages=_messages(db, openid)[:3],
            product=product_url(),
            notice=notice,
        )
    return page, status


def _refuse(notice: str) -> tuple[str, HTTPStatus]:
    return _home(notice, HTTPStatus.UNPROCESSABLE_ENTITY)


def _back(openid: str | None = None) -> Response:
    answer = cast("Response", redirect(url_for("page.home", _anchor="phone"), HTTPStatus.SEE_OTHER))
    if openid:
        answer.set_cookie(CHOSEN, openid, httponly=True, samesite="Lax")
    return answer


def _open(query: dict[str, str]) -> Response | tuple[str, HTTPStatus]:
    """Play the mini program: fresh codes, and the worker pages with them in the fragment."""
    with store().writing() as db:
        if (person := _chosen(db)) is None:
            return _refuse("先选一个人：谁在用微信？")
        openid = person["openid"]
        handed = {"wx": codes.make(db, codes.Kind.LOGIN, OURS.appid, openid)}
        if person["gives_phone"]:
            handed["phone"] = codes.make(db, codes.Kind.PHONE, OURS.appid, openid)
        untold = db.execute("select template, untold from consent where openid = ? and untold > 0", (openid,))
        if agreed := [template for template, times in untold.fetchall() for _ in range(times)]:
            handed["agreed"] = ",".join(agreed)
        db.execute("update consent set untold = 0 where openid = ?", (openid,))
    asked = f"?{urlencode(query)}" if query else ""
    address = f"{product_url()}/w/{asked}#{urlencode(handed, safe=',')}"
    return cast("Response", redirect(address, HTTPStatus.SEE_OTHER))


@blueprint.get("/")
def home() -> tuple[str, HTTPStatus]:
    """The people, and what the chosen one may tap."""
    return _home()


@blueprint.post("/choose")
def choose() -> Response:
    """Hand the phone to this person."""
    return _back(request.form.get("openid", ""))


@blueprint.post("/people")
def add_person() -> Response | tuple[str, HTTPStatus]:
    """One more WeChat user, chosen at once."""
    name, phone = request.form.get("name", "").strip(), request.form.get("phone", "").strip()
    if not 0 < len(name) <= NAME_CHARACTERS or not PHONE.fullmatch(phone):
        return _refuse(f"请填姓名（{NAME_CHARACTERS} 个字以内）和 11 位手机号。")
    openid = f"o_{secrets.token_hex(8)}"
    with store().writing() as db:
        db.execute(
            "insert into person (openid, name, phone, note, gives_phone) values (?, ?, ?, '自己加的', 1)",
            (openid, name, phone),
        )
    return _back(openid)


@blueprint.post("/habits")
def change_habits() -> Response:
    """Whether the chosen person gives the phone number and takes messages; who takes none loses earlier consents."""
    with store().writing() as db:
        if person := _chosen(db):
            gives, takes = "gives_phone" in request.form, "takes_messages" in request.form
            db.execute(
                "update person set gives_phone = ?, takes_messages = ? where openid = ?",
                (gives, takes, person["openid"]),
            )
            if not takes:
                db.execute("delete from consent where openid = ?", (person["openid"],))
    return _back()


@blueprint.post("/agree")
def agree() -> Response | tuple[str, HTTPStatus]:
    """The prompt of wx.requestSubscribeMessage: one consent is one message, at most three templates a prompt."""
    wanted = [template for template in request.form.getlist("template") if template in TEMPLATES]
    if not 0 < len(wanted) <= PROMPTED_AT_ONCE:
        return _refuse(f"请勾选 1 到 {PROMPTED_AT_ONCE} 种消息。")
    with store().writing() as db:
        person = _chosen(db)
        if person and person["takes_messages"]:
            db.executemany(
                "insert into consent values (?, ?, 1, 1) on conflict do update"
                " set remaining = remaining + 1, untold = untold + 1",
                [(person["openid"], template) for template in wanted],
            )
            return _back()
    return _refuse("这个人不接收消息，弹窗里点了“取消”。")


@blueprint.post("/open")
def open_mini_program() -> Response | tuple[str, HTTPStatus]:
    """打开小程序, or 扫一扫 of an ordinary link: the page receives the whole address in `q`."""
    address = request.form.get("address", "").strip()
    if not address:
        return _open({}) if "scanned" not in request.form else _refuse("请粘贴二维码里的网址。")
    parts = urlsplit(address)
    ours = urlsplit(product_url())
    if parts.scheme != "https" and (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
        return _refuse("微信不会用小程序打开它：二维码里要是 https 开头的网址。")
    return _open({"q": address})


@blueprint.get("/scan")
def scan() -> Response | tuple[str, HTTPStatus]:
    """A mini program code that getwxacodeunlimit drew was scanned."""
    return _open({"scene": request.args.get("scene", "")})


@blueprint.get("/link/<link>")
def follow(link: str) -> Response | tuple[str, HTTPStatus]:
    """A URL link out of an SMS was tapped."""
    with store().reading() as db:
        row = db.execute("select * from link where id = ? and ends_at > ?", (link, now(db))).fetchone()
    if row is None:
        return _home("这个链接不存在或已过期。", HTTPStatus.NOT_FOUND)
    return _open(dict(part.partition("=")[::2] for part in row["query"].split("&") if part))


@blueprint.get("/messages")
def messages() -> str:
    """Every SMS and subscribe message received, newest first."""
    with store().reading() as db:
        return render_template("messages.html", sms=_sms(db, ""), messages=_messages(db, ""), ranges=RANGES)
