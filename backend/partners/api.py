"""The partners' way in: `/partners/v1`."""

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request

from backend.core.config import settings
from backend.core.errors import TooMany, Unauthenticated
from backend.partners import actions
from backend.partners.gateway import MESSAGES_PATH, TOKEN_PATH, authority_of
from backend.partners.openapi import document, list_kinds
from backend.partners.signatures import Message

public = Blueprint("partners_public", __name__, template_folder="templates")
blueprint = Blueprint("partners", __name__)


@blueprint.before_request
def authenticate() -> None:
    """Refuses: Unauthenticated without a good token and signature, Conflict for a request that was sent before."""
    partner, scopes = actions.read_token(request.headers.get("Authorization", ""))
    headers = {name.lower(): value for name, value in request.headers.items()}
    message = Message(request.method, authority_of(settings().base_url), request.path, headers)
    actions.check_signature(partner=partner, message=message, body=request.get_data())
    g.partner, g.scopes = partner, scopes


@public.post(TOKEN_PATH)
def token() -> Response:
    """A token for a client's credentials (RFC 6749, 4.4), given as Basic authorization or in the form."""
    given = request.authorization
    basic = given is not None and given.type == "basic"
    client_id = (given.username if given and basic else request.form.get("client_id")) or ""
    secret = (given.password if given and basic else request.form.get("client_secret")) or ""
    if request.form.get("grant_type") != "client_credentials":
        return _refusal(400, "unsupported_grant_type", "grant_type 须为 client_credentials。")
    try:
        made, scopes, life = actions.grant(client_id=client_id, secret=secret, wanted=request.form.get("scope", ""))
    except Unauthenticated as refused:
        return _refusal(401, refused.code, refused.message)
    except TooMany as refused:
        answer = _refusal(429, "slow_down", refused.message)
        answer.headers["Retry-After"] = str(refused.retry_after)
        return answer
    return jsonify(
        access_token=made,
        token_type="Bearer",  # noqa: S106 - of RFC 6749
        expires_in=int(life.total_seconds()),
        scope=" ".join(scopes),
    )


def _refusal(status: int, code: str, sentence: str) -> Response:
    answer = make_response(jsonify(error=code, error_description=sentence), status)
    if status == 401:  # noqa: PLR2004 - Unauthorized
        answer.headers["WWW-Authenticate"] = 'Basic realm="partners"'
    return answer


@blueprint.post(MESSAGES_PATH)
def messages() -> Response:
    """One message; the same message is answered the same."""
    status, answer = actions.receive(partner=g.partner, scopes=g.scopes, content=request.get_data())
    return make_response(jsonify(answer | ({"request_id": g.request_id} if "error" in answer else {})), status)


@public.get("/partners/v1/openapi.json")
def openapi() -> Response:
    """OpenAPI 3.1, as JSON."""
    return jsonify(document())


@public.get("/partners/v1/docs")
def docs() -> str:
    """The same for people, in Chinese and English."""
    return render_template("partners/docs.html", spec=document(), kinds=list_kinds())
