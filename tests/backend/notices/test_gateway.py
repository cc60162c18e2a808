import logging
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from backend.notices.gateway import (
    SmsClient,
    SmsGateway,
    SmsRefused,
    SmsReport,
    SmsState,
    SmsUnknown,
    SmsUnreachable,
)
from tests.factories.sandbox import SMS_KEY, Sandbox

SEND = "sms/v1/messages"
TEXT = "【灵活】您的验证码是 482913，5 分钟内有效。"
PHONE = "13800000001"


def send(sms: SmsGateway, phone: str = PHONE, text: str = TEXT, key: str = "") -> str:
    return sms.send(phone=phone, text=text, idempotency_key=key or uuid4().hex)


def settled(sms: SmsGateway, provider_id: str) -> SmsReport:
    """The report once the provider knows the message's fate, which takes it a second."""
    time.sleep(1.1)
    return sms.state(provider_id)


def test_a_message_arrives_and_is_delivered(sms: SmsClient, sandbox: Sandbox) -> None:
    provider_id = send(sms)

    [received] = sandbox.look("sms")
    assert (received["phone"], received["text"]) == (PHONE, TEXT)
    assert sms.state(provider_id).state is SmsState.ACCEPTED
    assert settled(sms, provider_id) == SmsReport(provider_id, SmsState.DELIVERED)


def test_a_phone_that_is_off_is_reported_as_undelivered(sms: SmsClient) -> None:
    report = settled(sms, send(sms, "13910000001"))

    assert (report.state, report.reason) == (SmsState.UNDELIVERED, "phone.off")


def test_without_a_receipt_a_message_stays_accepted(sms: SmsClient) -> None:
    assert settled(sms, send(sms, "13920000001")).state is SmsState.ACCEPTED


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("13900000001", "number.unassigned"),
        ("13930000001", "number.blocked"),
        ("12345", "number.invalid"),
        ("", "number.invalid"),
    ],
)
def test_a_number_that_cannot_be_reached_is_refused_for_good(sms: SmsClient, phone: str, reason: str) -> None:
    with pytest.raises(SmsRefused) as refusal:
        send(sms, phone)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("text", ["", "字" * 501])
def test_an_empty_or_endless_text_is_refused_for_good(sms: SmsClient, text: str) -> None:
    with pytest.raises(SmsRefused) as refusal:
        send(sms, text=text)
    assert refusal.value.reason == "text.invalid"


def test_the_same_key_sends_once(sms: SmsClient, sandbox: Sandbox) -> None:
    assert send(sms, key="k1") == send(sms, key="k1")
    assert len(sandbox.look("sms")) == 1


def test_the_same_key_at_the_same_time_sends_once(sms: SmsClient, sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: send(sms, key="k1"), range(10)))

    assert len(ids) == len(sandbox.look("sms")) == 1


def test_the_same_key_with_another_message_is_refused(sms: SmsClient) -> None:
    send(sms, key="k1")

    with pytest.raises(SmsRefused) as refusal:
        send(sms, text="别的内容", key="k1")
    assert refusal.value.reason == "idempotency_key.reused"


def test_a_wrong_key_of_ours_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SmsRefused) as refusal:
        send(SmsClient(sandbox.url, "wrong"))
    assert refusal.value.reason == "key.invalid"


def test_too_many_to_one_number_may_be_sent_later(sms: SmsClient) -> None:
    for _ in range(20):
        send(sms)

    with pytest.raises(SmsUnreachable) as refusal:
        send(sms)
    assert refusal.value.retry_after == 60


@pytest.mark.parametrize(("status", "kind"), [(503, SmsUnreachable), (429, SmsUnreachable), (500, SmsUnknown)])
def test_trouble_at_the_provider_is_told_apart(
    sms: SmsClient, sandbox: Sandbox, status: int, kind: type[Exception]
) -> None:
    sandbox.fault(SEND, "http", status)

    with pytest.raises(kind):
        send(sms)


def test_nobody_listening_means_it_was_not_sent() -> None:
    with pytest.raises(SmsUnreachable):
        send(SmsClient("http://127.0.0.1:1", SMS_KEY))


@pytest.mark.parametrize("kind", ["drop_reply", "delay_reply"])
def test_a_message_without_an_answer_is_unknown_until_asked_about_by_its_key(sandbox: Sandbox, kind: str) -> None:
    hasty = SmsClient(sandbox.url, SMS_KEY, timeout=0.5)
    sandbox.fault(SEND, kind, 1.5)

    with pytest.raises(SmsUnknown):
        send(hasty, key="k1")
    found = hasty.find("k1")
    assert found is not None
    assert found.state in {SmsState.ACCEPTED, SmsState.DELIVERED}


def test_a_message_that_never_arrived_is_not_found_and_may_be_sent(sms: SmsClient, sandbox: Sandbox) -> None:
    sandbox.fault(SEND, "drop")

    with pytest.raises(SmsUnknown):
        send(sms, key="k1")
    assert sms.find("k1") is None
    assert send(sms, key="k1")


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"id": 5, "state": "accepted"}', '{"id": "a", "state": "gone"}'])
def test_an_answer_of_another_shape_leaves_it_unknown(sms: SmsClient, sandbox: Sandbox, answer: str) -> None:
    sandbox.fault(SEND, "garbled", answer)

    with pytest.raises(SmsUnknown):
        send(sms)


@pytest.mark.parametrize("kind", ["drop", "garbled", "http"])
def test_a_question_without_an_answer_may_be_asked_again(sms: SmsClient, sandbox: Sandbox, kind: str) -> None:
    provider_id = send(sms, key="k1")
    sandbox.fault("*", kind, 500, times=2)

    for ask in (lambda: sms.state(provider_id), lambda: sms.find("k1")):
        with pytest.raises(SmsUnreachable):
            ask()
    assert sms.state(provider_id).provider_id == provider_id


@pytest.mark.parametrize("provider_id", ["unknown", "../../control/reset", "a?b=c"])
def test_a_message_that_the_provider_never_had_is_refused(sms: SmsClient, sandbox: Sandbox, provider_id: str) -> None:
    send(sms)

    with pytest.raises(SmsRefused):
        sms.state(provider_id)
    assert sandbox.look("sms")


def test_the_time_is_bounded(sandbox: Sandbox) -> None:
    sandbox.fault(SEND, "delay", 3)

    began = time.monotonic()
    with pytest.raises(SmsUnknown):
        send(SmsClient(sandbox.url, SMS_KEY, timeout=0.5))
    assert time.monotonic() - began < 1


def test_neither_key_nor_text_nor_number_is_in_logs_and_tracebacks(
    sms: SmsClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # The product keeps urllib3 quiet; here even what it would say must be clean.
    caplog.set_level(logging.DEBUG, logger="urllib3")
    told = [repr(sms)]
    for kind in ("drop", "http", "garbled"):
        sandbox.fault(SEND, kind, 500)
        with pytest.raises(SmsUnknown) as doubt:
            send(sms)
        told += traceback.format_exception(doubt.value)

    heard = "".join(told) + caplog.text
    assert SEND in caplog.text
    for secret in (SMS_KEY, "482913", PHONE):
        assert secret not in heard


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="base_url"):
        SmsClient("sms.example.com", SMS_KEY)
