"""A sheet of any kind of file as rows of cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Cell = int | float | str | bool | time | date | datetime | timedelta

NO_STORED_VALUE = "#公式没有存下结果"
"""Stands in a cell whose formula was saved without its result."""
ERROR_VALUE = "#公式出错"
"""Stands in a cell whose formula's result is an error such as #N/A."""

MOST_ROWS = 100_000
MOST_SHEETS = 50


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows()` starts anew each time; its first row is the sheet's row 1, all rows are of one width."""

    name: str
    height: int
    rows: Callable[[], Iterator[list[Cell]]]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    """Merged cells as (first row, last row, first column, last column), from 0, columns as in `rows()`."""
