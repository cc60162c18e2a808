from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts import actions, queries, tokens
from backend.accounts.models import AccessLog, Person
from backend.accounts.rules import TERMS_VERSION, ClaimReason, HoldingState, OrganisationKind, Purpose, Relation
from backend.core import clock as product_clock
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound, Unauthenticated
from backend.core.transactions import transaction
from tests.conftest import Travel
from tests.factories.accounts import (
    PASSWORD,
    make_account,
    make_acting,
    make_agreeing_account,
    make_organisation,
    make_person,
    resident_id,
)

pytestmark = pytest.mark.usefixtures("app", "clock")
KEY = "test-token-key-of-32-characters--"


def hold(account, number, name="杨秀英", *, verified=True, relation=Relation.SELF, until=None):
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


def test_wechat_and_phone_of_one_user_are_one_account():
    by_phone = make_account("13800000001")
    with transaction():
        by_wechat = actions.sign_in_wechat(openid="o_yang", phone="13800000001")
    assert by_wechat.id == by_phone.id


def test_a_phone_that_another_wechat_user_has_is_not_taken_over():
    with transaction():
        first = actions.sign_in_wechat(openid="o_yang", phone="13800000001")
        second = actions.sign_in_wechat(openid="o_wu", phone="13800000001")
    assert second.id != first.id
    assert second.phone_mask is None


def test_refusing_the_phone_number_still_signs_in():
    with transaction():
        assert actions.sign_in_wechat(openid="o_long", phone=None).phone_mask is None


def test_an_access_token_ends_after_a_quarter_of_an_hour(clock: Travel):
    account = make_account()
    with transaction():
        given = actions.issue_tokens(account=account)
    assert tokens.read(given.access_token, KEY, clock()) == account.id
    clock.shift(timedelta(minutes=15))
    with pytest.raises(Unauthenticated):
        tokens.read(given.access_token, KEY, clock())


def test_a_refresh_whose_answer_was_lost_can_be_repeated(clock: Travel):
    with transaction():
        first = actions.issue_tokens(account=make_account())
    for _ in range(2):
        clock.shift(timedelta(seconds=20))
        with transaction():
            assert actions.refresh_tokens(token=first.refresh_token) is not None


def test_a_stolen_refresh_token_ends_the_whole_chain(clock: Travel):
    with transaction():
        first = actions.issue_tokens(account=make_account())
    with transaction():
        second = actions.refresh_tokens(token=first.refresh_token)
    clock.shift(timedelta(seconds=61))
    with transaction():
        assert actions.refresh_tokens(token=first.refresh_token) is None
    with pytest.raises(Unauthenticated):
        actions.refresh_tokens(token=second.refresh_token)


def test_a_verified_person_whom_nobody_holds_is_held_at_once():
    assert hold(make_account(), resident_id()).state is HoldingState.CONFIRMED


def test_a_second_claim_neither_takes_over_nor_locks_out():
    number, first, second = resident_id(), make_account(), make_account()
    person = hold(first, number).person_id
    claim = hold(second, number)
    assert (claim.state, claim.reason) == (HoldingState.PENDING, ClaimReason.HELD_ALREADY)
    assert queries.get_held_person(first.id, person).id == person
    with pytest.raises(NotFound):
        queries.get_held_person(second.id, person)


def test_a_self_stated_person_may_be_spoken_for_and_never_blocks_the_real_one():
    number, impostor, real = resident_id(), make_account(), make_account()
    stated = hold(impostor, number, verified=False)
    assert stated.reason is ClaimReason.NOT_ON_ROSTER
    assert queries.get_held_person(impostor.id, stated.person_id)
    verified = hold(real, number)
    assert verified.state is HoldingState.CONFIRMED
    assert verified.person_id != stated.person_id


def test_claiming_twice_is_one_claim():
    number, account = resident_id(), make_account()
    assert hold(account, number).id == hold(account, number).id


def test_family_needs_an_end_within_thirty_days(clock: Travel):
    with pytest.raises(Invalid, match="until"):
        hold(make_account(), resident_id(), relation=Relation.FAMILY)
    held = hold(make_account(), resident_id(), relation=Relation.FAMILY, until=clock() + timedelta(days=3))
    clock.shift(timedelta(days=4))
    with pytest.raises(NotFound):
        queries.get_held_person(held.account_id, held.person_id)


