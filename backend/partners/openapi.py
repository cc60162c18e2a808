"""The OpenAPI 3.1 document of `/partners/v1`, made from the messages' own models."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from backend.partners.gateway import JSON, MESSAGES_PATH, TOKEN_PATH
from backend.partners.messages import BODIES, Answer, Envelope, Roster
from backend.partners.rules import KIND_NAMES, SCOPE_OF, Scope

REF = "#/components/schemas/{model}"
TEXT = {"type": "string"}
REFUSAL = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": TEXT,
                "message": TEXT,
                "fields": {"type": "object", "additionalProperties": TEXT},
            },
        },
        "request_id": TEXT,
    },
}
STATUSES = {
    "401": "令牌或签名不对、过期 / token or signature wrong or over",
    "403": "没有这项权限，或不代表这个地区 / not in scope, or not your region",
    "404": "没有这次输送或车次，或与您无关 / no such transfer or vehicle, or not yours",
    "409": "现在的状态不允许、签名已用过、有人在别的输送中 / not in this state, replayed, or travelling elsewhere",
    "422": "内容不对，fields 指出哪里 / what was sent can't be right; `fields` says where",
    "503": "稍后重发同一条消息 / send the same message again later",
}
SIGNED = (
    "请求须按 RFC 9421 用登记的 Ed25519 密钥签名，覆盖 @method、@authority、@path、content-type、content-digest、"
    "authorization；created 与 expires 相差不超过 5 分钟；nonce 只能用一次。重发时消息编号不变，签名重做。\n\n"
    "Sign each request by RFC 9421 with the registered Ed25519 key over @method, @authority, @path, content-type,"
    " content-digest (RFC 9530, sha-256) and authorization; expires is at most 5 minutes after created; a nonce is"
    " good once. To send a message again keep its id and sign anew: it is carried out once and answered the same."
)


def list_kinds() -> list[tuple[str, str, str, str]]:
    """(kind, what it is, its body's model, its scope) of each message."""
    return [(kind.value, KIND_NAMES[kind], model.__name__, SCOPE_OF[kind].value) for kind, model in BODIES.items()]


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    models: list[type[BaseModel]] = [Envelope, Answer, Roster, *BODIES.values()]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    schemas: dict[str, Any] = made["$defs"] | {"Refusal": REFUSAL}
    bodies = [{"$ref": REF.format(model=model)} for _, _, model, _ in list_kinds()]
    schemas["Envelope"]["properties"]["body"] = {"oneOf": bodies}
    return {
        "openapi": "3.1.0",
        "info": {"title": "灵活 政府间对接 Linghuo partners", "version": "1", "description": SIGNED},
        "paths": {TOKEN_PATH: {"post": _token()}, MESSAGES_PATH: {"post": _message()}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "client": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": TOKEN_PATH,
                            "scopes": {scope.value: _kinds_of(scope) for scope in Scope},
                        }
                    },
                }
            },
        },
    }


def _kinds_of(scope: Scope) -> str:
    return ", ".join(f"{kind.value} {KIND_NAMES[kind]}" for kind, of in SCOPE_OF.items() if of is scope)


def _content(name: str) -> dict[str, Any]:
    return {JSON: {"schema": {"$ref": REF.format(model=name)}}}


def _token() -> dict[str, Any]:
    form = {
        "type": "object",
        "required": ["grant_type"],
        "properties": {
            "grant_type": {"const": "client_credentials"},
            "scope": TEXT,
            "client_id": TEXT,
            "client_secret": TEXT,
        },
    }
    given = {
        "type": "object",
        "properties": {
            "access_token": TEXT,
            "token_type": {"const": "Bearer"},
            "expires_in": {"type": "integer"},
            "scope": TEXT,
        },
    }
    return {
        "summary": "获取 10 分钟的访问令牌 / a token for ten minutes (RFC 6749, 4.4)",
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {
            "200": {"description": "令牌 / the token", "content": {JSON: {"schema": given}}},
            "400": {"description": "unsupported_grant_type"},
            "401": {"description": "invalid_client"},
            "429": {"description": "slow_down, Retry-After"},
        },
    }


def _message() -> dict[str, Any]:
    header = {"in": "header", "required": True, "schema": TEXT}
    refusals = {
        status: {"description": meaning, "content": _content("Refusal")} for status, meaning in STATUSES.items()
    }
    return {
        "summary": "发送一条消息 / send one message",
        "description": SIGNED,
        "security": [{"client": []}],
        "parameters": [header | {"name": name} for name in ("Content-Digest", "Signature-Input", "Signature")],
        "requestBody": {"required": True, "content": _content("Envelope")},
        "responses": {"200": {"description": "已办理 / carried out", "content": _content("Answer")}} | refusals,
    }
