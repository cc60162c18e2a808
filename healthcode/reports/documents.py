"""A report as Excel and as PDF, from the same content."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from backend.core import clock, pdf
from healthcode.reports.rules import Content, Format, Section, Value, Who
from healthcode.transfers.documents import FORMULA, plain
from healthcode.transfers.watermark import Watermark, in_header

MOMENT = "yyyy-mm-dd hh:mm"
MM_A_CHARACTER = 2.0
NOTHING = "没有"
FACTS = (60, 209)  # millimetres
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEADING, _HEADING_FILL = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
_FAINT = Font(italic=True, color="808080")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TOP = Alignment(vertical="top", wrap_text=True)


def document(form: Format, content: Content, names: Mapping[UUID, str], mark: Watermark) -> bytes:
    """The report, with these names opened and the watermark on each page."""
    return workbook(content, names, mark) if form is Format.EXCEL else printed(content, names, mark)


def workbook(content: Content, names: Mapping[UUID, str], mark: Watermark) -> bytes:
    """The .xlsx: a sheet a section, headings that stay, dates as dates, numbers as numbers, text as text only."""
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.title = mark.office, content.title
    book.properties.description = str(mark)
    cover = _sheet(book, "封面", (30, 90), mark)
    cover.append([_cell(cover, content.title, font=Font(bold=True, size=14))])
    cover.append([_cell(cover, str(mark), font=_FAINT)])
    cover.append([])
    for name, value in content.facts:
        if value is not None:
            cover.append([_boxed(cover, name, font=_HEADING, fill=_HEADING_FILL), _boxed(cover, value)])
    for section in content.sections:
        _fill(book, section, names, mark)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(book: Workbook, section: Section, names: Mapping[UUID, str], mark: Watermark) -> None:
    widths = [max(8.0, column.width / MM_A_CHARACTER) for column in section.columns]
    sheet = _sheet(book, section.title, widths, mark)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "2:2"
    sheet.append([_cell(sheet, section.note or section.title, font=_FAINT)])
    sheet.append(
        [
            _boxed(sheet, column.title, font=_HEADING, fill=_HEADING_FILL, alignment=_CENTRED)
            for column in section.columns
        ]
    )
    for row in section.rows:
        sheet.append([_boxed(sheet, _named(value, names)) for value in row])
    if not section.rows:
        sheet.append([_boxed(sheet, NOTHING)])
    else:
        sheet.auto_filter.ref = f"A2:{get_column_letter(len(widths))}{len(section.rows) + 2}"


def _sheet(book: Workbook, title: str, widths: Sequence[float], mark: Watermark) -> Worksheet:
    # Only the stubs deny a write-only sheet the attributes of others.
    sheet = cast("Worksheet", book.create_sheet(title))
    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddHeader, sheet.oddFooter = HeaderFooterItem(), HeaderFooterItem()
    sheet.oddHeader.center.text = in_header(str(mark))
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    return sheet


def _named(value: Value, names: Mapping[UUID, str]) -> str | int | float | datetime | None:
    return value.shown(names) if isinstance(value, Who) else value


def _boxed(
    sheet: Worksheet,
    value: Value,
    *,
    font: Font | None = None,
    fill: PatternFill | None = None,
    alignment: Alignment = _TOP,
) -> Cell:
    cell = _cell(sheet, value, font=font)
    cell.border, cell.alignment = _BOX, alignment
    if fill:
        cell.fill = fill
    return cell


def _cell(sheet: Worksheet, value: Value, *, font: Font | None = None) -> Cell:
    """A cell of the value's own kind; text is never a formula, whatever it begins with."""
    if isinstance(value, datetime):
        # Excel knows no zones: the moment as the clock in China shows it.
        cell = WriteOnlyCell(sheet, clock.local(value).replace(tzinfo=None, second=0, microsecond=0))
        cell.number_format = MOMENT
    elif isinstance(value, int | float):
        cell = WriteOnlyCell(sheet, value)
    else:
        said = plain(str(value or ""))
        cell = WriteOnlyCell(sheet, said)
        cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", said.startswith(FORMULA)
    if font:
        cell.font = font
    return cell


def printed(content: Content, names: Mapping[UUID, str], mark: Watermark) -> bytes:
    """The PDF on A4 across, page numbers and watermark on each page; without the list of everybody."""
    facts = [(name, _said(value, names)) for name, value in content.facts if value is not None]
    parts: list[Flowable] = [
        pdf.text(content.title, pdf.TITLE),
        pdf.table(("项目", "内容"), facts, FACTS),
        Spacer(0, 3 * mm),
    ]
    for section in content.sections:
        if section.sheet_only:
            continue
        parts.append(pdf.text(section.title, pdf.HEADING))
        if section.note:
            parts.append(pdf.text(section.note, pdf.SMALL))
        if section.rows:
            rows = [[_said(value, names) for value in row] for row in section.rows]
            parts.append(
                pdf.table(
                    [column.title for column in section.columns], rows, [column.width for column in section.columns]
                )
            )
        else:
            parts.append(pdf.text(NOTHING))
    return pdf.document(parts, title=content.title, mark=str(mark), across=True)


def _said(value: Value, names: Mapping[UUID, str]) -> str:
    match _named(value, names):
        case None:
            return ""
        case datetime() as moment:
            return clock.shown(moment)
        case float() as number:
            return f"{number:.1f}"
        case other:
            return str(other)
