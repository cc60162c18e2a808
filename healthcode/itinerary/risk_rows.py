"""An official list of risk regions, row by row: what clerks and bulletins write, and what is meant. Pure.

A list has a heading row with 地区 (name or code) and 风险等级, and may have 开始日期 and 结束日期.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from backend.core.errors import Invalid
from backend.regions import names
from healthcode.itinerary.risk import Level

HEADINGS = {
    "region": frozenset({"地区", "县区", "区县", "县市区", "区域", "地区名称", "行政区划", "风险地区", "地名"}),
    "code": frozenset({"行政区划代码", "区划代码", "代码", "地区代码"}),
    "level": frozenset({"风险等级", "等级", "级别", "风险级别", "风险"}),
    "since": frozenset({"开始日期", "生效日期", "起始日期", "开始时间", "生效时间", "自", "起"}),
    "until": frozenset({"结束日期", "失效日期", "截止日期", "截止时间", "终止日期", "至", "止"}),
}
LEVEL_WORDS = {
    "低": Level.LOW,
    "低风险": Level.LOW,
    "中": Level.MEDIUM,
    "中风险": Level.MEDIUM,
    "中等风险": Level.MEDIUM,
    "高": Level.HIGH,
    "高风险": Level.HIGH,
}
HEADING_ROWS = 20
FAR_OFF = timedelta(days=366)
_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(?:\D.*)?", re.ASCII)
_BRACKETS = re.compile(r"\(.*?\)|\s+")


@dataclass(frozen=True, slots=True)
class RiskRow:
    region_code: str
    level: Level
    since: date
    until: date | None

    def to_json(self) -> dict[str, Any]:
        until = self.until.isoformat() if self.until else None
        said = {"region_code": self.region_code, "level": self.level.value}
        return said | {"since": self.since.isoformat(), "until": until}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        until = date.fromisoformat(value["until"]) if value["until"] else None
        return cls(value["region_code"], Level(value["level"]), date.fromisoformat(value["since"]), until)


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that can't be taken: its number as Excel shows it, its cells, and why, with what to do."""

    number: int
    cells: tuple[str, ...]
    why: str

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "cells": list(self.cells), "why": self.why}


@dataclass(frozen=True, slots=True)
class RiskSheet:
    headings: tuple[str, ...]
    rows: tuple[RiskRow, ...]
    faults: tuple[FaultyRow, ...]


def read_rows(cells: Sequence[Sequence[str]], today: date) -> RiskSheet:
    """What a list says; a row without a first day holds from `today`.

    Refuses: Invalid when no row of the first twenty is a heading, or nothing stands below it.
    """
    at, places = _find_headings(cells)
    rows: list[RiskRow] = []
    faults: list[FaultyRow] = []
    for number, row in enumerate(cells[at + 1 :], at + 2):
        tidy = [_tidy(cell) for cell in row]
        if not any(tidy):
            continue
        said = {name: tidy[place] if place < len(tidy) else "" for name, place in places.items()}
        read = _read(said, today, rows)
        if isinstance(read, RiskRow):
            rows.append(read)
        else:
            faults.append(FaultyRow(number, tuple(row), read))
    if not rows and not faults:
        raise Invalid("itinerary.risk.empty", "表头下面一行也没有，请填好后重新上传。")
    return RiskSheet(tuple(cells[at]), tuple(rows), tuple(faults))


def _find_headings(cells: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    for at, row in enumerate(cells[:HEADING_ROWS]):
        bare = [_BRACKETS.sub("", _tidy(cell)) for cell in row]
        places = {name: place for name, words in HEADINGS.items() for place, cell in enumerate(bare) if cell in words}
        if "level" in places and ("region" in places or "code" in places):
            return at, places
    raise Invalid(
        "itinerary.risk.headings",
        "没有找到表头：至少要有“地区”（或“行政区划代码”）和“风险等级”两列，请改好后重新上传。",
    )


def _read(said: dict[str, str], today: date, earlier: Iterable[RiskRow]) -> RiskRow | str:
    """The row as meant, or all that is wrong with it."""
    code, wrong_region = _region(said.get("code", ""), said.get("region", ""))
    level = LEVEL_WORDS.get(said["level"])
    since, wrong_since = _day(said.get("since", ""), "开始日期")
    until, wrong_until = _day(said.get("until", ""), "结束日期")
    wrong = [wrong_region, "" if level else f"风险等级“{said['level'][:20]}”看不懂，请填低、中或高。"]
    wrong += [wrong_since, wrong_until, _wrong_order(since or today, until, today)]
    if any(wrong) or level is None:
        return "".join(wrong)
    if any(row.region_code == code for row in earlier):
        return f"{names.full_name(code)}在这份名单里出现了两次，请只留一行。"
    return RiskRow(code, level, since or today, until)


def _wrong_order(since: date, until: date | None, today: date) -> str:
    if until is not None and until < since:
        return "结束日期早于开始日期，请核对。"
    return "开始日期离今天一年以上，请核对年份。" if abs(since - today) > FAR_OFF else ""


def _region(code: str, name: str) -> tuple[str, str]:
    """(code, fault); a code decides over a name, unless the two contradict each other."""
    if code or (name and name.isascii()):
        return _coded(code or name, name if code else "")
    if not name:
        return "", "没有填地区。"
    found = [region for region in names.search(name, limit=50) if name in _spellings(region)]
    if len(found) == 1:
        return found[0].code, ""
    if not found:
        return "", f"没有叫“{name[:30]}”的地区，请写全称（如“贵州省铜仁市碧江区”）或代码。"
    offered = "、".join(f"{region.full_name}（{region.code}）" for region in found[:3])
    return "", f"叫“{name}”的地区不止一个：{offered}等，请写全称或代码。"


def _coded(code: str, name: str) -> tuple[str, str]:
    known = names.find(code)
    if known is None:
        return "", f"没有代码为“{code[:20]}”的地区，请核对。"
    if name and known.short_name not in name:
        return "", f"代码 {code} 是{known.full_name}，与“{name[:20]}”不符，请核对。"
    return names.current(code), ""


def _spellings(region: names.Region) -> set[str]:
    """Every way in which a bulletin names a region: with or without the regions above it."""
    spelled = {region.name, region.short_name}
    above = names.parent(region.code)
    while above is not None:
        higher = names.get(above)
        spelled |= {prefix + rest for prefix in (higher.name, higher.short_name) for rest in spelled}
        above = names.parent(above)
    return spelled


def _day(text: str, label: str) -> tuple[date | None, str]:
    if not text:
        return None, ""
    found = _DATE.fullmatch(text)
    try:
        return (date(*map(int, found.groups())), "") if found else (_compact(text), "")
    except ValueError:
        return None, f"{label}“{text[:20]}”看不懂，请写成 2020-03-22 的样子。"


def _compact(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone


def _tidy(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().strip("'‘’\"“”").strip()
