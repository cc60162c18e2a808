"""Who travels in the story, and the files that the clerk has of them. All people and numbers are fictitious."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook

from backend.core.clock import local
from tests.factories import rosters

Row = tuple[str | int, ...]

ROSTERED = 60
TITLE = "铜仁赴昆山返岗专车"
FACTORY = "昆山晨星电子（虚构）有限公司"
COACH, TRAIN = "贵DQ5206", "K9484"
AS_PAINTED = "贵D·Q5206"
"""The plate as clerks copy it from the coach."""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    resident_id: str
    phone: str

    @property
    def last_four(self) -> str:
        return self.resident_id[-4:]


def _person(name: str, county: str, birthday: date, sequence: int, phone: str) -> Person:
    return Person(name, rosters.resident_id(county, birthday, sequence), phone)


RAN = _person("冉光明", "520602", date(1986, 5, 12), 17, "13700000101")
"""Healthy; has WeChat and gives the phone number."""
AN = _person("安·桂花", "520625", date(1991, 11, 3), 42, "13700000102")
"""Has no WeChat: signs in by SMS, and types the dot in her name as another keyboard has it."""
LUO = _person("罗文海", "520628", date(1979, 8, 30), 73, "13700000103")
"""Has a fever."""
TENG = _person("滕建军", "520621", date(1995, 2, 14), 91, "13700000104")
"""Registers, takes WeChat's messages, and forgets to declare."""
LI = _person("黎兰英", "520624", date(1955, 1, 20), 24, "")
"""Has no phone; 冉光明 shows her code."""
SHI = _person("石旧年", "520627", date(1983, 6, 6), 55, "13700000105")
"""On the roster, registered by somebody else first."""
XIANG = _person("向远山", "520626", date(1990, 9, 9), 37, "13700000106")
"""On no roster."""
NEPHEW = _person("任小伟", "520602", date(2001, 3, 8), 31, "13700000107")
"""Says that he shows 石旧年's code, after 石旧年 himself has registered."""

TRAVELLERS = (RAN, AN, LUO, TENG, LI, SHI)


@dataclass(frozen=True, slots=True)
class Files:
    """What the clerk uploads, one after the other."""

    ugly: Path
    changed: Path
    good: int
    """Rows of the ugly file that are right."""
    wrong: int


def write_files(folder: Path, now: datetime) -> Files:
    """The clerk's first file with all that clerks do, and the second one, in which three people differ."""
    coach = [_row(number, person, number, now) for number, person in enumerate(TRAVELLERS, 1)]
    fillers = list(rosters.lines(ROSTERED, first=700))
    train = [_row(number, _of(each), number, now, train=True) for number, each in enumerate(fillers, len(coach) + 1)]
    wrong = _wrong(train, now)
    ugly = _ugly(folder / "铜仁赴昆山花名册（最终版）.xlsx", [_spoil(row) for row in coach], train, wrong)
    return Files(ugly, _changed(folder / "花名册更新.csv", coach, train, now), len(coach) + len(train), len(wrong))


def _row(number: int, person: Person, seat: int, now: datetime, *, train: bool = False) -> Row:
    departs = now + (timedelta(days=3) if train else -timedelta(hours=3))
    return (
        number,
        person.name,
        "男" if int(person.resident_id[16]) % 2 else "女",
        person.resident_id,
        f"贵州省铜仁市东风村{number}组",
        person.phone,
        "是" if number % 3 == 0 else "否",
        "电子装配",
        FACTORY,
        "操作工",
        f"{local(departs):%Y-%m-%d %H:%M}",
        "火车" if train else "包车",
        TRAIN if train else AS_PAINTED,
        f"{seat:02d}号",
    )


