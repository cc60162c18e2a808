"""A person's printed cards, as whoever speaks for them sees and loses them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from backend.accounts import actions as accounts
from backend.accounts.models import Account, Person
from backend.accounts.rules import Relation
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes.rules import Outcome
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_agreeing_account, resident_id
from tests.factories.api import phone_of
from tests.factories.cards import begin_shift, make_officer, print_card, show_card
from tests.factories.codes import declare, make_issuer_key


@pytest.fixture
def family(app: Application, clock: Travel) -> Account:
    del app, clock
    make_issuer_key()
    return make_agreeing_account()


@pytest.fixture
def elder(family: Account) -> Person:
    """Somebody without a phone, of whom a verified row stands on a list; the family speaks for them."""
    number = resident_id(born="19500307")
    with transaction():
        person = accounts.recognise(name="石老三", resident_id=number)
    with transaction():
        accounts.hold(
            account=family,
            name="石老三",
            resident_id=number,
            relation=Relation.FAMILY,
            until=clocks.now() + timedelta(days=20),
            verified=True,
            region_code="520602",
        )
    return person


def test_family_sees_the_card_and_says_that_it_was_lost(client: FlaskClient, family: Account, elder: Person) -> None:
    declare(elder)
    officer, card = make_officer(), print_card(elder, make_acting())
    begin_shift(officer)
    phone = phone_of(client, family)
    [shown] = phone.get(f"/people/{elder.id}/cards").json
    assert (shown["version"], shown["counts"], shown["state_name"]) == (1, True, "可以使用")
    for _ in range(2):
        [lost] = phone.post(f"/people/{elder.id}/cards/{card.card.id}/loss").json
        assert (lost["counts"], lost["state_name"]) == (False, "已挂失")
    assert show_card(card.text, officer).outcome is Outcome.CANNOT_BE_CHECKED
    readers = phone.get(f"/people/{elder.id}/readers").json
    assert any("出示卡片" in reader["purpose"] for reader in readers)


def test_strangers_neither_see_nor_lose_it(client: FlaskClient, elder: Person) -> None:
    card = print_card(elder, make_acting())
    stranger = phone_of(client, make_agreeing_account())
    assert stranger.get(f"/people/{elder.id}/cards").status_code == 404
    assert stranger.post(f"/people/{elder.id}/cards/{card.card.id}/loss").status_code == 404


def test_an_unknown_card_is_not_found(client: FlaskClient, family: Account, elder: Person) -> None:
    assert phone_of(client, family).post(f"/people/{elder.id}/cards/{uuid4()}/loss").status_code == 404


def test_what_family_declares_says_so(client: FlaskClient, family: Account, elder: Person) -> None:
    body = {"temperature": 36.4, "symptoms": [], "contact": False, "abroad": False}
    told = phone_of(client, family).post(f"/people/{elder.id}/declarations", body).json
    assert told["fact"] == "24 小时内由家人代为申报体温 36.4 ℃，没有症状。"
    assert unseal(elder.name) == "石老三"
