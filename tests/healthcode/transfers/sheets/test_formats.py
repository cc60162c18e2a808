import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from healthcode.transfers import sheets
from healthcode.transfers.sheets import ERROR_VALUE, NO_STORED_VALUE
from healthcode.transfers.sheets.columns import COLUMNS
from tests.factories import rosters
from tests.factories.roster_files import LINES, NAME_AND_ID, PEOPLE, one, people, save


def test_all_formats_hold_the_same(tmp_path: Path) -> None:
    for path in (
        rosters.write_xlsx(tmp_path / "a.xlsx", LINES),
        rosters.write_xls(tmp_path / "a.xls", LINES),
        rosters.write_csv(tmp_path / "a.csv", LINES),
    ):
        with sheets.read(path) as roster:
            assert roster.tables[0].columns == COLUMNS
            rows = list(roster.rows)
        assert [raw.number for raw in rows] == [2, 3, 4]
        assert [raw.values()[1:8] for raw in rows] == [line[1:8] for line in LINES]
        assert [float(raw.values()[13]) for raw in rows] == [1, 2, 3]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_in_its_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = rosters.write_csv(tmp_path / "a.csv", LINES, encoding=encoding, delimiter=delimiter)

    assert people(path) == PEOPLE


def test_text_may_come_as_xls_and_a_workbook_under_another_name(tmp_path: Path) -> None:
    text = rosters.write_csv(tmp_path / "导出.xls", LINES, encoding="utf-16", delimiter="\t")
    book = rosters.write_xlsx(tmp_path / "stored", LINES)

    assert people(text) == PEOPLE
    with sheets.read(book, name="花名册.xls") as roster:
        assert roster.at_most == 3


def test_rare_characters_survive_gb18030(tmp_path: Path) -> None:
    path = rosters.write_csv(tmp_path / "a.csv", [("𠮷田䶮", LINES[0][3])], headings=NAME_AND_ID, encoding="gb18030")

    assert people(path)[0][0] == "𠮷田䶮"


def test_an_id_guarded_by_an_equals_sign_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'姓名,身份证号\n张三,="{LINES[0][3]}"\n', encoding="gbk")

    assert people(tmp_path / "a.csv") == [("张三", LINES[0][3])]


def test_numbers_dates_and_times_come_as_they_are_stored(tmp_path: Path) -> None:
    row = [*PEOPLE[0], 13800138000, datetime(2020, 3, 22, 8, 0), True, 0.5]  # noqa: DTZ001 - Excel knows no zones
    path = one(tmp_path, [*NAME_AND_ID, "电话", "出发时间", "贫困户", "座位"], row)
    with sheets.read(path) as roster:
        (raw,) = roster.rows

    assert raw.cells[2:] == [13800138000.0, "2020-03-22 08:00:00", True, 0.5]


def test_formulas_count_by_their_stored_value(tmp_path: Path) -> None:
    path = one(
        tmp_path, [*NAME_AND_ID, "电话", "岗位", "技能", "座位"], *([*person, "", "", "", ""] for person in PEOPLE)
    )
    formulas = {
        "C2": '<c r="C2"><f>1+1</f><v>13800138000</v></c>',
        "D2": '<c r="D2" t="str"><f>IF(1,"操作工")</f><v>操作工</v></c>',
        "E2": '<c r="E2" t="str"><f>IF(0,"焊工","")</f><v></v></c>',
        "C3": '<c r="C3"><f>1+1</f><v></v></c>',
        "D3": '<c r="D3"><f t="shared" si="0"/></c>',
        "E3": '<c r="E3" s="1" t="e"><f>NA()</f><v>#N/A</v></c>',
        "F3": '<c r="F3"><f>1</f><v /></c>',
    }
    _edit(path, "xl/worksheets/sheet1.xml", lambda text: _with_cells(text, formulas))
    with sheets.read(path) as roster:
        first, second, _ = roster.rows

    assert first.cells[2:5] == [13800138000.0, "操作工", ""]
    assert second.cells[2:6] == [NO_STORED_VALUE, NO_STORED_VALUE, ERROR_VALUE, NO_STORED_VALUE]


def test_formulas_that_only_a_program_wrote_are_found_in_every_sheet(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.xlsx",
        ("一 & 二", [NAME_AND_ID, PEOPLE[0]]),
        ("三", [["标题"], [None, *NAME_AND_ID], [None, PEOPLE[1][0], "=A1"]]),
    )

    assert people(path) == [PEOPLE[0], (PEOPLE[1][0], NO_STORED_VALUE)]


def _edit(path: Path, part: str, change: object) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert callable(change)
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _with_cells(text: str, cells: dict[str, str]) -> str:
    for number in ("2", "3"):
        mine = "".join(cell for place, cell in cells.items() if place.endswith(number))
        start = text.index("</row>", text.index(f'<row r="{number}"'))
        before, after = text[:start], text[start:]
        cut = before.find(f'<c r="C{number}"')
        text = (before[:cut] if cut > 0 else before) + mine + after
    return text
