from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from healthcode.transfers import sheets
from healthcode.transfers.sheets import Column
from healthcode.transfers.sheets.columns import COLUMNS, TITLES, recognise, tidy_heading
from tests.factories.roster_files import HEADINGS, LINES, NAME_AND_ID, PEOPLE, notes, numbers, one, people, save, values


def test_headings_stand_below_merged_titles(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("花名册", 0)
    sheet["A1"] = "铜仁市2020年赴昆山市务工人员花名册"
    sheet.merge_cells("A1:N2")
    sheet["A3"] = "填报单位：碧江区人社局"
    sheet["F3"] = "联系电话：0856-5220000"
    sheet.append([])
    sheet.append(HEADINGS)
    for line in LINES:
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")

    assert people(tmp_path / "a.xlsx") == PEOPLE
    assert numbers(tmp_path / "a.xlsx") == [6, 7, 8]


def test_a_roster_may_begin_in_another_column(tmp_path: Path) -> None:
    path = one(tmp_path, [], [None, None, *NAME_AND_ID], *([None, None, *person] for person in PEOPLE))

    assert people(path) == PEOPLE
    assert numbers(path) == [3, 4, 5]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("身份证号码", Column.RESIDENT_ID),
        ("公民身份号码", Column.RESIDENT_ID),
        ("证件号码", Column.RESIDENT_ID),
        ("身份证号（18位，必填）", Column.RESIDENT_ID),
        ("身 份\n证 号", Column.RESIDENT_ID),
        ("*姓  名", Column.NAME),
        ("姓名：", Column.NAME),
        ("姓名必填", Column.NAME),
        ("【姓名】", Column.NAME),
        ("手机号", Column.PHONE),
        ("联系方式", Column.PHONE),
        ("家庭住址", Column.ADDRESS),
        ("户籍所在地", Column.ADDRESS),
        ("是否贫困户", Column.POOR),
        ("建档立卡户（是/否）", Column.POOR),
        ("是否属于建档立卡贫困劳动力", Column.POOR),
        ("工种", Column.SKILLS),
        ("企业名称", Column.ENTERPRISE),
        ("单位", Column.ENTERPRISE),
        ("发车时间", Column.DEPARTS_AT),
        ("出发日期", Column.DEPARTS_AT),
        ("乘车方式", Column.MODE),
        ("车牌号", Column.VEHICLE),
        ("车次/车牌号", Column.VEHICLE),
        ("车次、车牌", Column.VEHICLE),
        ("座号", Column.SEAT),
        ("座位", Column.SEAT),
        ("民族", None),
        ("紧急联系人电话", None),
        ("身份证照片", None),
        ("", None),
    ],
)
def test_headings_as_clerks_write_them(heading: str, column: Column | None) -> None:
    assert recognise(tidy_heading(heading)) is column


@pytest.mark.parametrize("column", COLUMNS)
def test_every_usual_title_is_recognised(column: Column) -> None:
    assert recognise(tidy_heading(TITLES[column])) is column


def test_columns_stand_in_any_order_and_extra_ones_are_named(tmp_path: Path) -> None:
    path = one(tmp_path, ["身份证号码", "民族", "名字"], *([number, "苗族", name] for name, number in PEOPLE))

    assert people(path) == PEOPLE
    assert notes(path) == [
        "工作表“Sheet1”的这些列用不到，已忽略：民族。",
        (
            "工作表“Sheet1”没有这些列，相应内容留空："
            "性别、户籍地址、联系电话、是否建档立卡贫困户、技能、用工企业、岗位、出发时间、交通方式、车次/车牌、座位号。"
        ),
    ]


def test_headings_over_two_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("a", 0)
    sheet.append(["序号", "姓名", "基本信息", "", "", "出行安排", "", "联系"])
    sheet.append(["", "", "性别", "身份证号", "户籍地址", "出发时间", "车牌号", "电话"])
    for merged in ("A1:A2", "B1:B2", "C1:E1", "F1:G1"):
        sheet.merge_cells(merged)
    sheet.append([1, PEOPLE[0][0], "男", PEOPLE[0][1], "碧江区", "3月22日8:00", "贵D12345", "13800138000"])
    book.save(tmp_path / "a.xlsx")
    with sheets.read(tmp_path / "a.xlsx") as roster:
        (raw,) = roster.rows

    assert raw.values() == (
        1, PEOPLE[0][0], "男", PEOPLE[0][1], "碧江区", "13800138000", "", "", "", "", "3月22日8:00", "", "贵D12345", "",
    )  # fmt: skip


