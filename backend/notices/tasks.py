"""Sending: claim and commit, call with no connection held, record and commit."""

import structlog

from backend.core.config import settings
from backend.core.outside import wechat
from backend.core.tasks import task
from backend.core.transactions import enqueue, release, transaction
from backend.core.wechat import NoConsent, TooFrequent, Unanswered, Unreachable, WeChatError
from backend.notices.actions import Outcome, Result, Work, claim_due, record
from backend.notices.actions.sending import Do
from backend.notices.gateway import SmsClient, SmsError, SmsRefused, SmsReport, SmsState, SmsUnknown, SmsUnreachable
from backend.notices.rules import Channel
from backend.notices.templates import TEMPLATE_OF, sms_text, values

log = structlog.get_logger()
AT_ONCE = 200
"""Attempts of one run; the next run goes on, so that other tasks get their turn."""
PAGE = "pages/web/web"
"""The mini program's page that shows ours."""


@task("notices.send")
def send() -> None:
    """Carry out what is due: send what is queued, ask after what was sent. Beat runs it too, so nothing is lost."""
    for _ in range(AT_ONCE):
        with transaction():
            work = claim_due()
        if work is None:
            return
        if isinstance(work, Work):
            release()
            outcome = call(work)
            with transaction():
                record(attempt_id=work.attempt_id, outcome=outcome)
            log.info("notices.attempt", attempt=str(work.attempt_id), channel=work.channel, result=outcome.result)
    with transaction():
        enqueue("notices.send")


def call(work: Work) -> Outcome:
    """Speak to the outside world about one attempt; every answer and every silence is an outcome."""
    if work.channel is Channel.WECHAT:
        return _by_wechat(work)
    return _ask_sms(work) if work.do is Do.ASK else _by_sms(work)


def _by_wechat(work: Work) -> Outcome:
    page = f"{PAGE}?page={work.page}" if work.page else ""
    template = TEMPLATE_OF[work.kind]
    try:
        wechat().send_subscribe(work.address, template.id, page, values(work.kind, work.title, work.created_at))
    except NoConsent:
        return Outcome(Result.NO_CONSENT)
    except (Unreachable, TooFrequent) as error:
        return Outcome(Result.LATER, reason=_reason(error))
    except Unanswered as error:
        return Outcome(Result.UNKNOWN, reason=_reason(error))
    except WeChatError as error:
        return Outcome(Result.REFUSED, reason=_reason(error))
    return Outcome(Result.SENT)


def _reason(error: WeChatError) -> str:
    return f"wechat.{error.code}" if error.code is not None else f"wechat.{type(error).__name__.lower()}"


def _sms() -> SmsClient:
    config = settings()
    return SmsClient(config.sms_base_url, config.sms_key.get_secret_value())


def _by_sms(work: Work) -> Outcome:
    try:
        provider_id = _sms().send(phone=work.address, text=sms_text(work.kind), idempotency_key=str(work.attempt_id))
    except SmsRefused as error:
        return Outcome(Result.REFUSED, reason=error.reason)
    except SmsUnreachable as error:
        return Outcome(Result.LATER, reason="sms.unreachable", retry_after=error.retry_after)
    except (SmsUnknown, SmsError):
        return Outcome(Result.UNKNOWN, reason="sms.unknown")
    return Outcome(Result.SENT, provider_id)


def _ask_sms(work: Work) -> Outcome:
    try:
        report = _sms().state(work.provider_id) if work.provider_id else _sms().find(str(work.attempt_id))
    except SmsRefused as error:
        return Outcome(Result.REFUSED, reason=error.reason)
    except SmsError:
        return Outcome(Result.UNKNOWN, work.provider_id, "sms.unreachable")
    return _reported(report)


def _reported(report: SmsReport | None) -> Outcome:
    if report is None:
        return Outcome(Result.NEVER_ARRIVED, reason="sms.never_arrived")
    match report.state:
        case SmsState.DELIVERED:
            return Outcome(Result.DELIVERED, report.provider_id)
        case SmsState.UNDELIVERED:
            return Outcome(Result.REFUSED, report.provider_id, report.reason)
        case SmsState.ACCEPTED:
            return Outcome(Result.SENT, report.provider_id)
