"""Whoever doesn't share with the destination is there by colour and arrival alone."""

import io

import openpyxl
import pytest
from flask.testing import FlaskClient

from backend.accounts import actions as accounts
from backend.accounts import queries as people
from backend.accounts.acting import Acting
from backend.accounts.models import Account, Holding, Person
from backend.accounts.rules import TERMS_VERSION, Purpose
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.checks.models import Finding
from healthcode.checks.rules import Kind
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Transfer
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_person
from tests.factories.codes import declare
from tests.factories.consoles import sign_in
from tests.factories.transfers import make_roster

PURPOSE = {"purpose": "安排接站联系本人"}


@pytest.fixture
def claimed(app, clock: Travel) -> tuple[Transfer, Acting, Acting, Person]:
    """The first of a roster has claimed the row and agreed to everything."""
    del app, clock
    transfer, origin, destination = make_roster(3)
    _, name, _, number, *_ = next(iter(rosters.lines(1)))
    person = make_person(name=str(name), number=str(number))
    with transaction():
        actions.link_person(person=person)
    return transfer, origin, destination, person


def refuse_sharing(person: Person, clock: Travel) -> None:
    clock.moment = clock.moment.replace(minute=clock.moment.minute + 1)
    account = db.session.get_one(Account, db.session.query(Holding.account_id).filter_by(person_id=person.id).scalar())
    with transaction():
        accounts.agree(account=account, choices={Purpose.SHARING: False}, version=TERMS_VERSION)


def entry_url(transfer: Transfer, person: Person) -> str:
    (line,) = [line for line in queries.list_entries(transfer) if line.entry.person_id == person.id]
    return f"/console/workers/{line.entry.id}/"


def test_who_shares_is_shown_to_the_destination_in_full(client: FlaskClient, claimed):
    transfer, _, destination, person = claimed
    sign_in(client, destination)
    page = client.post(entry_url(transfer, person), data=PURPOSE).get_data(as_text=True)
    assert next(iter(rosters.lines(1)))[3] in page


def test_who_withdraws_is_not(client: FlaskClient, claimed, clock: Travel):
    transfer, _, destination, person = claimed
    refuse_sharing(person, clock)
    assert people.who_share([person.id]) == set()
    sign_in(client, destination)
    url = entry_url(transfer, person)
    assert "本人没有同意向输入地提供" in client.get(url).get_data(as_text=True)
    refused = client.post(url, data=PURPOSE)
    assert next(iter(rosters.lines(1)))[3] not in refused.get_data(as_text=True)
    exported = client.post(f"/console/transfers/{transfer.id}/export/", data=PURPOSE)
    rows = str([list(sheet.values) for sheet in openpyxl.load_workbook(io.BytesIO(exported.data)).worksheets])
    assert "健康码" in rows
    assert next(iter(rosters.lines(1)))[3] not in rows


def test_the_origin_still_knows_its_own_roster(client: FlaskClient, claimed, clock: Travel):
    transfer, origin, _, person = claimed
    refuse_sharing(person, clock)
    sign_in(client, origin)
    page = client.post(entry_url(transfer, person), data=PURPOSE).get_data(as_text=True)
    assert next(iter(rosters.lines(1)))[3] in page


def test_where_whoever_withdraws_was_found_is_for_the_origin_to_know(client: FlaskClient, claimed, clock: Travel):
    transfer, origin, destination, person = claimed
    declare(person, temperature=382)
    (line,) = [line for line in queries.list_entries(transfer) if line.entry.person_id == person.id]
    with transaction():
        elsewhere = {"kind": Kind.ELSEWHERE, "fact": "在江苏省南京市", "opened_at": clock.moment}
        db.session.add(Finding(transfer_id=transfer.id, entry_id=line.entry.id, **elsewhere))
    refuse_sharing(person, clock)
    found = "/console/findings/", f"/console/transfers/{transfer.id}/findings"
    known = "南京市", "38.2"

    def told() -> list[str]:
        texts = [client.get(page).get_data(as_text=True) for page in (*found, entry_url(transfer, person))]
        return [fact for fact in known for text in texts if fact in text]

    sign_in(client, origin)
    assert told() == ["南京市", "南京市", "南京市", "38.2"]
    sign_in(client, destination)
    assert told() == []
    assert "本人没有同意共享" in client.get(found[0]).get_data(as_text=True)
