"""Who asks: the account that the bearer token names. Both blueprints of the API, the guarded one by default."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import g, request

from backend.accounts import queries, tokens
from backend.accounts.models import Account, Person
from backend.accounts.rules import Purpose
from backend.core import clock
from backend.core.config import settings
from backend.core.errors import Forbidden, Unauthenticated

public = APIBlueprint("api_public", __name__, url_prefix="/api/v1", tag="公开 Public")
worker = APIBlueprint("api_worker", __name__, url_prefix="/api/v1", tag="本人 Worker")


@worker.before_request
def authenticate() -> None:
    """Refuses: Unauthenticated without a good access token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("accounts.token_missing", tokens.SIGN_IN_AGAIN)
    g.account_id = tokens.read(token.strip(), settings().token_key.get_secret_value(), clock.now())


def current_account_id() -> UUID:
    """The account that asks, by its id alone, without a query."""
    account_id: UUID = g.account_id
    return account_id


def current_account() -> Account:
    """The account that asks. Refuses: NotFound when it is gone."""
    return queries.get_account(current_account_id())


def held(person_id: UUID, *purposes: Purpose) -> Person:
    """The person for whom this account speaks, when what is about to happen was agreed to.

    Refuses: NotFound for anybody else, Forbidden("accounts.consent_missing") naming what to agree to.
    """
    person = queries.get_held_person(current_account_id(), person_id)
    agreed = queries.consents_of(current_account_id())
    if missing := [purpose for purpose in purposes if not agreed[purpose]]:
        raise Forbidden(
            "accounts.consent_missing",
            "这一步需要您先同意处理健康等敏感信息；不同意也可以请社区或车站工作人员当面登记。",
            fields=dict.fromkeys(missing, "需要同意。"),
        )
    return person
