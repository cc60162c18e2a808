"""WeChat's access tokens: the same one while valid, a new one five minutes before the end, force limited."""

import secrets
import sqlite3
from datetime import UTC, datetime

from backend.sandbox.refusals import Refusal
from backend.sandbox.store import count, now

LIFE = 7200
RENEWED_EARLY = 300
FORCED_A_DAY = 20
FORCED_APART = 30


def issue(db: sqlite3.Connection, appid: str, *, force: bool) -> tuple[str, int]:
    """The app's token and the seconds it still lives.

    By force the old one dies at once; within 30 seconds of the last time force changes nothing, and beyond 20 times
    a day it is refused with 45009.
    """
    moment = now(db)
    current = db.execute(
        "select * from token where appid = ? and state != 'revoked' and ends_at > ? order by made_at desc limit 1",
        (appid, moment),
    ).fetchone()
    if force:
        last = db.execute("select max(made_at) as at from token where appid = ? and forced", (appid,)).fetchone()["at"]
        if current and last is not None and moment - last < FORCED_APART:
            return current["token"], int(current["ends_at"] - moment)
        day = datetime.fromtimestamp(moment, UTC).date()
        if count(db, f"forced:{appid}:{day}") > FORCED_A_DAY:
            raise Refusal(45009)
        db.execute("update token set state = 'revoked' where appid = ?", (appid,))
    elif current and current["ends_at"] - moment > RENEWED_EARLY:
        return current["token"], int(current["ends_at"] - moment)
    token = f"80_{secrets.token_urlsafe(96)}"
    db.execute("insert into token values (?, ?, ?, ?, ?, 'good')", (token, appid, moment, moment + LIFE, int(force)))
    return token, LIFE


def holder(db: sqlite3.Connection, token: str | None) -> str:
    """The appid that this token speaks for; refuses a missing (41001), unknown (40001) and outlived (42001) one."""
    if not token:
        raise Refusal(41001)
    row = db.execute("select * from token where token = ?", (token,)).fetchone()
    if row is None or row["state"] in {"revoked", "stuck"}:
        raise Refusal(40001)
    if row["ends_at"] <= now(db):
        raise Refusal(42001)
    return str(row["appid"])
