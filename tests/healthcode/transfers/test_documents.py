import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook

from backend.core.errors import Invalid
from healthcode.transfers import documents, sheets
from healthcode.transfers.documents import FaultsBook, faults_workbook, roster_line, roster_workbook
from healthcode.transfers.rows import Checker, Faults, Row
from healthcode.transfers.sheets import TITLES, Raw, Table, Value
from healthcode.transfers.watermark import Watermark, stamped
from tests.factories import rosters

NOW = datetime(2020, 3, 20, 4, 0, tzinfo=UTC)
WATERMARK = Watermark("铜仁市人社局", "王经办 & 同事", datetime(2020, 3, 20, 6, 5, tzinfo=UTC), UUID(int=7))
LINES = list(rosters.lines(5))


def checked(path: Path) -> list[Row | Faults]:
    checker = Checker(NOW)
    with sheets.read(path) as roster:
        return [checker.check(raw) for raw in roster.rows]


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def wrong(cells: list[Value], *, headings: tuple[str, ...] = ("姓名", "身份证号", "备注"), sheet: str = "一") -> Faults:
    table = Table(sheet, list(headings), {"name": 0, "resident_id": 1}, None, ["备注"])
    faults = Checker(NOW).check(Raw(table, 7, cells))
    assert isinstance(faults, Faults)
    return faults


def test_wrong_rows_come_back_as_they_stood_with_why_and_where(tmp_path: Path) -> None:
    line = list(LINES[0])
    line[5] = "1380013800"
    line[6] = "也许"
    path = rosters.write_xlsx(tmp_path / "a.xlsx", [LINES[1], line])
    faults = [one for one in checked(path) if isinstance(one, Faults)]
    sheet = load_workbook(BytesIO(faults_workbook(faults)))["花名册"]

    assert [cell.value for cell in sheet[1]] == [*rosters.HEADINGS, "问题说明", "原表位置"]
    assert [cell.value for cell in sheet[2]][:14] == [str(cell) for cell in line]
    assert sheet["O2"].value == (
        "联系电话：“1380013800”不是11位手机号（现在是10位数字），请核对；没有手机可以空着。\n"
        "是否建档立卡贫困户：“也许”看不懂，请填“是”或“否”。"
    )
    assert sheet["P2"].value == "花名册 第3行"
    assert sheet.freeze_panes == "A2"
    assert sheet["D2"].number_format == sheet["F2"].number_format == "@"
    assert sheet["O2"].alignment.wrap_text
    assert sheet.max_row == 2


def test_each_sheet_comes_back_with_its_own_headings() -> None:
    other = wrong(["李四", ""], headings=("人员姓名", "证件号码"), sheet="二")
    book = load_workbook(BytesIO(faults_workbook([wrong(["张三", "1", "x"]), other, wrong(["王五", "2", ""])])))

    assert book.sheetnames == ["一", "二"]
    assert [cell.value for cell in book["二"][1]][:2] == ["人员姓名", "证件号码"]
    assert book["一"].max_row == 3


def test_the_corrected_book_can_be_imported(tmp_path: Path) -> None:
    line = [*LINES[0]]
    line[3] = f"{LINES[0][3]}1"
    faults = [one for one in checked(rosters.write_xls(tmp_path / "a.xls", [line])) if isinstance(one, Faults)]
    path = saved(tmp_path / "faults.xlsx", faults_workbook(faults))
    book = load_workbook(path)
    book["花名册"]["D2"] = LINES[0][3]
    book.save(path)

    (row,) = checked(path)
    (plain,) = checked(rosters.write_xlsx(tmp_path / "b.xlsx", LINES[:1]))
    assert isinstance(row, Row)
    assert isinstance(plain, Row)
    assert roster_line(row) == roster_line(plain)


def test_an_id_that_excel_cut_does_not_come_back_as_a_plausible_text(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", faults_workbook([wrong(["张三", 520602199001011200.0, ""])]))

    (again,) = checked(path)
    assert isinstance(again, Faults)
    assert "存成了数字" in str(again.items[0])


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "=1+1", '\t=cmd|"/C calc"!A0'])
def test_a_formula_in_a_cell_comes_back_as_text(text: str) -> None:
    content = faults_workbook([wrong(["张三", "1", text])])
    cell = load_workbook(BytesIO(content))["一"]["C2"]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()

    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value == text.replace("\t", "") or cell.value == text
    assert "<f>" not in xml


