"""The OpenAPI document and a page that shows it, both without anything from elsewhere."""

from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, json, jsonify, render_template

from miniprogram_api.schemas import Refusal

blueprint = Blueprint(
    "api_docs", __name__, template_folder="templates", static_folder="static", static_url_path="/api/docs-static"
)
DESCRIPTION = "工作者端接口。除“公开”一组外都要带 Authorization: Bearer 访问令牌；错误的形式见 Refusal。"
REFUSALS = {
    "401": "Not signed in, or the sign-in has ended.",
    "403": "Something has to be agreed to first.",
    "404": "Not there, or not for this account.",
    "409": "Not in this state.",
    "422": "What was sent doesn't fit; `fields` says where.",
    "429": "Too often; Retry-After says when to come back.",
    "503": "WeChat or this server can't answer at the moment.",
}
FILE_PATH = "/api/v1/people/{person_id}/appeals/{appeal_id}/files"
FILE_BODY = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """Say what holds for every operation: security, refusals, and their schema."""
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    refusal = Refusal.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= refusal.pop("$defs") | {"Refusal": refusal}
    spec["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    spec["info"]["description"] = DESCRIPTION
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    spec["paths"][FILE_PATH]["post"]["requestBody"] = dict(FILE_BODY)
    for path in spec["paths"].values():
        for name, operation in path.items():
            if name == "parameters":
                continue
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
            if any("Worker" in tag for tag in operation.get("tags", [])):
                operation["security"] = [{"bearer": []}]
            for status, meaning in REFUSALS.items():
                operation["responses"][status] = {"description": meaning, "content": content}
            operation["responses"]["400"] = {"description": "Not JSON.", "content": content}
    return spec


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this application, made once a process."""
    if "linghuo.openapi" not in current_app.extensions:
        made = cast("APIFlask", current_app).spec
        current_app.extensions["linghuo.openapi"] = complete(json.loads(json.dumps(made)))
    return cast("dict[str, Any]", current_app.extensions["linghuo.openapi"])


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """OpenAPI 3.1, as JSON."""
    return jsonify(document())


@blueprint.get("/api/docs")
def page() -> str:
    """The same for people."""
    return render_template("api/docs.html", spec=document())
