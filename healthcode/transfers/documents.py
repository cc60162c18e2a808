"""The Excel documents of rosters: the form to fill in, the rows to correct, the list to take along."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from backend.core.clock import shown
from backend.core.resident_id import Sex
from healthcode.transfers.rows import Faults, Row
from healthcode.transfers.rules import MODE_NAMES
from healthcode.transfers.sheets import COLUMNS, TITLES, Column, Value
from healthcode.transfers.watermark import Watermark, in_header

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHY, WHERE = "问题说明", "原表位置"
FORM_ROWS = 5_000
"""Rows of the form that offer choices."""

FAULTS_MARK = "含个人信息，不得外传"
"""Until it is known who takes it out."""

_TEXT = "@"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these begins what Excel may take for a formula."""
_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_CUT = 1e15
"""From here on Excel has lost digits; shown as Excel shows it, lest the rest pass for an ID number."""
_SHEET_NAME = re.compile(r"[\\/*?:\[\]']")
_LONGEST_SHEET_NAME, _LONGEST_CELL = 31, 32_767  # characters

_HEADING_FONT = Font(bold=True)
_HEADING_FILL = PatternFill("solid", fgColor="DDEBF7")
_WHY_FILL = PatternFill("solid", fgColor="FFF2CC")
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_PLAIN = Alignment(vertical="center")

_WIDTHS = {
    TITLES[Column.SERIAL]: 7,
    TITLES[Column.NAME]: 11,
    TITLES[Column.SEX]: 6,
    TITLES[Column.RESIDENT_ID]: 22,
    TITLES[Column.ADDRESS]: 38,
    TITLES[Column.PHONE]: 15,
    TITLES[Column.POOR]: 12,
    TITLES[Column.ENTERPRISE]: 28,
    TITLES[Column.DEPARTS_AT]: 19,
    WHY: 60,
    WHERE: 22,
}
_USUAL_WIDTH = 13

Cell = Value | datetime | None


class FaultsBook:
    """The rows that were not taken: each as it stood in its sheet, with why and where.

    A sheet of the file becomes a sheet of the book, its headings as they were, so that the corrected book can be
    imported as it is. Rows are written out as they come, so that 100,000 of them need no memory.
    """

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        self._book.properties.description = FAULTS_MARK
        self._sheets: dict[str, _Sheet] = {}
        self.count = 0

    def add(self, faults: Faults) -> None:
        table = faults.raw.table
        if (sheet := self._sheets.get(table.sheet)) is None:
            headings = (*table.headings, WHY, WHERE)
            sheet = self._sheets[table.sheet] = _Sheet(self._book, table.sheet, headings, fills={WHY: _WHY_FILL})
            sheet.mark(FAULTS_MARK)
        why = "\n".join(str(fault) for fault in faults.items)
        cells = faults.raw.cells
        blank = [""] * (len(table.headings) - len(cells))
        sheet.append([*cells, *blank, why, f"{table.sheet} 第{faults.raw.number}行"])
        self.count += 1

    def to_bytes(self) -> bytes:
        """The finished .xlsx; call it once, after the last row."""
        if not self._sheets:
            _Sheet(self._book, "没有问题", (WHY, WHERE)).mark(FAULTS_MARK)
        return _saved(self._book)


def faults_workbook(faults: Iterable[Faults]) -> bytes:
    """The .xlsx with the rows that were not taken (see FaultsBook)."""
    book = FaultsBook()
    for one in faults:
        book.add(one)
    return book.to_bytes()


def roster_line(row: Row) -> list[Cell]:
    """A worker in the order of the usual columns, as a list shows it."""
    return [
        row.serial,
        row.name,
        _SEX_NAMES[row.sex],
        row.resident_id,
        row.address,
        row.phone,
        "是" if row.poor else "否",
        row.skills,
        row.enterprise,
        row.position,
        row.departs_at,
        MODE_NAMES[row.mode],
        row.vehicle,
        row.seat,
    ]


def roster_workbook(
    lines: Iterable[Sequence[Cell]],
    watermark: Watermark,
    *,
    headings: Sequence[str] = tuple(TITLES.values()),
    title: str = "花名册",
) -> bytes:
    """The .xlsx of a roster, landscape, headings on each page; who exported it stands in line 1 and on each page."""
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.description = watermark.office, str(watermark)
    sheet = _Sheet(book, title, tuple(headings), above=str(watermark))
    sheet.mark(str(watermark))
    for line in lines:
        sheet.append(line)
    return _saved(book)


def template_workbook() -> bytes:
    """The form that clerks fill in: headings, choices, text columns; and a second sheet that explains each column."""
    book = Workbook(write_only=True)
    form = _Sheet(book, "花名册", tuple(TITLES.values()), filled_by_hand=True)
    form.choices(Column.SEX, list(_SEX_NAMES.values()))
    form.choices(Column.POOR, ["是", "否"])
    form.choices(Column.MODE, list(MODE_NAMES.values()))
    notes = _Sheet(book, "填写说明", ("栏目", "怎么填", "例子"), widths={"怎么填": 60, "例子": 34})
    for column in COLUMNS:
        notes.append([TITLES[column], *_EXPLAINED[column]])
    return _saved(book)


