"""A laboratory's list of test results, row by row: what clerks write, and what is meant. Pure.

A list has a heading row with 姓名, 身份证号, 采样时间, 检测结果, 检测机构 and 报告编号, in any order.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from backend.core import clock
from backend.core.errors import Invalid
from backend.core.names import tidy_name
from backend.core.resident_id import check_resident_id
from healthcode.codes.fact_rules import TESTED_NAMES, Tested
from healthcode.codes.rules import CLOCK_SKEW

HEADINGS = {
    "name": ("姓名", frozenset({"姓名", "受检者", "受检人", "受检者姓名", "被检测人"})),
    "resident_id": ("身份证号", frozenset({"身份证号", "身份证号码", "证件号", "证件号码", "身份证", "公民身份号码"})),
    "sampled_at": ("采样时间", frozenset({"采样时间", "采样日期", "采样日期时间", "标本采集时间", "采集时间"})),
    "result": ("检测结果", frozenset({"检测结果", "结果", "核酸结果", "核酸检测结果", "检测结论"})),
    "laboratory": ("检测机构", frozenset({"检测机构", "检测单位", "实验室", "检验机构", "检测机构名称"})),
    "report_number": ("报告编号", frozenset({"报告编号", "报告号", "报告单号", "检测编号", "样本编号", "标本编号"})),
}
RESULT_WORDS = {
    **dict.fromkeys(("阳性", "阳", "阳性(+)", "+", "positive", "detected"), Tested.POSITIVE),
    **dict.fromkeys(("阴性", "阴", "阴性(-)", "-", "negative", "notdetected"), Tested.NEGATIVE),
}
HEADING_ROWS = 20
OLDEST = timedelta(days=28)
LONGEST_NAME, LONGEST_NUMBER = 60, 40
_BRACKETS = re.compile(r"\(.*?\)|\s+")
_MOMENT = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D{1,2}(\d{1,2})\D(\d{1,2})(?:\D.*)?", re.ASCII)
_DAY_ALONE = re.compile(r"\d{4}\D\d{1,2}\D\d{1,2}\D?|\d{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result: `number` is the row's as Excel shows it."""

    number: int
    name: str
    resident_id: str
    sampled_at: datetime
    result: Tested
    laboratory: str
    report_number: str


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that can't be taken: its number, its cells, and why, with what to do."""

    number: int
    cells: tuple[str, ...]
    why: str

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "cells": list(self.cells), "why": self.why}


