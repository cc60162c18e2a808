import struct
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook

from backend.core.errors import Invalid
from healthcode.transfers import sheets
from healthcode.transfers.sheets.columns import COLUMNS
from tests.factories import rosters
from tests.factories.roster_files import LINES, NAME_AND_ID, PEOPLE, code, numbers, one, refusal, save


def test_a_missing_column_is_named_with_those_found(tmp_path: Path) -> None:
    why = refusal(one(tmp_path, ["序号", "姓名", "电话", "民族"], [1, "张三", "13800138000", "苗"]))

    assert why.code == "transfers.roster.columns"
    assert why.message == (
        "工作表“Sheet1”缺少身份证号列，认出的列有：序号、姓名、联系电话；没有认出的列有：民族。请补上缺少的列后重新上传。"
    )


def test_without_headings_there_is_no_roster(tmp_path: Path) -> None:
    assert code(one(tmp_path, ["张三", PEOPLE[0][1]], ["李四", PEOPLE[1][1]])) == "no_header"
    assert code(one(tmp_path, *([["标题"]] * 40), NAME_AND_ID, PEOPLE[0])) == "no_header"


def test_an_empty_file_sheet_or_roster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b" \n")

    assert code(tmp_path / "a.csv") == "empty"
    assert code(one(tmp_path)) == "empty"
    assert code(one(tmp_path, NAME_AND_ID)) == "empty"
    assert code(one(tmp_path, ["序号", *NAME_AND_ID], [1], [2], ["合计"])) == "empty"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pdf", b"%PDF-1.7", "extension"),
        ("花名册", b"x", "extension"),
        ("a.docx", b"PK\x03\x04", "extension"),
        ("a.xlsm", b"PK\x03\x04", "macros"),
        ("a.xlsx", b"%PDF-1.7\n\x00\x01\x02", "kind"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "kind"),
        ("a.csv", b"\xff\xfe\x00\xd8\x00\xd8", "kind"),
        ("a.csv", b"\x81\x20\xff\xff\x80", "kind"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "markup"),
        ("a.xls", b"\xef\xbb\xbf\r\n<table border=1>", "markup"),
        ("a.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "markup"),
        ("a.xls", b"\x09\x08\x08\x00\x00\x05\x05\x00" + bytes(50), "kind"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "broken"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "WordDocument".encode("utf-16-le"), "kind"),
        ("a.xlsx", b"PK\x03\x04" + bytes(300), "broken"),
    ],
)
def test_what_is_no_roster_file_is_refused(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / "stored").write_bytes(content)

    assert code(tmp_path / "stored", name=name) == expected


def test_a_file_over_20_mb_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)

    assert code(tmp_path / "a.xlsx") == "too_big"


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("write", [rosters.write_xlsx, rosters.write_xls])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float, write: type) -> None:
    whole = write(tmp_path / "whole", rosters.lines(200)).read_bytes()
    path = tmp_path / f"a.{write.__name__.removeprefix('write_')}"
    path.write_bytes(whole[: int(len(whole) * share)])

    assert code(path) in {"broken", "too_complex"}


def test_a_password_is_refused_in_both_formats(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as out:
        OOXMLFile(BytesIO(rosters.write_xlsx(tmp_path / "open", LINES).read_bytes())).encrypt("secret", out)
    xls = rosters.write_xls(tmp_path / "a.xls", LINES)
    xls.write_bytes(_with_filepass(xls.read_bytes()))

    assert code(tmp_path / "a.xlsx") == "encrypted"
    assert code(xls) == "encrypted"


def test_macros_are_refused_in_both_formats(tmp_path: Path) -> None:
    xlsx = rosters.write_xlsx(tmp_path / "a.xlsx", LINES)
    with zipfile.ZipFile(xlsx, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    xls = rosters.write_xls(tmp_path / "a.xls", LINES)
    xls.write_bytes(xls.read_bytes() + "_VBA_PROJECT_CUR".encode("utf-16-le"))

    assert code(xlsx) == "macros"
    assert code(xls) == "macros"


@pytest.mark.parametrize("parts", [{"word/document.xml": ""}, {"xl/workbook.bin": ""}, {"content.xml": ""}])
def test_other_archives_are_refused(tmp_path: Path, parts: dict[str, str]) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert code(tmp_path / "a.xlsx") == "kind"


def test_a_bomb_that_names_its_size_is_refused(tmp_path: Path) -> None:
    path = rosters.write_xlsx(tmp_path / "a.xlsx", LINES)
    _append_zeros(path, 301)

    assert code(path) == "bomb"


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = rosters.write_xlsx(tmp_path / "a.xlsx", LINES)
    _append_zeros(path, 301)
    content = path.read_bytes()
    size = struct.pack("<I", 301 << 20)
    assert content.count(size) >= 1
    path.write_bytes(content.replace(size, struct.pack("<I", 1000)))

    assert code(path) in {"bomb", "broken"}


def test_a_cell_in_the_farthest_corner_breaks_only_the_process_that_reads(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("a", 0)
    sheet["A1"] = "姓名"
    sheet["XFD1048576"] = "炸弹"
    book.save(tmp_path / "a.xlsx")

    assert code(tmp_path / "a.xlsx") == "too_complex"


def test_an_old_workbook_as_wide_and_long_as_can_be_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for name in "abcdefghijkl":
        sheet = book.add_sheet(name)
        sheet.write(0, 0, "姓名")
        sheet.write(65535, 255, "远")
    book.save(str(tmp_path / "a.xls"))

    assert code(tmp_path / "a.xls") == "too_complex"


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", *((f"第{at}页", [NAME_AND_ID, PEOPLE[0]]) for at in range(51)))

    assert code(path) == "too_many_sheets"


def test_100_000_rows_go_in_and_one_more_is_refused_before_anything(tmp_path: Path) -> None:
    people = [(line[1], line[3]) for line in rosters.lines(100_001)]
    most = rosters.write_xlsx(tmp_path / "most.xlsx", [*people[:-1], ("合计", "")], headings=NAME_AND_ID)
    more = rosters.write_csv(tmp_path / "more.csv", people, headings=NAME_AND_ID)

    assert len(numbers(most)) == 100_000
    with pytest.raises(Invalid) as caught, sheets.read(more):
        pass
    assert caught.value.code == "transfers.roster.too_many_rows"
    assert "100,001 人" in caught.value.message


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_wrong_bytes_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / data.draw(st.sampled_from(["a.xlsx", "a.xls", "a.csv"]))
    write = {"a.xlsx": rosters.write_xlsx, "a.xls": rosters.write_xls, "a.csv": rosters.write_csv}[path.name]
    content = bytearray(write(path, LINES).read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)

    with suppress(Invalid), sheets.read(path) as roster:
        assert all(len(raw.values()) == len(COLUMNS) for raw in roster.rows)


def _append_zeros(path: Path, megabytes: int) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.bin", "w") as part:
        for _ in range(megabytes):
            part.write(bytes(1 << 20))


def _with_filepass(content: bytes) -> bytes:
    """An .xls whose stream says, right after its beginning, that it is encrypted ([MS-XLS] 2.4.117)."""
    begin = content.index(b"\x09\x08\x10\x00")
    after = begin + 4 + 16
    filepass = struct.pack("<HHH", 0x2F, 2, 0)
    return content[:after] + filepass + content[after + len(filepass) :]