class _Sheet:
    """A sheet being written row by row, all of it as text, so that Excel neither computes nor cuts anything."""

    def __init__(
        self,
        book: Workbook,
        name: str,
        headings: tuple[str, ...],
        *,
        above: str = "",
        filled_by_hand: bool = False,
        fills: dict[str, PatternFill] | None = None,
        widths: dict[str, int] | None = None,
    ) -> None:
        # Only the stubs deny a write-only sheet the attributes of others.
        self._sheet = cast("Worksheet", book.create_sheet(_sheet_name(name)))
        for at, heading in enumerate(headings, 1):
            column = self._sheet.column_dimensions[get_column_letter(at)]
            column.width = {**_WIDTHS, **(widths or {})}.get(heading, _USUAL_WIDTH)
            if filled_by_hand:
                column.number_format = _TEXT
        first = 2 if above else 1
        self._sheet.freeze_panes = f"A{first + 1}"
        self._sheet.print_title_rows = f"{first}:{first}"
        self._sheet.page_setup.orientation = "landscape"
        self._sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
        self._sheet.page_setup.fitToHeight = 0
        self._sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        if above:
            self._sheet.append([self._cell(above, font=Font(italic=True, color="808080"))])
        self._sheet.append(
            [self._cell(one, font=_HEADING_FONT, fill=_HEADING_FILL, alignment=_CENTRED) for one in headings]
        )
        self._cells = [
            self._cell("", alignment=_WRAPPED if heading == WHY or widths else _PLAIN, fill=(fills or {}).get(heading))
            for heading in headings
        ]

    def append(self, values: Sequence[Cell]) -> None:
        """Write a row; each column's one cell object is used again, since it is written out at once."""
        for cell, value in zip(self._cells, values, strict=True):
            cell.value = ""
            text = _text(value)
            cell.value = text
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(FORMULA)
        self._sheet.append(self._cells)

    def mark(self, watermark: str) -> None:
        self._sheet.oddHeader, self._sheet.oddFooter = HeaderFooterItem(), HeaderFooterItem()
        self._sheet.oddHeader.center.text = in_header(watermark)
        self._sheet.oddFooter.right.text = "第 &P 页，共 &N 页"

    def choices(self, column: Column, offered: list[str]) -> None:
        letter = get_column_letter(COLUMNS.index(column) + 1)
        choice = DataValidation("list", formula1=f'"{",".join(offered)}"', allow_blank=True, showErrorMessage=True)
        choice.errorTitle, choice.error = "请从列表中选择", f"{TITLES[column]}只能填：{'、'.join(offered)}"
        choice.add(f"{letter}2:{letter}{FORM_ROWS + 1}")
        self._sheet.data_validations.append(choice)

    def _cell(
        self, text: str, *, font: Font | None = None, fill: PatternFill | None = None, alignment: Alignment = _PLAIN
    ) -> ExcelCell:
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type, cell.number_format, cell.alignment, cell.border = "s", _TEXT, alignment, _BOX
        cell.quotePrefix = text.startswith(FORMULA)
        if font:
            cell.font = font
        if fill:
            cell.fill = fill
        return cell


def plain(said: str) -> str:
    """A text as a cell can hold it."""
    return _ILLEGAL.sub("", said)[:_LONGEST_CELL]


def _text(value: Cell) -> str:
    if isinstance(value, str):
        return plain(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if abs(value) >= _CUT:
        return f"{value:.14E}"
    return str(int(value)) if value == value // 1 else str(value)


def _sheet_name(name: str) -> str:
    return _SHEET_NAME.sub("_", _ILLEGAL.sub("", name))[:_LONGEST_SHEET_NAME] or "花名册"


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_SEX_NAMES = {Sex.MALE: "男", Sex.FEMALE: "女"}
_EXPLAINED = {
    Column.SERIAL: ("从 1 开始编号，可以空着。", "1"),
    Column.NAME: ("必填。与身份证一致；少数民族姓名中间的点写成“·”。", "张三丰（虚构）"),
    Column.SEX: ("男或女；空着时按身份证号认定。", "女"),
    Column.RESIDENT_ID: (
        "必填。18位。整列已设为文本，请直接输入或“只粘贴文本”，否则 Excel 会丢失末尾几位。",
        "5206021990××××××4X",
    ),
    Column.ADDRESS: ("户口本上的地址，写到村组或门牌。", "贵州省铜仁市碧江区东风村1组"),
    Column.PHONE: ("本人的11位手机号；没有手机的空着，本人凭姓名和身份证号认领。", "138××××0000"),
    Column.POOR: ("是或否；空着按“否”。", "是"),
    Column.SKILLS: ("会做什么，多项用顿号隔开。", "电子装配、焊工"),
    Column.ENTERPRISE: ("到达后上班的企业全称。", "昆山晨光电子（虚构）有限公司"),
    Column.POSITION: ("到达后的岗位。", "操作工"),
    Column.DEPARTS_AT: ("日期和钟点。", "2020-03-22 08:00"),
    Column.MODE: ("包车、火车、飞机、自驾或其他。", "包车"),
    Column.VEHICLE: ("包车填车牌，火车填车次。同一辆车、同一时间出发的人组成一个车次。", "贵D12345"),
    Column.SEAT: ("同一辆车内不能重复；没有排座的空着。", "12"),
}
