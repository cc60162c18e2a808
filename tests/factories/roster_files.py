"""Roster files of a few rows, and what comes out of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from backend.core.errors import Invalid
from healthcode.transfers import sheets
from healthcode.transfers.sheets import Column, Value
from healthcode.transfers.sheets.columns import COLUMNS
from tests.factories import rosters

LINES = list(rosters.lines(3))
HEADINGS = list(rosters.HEADINGS)
NAME_AND_ID = ["姓名", "身份证号"]
PEOPLE = [(line[1], line[3]) for line in LINES]

Rows = Iterable[Sequence[object]]


def save(path: Path, *rows_of_sheets: tuple[str, Rows]) -> Path:
    """A workbook with these sheets of rows."""
    book = Workbook()
    book.remove(book.active or book.create_sheet())
    for title, rows in rows_of_sheets:
        sheet: Worksheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def one(path: Path, *rows: Sequence[object]) -> Path:
    return save(path / "roster.xlsx", ("Sheet1", rows))


def people(path: Path) -> list[tuple[Value, Value]]:
    with sheets.read(path) as roster:
        return [(raw.values()[1], raw.values()[3]) for raw in roster.rows]


def values(path: Path, column: Column) -> list[Value]:
    with sheets.read(path) as roster:
        return [raw.values()[COLUMNS.index(column)] for raw in roster.rows]


def numbers(path: Path) -> list[int]:
    with sheets.read(path) as roster:
        return [raw.number for raw in roster.rows]


def notes(path: Path) -> list[str]:
    with sheets.read(path) as roster:
        list(roster.rows)
        return roster.notes


def refusal(path: Path, *, name: str | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught, sheets.read(path, name=name) as roster:
        list(roster.rows)
    assert caught.value.message.endswith("。")
    return caught.value


def code(path: Path, *, name: str | None = None) -> str:
    return refusal(path, name=name).code.removeprefix("transfers.roster.")
