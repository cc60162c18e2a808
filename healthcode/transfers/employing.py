"""Who starts work at the enterprise at the end of a transfer, and what the enterprise is told of people. Pure.

An enterprise learns fit or unfit, never why (PIPL, article 6: what the purpose needs and no more). Source of what it
confirms: 人社部明电〔2020〕4号 (点对点 to the post), 《食品安全法》第四十五条 and like rules for certificates of
health, 《安全生产法》第二十八条 for training before the first day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from healthcode.codes.rules import Colour
from healthcode.transfers.rules import State

SHORTEST_WORDS, LONGEST_WORDS = 2, 100  # characters
CERTIFICATE = range(4, 41)
WRITTEN_LATE = timedelta(days=31)
"""How long ago somebody's first day may be."""
MOST_AT_ONCE = 200
LEAST_SHOWN = 10
"""Banks see no smaller number: 《个人信息保护法》第七十三条, what can't be traced to a person."""
EMPLOYS = frozenset({State.IN_TRANSIT, State.ARRIVED, State.ON_DUTY})
"""From the first vehicle's departure on an enterprise sees whom it will employ."""


class StartKind(StrEnum):
    """What the enterprise says of somebody."""

    STARTED = "started"
    ABSENT = "absent"
    UNDONE = "undone"  # what was said before was wrong


START_NAMES = {StartKind.STARTED: "已上岗", StartKind.ABSENT: "没有上岗", StartKind.UNDONE: "已撤销"}


@dataclass(frozen=True, slots=True)
class Starting:
    """Somebody's first day, as the enterprise writes it down."""

    entry_id: UUID
    day: date
    certificate: str
    """Number of the certificate of health that was seen."""
    certificate_until: date
    training: str
    """What the person was taught before starting."""


def is_fit(colour: Colour) -> bool:
    """All that an enterprise learns of a colour."""
    return colour is Colour.GREEN


def why_not_start(*, fit: bool, arrived: bool, shares: bool) -> str:
    """Why somebody can't start today, in words that say nothing of health; empty for who can."""
    if not shares:
        return "本人没有同意与用工企业共享信息，请本人在“我的授权”里同意后再登记。"
    if not arrived:
        return "还没有到达记录，请先与当地人社部门核对。"
    return "" if fit else "今天不适岗，请本人打开健康码查看原因和办法。"


def faults_of(starting: Starting, today: date) -> Mapping[str, str]:
    """What is wrong with what was typed, a sentence a field."""
    faults = {}
    if not today - WRITTEN_LATE <= starting.day <= today:
        faults["day"] = f"上岗日期不能晚于今天，也不能早于 {WRITTEN_LATE.days} 天以前。"
    if len(starting.certificate) not in CERTIFICATE:
        faults["certificate"] = f"请填写健康证明编号，{CERTIFICATE.start} 到 {CERTIFICATE.stop - 1} 个字。"
    if starting.certificate_until < starting.day:
        faults["certificate_until"] = "健康证明在上岗那天已经过期，请换新证后再登记。"
    if not SHORTEST_WORDS <= len(starting.training) <= LONGEST_WORDS:
        faults["training"] = f"请写明岗前培训的内容，{SHORTEST_WORDS} 到 {LONGEST_WORDS} 个字。"
    return faults
