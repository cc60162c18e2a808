"""The rota of a duty desk: two people at any hour, whom an urgent appeal reaches by phone."""

import re
from datetime import datetime
from uuid import UUID

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from healthcode.codes import queries
from healthcode.codes.duty_rules import AHEAD, LONGEST_TURN, NAME
from healthcode.codes.models import Duty

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def add_duty(*, since: datetime, until: datetime, first: tuple[str, str], second: tuple[str, str], by: Acting) -> Duty:
    """Write a turn into the rota of an office; `first` and `second` are (name, mobile phone).

    Refuses: Invalid for a turn that is over, longer than a day or more than 60 days ahead, for a name or number that
    is none, and for one person twice.
    """
    faults = _faults(since, until) | _who("first", *first) | _who("second", *second)
    if first[1] == second[1]:
        faults["second_phone"] = "要有两个人，号码不能一样。"
    if faults:
        raise Invalid("codes.duty", "值班安排有误，请按提示修改。", fields=faults)
    duty = Duty(
        organisation_id=by.organisation_id,
        since=since,
        until=until,
        first_name=first[0],
        first_phone=seal(first[1], "codes.duty.phone"),
        second_name=second[0],
        second_phone=seal(second[1], "codes.duty.phone"),
        made_by=by.operator_id,
    )
    db.session.add(duty)
    db.session.flush()
    return duty


def _faults(since: datetime, until: datetime) -> dict[str, str]:
    now = clock.now()
    if not since < until <= since + LONGEST_TURN:
        return {"until": "结束要晚于开始，一班最长 24 小时。"}
    if until <= now:
        return {"until": "这一班已经过去了，请核对日期。"}
    if since > now + AHEAD:
        return {"since": f"最多提前安排 {AHEAD.days} 天。"}
    return {}


def _who(which: str, name: str, phone: str) -> dict[str, str]:
    faults = {}
    if len(name) not in NAME:
        faults[f"{which}_name"] = f"请填写姓名，{NAME.start} 到 {NAME.stop - 1} 个字。"
    if not MOBILE.fullmatch(phone):
        faults[f"{which}_phone"] = "请填写 11 位手机号。"
    return faults


def drop_duty(*, duty_id: UUID, by: Acting) -> None:
    """Take a turn out of the rota; one under way ends now.

    Refuses: NotFound for another office's; Conflict for a turn that is over.
    """
    duty = queries.get_duty(duty_id, seen_by=by)
    now = clock.now()
    if duty.until <= now:
        raise Conflict("codes.duty_over", "这一班已经结束，留作记录，不能删除。")
    if duty.since < now:
        duty.until = now
    else:
        db.session.delete(duty)
