"""Single cells: what clerks type, and what they mean by it."""

import re
import unicodedata
from typing import NamedTuple

from backend.core.resident_id import Sex
from healthcode.transfers.rules import Mode
from healthcode.transfers.sheets import ERROR_VALUE, NO_STORED_VALUE, Value


class Reading(NamedTuple):
    """What a cell means; with a fault it means nothing, with a warning it still does."""

    value: object
    fault: str = ""
    warning: str = ""


PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff]*")
"""Text that tidying leaves as it is: the great majority, so it is spared the work."""
SHORT, LONG = 100, 200  # characters

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_NOTHING = frozenset(
    {"", "/", "\\", "-", "--", "—", "——", "无", "暂无", "没有", "空", "NONE", "NULL", "N/A", "NA", "、", "."}
)
_SPOILED = {
    NO_STORED_VALUE: "这一格是公式，文件里没有存下它的结果。请在 Excel 或 WPS 里打开、保存一次，或直接填写内容。",
    ERROR_VALUE: "这一格的公式出错了（如 #N/A），请改成正确的内容。",
}
_MADE_A_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: ?\d\d:\d\d:\d\d)?|\d\d:\d\d:\d\d")

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_PHONE_MARKS = re.compile(r"[\s\-_.()·+]+")
_COUNTRY = re.compile(r"(?:00)?86(?=1[3-9]\d{9}$)")

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U0003ffff"
NAME = re.compile(rf"[{HAN}]+(?:·[{HAN}]+)*")
_NOT_HAN = re.compile(rf"[^{HAN}·]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_DOTS = re.compile("[·•・‧∙⋅●.．。﹒ᐧ⸱]+")
SHORTEST_NAME, LONGEST_NAME = 2, 50  # characters, as in accounts

_SEXES = {Sex.MALE: ("男", "男性", "男士", "1", "M", "MALE"), Sex.FEMALE: ("女", "女性", "女士", "2", "F", "FEMALE")}
_SEX_OF = {word: sex for sex, words in _SEXES.items() for word in words}
_YES_WORDS = (
    "是 有 √ ✓ ✔ ☑ V Y YES 1 对 属于 贫困户 贫困 贫困人口 建档立卡 建档立卡户 建档立卡贫困户 脱贫户 已脱贫 已脱贫户"
)
_NO_WORDS = "否 不是 非 无 没有 × ✗ ✘ ✕ X N NO 0 不属于 非贫困户 非建档立卡户 非建档立卡贫困户 一般户 一般农户 普通户"
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())

_MODE_WORDS = (
    (Mode.OWN_CAR, re.compile("自驾|私家车|自行|自备|自己开|摩托|拼车|顺风车")),
    (Mode.PLANE, re.compile("飞机|包机|航班|航空|民航")),
    (Mode.TRAIN, re.compile("火车|高铁|动车|列车|专列|铁路|直达特快")),
    (Mode.COACH, re.compile("包车|大巴|客车|汽车|中巴|班车|专车|巴士|客运|大客")),
)
_TRAIN_NUMBER = re.compile(r"[GDCZTKLYS]\d{1,4}(?:/\d{1,4})?次?")
_PLATE = re.compile(r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[·.\-]?([A-Z0-9]{5,6})")
_SEAT_WORDS = re.compile(r"^第|[号座位席]+$")


def spoiled(text: str) -> str:
    """The sentence for a formula without a usable result; "" for any other text."""
    return _SPOILED.get(text, "")


def text_of(value: Value) -> str:
    """A cell as text: whole numbers without .0, half-width (NFKC), nothing invisible, single spaces, no outer ones."""
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) else tidy(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(int(value)) if value == value // 1 else repr(value)


def tidy(text: str) -> str:
    """Half-width (NFKC), nothing invisible, single spaces, no quotes or spaces around it; idempotent."""
    return " ".join(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).split()).strip("'‘’`\" ")


def compact(value: Value) -> str:
    """The same without any space."""
    text = text_of(value)
    return unicodedata.normalize("NFKC", text.replace(" ", "")) if " " in text else text


def is_nothing(text: str) -> bool:
    """Whether a cell says in some way that there is nothing to say."""
    return text.upper() in _NOTHING


