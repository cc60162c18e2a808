"""The resident identity number (公民身份号码) of GB 11643-1999: 18 characters with birthplace, birthday and sex inside.

Its check character is ISO 7064 MOD 11-2, which finds every single wrong character and every swap of neighbours.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import mul

from backend.core.errors import Invalid

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_ORD_ZERO = ord("0") * sum(WEIGHTS)

_FORM = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_MEANINGLESS = re.compile(r"[\s\-_.·'`‘’\"“”\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_LOOKS_LIKE_X = str.maketrans(dict.fromkeys("xХхΧχ×✕✖╳ⅹⅩ", "X"))
_OTHER_PAPERS = re.compile(r"[A-Z]{1,3}\d{6,14}")

# GB/T 2260's provinces; 81 to 83 are on the residence permits of people from Hong Kong, Macao and Taiwan.
_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"
PROVINCES = frozenset(_PROVINCES.split())
FOREIGN_PERMANENT_RESIDENT = "9"


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A number that has passed every check; `number` is the 18 characters with a capital X."""

    number: str
    birthday: date
    sex: Sex

    @property
    def birthplace_known(self) -> bool:
        """Whether the first two digits are a province's. Counties come and go, so they prove nothing."""
        return self.number[:2] in PROVINCES

    def age(self, on: date) -> int:
        """Completed years (周岁) on a day: a year more on the birthday itself."""
        return on.year - self.birthday.year - ((on.month, on.day) < (self.birthday.month, self.birthday.day))


def tidy_resident_id(text: str) -> str:
    """The number as meant: half-width, without spaces and dashes, every x-like character at its end as X."""
    tidy = _MEANINGLESS.sub("", unicodedata.normalize("NFKC", text))
    tidy = unicodedata.normalize("NFKC", tidy.upper())
    return tidy[:-1] + tidy[-1:].translate(_LOOKS_LIKE_X) if tidy[:-1].isdigit() else tidy


def check_character(first_seventeen: str) -> str:
    """The 18th character that belongs to 17 digits (ISO 7064 MOD 11-2)."""
    return CHECK_CHARACTERS[(sum(map(mul, first_seventeen.encode(), WEIGHTS)) - _ORD_ZERO) % 11]


def check_resident_id(text: str, *, today: date) -> ResidentId:
    """Read a number as people type it; what comes back is normalised.

    Refuses with Invalid("resident_id.…") and a sentence that says what is wrong: empty, masked, old (15 digits),
    other_paper (a passport, a permit, a foreigner's card), length, form, birthday, future, checksum.
    """
    number = text if _FORM.fullmatch(text) else _tidy_or_refuse(text)
    try:
        birthday = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Invalid(
            "resident_id.birthday", f"身份证号里的出生日期“{number[6:14]}”不存在，请对照身份证核对第7至14位。"
        ) from None
    if birthday > today:
        raise Invalid("resident_id.future", f"身份证号里的出生日期“{number[6:14]}”还没有到，请对照身份证核对。")
    if check_character(number[:17]) != number[17]:
        raise Invalid("resident_id.checksum", "身份证号的校验位不对，一定有一位填错了，请对照身份证逐位核对。")
    if number[0] == FOREIGN_PERMANENT_RESIDENT:
        raise Invalid("resident_id.other_paper", "这是外国人永久居留身份证号，本系统只办理居民身份证，请单独联系。")
    return ResidentId(number, birthday, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def _tidy_or_refuse(text: str) -> str:
    number = tidy_resident_id(text)
    if _FORM.fullmatch(number):
        return number
    if not number:
        raise Invalid("resident_id.empty", "身份证号没有填，请补上。")
    if "*" in number:
        raise Invalid("resident_id.masked", "身份证号被打了星号，请填完整的18位号码。")
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        raise Invalid("resident_id.old", "这是15位的旧身份证号，已停止使用，请填新身份证上的18位号码。")
    if _OTHER_PAPERS.fullmatch(number):
        raise Invalid("resident_id.other_paper", "这不是居民身份证号（像护照或通行证号），请填18位居民身份证号。")
    if len(number) != 18:  # noqa: PLR2004 - the standard's length, named in the sentence
        raise Invalid("resident_id.length", f"身份证号应为18位，现在是{len(number)}位，请对照身份证核对。")
    raise Invalid("resident_id.form", "身份证号只能是17位数字加最后一位数字或X，请对照身份证核对。")
