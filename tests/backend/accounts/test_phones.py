"""A number that now belongs to somebody else, and two people who share one phone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts import actions, queries
from backend.accounts.models import Account, Holding, Person
from backend.accounts.rules import ClaimReason, HoldingState, Relation
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, NotFound
from backend.core.transactions import transaction
from tests.conftest import Travel
from tests.factories.accounts import (
    make_account,
    make_acting,
    make_agreeing_account,
    make_organisation,
    make_person,
    resident_id,
)

pytestmark = pytest.mark.usefixtures("app", "clock")

NUMBER = "13800000001"
LONG = timedelta(days=91)


@pytest.fixture
def person() -> Person:
    """Whoever had the number first."""
    return make_person(make_agreeing_account(NUMBER))


def by_sms() -> Account:
    with transaction():
        return actions.sign_in_phone(phone=NUMBER)


def by_wechat(openid: str, phone: str = NUMBER) -> Account:
    with transaction():
        return actions.sign_in_wechat(openid=openid, phone=phone)


def claim(account: Account, person: Person, relation: Relation = Relation.SELF) -> Holding:
    return hold(account, unseal(person.name), unseal(person.resident_id), relation)


def hold(
    account: Account, name: str, number: str, relation: Relation = Relation.SELF, *, verified: bool = True
) -> Holding:
    until = None if relation is Relation.SELF else clocks.now() + timedelta(days=20)
    with transaction():
        return actions.hold(
            account=account,
            name=name,
            resident_id=number,
            relation=relation,
            until=until,
            verified=verified,
            region_code="520602",
        )


def test_within_90_days_the_number_is_the_same_person(person: Person, clock: Travel) -> None:
    first = by_sms()
    for _ in range(3):
        clock.shift(timedelta(days=80))
        assert by_sms().id == first.id
    assert queries.get_held_person(first.id, person.id).id == person.id


def test_the_next_owner_of_a_number_gets_nothing_of_the_one_before(person: Person, clock: Travel) -> None:
    before = by_sms().id
    clock.shift(LONG)
    stranger = by_sms()
    assert stranger.id != before
    assert queries.list_holdings(stranger.id) == []
    with pytest.raises(NotFound):
        queries.get_held_person(stranger.id, person.id)
    assert db.session.get_one(Account, before).phone is None, "nor any SMS about the person"
    assert by_sms().id == stranger.id


def test_whoever_it_was_registers_again_at_once_and_the_next_owner_as_somebody_else(
    person: Person, clock: Travel
) -> None:
    clock.shift(LONG)
    stranger = by_sms()
    assert hold(stranger, "吴老二", resident_id()).state is HoldingState.CONFIRMED
    assert claim(make_account(), person).state is HoldingState.CONFIRMED


def test_who_is_still_signed_in_isnt_locked_out_by_the_next_owners_code(person: Person, clock: Travel) -> None:
    account = by_sms()
    clock.shift(LONG)
    with transaction():
        actions.issue_tokens(account=account)
    stranger = by_sms()
    assert stranger.id != account.id
    assert queries.get_held_person(account.id, person.id).id == person.id
    second = claim(stranger, person)
    assert (second.state, second.reason) == (HoldingState.PENDING, ClaimReason.HELD_ALREADY)


def test_a_wechat_user_with_an_old_number_of_somebody_else_doesnt_become_them(person: Person, clock: Travel) -> None:
    del person
    before = by_sms().id
    clock.shift(LONG)
    newcomer = by_wechat("o_wu")
    assert newcomer.id != before
    assert newcomer.phone_mask == "138****0001"
    assert queries.list_holdings(newcomer.id) == []


def test_a_number_leaves_the_wechat_account_of_whoever_had_it(clock: Travel) -> None:
    had = by_wechat("o_yang")
    clock.shift(LONG)
    now = by_wechat("o_wu")
    assert now.id != had.id
    assert now.phone_mask == "138****0001"
    assert db.session.get_one(Account, had.id).phone_mask is None
    assert by_wechat("o_yang", "13800000002").id == had.id


def test_whoever_changes_the_number_leaves_the_old_one_behind() -> None:
    account = by_wechat("o_yang")
    assert by_wechat("o_yang", "13800000002").id == account.id
    assert db.session.get_one(Account, account.id).phone_mask == "138****0002"
    assert by_sms().id != account.id, "the old number opens it no more"


def test_two_people_who_share_a_phone_are_one_account_and_one_of_them_is_family(person: Person) -> None:
    shared = by_sms()
    with pytest.raises(Conflict, match="two_selves") as refused:
        hold(shared, "石老三", resident_id())
    assert "家人" in refused.value.message
    other = hold(shared, "石老三", resident_id(), Relation.FAMILY)
    assert other.state is HoldingState.CONFIRMED
    assert queries.speaks_for_itself(shared.id, person.id)
    assert not queries.speaks_for_itself(shared.id, other.person_id), "no copy of all data, no list of passengers"


def test_a_clerks_yes_makes_no_second_self_of_one_phone() -> None:
    shared = by_sms()
    stated = hold(shared, "石老三", resident_id(), verified=False)
    hold(shared, "杨秀英", resident_id())
    clerk = make_acting(make_organisation(region="520600"))
    with transaction():
        actions.decide_claim(holding_id=stated.id, by=clerk, confirm=True, note="电话核对过")
    kept = db.session.scalars(select(Holding).where(Holding.id == stated.id)).one()
    assert (kept.state, kept.relation) == (HoldingState.CONFIRMED, Relation.FAMILY)
    assert kept.until == clocks.now() + timedelta(days=30)


def test_two_who_sign_in_one_after_the_other_on_one_phone_are_two_accounts(person: Person) -> None:
    one = by_sms()
    with transaction():
        other = actions.sign_in_phone(phone="13800000009")
    assert other.id != one.id
    assert queries.list_spoken_for(other.id) == []
    assert queries.list_spoken_for(one.id) == [person.id]
