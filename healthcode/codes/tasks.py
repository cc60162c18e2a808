"""What happens to codes by itself: colours end, a key signs, unanswered appeals go up, the duty desk is called,
provinces are asked.
"""

from uuid import UUID

import structlog

from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import unseal
from backend.core.tasks import Task, task
from backend.core.transactions import release, transaction
from backend.notices.gateway import SmsClient, SmsRefused, SmsUnknown, SmsUnreachable
from healthcode.codes import actions, queries
from healthcode.codes.appeal_rules import AppealState
from healthcode.codes.gateway import ProvinceClient, ProvinceForged, ProvinceRefused, ProvinceUnreachable

log = structlog.get_logger()
CALLS = {
    AppealState.OPEN: "【灵活】有人在上车或过卡口时对健康码有异议，请在 15 分钟内登录申诉页面答复。",
    AppealState.PROPOSED: "【灵活】有一件加急申诉等第二人批准，本人正在等候，请登录赋码决定页面处理。",
}


@task("codes.expire")
def expire() -> None:
    """Change the colours whose time has come, a batch a transaction."""
    more = True
    while more:
        with transaction():
            more = actions.expire_statuses() > 0


@task("codes.keep_key")
def keep_key() -> None:
    """Make the first keys; later ones are made by `flask codes rotate-key`."""
    with transaction():
        actions.ensure_issuer_keys()


@task("codes.rejudge", queue="bulk")
def rejudge() -> None:
    """Judge everybody anew: stays grow, regions get other levels, rules change."""
    with transaction():
        actions.rejudge()


@task("codes.escalate_appeals")
def escalate_appeals() -> None:
    """Hand appeals whose time is over to the region above, a batch a transaction."""
    more = True
    while more:
        with transaction():
            more = actions.escalate_appeals() > 0


@task("codes.call_duty", autoretry_for=(*Task.autoretry_for, SmsUnreachable), max_retries=5)
def call_duty(appeal_id: str, region_code: str, state: str) -> None:
    """Tell the two people on duty by SMS that an urgent appeal waits; nothing of the person is in it.

    Each number is told once of an appeal, office and state, however often the task runs. Where nobody is on duty the
    clock of the appeal runs all the same, and the log says so.
    """
    turn = queries.on_duty(region_code, clock.now())
    if turn is None:
        log.warning("duty.nobody", region=region_code, appeal=appeal_id)
        return
    release()
    config = settings()
    client = SmsClient(config.sms_base_url, config.sms_key.get_secret_value())
    for place, phone in enumerate((turn.first_phone, turn.second_phone)):
        key = f"duty-{UUID(appeal_id).hex}-{region_code}-{state}-{place}"
        try:
            client.send(phone=phone, text=CALLS[AppealState(state)], idempotency_key=key)
        except SmsRefused as refused:
            log.warning("sms.refused", reason=refused.reason)
        except SmsUnknown:
            log.warning("sms.unknown")


@task("codes.ask_province")
def ask_province(query_id: str) -> None:
    """Put one question to a province, with no connection held, and keep the answer; twice is like once.

    An answer that can't be trusted is none: it is logged, and changes no colour.
    """
    with transaction():
        question = actions.claim_question(UUID(query_id))
    if question is None:
        return
    config = settings()
    key = config.keys_of_provinces.get(question.province, "")
    client = ProvinceClient(config.provinces[question.province], app=config.province_app, key=key)
    said = {"name": unseal(question.name), "resident_id": unseal(question.resident_id)}
    release()
    try:
        answer = client.query(**said, request_id=question.request_id, now=clock.now())
    except (ProvinceUnreachable, ProvinceRefused, ProvinceForged) as none:
        log.warning("province.no_answer", province=question.province, kind=type(none).__name__, why=str(none))
        with transaction():
            actions.record_silence(question, for_good=isinstance(none, ProvinceRefused))
        return
    with transaction():
        actions.record_answer(question, answer)


@task("codes.sweep_provinces")
def sweep_provinces() -> None:
    """Put again what a province did not answer, and what a killed worker left."""
    with transaction():
        actions.sweep_questions()
