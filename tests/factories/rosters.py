"""Rosters of fictitious people: valid ID numbers of Tongren's counties, files as clerks send them."""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import xlwt

HEADINGS = (
    "序号",
    "姓名",
    "性别",
    "身份证号",
    "户籍地址",
    "联系电话",
    "是否建档立卡贫困户",
    "技能",
    "用工企业",
    "岗位",
    "出发时间",
    "交通方式",
    "车次/车牌",
    "座位号",
)
COUNTIES = {
    "520602": "碧江区",
    "520603": "万山区",
    "520621": "江口县",
    "520622": "玉屏侗族自治县",
    "520623": "石阡县",
    "520624": "思南县",
    "520625": "印江土家族苗族自治县",
    "520626": "德江县",
    "520627": "沿河土家族自治县",
    "520628": "松桃苗族自治县",
}
FAMILY_NAMES = "杨张李王刘陈吴田冉罗龙石麻滕安任黎符谭向"
GIVEN_FIRST = "建国秀玉桂春正光永兴文志福荣德昌朝应再天"
GIVEN_SECOND: list[str] = ["", *"华英平军芳兰珍琴梅强勇明波涛林辉燕红丽艳"]
SKILLS = ("电子装配", "焊工", "缝纫", "叉车", "无", "质检", "包装")
ENTERPRISES = ("昆山晨光电子（虚构）有限公司", "昆山远帆精密（虚构）有限公司", "昆山青禾纺织（虚构）有限公司")
POSITIONS = ("操作工", "质检员", "包装工", "仓管员")
SEATS = 22  # people in one coach of that spring

_WEIGHTS = [(1 << (17 - place)) % 11 for place in range(17)]
_DAYS = 14_000  # birthdays from 1962 to 2000: everybody is of working age in 2020

Line = tuple[str | int, ...]


def resident_id(county: str, birthday: date, sequence: int) -> str:
    """A number with its check character worked out here, apart from the product's own arithmetic (GB 11643)."""
    body = f"{county}{birthday:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return f"{body}{'10X98765432'[total % 11]}"


def lines(count: int, *, first: int = 0, departs: str = "2020-03-22 08:00") -> Iterator[Line]:
    """`count` different people from the `first`th on, always the same ones, in the order of HEADINGS."""
    counties = list(COUNTIES.items())
    for at in range(first, first + count):
        code, county = counties[at % len(counties)]
        male = at % 3 != 0
        birthday = date(1962, 1, 1) + timedelta(days=at * 37 % _DAYS)
        sequence = at // _DAYS * 2 + male
        coach, seat = divmod(at, SEATS)
        yield (
            at + 1,
            name(at),
            "男" if male else "女",
            resident_id(code, birthday, sequence),
            f"贵州省铜仁市{county}东风村{at % 9 + 1}组{at % 97 + 1}号",
            f"1{'3578'[at % 4]}{at % 10}{at:08d}",
            "是" if at % 4 == 0 else "否",
            SKILLS[at % len(SKILLS)],
            ENTERPRISES[coach % len(ENTERPRISES)],
            POSITIONS[at % len(POSITIONS)],
            departs,
            "包车",
            f"贵D{coach:05d}",
            seat + 1,
        )


def name(at: int) -> str:
    """The name of the `at`th person; names repeat, as they do."""
    family, first, second = at % 20, at // 20 % 20, at // 400 % len(GIVEN_SECOND)
    return FAMILY_NAMES[family] + GIVEN_FIRST[first] + GIVEN_SECOND[second]


def write_xlsx(path: Path, rows: Iterable[Sequence[str | int]], *, headings: Sequence[str] = HEADINGS) -> Path:
    """A workbook as Excel itself writes it, with shared strings; quick enough for 100,000 rows.

    Written part by part, since openpyxl would take a quarter of a minute.
    """
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, content in _PARTS.items():
            archive.writestr(part, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_SHEET_OPENS)
            sheet.write(_row(1, headings, strings))
            for number, row in enumerate(rows, 2):
                sheet.write(_row(number, row, strings))
            sheet.write(b"</sheetData></worksheet>")
        texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
        archive.writestr("xl/sharedStrings.xml", f"{_XML}<sst {_MAIN}>{texts}</sst>")
    return path


def write_csv(
    path: Path,
    rows: Iterable[Sequence[str | int]],
    *,
    headings: Sequence[str] = HEADINGS,
    encoding: str = "gbk",
    delimiter: str = ",",
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def write_xls(path: Path, rows: Iterable[Sequence[str | int]], *, headings: Sequence[str] = HEADINGS) -> Path:
    """At most 65,535 people: what the old format holds."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("花名册")
    for at, row in enumerate([headings, *rows]):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    book.save(str(path))
    return path


def _row(number: int, row: Sequence[str | int], strings: dict[str, int]) -> bytes:
    cells = "".join(
        f'<c r="{letter}{number}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'
        if isinstance(value, str)
        else f'<c r="{letter}{number}"><v>{value}</v></c>'
        for letter, value in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", row, strict=False)
    )
    return f'<row r="{number}">{cells}</row>'.encode()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_OPENS = f"{_XML}<worksheet {_MAIN}><sheetData>".encode()
_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPES}.sharedStrings+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook {_MAIN} xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="花名册" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
}
