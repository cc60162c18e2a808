"""An SMS provider's protocol: JSON over HTTP, a bearer key, an idempotency key, states to ask for.

`POST /sms/v1/messages` with `{"phone", "text"}` or `{"phone", "template", "values"}` and the headers `Authorization:
Bearer <key>` and `Idempotency-Key` answers 202 with the message. The same idempotency key with the same body answers
200 with the first message and sends nothing; with another body 409. `GET /sms/v1/messages/<id>` and
`GET /sms/v1/messages?idempotency_key=` answer the message or 404. Refusals are `{"error": {"code", "message"}}`.
"""

import re
import secrets
import sqlite3
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.sandbox.demo import RANGES, SMS_KEY, Range
from backend.sandbox.faults import store, strike, strike_reply
from backend.sandbox.store import get_setting, now

blueprint = Blueprint("sms", __name__, url_prefix="/sms/v1")
blueprint.before_request(strike)
blueprint.after_request(strike_reply)

PHONE = re.compile(r"1[3-9]\d{9}")
TEXT_CHARACTERS = 500
A_PHONE_A_MINUTE = 20
SETTLES_AFTER = 1.0
"""Seconds until a message's fate is known."""

TEMPLATES = {"code": "【灵活】您的验证码是 {code}，{minutes} 分钟内有效。不要告诉别人。"}


class SmsRefusal(Exception):  # noqa: N818 - it is the provider's answer, not an error of the sandbox
    """The provider says no."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message


@blueprint.errorhandler(SmsRefusal)
def refuse(refusal: SmsRefusal) -> tuple[Response, int, dict[str, str]]:
    """Say no with the status, a code and a sentence."""
    headers = {"Retry-After": "60"} if refusal.status is HTTPStatus.TOO_MANY_REQUESTS else {}
    return jsonify(error={"code": refusal.code, "message": refusal.message}), refusal.status, headers


@blueprint.before_request
def check_key() -> None:
    """Only our customers."""
    if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {SMS_KEY}".encode()):
        raise SmsRefusal(HTTPStatus.UNAUTHORIZED, "key.invalid", "密钥不对。")


def _behaviour(phone: str) -> Range:
    return next((found for found in RANGES if phone.startswith(found.prefix)), Range("", "其他号码：送到"))


def _text(body: dict[str, Any]) -> str:
    text = body.get("text")
    if template := body.get("template"):
        try:
            text = TEMPLATES[template].format(**body.get("values", {}))
        except (KeyError, TypeError):
            raise SmsRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, "template.invalid", "模板或变量不对。") from None
    if not isinstance(text, str) or not 0 < len(text) <= TEXT_CHARACTERS:
        raise SmsRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, "text.invalid", f"短信内容须为 1 到 {TEXT_CHARACTERS} 个字。")
    return text


def _shown(row: sqlite3.Row, moment: float) -> dict[str, object]:
    settled = moment - row["sent_at"] >= SETTLES_AFTER
    state = row["outcome"] if settled else "accepted"
    return {"id": row["id"], "state": state, "reason": row["reason"] if state == "undelivered" else ""}


@blueprint.post("/messages")
def send() -> tuple[Response, int]:
    """Take a message and send it once."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise SmsRefusal(HTTPStatus.BAD_REQUEST, "body.invalid", "请求不是 JSON 对象。")
    phone, text, key = str(body.get("phone", "")), _text(body), request.headers.get("Idempotency-Key", "")
    if not key:
        raise SmsRefusal(HTTPStatus.BAD_REQUEST, "idempotency_key.missing", "缺少 Idempotency-Key。")
    if not PHONE.fullmatch(phone):
        raise SmsRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, "number.invalid", "手机号不对。")
    behaviour = _behaviour(phone)
    if behaviour.refusal:
        raise SmsRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, behaviour.refusal, behaviour.label)
    with store().writing() as db:
        moment = now(db)
        earlier = db.execute("select * from sms where idempotency_key = ?", (key,)).fetchone()
        if earlier and (earlier["phone"], earlier["text"]) != (phone, text):
            raise SmsRefusal(HTTPStatus.CONFLICT, "idempotency_key.reused", "这个 Idempotency-Key 用过，内容不同。")
        if earlier:
            return jsonify(_shown(earlier, moment)), HTTPStatus.OK
        recent = db.execute("select count(*) as n from sms where phone = ? and sent_at > ?", (phone, moment - 60))
        if recent.fetchone()["n"] >= int(get_setting(db, "sms.a_minute", str(A_PHONE_A_MINUTE))):
            raise SmsRefusal(HTTPStatus.TOO_MANY_REQUESTS, "number.too_frequent", "这个号码发得太多，稍后再试。")
        row = db.execute(
            "insert into sms values (?, ?, ?, ?, ?, ?, ?) returning *",
            (secrets.token_hex(12), key, phone, text, behaviour.outcome, behaviour.reason, moment),
        ).fetchone()
    return jsonify(_shown(row, moment)), HTTPStatus.ACCEPTED


@blueprint.get("/messages/<identifier>")
def state(identifier: str) -> Response:
    """How a message fares."""
    return _found("select * from sms where id = ?", identifier)


@blueprint.get("/messages")
def find() -> Response:
    """The message that was sent under an idempotency key."""
    return _found("select * from sms where idempotency_key = ?", request.args.get("idempotency_key", ""))


def _found(query: str, value: str) -> Response:
    with store().reading() as db:
        row = db.execute(query, (value,)).fetchone()
        if row is None:
            raise SmsRefusal(HTTPStatus.NOT_FOUND, "message.unknown", "没有这条短信。")
        return jsonify(_shown(row, now(db)))
