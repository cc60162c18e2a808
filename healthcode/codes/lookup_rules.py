"""When an officer may look up somebody without a phone, and how often."""

from datetime import timedelta
from enum import StrEnum

LONGEST_SHIFT = timedelta(hours=12)
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 20
MOST_A_SHIFT = 60
WORDS = range(4, 101)
UNKNOWN = "没有查到可以核验的信息。"
UNKNOWN_STEP = "请对照身份证核对后再查；仍查不到，请本人用手机亮码，或交给卫生人员。"


class LookupReason(StrEnum):
    """Why somebody has no code to show."""

    NO_PHONE = "no_phone"
    FLAT = "flat"
    BROKEN = "broken"
    OTHER = "other"
    CARD = "card"  # a printed identity card was scanned; it can't be chosen for what is typed


REASON_NAMES = {
    LookupReason.NO_PHONE: "没有智能手机",
    LookupReason.FLAT: "手机没电",
    LookupReason.BROKEN: "手机打不开健康码",
    LookupReason.OTHER: "其他",
    LookupReason.CARD: "出示卡片",
}
TYPED_REASONS = tuple(reason for reason in LookupReason if reason is not LookupReason.CARD)