def test_a_second_heading_row_without_columns_is_no_worker(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("a", 0)
    sheet.append(["姓名", "身份证号", "联系电话", "学历", ""])
    sheet.append(["", "", "", "初中", "高中"])
    for merged in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
        sheet.merge_cells(merged)
    sheet.append([*PEOPLE[0], "13800138000", "√"])
    book.save(tmp_path / "a.xlsx")

    assert numbers(tmp_path / "a.xlsx") == [3]


def test_date_and_time_in_two_columns_are_one_departure(tmp_path: Path) -> None:
    rows = [[*PEOPLE[0], time(8, 30), date(2020, 3, 22)], [*PEOPLE[1], "9点", "3月22日"]]
    path = one(tmp_path, [*NAME_AND_ID, "发车时间", "出发日期"], *rows)

    assert values(path, Column.DEPARTS_AT) == ["2020-03-22 08:30:00", "3月22日 9点"]


def test_all_rosters_of_a_file_are_read_and_other_sheets_named(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.xlsx",
        ("填表说明", [["请如实填写"], ["身份证号必须是18位"]]),
        ("碧江区", [NAME_AND_ID, PEOPLE[0]]),
        ("汇总", [["序号", "用工企业", "岗位", "人数"], [1, "晨光", "操作工", 3]]),
        ("江口县", [["江口县花名册"], NAME_AND_ID, PEOPLE[1]]),
        ("联系人", [["姓名", "单位", "联系电话"], ["王干部", "人社局", "13800138000"]]),
    )

    assert people(path) == PEOPLE[:2]
    assert notes(path)[:3] == [
        "工作表“填表说明”没有导入：没有花名册的表头。",
        "工作表“汇总”没有导入：没有花名册的表头。",
        "工作表“联系人”没有导入：缺少身份证号列。",
    ]


def test_hidden_sheets_are_not_imported_behind_the_clerks_back(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", ("新", [NAME_AND_ID, PEOPLE[0]]), ("旧", [NAME_AND_ID, PEOPLE[1]]))
    book = load_workbook(path)
    book["旧"].sheet_state = "hidden"
    book.save(path)

    assert people(path) == PEOPLE[:1]
    assert notes(path)[0] == "工作表“旧”没有导入：是隐藏的工作表。"


def test_totals_signatures_notes_and_blank_rows_are_left_out(tmp_path: Path) -> None:
    path = one(
        tmp_path,
        ["序号", *NAME_AND_ID],
        [1, *PEOPLE[0]],
        ["小 计", "1人"],
        [],
        ["序号", *NAME_AND_ID],
        [2, *PEOPLE[1]],
        [3, "", " "],
        [4],
        ["合计", "", 2],
        ["", "总计：2人"],
        ["填表人：王某", "", "审核：李某"],
        ["注：本表一式两份"],
        ["负责人（签字）："],
    )

    assert numbers(path) == [2, 6]
    assert people(path) == PEOPLE[:2]


def test_a_worker_without_an_id_is_not_left_out(tmp_path: Path) -> None:
    path = one(tmp_path, ["序号", *NAME_AND_ID, "联系电话"], [1, "张三", "", "13800138000"], [2, "", "", "13800138001"])

    assert numbers(path) == [2, 3]


def test_cells_merged_downwards_speak_for_all_their_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("a", 0)
    sheet.append([*NAME_AND_ID, "用工企业", "车牌号", "性别"])
    for at, person in enumerate(PEOPLE):
        sheet.append([*person, "晨光公司" if at == 0 else "", "贵D12345" if at == 1 else "", "男" if at == 0 else ""])
    sheet.merge_cells("C2:C4")
    sheet.merge_cells("D3:D4")
    sheet.merge_cells("E2:E4")
    sheet.merge_cells("A5:A6")
    book.save(tmp_path / "a.xlsx")

    assert values(tmp_path / "a.xlsx", Column.ENTERPRISE) == ["晨光公司"] * 3
    assert values(tmp_path / "a.xlsx", Column.VEHICLE) == ["", "贵D12345", "贵D12345"]
    assert values(tmp_path / "a.xlsx", Column.SEX) == ["男", "", ""]
