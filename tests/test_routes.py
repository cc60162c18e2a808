"""Deny by default: every route is guarded, or on the short public list; every role gets what is its own."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from backend.accounts.rules import OrganisationKind, Role
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.codes import make_issuer_key
from tests.factories.consoles import sign_in
from tests.factories.helpers import make_helper

PUBLIC = {
    "static",
    "health.alive",
    "health.ready",
    "health.scrape",
    "assets.",
    "api_public.",
    "api_docs.",
    "links.",
    "pages.",
    "api_maps.",
    "privacy.",
    "partners_public.",
    "sign_in.",
    "receiving.",
    "screens.",
    "joining.",
    "checkpoint_shell.",
    "consoles_static.",
    "log.",
    "verify.",
}
SAMPLES = {"uuid": lambda: str(uuid4()), "int": lambda: "1", "string": lambda: "x", "path": lambda: "x"}


def is_public(endpoint: str) -> bool:
    return any(endpoint == name or (name.endswith(".") and endpoint.startswith(name)) for name in PUBLIC)


def url(app: Flask, rule: Rule) -> str:
    values = {}
    for name in rule.arguments:
        converter = type(rule._converters[name]).__name__.removesuffix("Converter").lower()
        values[name] = {"uuid": str(uuid4()), "integer": 1, "unicode": "x", "path": "x"}[converter]
    return app.url_map.bind("127.0.0.1").build(
        rule.endpoint, values, method=next(iter(rule.methods - {"OPTIONS", "HEAD"}))
    )


def guarded(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if not is_public(rule.endpoint)]


def test_every_other_route_turns_the_unknown_away(app, client):
    assert len(guarded(app)) > 20
    for rule in guarded(app):
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = client.open(url(app, rule), method=method)
            turned_away = answer.status_code == 401 or (
                answer.status_code in {302, 303} and "/console/sign-in" in answer.headers["Location"]
            )
            assert turned_away, f"{method} {rule} let nobody in with {answer.status_code}"


def statuses(app: Flask, get: Callable[[str], TestResponse]) -> dict[str, int]:
    """What each guarded page answers."""
    rules = [rule for rule in guarded(app) if "GET" in rule.methods and not rule.endpoint.startswith("api_worker.")]
    return {rule.endpoint: get(url(app, rule)).status_code for rule in rules}


def test_a_temporary_officer_gets_what_scanning_takes_and_nothing_else(app, client, clock):
    del clock
    phone = make_helper(client)
    seen = statuses(app, phone.get)
    open_to = {endpoint for endpoint, status in seen.items() if status < 300}
    assert open_to == {"checkpoint.list_places", "checkpoint.list_keys", "checkpoint.list_denied"}
    assert not [endpoint for endpoint, status in seen.items() if status >= 500]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.HELPER}))
def test_no_role_meets_a_failure_and_none_the_pages_of_another(app, client, role):
    kinds = {
        Role.OFFICIAL: (OrganisationKind.GOVERNMENT, "520600"),
        Role.OFFICER: (OrganisationKind.CHECKPOINT, "520602"),
        Role.ADMINISTRATOR: (OrganisationKind.PLATFORM, "520600"),
        Role.EMPLOYER: (OrganisationKind.ENTERPRISE, "320583"),
        Role.SUPERVISOR: (OrganisationKind.REGULATOR, "320583"),
    }
    kind, region = kinds[role]
    acting = make_acting(make_organisation("某单位", kind=kind, region=region), role=role)
    sign_in(client, acting)
    make_issuer_key()
    seen = statuses(app, client.get)
    assert not [endpoint for endpoint, status in seen.items() if status >= 500], seen
    open_to = {endpoint for endpoint, status in seen.items() if status < 300}
    if role is not Role.OFFICIAL:
        assert not {e for e in open_to if "transfer" in e or "claim" in e or "finding" in e}
    if role is not Role.OFFICER:
        assert not {e for e in open_to if e.startswith("checkpoint.")}
    if role is not Role.SUPERVISOR:
        assert not {e for e in open_to if e.startswith(("evidence.", "evidence_"))}
