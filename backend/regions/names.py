"""Administrative regions: GB/T 2260 codes, names, parents. Two digits for the province, two the city, two the county.

`data/names_2019.csv` are the codes in force in 2019 (from canghailan/Wuhan-2019-nCoV, MIT); `data/since_2019.csv` the
county-level changes that the Ministry of Civil Affairs announced since, with the codes that each one replaced. A
replaced code keeps its name, for the rosters and ID cards that bear it.
"""

import csv
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

COUNTRY = "100000"
CODE = re.compile(r"[1-9]\d{5}", re.ASCII)
MUNICIPALITIES = ("110000", "120000", "310000", "500000")
PEOPLES = (
    "柯尔克孜|乌孜别克|维吾尔|哈萨克|达斡尔|塔吉克|俄罗斯|鄂温克|塔塔尔|鄂伦春|蒙古|布依|朝鲜|土家|哈尼|傈僳|高山|拉祜|"
    "东乡|纳西|景颇|仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|德昂|保安|裕固|独龙|赫哲|门巴|珞巴|基诺|回|藏|苗|彝|壮|满|"
    "侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|京|各"
)
"""The 55 minority peoples (GB/T 3304), whose names stand in those of autonomous regions; and 各, for "all"."""
AUTONOMOUS = re.compile(rf"(?P<short>.{{2,}}?)(?:(?:{PEOPLES})族?)*自治[区州县旗]")
PLAIN = re.compile(r"(?P<short>.{2,}?)(?:特别行政区|地区|省|市|盟|县|林区)")


class Kind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Region:
    """One region, with its names as people write them."""

    code: str
    name: str
    kind: Kind
    full_name: str
    """贵州省铜仁市碧江区"""
    short_name: str
    """贵州, 铜仁, 黔东南, 昆山; a district keeps its 区, without which nobody knows it: 碧江区"""
    replaced_by: str
    """The code that took this one's place after 2019; empty while it is in force."""


@cache
def _regions() -> dict[str, Region]:
    data = files("backend.regions") / "data"
    names = {row["code"]: row["name"] for row in _rows((data / "names_2019.csv").read_text("utf-8"))}
    changes = list(_rows((data / "since_2019.csv").read_text("utf-8")))
    names |= {row["code"]: row["name"] for row in changes}
    replaced = {old: row["code"] for row in changes for old in row["formerly"].split()}
    return {
        code: Region(
            code=code,
            name=name,
            kind=_kind(code),
            full_name="".join(names[above] for above in _lineage(code, names)),
            short_name=shorten(name),
            replaced_by=replaced.get(code, ""),
        )
        for code, name in sorted(names.items())
    }


def shorten(name: str) -> str:
    """贵州 for 贵州省, 黔东南 for 黔东南苗族侗族自治州; districts stay whole."""
    if name in {"内蒙古自治区", "西藏自治区"}:
        return name.removesuffix("自治区")
    match = AUTONOMOUS.fullmatch(name) or PLAIN.fullmatch(name)
    return match["short"] if match else name


def _rows(text: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(text.splitlines())


def _kind(code: str) -> Kind:
    if code.endswith("0000"):
        return Kind.PROVINCE
    return Kind.CITY if code.endswith("00") else Kind.COUNTY


def find(code: str) -> Region | None:
    """The region with this code, also one that was replaced since 2019."""
    return _regions().get(code)


def get(code: str) -> Region:
    """The region with this code. Raises KeyError when there is none; ask `find` about a code that somebody typed."""
    return _regions()[code]


def current(code: str) -> str:
    """The code now in force for the same place: 320684 海门市 is 320614 海门区. Unknown codes come back as they are."""
    region = find(code)
    return region.replaced_by or code if region else code


def parent(code: str) -> str | None:
    """The code one level up: 520602 → 520600 → 520000 → None.

    Counties of municipalities (110101) and those run by a province itself (省直辖县, 419001) have the province above.
    """
    return _parent(code, _regions())


def _parent(code: str, known: Container[str]) -> str | None:
    if code.endswith("0000"):
        return None
    city = f"{code[:4]}00"
    return city if city != code and city in known else f"{code[:2]}0000"


def lineage(code: str) -> tuple[str, ...]:
    """The known codes from the province down to this one; for an unknown county those above it that are known.

    An ID card may bear a code that went out of use long ago (522201): its province still says something.
    """
    return _lineage(code, _regions())


def _lineage(code: str, known: Container[str]) -> tuple[str, ...]:
    above = _parent(code, known)
    return (*(_lineage(above, known) if above else ()), *((code,) if code in known else ()))


def full_name(code: str) -> str:
    """贵州省铜仁市碧江区, as much of it as is known; empty for a code of no known province."""
    known = lineage(code) if CODE.fullmatch(code) else ()
    return get(known[-1]).full_name if known else ""


def short_name(code: str) -> str:
    """The region's short name, or what is known of it, or the code itself: something to show in a list."""
    known = lineage(code) if CODE.fullmatch(code) else ()
    return get(known[-1]).short_name if known else code


def city(code: str) -> str:
    """The city that a code lies in, which is the province where there is none between (municipalities, 419001)."""
    city = f"{code[:4]}00"
    return city if city in _regions() else f"{code[:2]}0000"


def prefix(code: str) -> str:
    """What the codes of a region and of all below it begin with: for range queries on an indexed column."""
    if code == COUNTRY:
        return ""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def within(code: str, jurisdiction: str) -> bool:
    """Is the region the jurisdiction itself or below it? All are below `COUNTRY`."""
    return code.startswith(prefix(jurisdiction))


def provinces() -> tuple[Region, ...]:
    """The 34 provinces in the standard's order."""
    return tuple(region for region in _regions().values() if region.kind is Kind.PROVINCE)


def children(code: str) -> tuple[Region, ...]:
    """The regions in force one level below, in the standard's order."""
    if code == COUNTRY:
        return provinces()
    start = prefix(code)
    below = (region for region in _regions().values() if region.code.startswith(start) and not region.replaced_by)
    return tuple(region for region in below if parent(region.code) == code)


def search(
    text: str, *, jurisdiction: str = COUNTRY, kinds: frozenset[Kind] = frozenset(Kind), limit: int = 20
) -> list[Region]:
    """Regions in force for what somebody typed into a picker: a code's beginning, a part of a name, 贵州铜仁.

    The best first: the whole name, then its beginning, then a part of it, then of the full name; larger regions first.
    """
    wanted = "".join(text.split())
    if not wanted:
        return []
    ranked = sorted(
        (rank, region.kind is Kind.COUNTY, region.code)
        for region in _regions().values()
        if region.kind in kinds
        and not region.replaced_by
        and within(region.code, jurisdiction)
        and (rank := _rank(region, wanted)) is not None
    )
    return [get(code) for _, _, code in ranked[:limit]]


def _rank(region: Region, wanted: str) -> int | None:
    if wanted.isascii():
        return 0 if region.code.startswith(wanted) else None
    if wanted in {region.name, region.short_name, region.full_name}:
        return 0
    if region.name.startswith(wanted):
        return 1
    if wanted in region.name:
        return 2
    return 3 if _spells(wanted, region) else None


def _spells(wanted: str, region: Region) -> bool:
    """Does 贵州铜仁碧 begin to spell 贵州省铜仁市碧江区? Each level above gives its name, its short name or nothing."""
    *above, _ = lineage(region.code)
    rest = wanted
    for higher in map(get, above):
        rest = rest.removeprefix(higher.name if rest.startswith(higher.name) else higher.short_name)
    return bool(rest) and rest != wanted and region.name.startswith(rest)
