"""A province's own health code (苏康码): the health query after GB/T 38963-2020, signed both ways.

`POST /phi/v1/health-query` takes `{"head": {"appId", "requestId", "timestamp", "sign"}, "data": {"name", "idType",
"idNumber"}}` and answers with status 200 and `{"head": {"requestId", "timestamp", "code", "message", "sign"}, "data":
{"colour", "queriedAt"}}`. `sign` is the HMAC-SHA256, in hex, of the head's other values in this order and of the data
as JSON with sorted keys, joined by line feeds. Codes: 0000 found, 1001 nobody of this name and number, 2001 the
signature is wrong, 2002 the time is off, 2003 the request was seen before, 2004 the request is not this protocol.

Somebody whose colour nobody has set is green; the page and `POST /control/provinces` set it.
"""

import hashlib
import hmac
import json
import os
import re
import sqlite3
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.sandbox.faults import store, strike, strike_reply
from backend.sandbox.store import get_setting, now

blueprint = Blueprint("province", __name__, url_prefix="/phi/v1")
blueprint.before_request(strike)
blueprint.after_request(strike_reply)

PROVINCE, CODE_NAME = "320000", "苏康码"
KEYS = dict(pair.split("=", 1) for pair in os.environ.get("PROVINCE_KEYS", "").replace(" ", "").split(",") if pair)
KEY = KEYS.get(PROVINCE, "demo-province-key").encode()
COLOURS = {"green": "绿码", "yellow": "黄码", "red": "红码", "nobody": "查无此人"}
"""What somebody may have there."""
ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
CLOCKS_DIFFER = 300
MESSAGES = {
    "0000": "成功",
    "1001": "未查询到该人员",
    "2001": "签名错误",
    "2002": "时间戳超出范围",
    "2003": "请求重复",
    "2004": "请求格式错误",
}


def sign(head: dict[str, str], data: dict[str, Any]) -> str:
    """The signature of a message, by the secret that the application and the province share."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(KEY, "\n".join([*head.values(), canonical]).encode(), hashlib.sha256).hexdigest()


def colour_of(db: sqlite3.Connection, id_number: str) -> str:
    """What somebody has in this province."""
    row = db.execute("select colour from province where id_number = ?", (id_number,)).fetchone()
    return str(row["colour"]) if row else "green"


def set_colour(db: sqlite3.Connection, id_number: str, colour: str) -> None:
    """From now on somebody has this one."""
    db.execute("insert or replace into province values (?, ?)", (id_number, colour))


@blueprint.post("/health-query")
def query() -> Response:
    """What the province says of somebody."""
    body = request.get_json(silent=True)
    with store().writing() as db:
        moment = now(db)
        code, request_id, data = _judge(db, body if isinstance(body, dict) else {}, moment)
        at = datetime.fromtimestamp(moment, UTC).isoformat()
        found: dict[str, str] = {}
        if code == "0000":
            colour = colour_of(db, str(data["idNumber"]))
            if colour == "nobody":
                code = "1001"
            else:
                found = {"colour": colour, "queriedAt": at}
        forged = get_setting(db, "province.forged") == "yes"
    head = {"requestId": request_id, "timestamp": at, "code": code, "message": MESSAGES[code]}
    signature = sign(head, found)
    return jsonify(head=head | {"sign": signature[::-1] if forged else signature}, data=found)


def _judge(db: sqlite3.Connection, body: dict[str, Any], moment: float) -> tuple[str, str, dict[str, Any]]:
    """(code, request id, data) of a request."""
    head, data = body.get("head"), body.get("data")
    if not isinstance(head, dict) or not isinstance(data, dict):
        return "2004", "", {}
    said = {name: str(head.get(name, "")) for name in ("appId", "requestId", "timestamp")}
    if not hmac.compare_digest(sign(said, data).encode(), str(head.get("sign", "")).encode()):
        code = "2001"
    elif abs(_seconds(said["timestamp"]) - moment) > CLOCKS_DIFFER:
        code = "2002"
    elif not ID_NUMBER.fullmatch(str(data.get("idNumber", ""))) or not data.get("name") or data.get("idType") != "111":
        code = "2004"
    else:
        new = db.execute("insert or ignore into province_request values (?)", (said["requestId"],)).rowcount
        code = "0000" if new else "2003"
    return code, said["requestId"], data


def _seconds(timestamp: str) -> float:
    """Since the epoch; long ago for what is no time."""
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return 0.0
