"""The OpenAPI document is whole, and nothing that fits or breaks it makes the server fail."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from backend.core.config import Config
from tests.factories.accounts import make_agreeing_account
from tests.factories.api import phone_of
from tests.factories.sandbox import start_sandbox, stop_sandbox


def test_the_document_is_openapi_31_with_examples_and_security(client):
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    shown = document["paths"]["/api/v1/people/{person_id}/code"]["get"]
    assert shown["security"] == [{"bearer": []}]
    assert "429" in shown["responses"]
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("type") in {"object", "string", "array"}, name


def test_the_docs_page_needs_nothing_from_elsewhere(client):
    page = client.get("/api/docs").get_data(as_text=True)
    assert "/api/v1/people/{person_id}/code" in page
    assert "http://" not in page
    assert "https://" not in page.replace("https://linghuo.example.cn", "")
    assert "<script" not in page


@pytest.fixture(scope="module")
def outside_world(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The sandbox, where the configuration looks for WeChat."""
    process = start_sandbox(config.port + 1, tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield
    stop_sandbox(process)


@pytest.mark.usefixtures("clock", "outside_world")
def test_no_request_that_can_be_thought_of_makes_it_fail(app, client):
    token = phone_of(client, make_agreeing_account()).token
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    tried = 0
    for operation in schema.get_all_operations():
        tried += 1
        _fuzz(operation.ok(), token)
    assert tried > 15


def _fuzz(operation, token: str) -> None:
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        # What fits may still be refused for what it says (a wrong check digit); tests.test_routes knocks unsigned.
        case.validate_response(response, excluded_checks=[positive_data_acceptance, ignored_auth])

    run()
