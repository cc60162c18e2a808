"""A worker's client of the API, signed in."""

from dataclasses import dataclass
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.accounts import actions
from backend.accounts.models import Account
from backend.core.transactions import transaction


@dataclass(frozen=True)
class Phone:
    """What the worker's page is to the server: an access token and JSON."""

    client: FlaskClient
    token: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self._headers())

    def post(self, path: str, body: object = None, *, key: str = "") -> TestResponse:
        headers = self._headers() | {"Idempotency-Key": key or uuid4().hex}
        return self.client.post(f"/api/v1{path}", json={} if body is None else body, headers=headers)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(f"/api/v1{path}", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def phone_of(client: FlaskClient, account: Account) -> Phone:
    with transaction():
        return Phone(client, actions.issue_tokens(account=account).access_token)
