"""The inbox and the choice of channels."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.models import Account, Holding
from backend.accounts.rules import Relation
from backend.core.db import db
from backend.core.errors import Invalid, NotFound
from backend.core.transactions import transaction
from backend.notices import queries
from backend.notices.actions import Notice, add_grants, mark_read, notify_many
from backend.notices.rules import Channel, Kind
from backend.notices.templates import PLAIN, TEMPLATES, cut, is_known, sms_text, values
from backend.sandbox.values import fault
from tests.conftest import NOON
from tests.factories.accounts import make_account, make_acting, make_organisation, make_person, resident_id
from tests.factories.notices import attempts, make_notice

pytestmark = pytest.mark.usefixtures("app", "clock")


def wechat_account(openid: str = "o_yang", phone: str = "") -> Account:
    with transaction():
        return accounts.sign_in_wechat(openid=openid, phone=phone or None)


def grant(account: Account, template: str = "demo-declare", times: int = 1) -> None:
    with transaction():
        add_grants(account_id=account.id, accepted={template: times})


def test_a_topic_is_told_once() -> None:
    person = make_person()

    assert make_notice(person.id) == 1
    assert make_notice(person.id) == 0

    assert [message.title for message in queries.inbox([person.id])] == ["请完成今天的健康申报"]
    assert queries.count_unread([person.id]) == 1


def test_somebody_without_a_phone_still_has_the_inbox() -> None:
    person = make_person(wechat_account())

    make_notice(person.id)

    assert queries.count_unread([person.id]) == 1
    assert attempts() == []


def test_wechat_with_a_consent_else_sms() -> None:
    account = wechat_account(phone="13800000001")
    person = make_person(account)
    make_notice(person.id, topic="a")
    grant(account)
    make_notice(person.id, topic="b")
    make_notice(person.id, kind=Kind.TRIP, topic="c")

    assert [attempt.channel for attempt in attempts()] == [Channel.SMS, Channel.WECHAT, Channel.SMS]


def test_every_account_that_speaks_for_the_person_is_told() -> None:
    number = resident_id()
    make_person(make_account("13800000001"), number=number)
    family = make_account("13800000002")
    with transaction():
        holding = accounts.hold(
            account=family,
            name="杨秀英",
            resident_id=number,
            relation=Relation.SELF,
            until=None,
            verified=True,
            region_code="520602",
        )
    office = make_acting(make_organisation())
    with transaction():
        accounts.decide_claim(holding_id=holding.id, by=office, confirm=True, note="户口本核实")

    make_notice(holding.person_id)

    assert len(attempts()) == 2


def test_a_thousand_people_are_told_at_once() -> None:
    person = make_person(make_account("13800000001"))

    made = notify_many(Notice(person.id, Kind.TRIP, str(n), "行程", "", "trips") for n in range(1500))

    assert made == 1500


def test_grants_are_counted_and_strange_ones_refused() -> None:
    account = wechat_account()
    grant(account)
    grant(account, times=2)

    assert {one.id: one.left for one in queries.list_grants(account.id)} == {
        "demo-declare": 3,
        "demo-colour": 0,
        "demo-trip": 0,
    }
    for wrong in ({"unknown": 1}, {"demo-trip": 0}, {"demo-trip": 1000}):
        with pytest.raises(Invalid):
            add_grants(account_id=account.id, accepted=wrong)


def test_a_message_is_read_once_and_by_its_people_only() -> None:
    person = make_person()
    make_notice(person.id)
    message = queries.inbox([person.id])[0]
    with pytest.raises(NotFound):
        mark_read(message_id=message.id, person_ids=[UUID(int=1)])

    with transaction():
        mark_read(message_id=message.id, person_ids=[person.id])

    assert queries.count_unread([person.id]) == 0


@pytest.mark.parametrize("kind", Kind)
def test_what_leaves_the_house_fits_wechat_and_says_nothing_of_health(kind: Kind) -> None:
    title = "健康码变为红码，因为申报了 14 天内接触过确诊或疑似病例"
    data = values(kind, title, NOON)
    template = next(template for template in TEMPLATES if kind in template.kinds)

    assert fault(dict(template.fields), {key: {"value": value} for key, value in data.items()}) is None
    assert is_known(template.id)
    told = sms_text(kind)
    assert not any(word in told for word in ("红码", "黄码", "体温", "确诊"))
    if kind is Kind.COLOUR:
        assert not any("红码" in value for value in data.values())


def test_long_titles_are_cut_with_an_ellipsis() -> None:
    assert cut("一" * 21, 20) == "一" * 19 + "…"
    assert cut("一" * 20, 20) == "一" * 20
    assert all(len(plain) <= 60 for plain in PLAIN.values())


def test_a_decided_claim_is_told(deliver_all: Callable[[], int]) -> None:
    account = make_account("13800000001")
    person = make_person(account, verified=False)
    office = make_acting(make_organisation())
    claim = db.session.scalars(select(Holding)).one()
    with transaction():
        accounts.decide_claim(holding_id=claim.id, by=office, confirm=False, note="身份证号与户口本不符")
    deliver_all()

    message = queries.inbox([person.id])[0]
    assert message.title == "身份核实未通过"
    assert "户口本" in message.body
    assert [attempt.account_id for attempt in attempts()] == [account.id]
