"""People's names: written one way, and sorted as a phone book sorts them."""

import os
import re
import unicodedata
from functools import lru_cache
from importlib import import_module

# Read when the library is loaded. Names are spelled character by character, and its 47,000 phrases, of no use for that,
# would cost every process 46 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
_pypinyin = import_module("pypinyin")

_DOTS = re.compile(r"[•‧∙⋅・．.•●]")
_GAPS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")


def tidy_name(text: str) -> str:
    """Half-width, without spaces, with one kind of middle dot (·), so that equal names are equal texts."""
    return _DOTS.sub("·", _GAPS.sub("", unicodedata.normalize("NFKC", text)))


@lru_cache(maxsize=16384)
def _pinyin(character: str) -> str:
    spelled: list[str] = _pypinyin.lazy_pinyin(character, style=_pypinyin.Style.TONE3, errors="default")
    return spelled[0].lower()


def sort_key(name: str) -> str:
    """Pinyin, character by character, the character itself last, so that equal sounds keep equal names together."""
    return " ".join([_pinyin(character) for character in name]) + " " + name[:1]
