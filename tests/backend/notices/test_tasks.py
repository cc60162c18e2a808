"""Sending, against the sandbox over HTTP: what arrived, what is known of it, what is never sent twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.models import Account, Person
from backend.core.config import Config
from backend.core.db import db
from backend.core.transactions import transaction
from backend.notices import queries
from backend.notices.actions import Work, add_grants, claim_due
from backend.notices.actions.sending import MOST_TRIES
from backend.notices.models import Grant
from backend.notices.rules import Channel, Kind, State
from backend.notices.tasks import call, send
from tests.conftest import Travel
from tests.factories.accounts import make_account, make_person
from tests.factories.notices import attempts, make_notice
from tests.factories.sandbox import Sandbox, start_sandbox, stop_sandbox

pytestmark = pytest.mark.usefixtures("app", "clock")
SEND_SMS, SEND_WECHAT = "sms/v1/messages", "cgi-bin/message/subscribe/send"


@pytest.fixture(scope="module")
def outside_process(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox where the configuration says that the outside world is."""
    process = start_sandbox(config.port + 1, tmp_path_factory.mktemp("outside") / "sandbox.sqlite3")
    yield Sandbox(config.sandbox_url)
    stop_sandbox(process)


@pytest.fixture
def outside(outside_process: Sandbox) -> Sandbox:
    outside_process.control("reset")
    return outside_process


def by_phone(phone: str = "13800000001") -> Person:
    return make_person(make_account(phone))


def by_wechat(outside: Sandbox, *, phone: str = "13800000001", agreed: int = 1, known: int = 1) -> Account:
    """杨秀英 in WeChat; `agreed` consents at WeChat, `known` of them to us."""
    with transaction():
        account = accounts.sign_in_wechat(openid="o_yang", phone=phone)
    if agreed:
        outside.control("consents", openid="o_yang", count=agreed)
    if known:
        with transaction():
            add_grants(account_id=account.id, accepted={"demo-declare": known, "demo-colour": known})
    return account


def left(template: str) -> int | None:
    """What we believe is left of the consents."""
    return db.session.scalar(select(Grant.left).where(Grant.template == template))


def states() -> list[tuple[Channel, State]]:
    return [(attempt.channel, attempt.state) for attempt in attempts()]


def test_a_consent_becomes_a_subscribe_message(outside: Sandbox) -> None:
    account = by_wechat(outside)
    make_notice(make_person(account).id, kind=Kind.COLOUR)
    send()

    assert states() == [(Channel.WECHAT, State.SENT)]
    received = outside.look("messages")
    assert [message["fields"]["thing2"] for message in received] == ["健康码有变化，请打开小程序查看"]
    assert received[0]["page"].startswith("pages/web/web")
    assert left("demo-colour") == 0
    assert outside.look("sms") == []


def test_without_consent_left_at_wechat_an_sms_follows(outside: Sandbox) -> None:
    account = by_wechat(outside, agreed=0, known=2)
    make_notice(make_person(account).id)
    send()

    assert states() == [(Channel.WECHAT, State.SKIPPED), (Channel.SMS, State.SENT)]
    assert left("demo-declare") == 0
    assert [sms["text"] for sms in outside.look("sms")] == ["【灵活】今天还没有健康申报，请打开小程序申报。"]


def test_an_sms_is_asked_after_until_its_receipt(outside: Sandbox, clock: Travel) -> None:
    make_notice(by_phone().id)
    send()
    assert states() == [(Channel.SMS, State.SENT)]

    outside.control("clock", shift=3600)
    clock.shift(timedelta(seconds=30))
    send()

    assert states() == [(Channel.SMS, State.DELIVERED)]
    clock.shift(timedelta(days=1))
    send()
    assert outside.calls(SEND_SMS) == 1


@pytest.mark.parametrize(("phone", "error"), [("13900000001", "number.unassigned"), ("13910000001", "phone.off")])
def test_what_cannot_arrive_has_failed_with_its_reason(outside: Sandbox, clock: Travel, phone: str, error: str) -> None:
    make_notice(by_phone(phone).id)
    send()
    outside.control("clock", shift=3600)
    clock.shift(timedelta(minutes=5))
    send()

    assert [(attempt.state, attempt.error) for attempt in attempts()] == [(State.FAILED, error)]


