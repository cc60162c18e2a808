"""What WeChat takes as the values of a subscribe message's fields.

Source: 订阅消息参数值内容限制说明 of its documentation.
"""

import re
from collections.abc import Callable, Mapping

_CLOCK = r"([01]?\d|2[0-3])[:：][0-5]\d([:：][0-5]\d)?"
_DAY = r"(\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?)"
_MOMENT = rf"{_DAY}( ?{_CLOCK})?"


def _fits(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_HAN = "\\u3007\\u4e00-\\u9fff\\u3400-\\u4dbf\U00020000-\U0003ffff"
_SYMBOL = r"[^\w\s]"

RULES: dict[str, Callable[[str], bool]] = {
    "thing": _fits(r"[^\x00-\x1f]{1,20}"),
    "number": _fits(r"(?=.{1,32}$)-?\d+(\.\d+)?"),
    "letter": _fits(r"[A-Za-z]{1,32}"),
    "symbol": _fits(rf"{_SYMBOL}{{1,5}}"),
    "character_string": _fits(r"[!-~]{1,32}"),
    "time": _fits(rf"({_MOMENT}|{_CLOCK})(~({_MOMENT}|{_CLOCK}))?"),
    "date": _fits(rf"{_MOMENT}(~{_MOMENT})?"),
    "amount": _fits(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?"),
    "phone_number": _fits(r"[\d+\-() ]{1,17}"),
    "car_number": _fits(rf"[{_HAN}]?[A-Za-z0-9]{{1,7}}[{_HAN}]?"),
    "name": _fits(rf"[{_HAN}·•・]{{1,10}}|[A-Za-z '.\-]{{1,20}}"),
    "phrase": _fits(rf"[{_HAN}]{{1,5}}"),
}


def kind(key: str) -> str:
    """The type in a field's key: "thing" of "thing12"."""
    return key.rstrip("0123456789")


def fault(fields: Mapping[str, str], data: object) -> str | None:
    """Which field of `data` WeChat would refuse and why, in its own words; None when all fit.

    `fields` are the template's keys. A missing or empty value is refused like a wrong one.
    """
    if not isinstance(data, dict):
        return "data is invalid"
    for key in fields:
        entry = data.get(key)
        value = entry.get("value") if isinstance(entry, dict) else None
        if value is None or value == "":
            return f"data.{key}.value is empty"
        if not RULES[kind(key)](str(value)):
            return f"data.{key}.value invalid"
    return None