@dataclass(frozen=True, slots=True)
class ResultSheet:
    headings: tuple[str, ...]
    rows: tuple[ResultRow, ...]
    faults: tuple[FaultyRow, ...]
    cells: dict[int, tuple[str, ...]]
    """Of each row that was understood, for naming it should nobody be found."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A row whose person was found, as it is kept until a second person has confirmed it."""

    person_id: str
    name_mask: str
    last_four: str
    sampled_at: datetime
    result: Tested
    laboratory: str
    report_number: str

    def to_json(self) -> dict[str, str]:
        return {
            "person_id": self.person_id,
            "name_mask": self.name_mask,
            "last_four": self.last_four,
            "sampled_at": self.sampled_at.isoformat(),
            "result": self.result.value,
            "laboratory": self.laboratory,
            "report_number": self.report_number,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        moment = datetime.fromisoformat(value["sampled_at"])
        return cls(**value | {"sampled_at": moment, "result": Tested(value["result"])})


def read_rows(cells: Sequence[Sequence[str]], now: datetime) -> ResultSheet:
    """What a list says.

    Refuses: Invalid when no row of the first twenty has all the headings, or nothing stands below it.
    """
    at, places = _find_headings(cells)
    rows: list[ResultRow] = []
    faults: list[FaultyRow] = []
    kept: dict[int, tuple[str, ...]] = {}
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(cells[at + 1 :], at + 2):
        tidy = [_tidy(cell) for cell in row]
        if not any(tidy):
            continue
        said = {name: tidy[place] if place < len(tidy) else "" for name, place in places.items()}
        read = read_row(said, number=number, now=now)
        if isinstance(read, ResultRow):
            key = (read.resident_id, read.laboratory, read.report_number)
            read = read if key not in seen else "这份报告在名单里出现了两次，请只留一行。"
            seen.add(key)
        if isinstance(read, ResultRow):
            rows.append(read)
            kept[number] = tuple(row)
        else:
            faults.append(FaultyRow(number, tuple(row), read))
    if not rows and not faults:
        raise Invalid("codes.results.empty", "表头下面一行也没有，请填好后重新上传。")
    return ResultSheet(tuple(cells[at]), tuple(rows), tuple(faults), kept)


def _find_headings(cells: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    best: set[str] = set()
    for at, row in enumerate(cells[:HEADING_ROWS]):
        bare = [_BRACKETS.sub("", _tidy(cell)) for cell in row]
        places = {
            name: place for name, (_, words) in HEADINGS.items() for place, cell in enumerate(bare) if cell in words
        }
        if len(places) == len(HEADINGS):
            return at, places
        best = max(best, set(places), key=len)
    missing = "、".join(f"“{title}”" for name, (title, _) in HEADINGS.items() if name not in best)
    raise Invalid("codes.results.headings", f"表头里没有找到{missing}，请补上这些列后重新上传。")


def read_row(said: dict[str, str], *, number: int, now: datetime) -> ResultRow | str:
    """The row as meant, or all that is wrong with it."""
    name, laboratory, report = tidy_name(said["name"]), said["laboratory"], said["report_number"]
    resident_id, wrong_id = _resident_id(said["resident_id"], clock.local(now).date())
    sampled_at, wrong_time = _sampled(said["sampled_at"], now)
    result = RESULT_WORDS.get(_BRACKETS.sub("", said["result"]).lower() or said["result"])
    wrong = [
        "" if name else "没有填姓名。",
        wrong_id,
        wrong_time,
        "" if result else _wrong_result(said["result"]),
        _wrong_text(laboratory, "检测机构", LONGEST_NAME),
        _wrong_text(report, "报告编号", LONGEST_NUMBER),
    ]
    if any(wrong) or result is None or sampled_at is None:
        return "".join(wrong)
    return ResultRow(number, name, resident_id, sampled_at, result, laboratory, report)


def _wrong_result(text: str) -> str:
    if not text:
        return "没有填检测结果。"
    return f"检测结果“{text[:20]}”看不懂，请填{'或'.join(TESTED_NAMES.values())}。"


def _wrong_text(text: str, label: str, longest: int) -> str:
    if not text:
        return f"没有填{label}。"
    return f"{label}太长，最多 {longest} 个字。" if len(text) > longest else ""


def _resident_id(text: str, today: date) -> tuple[str, str]:
    try:
        return check_resident_id(text, today=today).number, ""
    except Invalid as wrong:
        return "", wrong.message


def _sampled(text: str, now: datetime) -> tuple[datetime | None, str]:
    """A moment in China; when a positive test counts no more depends on hours."""
    moment = _moment(text)
    if moment is None:
        return None, _unread(text)
    if moment > now + CLOCK_SKEW:
        return None, f"采样时间 {text} 还没有到，请核对。"
    if moment < now - OLDEST:
        return None, f"采样时间 {text} 在 {OLDEST.days} 天以前，不再影响健康码，不用登记。"
    return moment, ""


def _moment(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


def _unread(text: str) -> str:
    """Why it is no moment."""
    if not text:
        return "没有填采样时间。"
    if _DAY_ALONE.fullmatch(text):
        return f"采样时间“{text}”只有日期，请写到几点几分，如 2020-03-22 08:30。"
    if _MOMENT.fullmatch(text):
        return f"采样时间“{text[:20]}”不是真实的日期和时间，请核对。"
    return f"采样时间“{text[:20]}”看不懂，请写成 2020-03-22 08:30 的样子。"


def headings_of(titles: Iterable[str] = HEADINGS) -> list[str]:
    """The headings as the product writes them."""
    return [HEADINGS[name][0] for name in titles]


def _tidy(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().strip("'‘’\"“”").strip()
