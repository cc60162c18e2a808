"""What a worker is told of a finding, in the worker's words; once a day, and not at night."""

from dataclasses import dataclass
from datetime import datetime

from backend.core.clock import local
from backend.notices.rules import Kind as Told
from healthcode.checks.rules import Kind

AWAKE = range(7, 22)
"""Hours of the day in which somebody's phone may ring."""


@dataclass(frozen=True, slots=True)
class Words:
    told: Told
    title: str
    body: str
    page: str


WORDS = {
    Kind.UNDECLARED: Words(
        Told.UNDECLARED,
        "请完成今天的健康申报",
        "您今天还没有申报健康状况。申报只要半分钟，不申报就没有健康码，可能影响乘车。",
        "declare",
    ),
    Kind.NOT_GREEN: Words(
        Told.COLOUR,
        "您的健康码有变化",
        "您的健康码现在不是绿码。请打开健康码查看原因和下一步，如有不符请联系工作人员。",
        "code",
    ),
    Kind.EXPIRING: Words(
        Told.UNDECLARED,
        "健康码快到期了",
        "您的健康码几小时内到期，请提前重新申报，以免乘车时没有健康码。",
        "declare",
    ),
    Kind.SILENT: Words(
        Told.SILENT,
        "请报个平安",
        "出发后较长时间没有收到您的消息。请打开小程序申报健康或扫一次场所码；需要帮助请打服务电话。",
        "code",
    ),
    Kind.OFF_ROUTE: Words(
        Told.ELSEWHERE,
        "请核对您的行程",
        "您最近的位置离登记的路线较远。如果行程有变，请告诉带队人员或打服务电话。",
        "trips",
    ),
    Kind.ELSEWHERE: Words(
        Told.ELSEWHERE,
        "请核对您的到达地",
        "已过计划到达时间，您最近的位置不在计划的到达地。如果行程有变，请告诉带队人员或打服务电话。",
        "trips",
    ),
    Kind.OVERDUE: Words(
        Told.SILENT,
        "您到了吗",
        "已过计划到达时间，还没有您的到达记录。到达后请扫一次当地的场所码，或请查验员扫您的健康码。",
        "scan",
    ),
}
"""Kinds of finding that a worker can do something about."""


def topic(kind: Kind, now: datetime) -> str:
    """Under which a finding is told once a day."""
    return f"{kind}:{local(now):%Y-%m-%d}"


def is_day(now: datetime) -> bool:
    """Whether people are awake."""
    return local(now).hour in AWAKE