def test_characters_that_excel_refuses_are_left_out() -> None:
    sheet = load_workbook(BytesIO(faults_workbook([wrong(["张\x00三\x1f", "1", "\ufffe"], sheet="[一]/二?*")]))).active

    assert sheet is not None
    assert sheet["A2"].value == "张三"
    assert sheet.title == "_一__二__"


def test_a_book_without_faults_still_opens() -> None:
    book = FaultsBook()

    assert load_workbook(BytesIO(book.to_bytes())).sheetnames == ["没有问题"]
    assert book.count == 0


def test_the_form_has_text_columns_choices_and_an_explanation_of_each_column() -> None:
    book = load_workbook(BytesIO(documents.template_workbook()))
    form, notes = book.worksheets

    assert [cell.value for cell in form[1]] == list(TITLES.values())
    assert form.column_dimensions["D"].number_format == "@"
    assert {str(choice.sqref): choice.formula1 for choice in form.data_validations.dataValidation} == {
        "C2:C5001": '"男,女"',
        "G2:G5001": '"是,否"',
        "L2:L5001": '"包车,火车,飞机,自驾,其他"',
    }
    assert [row[0].value for row in notes.iter_rows(min_row=2)] == list(TITLES.values())


def test_the_form_filled_in_is_imported_and_the_untouched_one_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", documents.template_workbook())
    with pytest.raises(Invalid) as caught:
        checked(path)
    book = load_workbook(path)
    for line in LINES:
        book["花名册"].append(line)
    book.save(path)

    assert caught.value.code == "transfers.roster.empty"
    assert all(isinstance(row, Row) for row in checked(path))
    assert len(checked(path)) == 5


def test_an_exported_roster_says_who_took_it_and_when(tmp_path: Path) -> None:
    rows = [row for row in checked(rosters.write_xlsx(tmp_path / "a.xlsx", LINES)) if isinstance(row, Row)]
    content = roster_workbook(map(roster_line, rows), WATERMARK)
    sheet = load_workbook(BytesIO(content))["花名册"]

    assert sheet["A1"].value == (
        f"铜仁市人社局 王经办 & 同事 于 2020-03-20 14:05 导出，编号 {UUID(int=7)}，"
        "含个人信息，仅限本次输送使用，不得外传"
    )
    assert "2020-03-20 14:05" in str(sheet.oddHeader.center.text)
    assert sheet.print_title_rows == "$2:$2"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet["K3"].value == "2020-03-22 08:00"


def test_an_exported_roster_is_the_same_roster_again(tmp_path: Path) -> None:
    rows = [row for row in checked(rosters.write_xlsx(tmp_path / "a.xlsx", LINES)) if isinstance(row, Row)]
    path = saved(tmp_path / "b.xlsx", roster_workbook(map(roster_line, rows), WATERMARK))

    again = [row for row in checked(path) if isinstance(row, Row)]
    assert list(map(roster_line, again)) == list(map(roster_line, rows))


def test_a_list_may_have_other_columns() -> None:
    content = roster_workbook(
        [["张**", None, 3, True]], WATERMARK, headings=("姓名", "到达", "座位", "绿码"), title="到达名单"
    )
    sheet = load_workbook(BytesIO(content))["到达名单"]

    assert [cell.value for cell in sheet[3]] == ["张**", None, "3", "是"]


def test_a_copy_of_the_wrong_rows_says_who_took_it_and_reads_as_before() -> None:
    content = faults_workbook([wrong(["张三", "1", "<oddHeader>x</oddHeader>"])])
    plain = load_workbook(BytesIO(content)).worksheets[0]
    book = load_workbook(BytesIO(stamped(content, WATERMARK)))
    (sheet,) = book.worksheets

    assert sheet.oddHeader is not None
    assert sheet.oddHeader.center.text == str(WATERMARK)[:120].replace("&", "&&")
    assert str(WATERMARK) == book.properties.description
    assert [[cell.value for cell in row] for row in sheet] == [[cell.value for cell in row] for row in plain]


def test_a_list_carries_its_watermark_in_its_properties() -> None:
    book = load_workbook(BytesIO(roster_workbook([], WATERMARK)))

    assert book.properties.description == str(WATERMARK)
    assert str(WATERMARK.number) in book.worksheets[0]["A1"].value
