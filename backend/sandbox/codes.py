"""The codes that `wx.login` and the phone-number button give to the mini program: for one app, once, five minutes."""

import secrets
import sqlite3
from datetime import UTC, datetime
from enum import StrEnum

from backend.sandbox.refusals import Refusal
from backend.sandbox.store import count, now

LIFE = 300
LOGINS_A_MINUTE = 100


class Kind(StrEnum):
    LOGIN = "login"
    PHONE = "phone"


def make(db: sqlite3.Connection, kind: Kind, appid: str, openid: str) -> str:
    """A fresh code of this user in this mini program."""
    code = f"0{secrets.token_urlsafe(23)}" if kind is Kind.LOGIN else secrets.token_hex(32)
    db.execute("insert into code values (?, ?, ?, ?, ?, null)", (code, kind, appid, openid, now(db)))
    return code


def spend(db: sqlite3.Connection, kind: Kind, appid: str, code: str) -> sqlite3.Row:
    """The person whose code this was.

    Refuses 40029 for a code that is unknown, another app's or older than five minutes, and, of login codes, 40163
    for a used one, 40226 for a blocked user and 45011 for a user's 101st exchange within a minute. A used phone-number
    code is 40029 too.
    """
    row = db.execute("select * from code where code = ? and kind = ? and appid = ?", (code, kind, appid)).fetchone()
    moment = now(db)
    if row is None or moment - row["made_at"] > LIFE:
        raise Refusal(40029)
    if row["used_at"] is not None:
        raise Refusal(40163 if kind is Kind.LOGIN else 40029)
    person: sqlite3.Row = db.execute("select * from person where openid = ?", (row["openid"],)).fetchone()
    if kind is Kind.LOGIN:
        if person["blocked"]:
            raise Refusal(40226)
        minute = datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d%H%M")
        if count(db, f"login:{person['openid']}:{minute}") > LOGINS_A_MINUTE:
            raise Refusal(45011)
    db.execute("update code set used_at = ? where code = ?", (moment, code))
    return person
