"""How a refusal is told: as JSON to clients of the API, as a page to people. One table, two renderers."""

from http import HTTPStatus
from typing import Any

import structlog
from apiflask.exceptions import HTTPError
from flask import Response, g, jsonify, make_response, render_template, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from backend.core.errors import NOTHING_FOUND, Invalid, Refused, Unavailable

log = structlog.get_logger()
JSON_PREFIXES = ("/api/", "/partners/", "/checkpoint/api/")
SENTENCES = {
    400: "请求的格式不对，请刷新页面后重试。",
    401: "请先登录。",
    403: "您没有权限做这个操作。",
    404: NOTHING_FOUND,
    405: "这个地址不支持这种操作。",
    413: "文件太大，请拆分后再上传。",
    415: "请求的格式不对，请刷新页面后重试。",
    429: "操作太频繁，请稍后再试。",
}


def wants_json() -> bool:
    """Whether who asks is a program."""
    return request.path.startswith(JSON_PREFIXES)


def render_refusal(refused: Refused) -> Response:
    """The answer for one refusal, with Retry-After where waiting helps."""
    if wants_json():
        body: dict[str, Any] = {"code": refused.code, "message": refused.message, "fields": refused.fields}
        response = jsonify({"error": body, "request_id": g.get("request_id", "")})
    else:
        response = make_response(render_template("refusal.html", refused=refused, request_id=g.get("request_id", "")))
    response.status_code = refused.status
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def render_http(error: HTTPException) -> Response | HTTPException:
    """Flask's own 404, 405, 413 …, in our form; redirects pass."""
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return error
    refused = Refused(HTTPStatus(status).name.lower(), SENTENCES.get(status, "请求没有成功，请稍后重试。"))
    refused.status = status
    response = render_refusal(refused)
    if isinstance(allowed := getattr(error, "valid_methods", None), list | set | tuple):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def render_validation(error: HTTPError) -> tuple[dict[str, Any], int, dict[str, str]]:
    """APIFlask's errors: a body or query that doesn't fit its schema names each field."""
    fields = dict(_sentences(error.detail)) if isinstance(error.detail, dict) else {}
    status = error.status_code
    refused = Invalid("invalid_input", "填写的内容有误，请按提示修改。", fields=fields)
    code = refused.code if fields else HTTPStatus(status).name.lower()
    message = refused.message if fields else SENTENCES.get(status, "请求没有成功，请稍后重试。")
    body = {"error": {"code": code, "message": message, "fields": fields}, "request_id": g.get("request_id", "")}
    return body, status, {name: str(value) for name, value in Headers(error.headers).items()}


def _sentences(detail: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Flatten nested messages to "field.sub": sentence."""
    found: list[tuple[str, str]] = []
    for name, value in detail.items():
        path = name if not prefix else f"{prefix}.{name}"
        if isinstance(value, dict):
            found += _sentences(value, path if name not in {"json", "query", "path", "headers"} else "")
        else:
            found.append((path, "；".join(map(str, value)) if isinstance(value, list) else str(value)))
    return found


def render_failure(error: Exception) -> Response:
    """What nobody foresaw: logged whole, told briefly."""
    log.error("request.failed", exc_info=error)
    refused = Unavailable("internal", "系统出了点问题，已自动记录。请稍后重试；急事请打服务电话。")
    refused.status = 500
    return render_refusal(refused)
