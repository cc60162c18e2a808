"""Excel workbooks as grids, read by calamine."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    XmlError,
    ZipError,
)

from backend.core.errors import Invalid
from healthcode.transfers.sheets.archive import Spoiled, broken, inspect
from healthcode.transfers.sheets.grids import MOST_SHEETS, Cell, Grid
from healthcode.transfers.sheets.kinds import Kind, encrypted, with_macros

HIDDEN = "是隐藏的工作表"
NOT_CELLS = "是图表，不是表格"


def open_spreadsheet(path: Path, kind: Kind) -> tuple[list[Grid], list[tuple[str, str]]]:
    """The visible sheets, and those left out with the reason.

    Refuses with Invalid("transfers.roster.…"): broken, encrypted, macros, kind, bomb, too_many_sheets.
    """
    spoiled = inspect(path) if kind is Kind.XLSX else {}
    try:
        workbook = CalamineWorkbook.from_path(path)
        return _visible(workbook, spoiled)
    except PasswordError as why:
        raise encrypted() from why
    except (CalamineError, XmlError, ZipError, OSError) as why:
        raise broken() from why


def _visible(workbook: CalamineWorkbook, spoiled: dict[str, Spoiled]) -> tuple[list[Grid], list[tuple[str, str]]]:
    sheets = workbook.sheets_metadata
    if any(sheet.typ in (SheetTypeEnum.MacroSheet, SheetTypeEnum.Vba) for sheet in sheets):
        raise with_macros()
    if len(sheets) > MOST_SHEETS:
        raise Invalid(
            "transfers.roster.too_many_sheets",
            f"文件里有 {len(sheets)} 个工作表，超过了 {MOST_SHEETS} 个。请合并到少数几个工作表，或拆成几份文件。",
        )
    grids, skipped = [], []
    for at, sheet in enumerate(sheets):
        if sheet.visible != SheetVisibleEnum.Visible:
            skipped.append((sheet.name, HIDDEN))
        elif sheet.typ != SheetTypeEnum.WorkSheet:
            skipped.append((sheet.name, NOT_CELLS))
        else:
            grids.append(_grid(workbook.get_sheet_by_index(at), spoiled.get(sheet.name, {})))
    return grids, skipped


def _grid(sheet: CalamineSheet, spoiled: Spoiled) -> Grid:
    if sheet.start is None or sheet.end is None:
        return Grid(sheet.name, 0, partial(iter, ()))
    left = sheet.start[1]
    merges = tuple(
        (first, last, start - left, end - left)
        for (first, start), (last, end) in sheet.merged_cell_ranges or ()
        if start >= left
    )
    return Grid(sheet.name, sheet.end[0] + 1, partial(_rows, sheet, spoiled, left), merges)


def _rows(sheet: CalamineSheet, spoiled: Spoiled, left: int) -> Iterator[list[Cell]]:
    if not spoiled:
        yield from sheet.iter_rows()
        return
    for index, row in enumerate(sheet.iter_rows()):
        for column, word in spoiled.get(index, {}).items():
            if 0 <= column - left < len(row):
                row[column - left] = word
        yield row