def test_nobody_holds_more_than_six():
    account = make_account()
    for _ in range(6):
        hold(account, resident_id(), relation=Relation.FAMILY, until=product_clock.now() + timedelta(days=9))
    with pytest.raises(Conflict, match="too_many"):
        hold(account, resident_id(), relation=Relation.FAMILY, until=product_clock.now() + timedelta(days=9))


def test_a_clerk_of_another_region_does_not_find_the_claim():
    claim = hold(make_account(), resident_id(), verified=False)
    elsewhere = make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583"))
    with pytest.raises(NotFound):
        actions.decide_claim(holding_id=claim.id, by=elsewhere, confirm=True, note="电话核实")


def test_a_clerk_confirms_with_a_note_and_the_person_is_verified():
    claim, clerk = hold(make_account(), resident_id(), verified=False), make_acting()
    with pytest.raises(Invalid, match="note"):
        actions.decide_claim(holding_id=claim.id, by=clerk, confirm=True, note=" ")
    with transaction():
        actions.decide_claim(holding_id=claim.id, by=clerk, confirm=True, note="村委会电话核实")
    assert db.session.get_one(Person, claim.person_id).verified_at is not None


def test_a_refused_claim_speaks_for_nobody():
    claim, clerk = hold(make_account(), resident_id(), verified=False), make_acting()
    with transaction():
        actions.decide_claim(holding_id=claim.id, by=clerk, confirm=False, note="本人说没有登记")
    with pytest.raises(NotFound):
        queries.get_held_person(claim.account_id, claim.person_id)


def test_reading_sealed_data_is_written_down_and_needs_a_purpose():
    person, official = make_person(), make_acting()
    sealed = {"姓名": person.name, "身份证号": person.resident_id}
    with pytest.raises(Invalid, match="purpose"):
        actions.reveal(sealed=sealed, subject_index=person.resident_id_index, by=official, purpose="看看")
    with transaction():
        opened = actions.reveal(
            sealed=sealed, subject_index=person.resident_id_index, by=official, purpose="核实乘车信息"
        )
    assert opened["姓名"] == "杨秀英"
    ((entry, office),) = queries.list_readers(person)
    assert (office, entry.fields) == ("铜仁市人力资源和社会保障局", ["姓名", "身份证号"])


def test_the_access_log_can_not_be_changed_by_the_application():
    person, official = make_person(), make_acting()
    with transaction():
        actions.log_access(subjects=[person.resident_id_index], by=official, purpose="导出花名册", fields=["姓名"])
    entry = db.session.scalars(select(AccessLog)).one()
    entry.purpose = "没有看过"
    with pytest.raises(Exception, match="permission denied"), transaction():
        db.session.flush()


def test_agreements_keep_their_version_and_can_be_withdrawn():
    account = make_agreeing_account()
    assert all(queries.consents_of(account.id).values())
    with pytest.raises(Conflict, match="terms_changed"):
        actions.agree(account=account, choices={Purpose.SHARING: True}, version="2020-01")
    product_clock.Clock.source.shift(timedelta(seconds=1))
    with transaction():
        actions.agree(account=account, choices={Purpose.SHARING: False}, version=TERMS_VERSION)
    assert queries.consents_of(account.id)[Purpose.SHARING] is False


def test_operators_sign_in_by_password_and_the_disabled_do_not():
    acting = make_acting(username="tongren")
    operator = actions.sign_in_operator(username="tongren", password=PASSWORD)
    assert operator.id == acting.operator_id
    for username, password in (("tongren", "wrong-password"), ("nobody", PASSWORD)):
        with pytest.raises(Unauthenticated, match="sign_in_failed"):
            actions.sign_in_operator(username=username, password=password)
    with transaction():
        actions.disable_operator(operator=operator)
    with pytest.raises(Unauthenticated, match="sign_in_failed"):
        actions.sign_in_operator(username="tongren", password=PASSWORD)


def test_an_enterprise_sees_no_claims():
    hold(make_account(), resident_id(), verified=False)
    enterprise = make_organisation("昆山快送", kind=OrganisationKind.PLATFORM, region="520600")
    acting = make_acting(make_organisation())
    assert queries.count_claims(acting) == 1
    assert not [c for c in queries.list_claims(acting) if enterprise.id == acting.organisation_id]
