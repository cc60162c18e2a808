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


WHEREABOUTS = frozenset({Kind.SILENT, Kind.OFF_ROUTE, Kind.ELSEWHERE})
"""Kinds that say where somebody is."""

KIND_NAMES = {
    Kind.UNREGISTERED: "未登记",
    Kind.UNDECLARED: "今日未申报",
    Kind.NOT_GREEN: "非绿码",
    Kind.EXPIRING: "健康码即将变化",
    Kind.SILENT: "长时间无消息",
    Kind.OFF_ROUTE: "偏离路线",
    Kind.ELSEWHERE: "到了别的地区",
    Kind.OVERDUE: "超时未到",
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
}

SILENT_AFTER = timedelta(hours=6)
CORRIDOR_KM = 150.0
"""Roads wind: how far from the straight line between stops still counts as on the way."""
OVERDUE_AFTER = timedelta(hours=6)
EXPIRING_WITHIN = timedelta(hours=3)