def read_serial(value: Value) -> int | None:
    """A number that fits a column, or None for what is no number."""
    text = compact(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004 - fits 32 bits


def read_name(value: Value) -> Reading:
    """2 to 50 Han characters; spaces go, every kind of middle dot becomes ·."""
    if isinstance(value, str) and NAME.fullmatch(value) and SHORTEST_NAME <= len(value) <= LONGEST_NAME:
        return Reading(value)
    if isinstance(value, str) and _PRIVATE_USE.search(value):
        return Reading(None, "姓名里有电脑自造的字，别的电脑显示不出来，请用能打生僻字的输入法重新填写。")
    name = _DOTS.sub("·", compact(value)).strip("·")
    if NAME.fullmatch(name) and SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return Reading(name)
    return Reading(None, spoiled(compact(value)) or _fault_of_name(name))


def _fault_of_name(name: str) -> str:
    if not name:
        return "姓名没有填，请补上。"
    if "?" in name or "\ufffd" in name or "□" in name or "*" in name:
        return f"“{name[:20]}”里有没存下来的字，请对照身份证重新填写。"
    if odd := _NOT_HAN.search(name):
        return f"“{name[:20]}”里的“{odd.group()}”不是汉字，请对照身份证填写。"
    return f"“{name[:20]}”有{len(name)}个字，应为{SHORTEST_NAME}至{LONGEST_NAME}个字，请对照身份证核对。"


def read_phone(value: Value) -> Reading:
    """A mainland mobile number of 11 digits, or "" with a warning."""
    if isinstance(value, str) and MOBILE.fullmatch(value):
        return Reading(value)
    text = compact(value)
    phone = _COUNTRY.sub("", _PHONE_MARKS.sub("", text))
    if MOBILE.fullmatch(phone):
        return Reading(phone)
    if is_nothing(text):
        return Reading("", warning="没有联系电话，本人要凭姓名和身份证号认领。")
    if fault := spoiled(text):
        return Reading(None, fault)
    if re.search(r"1[3-9]\d{9}\D*1[3-9]\d{9}", phone):
        return Reading(None, f"“{text[:30]}”像是有两个号码，请只留一个。")
    digits = sum(character.isdigit() for character in phone)
    return Reading(None, f"“{text[:30]}”不是11位手机号（现在是{digits}位数字），请核对；没有手机可以空着。")


def read_sex(value: Value) -> Reading:
    """A `Sex`, or None where nothing is written: the ID number says it too."""
    text = compact(value)
    if text in _SEX_OF or is_nothing(text):
        return Reading(_SEX_OF.get(text))
    sex = _SEX_OF.get(text.upper())
    return Reading(sex) if sex else Reading(None, spoiled(text) or f"“{text[:10]}”看不懂，请填“男”或“女”。")


def read_poor(value: Value) -> Reading:
    """True or False; nothing written is False."""
    text = compact(value).upper()
    if text in _YES:
        return Reading(value=True)
    if text in _NO or is_nothing(text):
        return Reading(value=False)
    return Reading(value=None, fault=spoiled(compact(value)) or f"“{text[:20]}”看不懂，请填“是”或“否”。")


def read_short(value: Value) -> Reading:
    """A name of something, "" where nothing is written."""
    return _read_words(value, SHORT)


def read_long(value: Value) -> Reading:
    """An address or a list, "" where nothing is written."""
    return _read_words(value, LONG)


def _read_words(value: Value, longest: int) -> Reading:
    text = text_of(value)
    if len(text) > longest:
        return Reading(None, f"有{len(text)}个字，太长了，请缩到{longest}字以内。")
    return Reading("", spoiled(text)) if text in _SPOILED else Reading("" if is_nothing(text) else text)


def read_mode(value: Value) -> Reading:
    """A kind of vehicle; None where nothing is written, so that the vehicle may tell."""
    text = compact(value)
    if is_nothing(text):
        return Reading(None)
    if fault := spoiled(text):
        return Reading(None, fault)
    modes = [mode for mode, words in _MODE_WORDS if words.search(text)]
    if modes and (len(modes) == 1 or modes[0] is Mode.OWN_CAR):
        return Reading(modes[0])
    return Reading(Mode.OTHER, warning=f"“{text[:20]}”按“其他”记。")


def read_vehicle(value: Value) -> Reading:
    """A plate without its dot, a train's number without 次, or another name of the vehicle."""
    text = compact(value).upper()
    if is_nothing(text):
        return Reading("")
    if plate := _PLATE.fullmatch(text):
        return Reading("".join(plate.groups()))
    if _TRAIN_NUMBER.fullmatch(text):
        return Reading(text.rstrip("次"))
    return _read_code(text, 50)


def read_seat(value: Value) -> Reading:
    """A seat as written, without 号 or 座 behind and zeros before, so that equal seats are equal."""
    text = _SEAT_WORDS.sub("", compact(value).upper())
    if is_nothing(text):
        return Reading("")
    return _read_code(text.lstrip("0") or "0" if text.isdigit() else text, 20)


def _read_code(text: str, longest: int) -> Reading:
    if fault := spoiled(text):
        return Reading("", fault)
    if _MADE_A_DATE.fullmatch(text):
        return Reading("", f"“{text[:10]}”像是被 Excel 改成了日期，请把该列设为文本后重新填写。")
    if len(text) > longest:
        return Reading("", f"“{text[:20]}…”太长了，请缩到{longest}字以内。")
    return Reading(text)


def mode_of(vehicle: str) -> Mode:
    """What kind of vehicle a plate or a train's number belongs to."""
    if _TRAIN_NUMBER.fullmatch(vehicle):
        return Mode.TRAIN
    return Mode.COACH if _PLATE.fullmatch(vehicle) else Mode.OTHER
