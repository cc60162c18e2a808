"""The strings behind the scene, for tests: trouble, clock, tokens, quotas, codes, consents, and what was received.

JSON in and out. The sandbox is for one machine and made-up people, so nothing here is guarded.
"""

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.sandbox import codes, push
from backend.sandbox.demo import APPS, OURS, TEMPLATES
from backend.sandbox.faults import Kind, store
from backend.sandbox.store import now, set_setting

blueprint = Blueprint("control", __name__, url_prefix="/control")

Done = tuple[str, int]
DONE: Done = ("", HTTPStatus.NO_CONTENT)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


@blueprint.post("/reset")
def reset() -> Done:
    """Forget everything but the demo's users."""
    store().reset()
    return DONE


@blueprint.post("/faults")
def add_fault() -> Done:
    """`{"api": "sns/jscode2session" | "*", "kind": see faults.Kind, "value": "-1", "times": 1}`."""
    body = _body()
    values = (body.get("api", "*"), Kind(body["kind"]), str(body.get("value", "")), body.get("times", 1))
    with store().writing() as db:
        db.execute("insert into fault (api, kind, value, times) values (?, ?, ?, ?)", values)
    return DONE


@blueprint.delete("/faults")
def clear_faults() -> Done:
    """No more trouble."""
    with store().writing() as db:
        db.execute("delete from fault")
    return DONE


@blueprint.post("/clock")
def shift_clock() -> Done:
    """`{"shift": seconds}` puts the sandbox's clock that far ahead of the machine's."""
    with store().writing() as db:
        set_setting(db, "clock.shift", str(float(_body().get("shift", 0))))
    return DONE


@blueprint.post("/tokens")
def spoil_tokens() -> Done:
    """`{"how": "expired"}`: 42001, a new one for the asking; `revoked`: 40001 likewise; `stuck`: 40001 until force."""
    how = _body().get("how")
    with store().writing() as db:
        if how == "expired":
            db.execute("update token set ends_at = ?", (now(db) - 1,))
        else:
            db.execute("update token set state = ? where state = 'good'", (how,))
    return DONE


@blueprint.post("/quotas")
def set_quota() -> Done:
    """`{"api": "wxa/getwxacodeunlimit", "left": 0}` sets how many calls a day are allowed."""
    body = _body()
    with store().writing() as db:
        set_setting(db, f"quota:{body['api']}", str(int(body["left"])))
    return DONE


@blueprint.post("/codes")
def make_code() -> Response:
    """`{"kind": "login" | "phone", "openid", "appid"}`: a fresh code."""
    body = _body()
    with store().writing() as db:
        appid = str(body.get("appid", OURS.appid))
        return jsonify(code=codes.make(db, codes.Kind(body["kind"]), appid, str(body["openid"])))


@blueprint.post("/people")
def change_person() -> Done:
    """`{"openid", "name", "phone", "gives_phone", "takes_messages", "blocked"}`: add a user or change one."""
    body = _body()
    allowed = ("name", "phone", "gives_phone", "takes_messages", "blocked")
    with store().writing() as db:
        db.execute(
            "insert or ignore into person (openid, name, phone, gives_phone) values (?, ?, ?, 1)",
            (body["openid"], body.get("name", "新用户"), body.get("phone", "13800000099")),
        )
        for column in set(allowed) & body.keys():
            db.execute(f"update person set {column} = ? where openid = ?", (body[column], body["openid"]))  # noqa: S608 - one of the five names above
    return DONE


@blueprint.post("/consents")
def add_consents() -> Done:
    """`{"openid", "template", "count"}`: the user agrees to so many messages of a template, or of all."""
    body = _body()
    with store().writing() as db:
        for template in [body["template"]] if "template" in body else TEMPLATES:
            grant = (body["openid"], template, body.get("count", 1), body.get("count", 1))
            db.execute(
                "insert into consent values (?, ?, ?, ?) on conflict do update set remaining = remaining + "
                "excluded.remaining, untold = untold + excluded.untold",
                grant,
            )
    return DONE


@blueprint.get("/consents")
def list_consents() -> Response:
    """Consents left, by user and template."""
    return _rows("select openid, template, remaining from consent")


@blueprint.get("/calls")
def list_calls() -> Response:
    """Calls received, oldest first."""
    return _rows("select api, at from call order by id")


@blueprint.get("/messages")
def list_messages() -> Response:
    """Subscribe messages received, oldest first; `?openid=` of one user."""
    with store().reading() as db:
        rows = db.execute(
            "select * from message where ? in ('', openid) order by id", (request.args.get("openid", ""),)
        ).fetchall()
    return jsonify([{**row, "fields": json.loads(row["fields"])} for row in map(dict, rows)])


@blueprint.get("/sms")
def list_sms() -> Response:
    """SMS received, oldest first; `?phone=` of one number."""
    with store().reading() as db:
        rows = db.execute(
            "select id, phone, text, outcome, sent_at from sms where ? in ('', phone) order by rowid",
            (request.args.get("phone", ""),),
        ).fetchall()
    return jsonify([dict(row) for row in rows])


@blueprint.post("/push")
def make_push() -> Response:
    """`{"event": {...}, "appid"}`: query and body of the push; without an event, the query of the address check."""
    body = _body()
    app = APPS[str(body.get("appid", OURS.appid))]
    with store().reading() as db:
        moment = int(now(db))
    if event := body.get("event"):
        query, text = push.envelope(app, event, moment)
        return jsonify(query=query, body=text)
    return jsonify(query=push.check(app, moment), body="")


def _rows(query: str) -> Response:
    with store().reading() as db:
        return jsonify([dict(row) for row in db.execute(query).fetchall()])
