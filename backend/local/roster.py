"""The demo's roster: fictitious people with well-formed numbers, on coaches from Tongren to Kunshan."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO

from openpyxl import Workbook

from backend.core.clock import local
from backend.core.resident_id import check_character

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
NAMED = (
    ("杨秀英", "522201198503076128", "碧江区", "13800000001"),
    ("吴老七", "52222519780916301X", "思南县", "13800000002"),
    ("龙小妹", "520622199902114028", "玉屏侗族自治县", "13800000003"),
    ("田大壮", "522228199005231038", "沿河土家族自治县", "13800000004"),
    ("石阿婆", "522229196111024027", "松桃苗族自治县", ""),
)
"""Whoever tries the demo may be one of these; nobody has claimed them yet."""

COUNTIES = (
    ("522201", "碧江区"),
    ("522222", "江口县"),
    ("522224", "石阡县"),
    ("522226", "印江土家族苗族自治县"),
    ("522227", "德江县"),
)
FAMILY = "杨吴龙田石张罗冉安任黎滕"
GIVEN = ("正华", "桂英", "昌明", "秀兰", "永强", "小芳", "光辉", "玉珍", "建军", "红梅", "志勇", "春燕", "朝阳")
ENTERPRISES = (
    ("昆山晨星电子（虚构）有限公司", "装配工", "电子装配"),
    ("昆山快捷配送（虚构）有限公司", "骑手", "骑电动车"),
)
SEATS = 24
VEHICLES = ("贵D·A1688", "贵D·A2266", "贵D·B0318")
DEPARTURES = (timedelta(hours=-14), timedelta(hours=3), timedelta(hours=27))
"""When the coaches leave, as seen from the moment at which the demo is loaded."""


def departures(now: datetime) -> list[datetime]:
    """The coaches' departures, on the half hour."""
    return [(now + after).replace(minute=30, second=0, microsecond=0) for after in DEPARTURES]


def rows(now: datetime) -> list[tuple[str | int, ...]]:
    """The roster's rows in the headings' order: three coaches, the named people on the second."""
    made: list[tuple[str | int, ...]] = []
    for coach, (vehicle, departs) in enumerate(zip(VEHICLES, departures(now), strict=True)):
        people = [*(NAMED if coach == 1 else ()), *_people(coach)][:SEATS]
        for seat, (name, resident_id, county, phone) in enumerate(people, 1):
            number = len(made) + 1
            enterprise, position, skill = ENTERPRISES[seat % 2]
            made.append(
                (
                    number,
                    name,
                    "女" if int(resident_id[16]) % 2 == 0 else "男",
                    resident_id,
                    f"贵州省铜仁市{county}某镇某村{number}组",
                    phone,
                    "是" if seat % 4 == 0 else "否",
                    skill,
                    enterprise,
                    position,
                    f"{local(departs):%Y-%m-%d %H:%M}",
                    "包车",
                    vehicle,
                    f"{seat:02d}",
                )
            )
    return made


def _people(coach: int) -> Iterator[tuple[str, str, str, str]]:
    for order in range(SEATS):
        at = coach * SEATS + order
        code, county = COUNTIES[at % len(COUNTIES)]
        born = date(1972, 1, 15) + timedelta(days=at * 131)
        head = f"{code}{born:%Y%m%d}{101 + at:03d}"
        name = FAMILY[at % len(FAMILY)] + GIVEN[at % len(GIVEN)]
        yield name, head + check_character(head), county, f"138001{at:05d}"


def workbook(now: datetime) -> bytes:
    """The file as a clerk would send it: a merged title above the headings."""
    book = Workbook(write_only=False)
    sheet = book.create_sheet("花名册", 0)
    sheet.append(["铜仁市赴昆山务工人员花名册"])
    sheet.merge_cells("A1:N1")
    sheet.append(HEADINGS)
    for row in rows(now):
        sheet.append(row)
    sheet.append(["合计", "", "", "", "", "", "", "", "", "", "", "", "", ""])
    content = BytesIO()
    book.save(content)
    return content.getvalue()