def _spoil(row: Row) -> Row:
    """As it comes out of a clerk's hands: blanks in the name, a full-width number, x or × at its end."""
    number, name, sex, resident_id, *others = row
    wide = str(resident_id).translate(str.maketrans("0123456789", "０１２３４５６７８９")).replace("X", "×")
    spaced = "　".join(str(name)) if len(str(name)) == 2 else f" {name} "
    return (number, spaced, sex, f" {wide}" if int(number) % 2 else f"{resident_id}".lower(), *others)


def _wrong(good: Sequence[Row], now: datetime) -> list[Row]:
    """Four rows that can't be taken: cut by Excel, mistyped, twice, a child."""
    people = _misspelt()
    cut, mistyped = ([*_row(90 + at, person, 50 + at, now, train=True)] for at, person in enumerate(people))
    cut[3] = int(people[0].resident_id[:15] + "000")
    mistyped[3] = people[1].resident_id[:17] + ("0" if people[1].resident_id[17] != "0" else "1")
    twice = [*good[0]]
    twice[0], twice[13] = 92, "58号"
    child = _person("龙小宝", "520622", local(now).date() - timedelta(days=15 * 365), 11, "13700000199")
    return [tuple(cut), tuple(mistyped), tuple(twice), _row(93, child, 59, now, train=True)]


def _misspelt() -> list[Person]:
    return [_of(line) for line in rosters.lines(2, first=900)]


def _of(line: rosters.Line) -> Person:
    return Person(str(line[1]), str(line[3]), str(line[5]))


def _ugly(path: Path, coach: Iterable[Row], train: Sequence[Row], wrong: Sequence[Row]) -> Path:
    book = Workbook()
    first = book.create_sheet("包车", 0)
    first["A1"] = "铜仁市赴昆山市务工人员花名册"
    first.merge_cells("A1:N1")
    first["A2"] = "填报单位：铜仁市人社局"
    first.merge_cells("A2:N2")
    first.append([])
    first.append(rosters.HEADINGS)
    for row in coach:
        first.append(row)
    first.append(["合计", f"{len(TRAVELLERS)}人"])
    second = book.create_sheet("火车", 1)
    second.append(rosters.HEADINGS)
    for row in (*train, *wrong):
        second.append(row)
    second.append(["合计", "", "", f"共{len(train) + len(wrong)}人"])
    book.remove(book["Sheet"])
    book.save(path)
    return path


def _changed(path: Path, coach: Sequence[Row], train: Sequence[Row], now: datetime) -> Path:
    """The clerk's second file, as GBK text: one more, one on another seat, one left out."""
    (extra,) = rosters.lines(1, first=990)
    added = _row(99, _of(extra), 88, now, train=True)
    moved = (*train[0][:13], "99号")
    with path.open("w", encoding="gbk", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rosters.HEADINGS)
        writer.writerows([*coach, moved, *train[1:-1], added])
    return path


def correct(faults: Path, corrected: Path) -> int:
    """Write the book of wrong rows as a clerk corrects it, whole numbers, the second and the child taken out.

    Returns how many rows are left in it.
    """
    book = load_workbook(faults)
    (sheet,) = book.worksheets
    headings = [cell.value for cell in sheet[1]]
    name, number = headings.index("姓名") + 1, headings.index("身份证号") + 1
    right = {person.name: person.resident_id for person in _misspelt()}
    for row in range(sheet.max_row, 1, -1):
        if known := right.get(str(sheet.cell(row, name).value)):
            sheet.cell(row, number).value = known
        else:
            sheet.delete_rows(row)
    left = sheet.max_row - 1
    book.save(corrected)
    return left


def reasons(faults: Path) -> list[str]:
    """What the book of wrong rows says of each row."""
    book = load_workbook(faults, read_only=True)
    found = []
    for sheet in book.worksheets:
        headings, *rows = sheet.iter_rows(values_only=True)
        found += [str(row[headings.index("问题说明")] or "") for row in rows]
    book.close()
    return found


def cells(file: Path) -> set[str]:
    """All that stands in a workbook."""
    book = load_workbook(file, read_only=True)
    found = {str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row}
    book.close()
    return found
