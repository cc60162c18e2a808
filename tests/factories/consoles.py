"""Signing in to the consoles as people do."""

from flask.testing import FlaskClient

from backend.accounts.acting import Acting
from backend.accounts.queries import get_operator
from backend.consoles.guard import office_key
from tests.factories.accounts import PASSWORD

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def sign_in(client: FlaskClient, acting: Acting) -> None:
    """Sign in by name and password, and act for this office from then on."""
    operator = get_operator(acting.operator_id)
    assert operator is not None
    form = {"username": operator.username, "password": PASSWORD}
    assert client.post("/console/sign-in", data=form, headers=SAME_SITE).status_code == 302
    office = {"office": office_key(acting)}
    assert client.post("/console/offices", data=office, headers=SAME_SITE).status_code == 302
