import structlog

from backend.core.config import settings
from backend.core.tasks import Task, task
from backend.notices.gateway import SmsClient, SmsRefused, SmsUnknown, SmsUnreachable
from backend.notices.sign_in_codes import waiting_code

log = structlog.get_logger()


@task("notices.send_sign_in_code", autoretry_for=(*Task.autoretry_for, SmsUnreachable), max_retries=3)
def send_sign_in_code(index: str) -> None:
    """Send the waiting code of a phone; the same code twice is one SMS by its idempotency key.

    An unreachable provider is tried again while the code lives. A refusal, or silence after sending, is left: the
    person asks for another code in a minute.
    """
    waiting = waiting_code(index)
    if waiting is None:
        return
    phone, code = waiting
    config = settings()
    client = SmsClient(config.sms_base_url, config.sms_key.get_secret_value())
    text = f"【灵活】验证码 {code}，5 分钟内有效。请勿告诉他人，工作人员不会向您索要。"
    try:
        client.send(phone=phone, text=text, idempotency_key=f"sign-in-{index[:12]}-{code}")
    except SmsRefused as refused:
        log.warning("sms.refused", reason=refused.reason)
    except SmsUnknown:
        log.warning("sms.unknown")