def test_an_answer_that_was_lost_is_asked_for_and_nothing_sent_twice(outside: Sandbox, clock: Travel) -> None:
    make_notice(by_phone().id)
    outside.fault(SEND_SMS, "drop_reply")
    send()
    assert states() == [(Channel.SMS, State.UNKNOWN)]

    clock.shift(timedelta(minutes=1))
    send()

    assert states() == [(Channel.SMS, State.SENT)]
    assert len(outside.look("sms")) == 1


def test_a_worker_killed_between_claim_and_call_is_found_out(outside: Sandbox, clock: Travel) -> None:
    make_notice(by_phone().id)
    with transaction():
        assert isinstance(claim_due(), Work)
    send()
    assert states() == [(Channel.SMS, State.SENDING)]

    clock.shift(timedelta(seconds=61))
    send()
    assert states() == [(Channel.SMS, State.QUEUED)], "the provider never got it"
    clock.shift(timedelta(minutes=2))
    send()

    assert states() == [(Channel.SMS, State.SENT)]
    assert len(outside.look("sms")) == 1


def test_a_worker_killed_between_call_and_record_sends_nothing_twice(outside: Sandbox, clock: Travel) -> None:
    make_notice(by_phone().id)
    with transaction():
        work = claim_due()
    assert isinstance(work, Work)
    call(work)

    clock.shift(timedelta(seconds=61))
    send()

    assert states() == [(Channel.SMS, State.SENT)]
    assert len(outside.look("sms")) == 1


def test_a_subscribe_message_whose_fate_nobody_knows_stays_unknown(outside: Sandbox, clock: Travel) -> None:
    account = by_wechat(outside)
    make_notice(make_person(account).id)
    outside.fault(SEND_WECHAT, "drop_reply")
    send()
    clock.shift(timedelta(days=1))
    send()

    assert states() == [(Channel.WECHAT, State.UNKNOWN)]
    assert len(outside.look("messages")) == 1
    assert outside.look("sms") == []


def test_a_busy_wechat_is_tried_again_and_the_consent_is_spent_once(outside: Sandbox, clock: Travel) -> None:
    account = by_wechat(outside)
    make_notice(make_person(account).id)
    outside.fault(SEND_WECHAT, "errcode", "-1")
    send()
    assert states() == [(Channel.WECHAT, State.QUEUED)]

    clock.shift(timedelta(minutes=2))
    send()

    assert states() == [(Channel.WECHAT, State.SENT)]
    assert left("demo-declare") == 0


def test_after_five_tries_the_next_channel_takes_over(outside: Sandbox, clock: Travel) -> None:
    account = by_wechat(outside)
    make_notice(make_person(account).id)
    outside.fault(SEND_WECHAT, "errcode", "-1", times=100)
    for _ in range(MOST_TRIES):
        send()
        clock.shift(timedelta(minutes=10))
    send()

    assert states() == [(Channel.WECHAT, State.FAILED), (Channel.SMS, State.SENT)]
    assert attempts()[0].error == "wechat.-1"


def test_nobody_is_told_the_phone_by_a_log_or_repr(outside: Sandbox) -> None:
    make_notice(by_phone().id)
    with transaction():
        work = claim_due()

    assert "13800000001" not in repr(work)
    assert outside.url


def test_an_official_sees_how_it_fared(outside: Sandbox, clock: Travel) -> None:
    person_id = by_phone("13910000001").id
    make_notice(person_id)
    send()
    outside.control("clock", shift=3600)
    clock.shift(timedelta(minutes=5))
    send()

    delivery = queries.deliveries([person_id], since=clock() - timedelta(hours=1))[0]
    assert [(sent.channel, sent.state, sent.error) for sent in delivery.attempts] == [
        (Channel.SMS, State.FAILED, "phone.off")
    ]
