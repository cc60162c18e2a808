"""Reading a roster file: what it holds, then its rows one by one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from backend.core.errors import Invalid
from healthcode.transfers.sheets.columns import COLUMNS, Column, spelled
from healthcode.transfers.sheets.kinds import ADVICE

Value = str | float | bool
"""A cell as it is handed on: dates and times as ISO text, numbers as floats, an empty cell as ""."""

_DEPARTS_AT = COLUMNS.index(Column.DEPARTS_AT)
_ROOT = Path(__file__).parents[3]


class Table:
    """One sheet that is a roster: its headings as the clerk wrote them, and which column is which."""

    __slots__ = ("_pick", "clock", "columns", "extra", "headings", "sheet")

    def __init__(
        self, sheet: str, headings: list[str], places: dict[str, int], clock: int | None, extra: list[str]
    ) -> None:
        self.sheet = sheet
        self.headings = tuple(headings)
        self.columns = tuple(Column(name) for name in places)
        self.extra = tuple(extra)
        self.clock = clock
        self._pick = itemgetter(*(places.get(column, -1) for column in COLUMNS))

    def values(self, cells: list[Value]) -> tuple[Value, ...]:
        """A row's cells in the order of COLUMNS; "" where the sheet has no such column."""
        values: tuple[Value, ...] = self._pick([*cells, ""])
        if self.clock is None:
            return values
        return *values[:_DEPARTS_AT], f"{values[_DEPARTS_AT]} {cells[self.clock]}", *values[_DEPARTS_AT + 1 :]


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as the file holds it: `number` as Excel shows it, `cells` in the order of the table's headings."""

    table: Table
    number: int
    cells: list[Value]

    def values(self) -> tuple[Value, ...]:
        """The cells in the order of COLUMNS; "" where the sheet has no such column."""
        return self.table.values(self.cells)


@dataclass(frozen=True, slots=True)
class Skipped:
    sheet: str
    reason: str


@dataclass(frozen=True, slots=True)
class Roster:
    """An opened file. Iterate once over it, inside the `with` block that opened it."""

    tables: tuple[Table, ...]
    skipped: tuple[Skipped, ...]
    at_most: int
    """How many rows will come at most: for a progress bar."""
    rows: Iterator[Raw]

    @property
    def notes(self) -> list[str]:
        """What the clerk should know about the file beside its rows: sheets and columns left out, columns missing."""
        notes = [f"工作表“{one.sheet}”没有导入：{one.reason}。" for one in self.skipped]
        notes += [
            f"工作表“{table.sheet}”的这些列用不到，已忽略：{'、'.join(table.extra)}。"
            for table in self.tables
            if table.extra
        ]
        notes += [
            f"工作表“{table.sheet}”没有这些列，相应内容留空：{spelled(missing)}。"
            for table in self.tables
            if (missing := [column for column in COLUMNS[1:] if column not in table.columns])
        ]
        return notes


@contextmanager
def read(path: Path, *, name: str | None = None) -> Iterator[Roster]:
    """Open a roster file. `name` is what the clerk called it, where it is stored under another name.

    Refuses, before any row is handed out, with Invalid("transfers.roster.…"): extension, kind, markup, too_big,
    empty, encrypted, macros, bomb, broken, too_complex, too_many_sheets, too_many_rows, no_header, columns.
    """
    command = [sys.executable, "-m", "healthcode.transfers.sheets.child", str(path.absolute()), name or path.name]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module; the file's name is an argument, not a command
        command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=_ROOT
    ) as child:
        try:
            yield _roster(_messages(child))
        finally:
            child.kill()


def _messages(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    """What the child tells, up to its last word; a child that ends without one has met what it can't stand."""
    lines: IO[bytes] = child.stdout  # type: ignore[assignment] # PIPE was asked for
    for line in lines:
        if not line.endswith(b"\n"):
            break  # it was killed in the middle of a word
        message = json.loads(line)
        if isinstance(message, dict) and "done" in message:
            return
        yield message
    raise Invalid(
        "transfers.roster.too_complex",
        f"文件读不下去：可能在很远的行或列里有多余的内容，或者已损坏。请把花名册复制到一张新表。{ADVICE}",
    )


def _roster(messages: Iterator[Any]) -> Roster:
    opening = next(messages)
    if "refused" in opening:
        raise Invalid(*opening["refused"])
    tables = tuple(Table(**table) for table in opening["tables"])
    skipped = tuple(Skipped(*one) for one in opening["skipped"])
    return Roster(tables, skipped, opening["at_most"], _rows(messages, tables))


def _rows(messages: Iterator[Any], tables: tuple[Table, ...]) -> Iterator[Raw]:
    empty = True
    for at, batch in messages:
        table = tables[at]
        for number, cells in batch:
            empty = False
            yield Raw(table, number, cells)
    if empty:
        raise Invalid("transfers.roster.empty", "表头下面一个人也没有，请填好后重新上传。")
