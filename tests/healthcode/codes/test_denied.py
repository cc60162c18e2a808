"""What officers' phones are told to refuse: signed once for many, never late, also when a phone speaks no more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.models import Account, Holding, Person
from backend.accounts.rules import PHONE_PROVES, Relation
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.db import db, new_key
from backend.core.errors import NotFound
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.codes.actions.packs import deny_packs
from healthcode.codes.rules import CLOCK_SKEW, PACK_LIFE
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_account, make_acting, make_person
from tests.factories.codes import declare, denied, give_pack, heads_of


def test_all_of_a_city_can_turn_at_once(person: Person) -> None:
    declare(person)
    codes = give_pack(person)
    with transaction():
        deny_packs([person.id, *(new_key() for _ in range(70_000))])
    assert denied() == heads_of(codes)


def test_a_list_of_what_is_denied_is_signed_once_for_all_who_ask_until_more_is_denied(
    person: Person, clock: Travel
) -> None:
    declare(person)
    codes = give_pack(person)
    first = actions.sign_denied()
    clock.shift(timedelta(seconds=14))
    assert actions.sign_denied() == first
    declare(person, temperature=380)
    assert denied() == heads_of(codes)
    second = actions.sign_denied()
    clock.shift(timedelta(seconds=15))
    assert actions.sign_denied() != second


def test_one_more_denied_is_seen_though_another_ends_at_the_same_time(person: Person, clock: Travel) -> None:
    declare(person)
    give_pack(person)
    with transaction():
        deny_packs([person.id])
    clock.shift(PACK_LIFE + CLOCK_SKEW - timedelta(seconds=5))
    other = make_person(name="石桂英")
    declare(other)
    codes = give_pack(other)
    assert denied()
    clock.shift(timedelta(seconds=10))
    with transaction():
        deny_packs([other.id])
    assert denied() == heads_of(codes)


def test_whom_a_clerk_refused_has_codes_of_that_person_no_longer(
    person: Person, deliver_all: Callable[[], int]
) -> None:
    del person
    account = make_account()
    stated = make_person(account, name="石桂英", verified=False)
    declare(stated)
    codes = give_pack(stated)
    (holding,) = db.session.scalars(select(Holding).where(Holding.account_id == account.id)).all()
    with transaction():
        accounts.decide_claim(holding_id=holding.id, by=make_acting(), confirm=False, note="身份证号与户口本不符")
    deliver_all()
    assert denied() == heads_of(codes)


def as_family(person: Person, until: timedelta) -> Account:
    """The account of somebody who looks after a person's code until then."""
    account = make_account()
    with transaction():
        accounts.hold(
            account=account,
            name=unseal(person.name),
            resident_id=unseal(person.resident_id),
            relation=Relation.FAMILY,
            until=clocks.now() + until,
            verified=True,
            region_code="520602",
        )
    (holding,) = db.session.scalars(select(Holding).where(Holding.account_id == account.id)).all()
    with transaction():
        accounts.decide_claim(holding_id=holding.id, by=make_acting(), confirm=True, note="户口本上是父女")
    return account


def test_codes_that_family_was_given_end_with_its_speaking_for_the_person(
    person: Person, deliver_all: Callable[[], int]
) -> None:
    declare(person)
    family = as_family(person, timedelta(days=3))
    codes = give_pack(person, account=family)
    with transaction():
        accounts.end_holding(account=family, person_id=person.id)
    deliver_all()
    assert denied() == heads_of(codes)
    with pytest.raises(NotFound):
        give_pack(person, account=family)


def test_family_has_no_codes_beyond_its_last_day(person: Person) -> None:
    declare(person)
    family = as_family(person, timedelta(minutes=40))
    codes = give_pack(person, account=family)
    assert max(code.expires_at for code in codes) == NOON + timedelta(minutes=40)


def test_codes_of_a_phone_whose_number_is_somebody_elses_now_are_denied(
    person: Person, deliver_all: Callable[[], int]
) -> None:
    del person
    with transaction():
        holder = accounts.sign_in_phone(phone="13900000001")
    theirs = make_person(holder, name="石桂英")
    with transaction():
        db.session.get_one(Account, holder.id).phone_proven_at = NOON - PHONE_PROVES
    declare(theirs)
    codes = give_pack(theirs)
    with transaction():
        assert accounts.sign_in_phone(phone="13900000001").id != holder.id
    deliver_all()
    assert denied() == heads_of(codes)
