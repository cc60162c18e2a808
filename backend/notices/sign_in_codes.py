"""Six digits by SMS that prove a phone number to us: five minutes, five tries, once.

The number and the code wait in Redis, sealed, under the number's blind index; nothing of them is in a log, a task's
arguments or the database.
"""

import hmac
import secrets

from backend.core.crypto import Sealed, blind_index, seal, unseal
from backend.core.errors import Invalid
from backend.core.limits import forgive, limit
from backend.core.redis import redis_client
from backend.core.transactions import enqueue

LIFE_SECONDS = 300
WAIT_SECONDS = 60
PLACE = "notices.sign_in_code"
WRONG = "验证码不对或已过期，请重新获取。"


def _key(index: str) -> str:
    return f"sign-in-code:{index}"


def request_code(phone: str) -> int:
    """Have a code sent to a phone; returns after how many seconds another may be asked for.

    Refuses: TooMany within a minute of the last one, or beyond ten a day for one number.
    """
    index = blind_index(phone, "phone").hex()
    limit("sms.minute", index, times=1, seconds=WAIT_SECONDS, message="验证码已发送，请稍等一分钟再获取。")
    limit("sms.day", index, times=10, seconds=86400, message="今天获取验证码的次数太多，请明天再试或用微信登录。")
    code = f"{secrets.randbelow(10**6):06d}"
    redis_client().set(_key(index), seal(f"{phone} {code}", PLACE).blob.hex(), ex=LIFE_SECONDS)
    forgive("sms.tries", index)
    enqueue("notices.send_sign_in_code", index)
    return WAIT_SECONDS


def waiting_code(index: str) -> tuple[str, str] | None:
    """(phone, code) for the task that sends it; None when it has ended or was used."""
    stored = redis_client().get(_key(index))
    if not isinstance(stored, str):
        return None
    phone, _, code = unseal(Sealed(bytes.fromhex(stored), PLACE)).partition(" ")
    return phone, code


def check_code(phone: str, code: str) -> None:
    """Accept the code once.

    Refuses: Invalid when it is wrong, used or ended, TooMany after five tries of one number's code.
    """
    index = blind_index(phone, "phone").hex()
    limit("sms.tries", index, times=5, seconds=LIFE_SECONDS, message="输错次数太多，请重新获取验证码。")
    waiting = waiting_code(index)
    if waiting is None or not hmac.compare_digest(waiting[1].encode(), code.encode()):
        raise Invalid("notices.code_wrong", WRONG, fields={"code": WRONG})
    if redis_client().delete(_key(index)) == 0:
        raise Invalid("notices.code_wrong", WRONG, fields={"code": WRONG})
