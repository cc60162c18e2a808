"""The time of departure, in the many ways in which it is written."""

import re
from datetime import datetime, timedelta

from backend.core.clock import SHANGHAI, local
from healthcode.transfers.rows.cells import Reading, is_nothing, spoiled, text_of
from healthcode.transfers.sheets import Value

_DATE = r"(?:(?P<year>\d{4}|\d{2})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})(?!\d)[日号]?"
_WEEKDAY = r"(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?"
_HALF = r"(?P<half>凌晨|清晨|早上|早晨|上午|早|中午|下午|傍晚|晚上|夜里|晚|AM|PM)?"
_TIME = (
    r"(?P<hour>\d{1,2})(?:[点时](?:整|钟)?"
    r"|[点时:](?P<minute>\d{1,2}|半)分?(?::(?P<second>\d{1,2})(?:\.\d+)?)?)"
)
_LOOSE_SPACE = re.compile(r"(?<!\d) | (?!\d)")
_MOMENT = re.compile(
    rf"{_DATE}[T ]?{_WEEKDAY}(?:00:00:00 )?(?:{_HALF}{_TIME}(?P<after>AM|PM)?(?:左右|出发|发车|准时|前)*)?", re.ASCII
)
_COMPACT = re.compile(r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:(?P<hour>\d\d):?(?P<minute>\d\d))?", re.ASCII)
_TIME_ALONE = re.compile(rf"{_HALF}{_TIME}", re.ASCII)

_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "夜里", "晚", "PM"})
_NOON = 12
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050  # 2000-01-01 and 2099-12-31 as Excel counts days
_EPOCH = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_LONG_GONE, _FAR_OFF = timedelta(days=1), timedelta(days=183)

_HOW = "请写成“2020-03-22 08:00”的样子。"


def read_departure(value: Value, now: datetime) -> Reading:
    """An aware time in Asia/Shanghai, or None where nothing is written.

    A date without a year is the nearest to `now`; without a time of day it is midnight, with a warning.
    """
    text = _LOOSE_SPACE.sub("", text_of(value)).upper()
    if is_nothing(text):
        return Reading(None)
    if serial := _serial(text):
        return _judged(serial, now, "")
    # A number 3.2 may have been 3.20, so only a text may leave the year out.
    found = _COMPACT.fullmatch(text) or (_MOMENT.fullmatch(text) if isinstance(value, str) else None)
    if found is None:
        why = "只有钟点，没有日期" if _TIME_ALONE.fullmatch(text) else "看不懂"
        return Reading(None, spoiled(text) or f"“{text_of(value)[:30]}”{why}，{_HOW}")
    try:
        moment = _moment(found.groupdict(), now)
    except ValueError:
        return Reading(None, f"“{text_of(value)[:30]}”不存在，{_HOW}")
    return _judged(moment, now, "" if found["hour"] else "只有日期，没有钟点，暂记为零点。")


def _serial(text: str) -> datetime | None:
    try:
        days = float(text)
    except ValueError:
        return None
    if not _FIRST_SERIAL <= days < _LAST_SERIAL:
        return None
    return _EPOCH + timedelta(minutes=round(days * 24 * 60))


def _moment(parts: dict[str, str | None], now: datetime) -> datetime:
    minute = parts.get("minute") or "0"
    at = {
        "month": int(parts["month"] or 0),
        "day": int(parts["day"] or 0),
        "hour": _hour(int(parts["hour"] or 0), parts.get("half") or parts.get("after") or ""),
        "minute": 30 if minute == "半" else int(minute),
        "second": int(parts.get("second") or 0),
    }
    if year := parts["year"]:
        return datetime(int(year) + (2000 if len(year) == len("20") else 0), **at, tzinfo=SHANGHAI)
    years = (local(now).year + step for step in (-1, 0, 1))
    return min((datetime(year, **at, tzinfo=SHANGHAI) for year in years), key=lambda moment: abs(moment - now))


def _hour(hour: int, half: str) -> int:
    if half in _AFTERNOON and hour < _NOON:
        return hour + _NOON
    if half == "中午" and hour < _NOON - 1:
        return hour + _NOON
    if hour == _NOON and half in {"凌晨", "AM"}:
        return 0
    if hour == _NOON and half in {"晚上", "夜里", "晚"}:
        raise ValueError(half)  # the midnight before or after?
    return hour


def _judged(moment: datetime, now: datetime, warning: str) -> Reading:
    if moment < now - _LONG_GONE:
        warning += "已经过去，请核对年份和日期。"
    elif moment > now + _FAR_OFF:
        warning += "在半年以后，请核对年份和日期。"
    return Reading(moment, warning=warning)
