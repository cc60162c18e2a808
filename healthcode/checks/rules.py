"""What a check can find, and the thresholds by which it does."""

from datetime import timedelta
from enum import StrEnum


class Check(StrEnum):
    HEALTH = "health"
    LOCATION = "location"


class Kind(StrEnum):
    UNREGISTERED = "unregistered"  # on the roster, never claimed
    UNDECLARED = "undeclared"  # not declared today
    NOT_GREEN = "not_green"
    EXPIRING = "expiring"  # the colour changes within hours
    SILENT = "silent"
    OFF_ROUTE = "off_route"
    ELSEWHERE = "elsewhere"  # arrived in another region than planned
    OVERDUE = "overdue"  # planned to have arrived, not seen there
    RISKY = "risky"  # last seen where the risk is medium or high


WHEREABOUTS = frozenset({Kind.SILENT, Kind.OFF_ROUTE, Kind.ELSEWHERE, Kind.RISKY})
"""Kinds that say where somebody is."""

OF_VEHICLES = (Kind.OFF_ROUTE, Kind.SILENT, Kind.RISKY, Kind.ELSEWHERE, Kind.OVERDUE)
"""Kinds that say how a vehicle fares, the most pressing first."""

KIND_NAMES = {
    Kind.UNREGISTERED: "未登记",
    Kind.UNDECLARED: "今日未申报",
    Kind.NOT_GREEN: "非绿码",
    Kind.EXPIRING: "健康码即将变化",
    Kind.SILENT: "长时间无消息",
    Kind.OFF_ROUTE: "偏离路线",
    Kind.ELSEWHERE: "到了别的地区",
    Kind.OVERDUE: "超时未到",
    Kind.RISKY: "在中高风险地区",
}

CHECK_OF = {
    Kind.UNREGISTERED: Check.HEALTH,
    Kind.UNDECLARED: Check.HEALTH,
    Kind.NOT_GREEN: Check.HEALTH,
    Kind.EXPIRING: Check.HEALTH,
    Kind.SILENT: Check.LOCATION,
    Kind.OFF_ROUTE: Check.LOCATION,
    Kind.ELSEWHERE: Check.LOCATION,
    Kind.OVERDUE: Check.LOCATION,
    Kind.RISKY: Check.LOCATION,
}

SILENT_AFTER = timedelta(hours=6)
CORRIDOR_KM = 150.0
"""Roads wind: how far from the straight line between stops still counts as on the way."""
OVERDUE_AFTER = timedelta(hours=6)
EXPIRING_WITHIN = timedelta(hours=3)

SEEN_WITHIN = timedelta(hours=24)
"""Where somebody was last seen longer ago than this says nothing about the risk there now."""

DUE_WITHIN = {
    Kind.UNREGISTERED: timedelta(hours=24),
    Kind.UNDECLARED: timedelta(hours=6),
    Kind.NOT_GREEN: timedelta(hours=2),
    Kind.EXPIRING: timedelta(hours=3),
    Kind.SILENT: timedelta(hours=2),
    Kind.OFF_ROUTE: timedelta(hours=1),
    Kind.ELSEWHERE: timedelta(hours=6),
    Kind.OVERDUE: timedelta(hours=4),
    Kind.RISKY: timedelta(hours=4),
}
"""From when it was found; somebody should have seen to it by then."""
SETTLED_FOR = timedelta(hours=24)
"""What a person settled and the check finds still is open again after this."""
WORDS = range(2, 201)


class Move(StrEnum):
    """What people did about a finding."""

    TAKEN = "taken"
    HANDED = "handed"  # to a colleague of the same office
    RETURNED = "returned"  # to the office: nobody has it
    NOTED = "noted"
    SETTLED = "settled"
    REOPENED = "reopened"  # settled, and found still


MOVE_NAMES = {
    Move.TAKEN: "接手",
    Move.HANDED: "转给同事",
    Move.RETURNED: "退回本单位",
    Move.NOTED: "记录",
    Move.SETTLED: "处理完",
    Move.REOPENED: "情况仍在，重新打开",
}


class Work(StrEnum):
    """How far people are with a finding."""

    WAITING = "waiting"  # nobody has it
    MINE = "mine"
    OTHERS = "others"
    SETTLED = "settled"


WORK_NAMES = {
    Work.WAITING: "没人负责",
    Work.MINE: "我负责的",
    Work.OTHERS: "同事负责的",
    Work.SETTLED: "已处理",
}
