"""States of a report, and what a report consists of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

KEPT = timedelta(days=7)
"""How long a finished report can be fetched."""
MOST_TRIES = 3
PATIENCE = timedelta(seconds=40)
"""What waits longer is sent to a worker again."""
MOST_WAITING = 5
"""Reports of one operator that aren't made yet."""
PURPOSE = range(4, 101)  # characters


class Format(StrEnum):
    EXCEL = "excel"
    PDF = "pdf"


FORMAT_NAMES = {Format.EXCEL: "Excel", Format.PDF: "PDF"}
ENDINGS = {Format.EXCEL: "xlsx", Format.PDF: "pdf"}


class ReportState(StrEnum):
    QUEUED = "queued"
    DONE = "done"
    REFUSED = "refused"


STATE_NAMES = {ReportState.QUEUED: "正在生成", ReportState.DONE: "已生成", ReportState.REFUSED: "没有生成"}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody of the roster; shown by the mask unless the name is opened."""

    entry_id: UUID
    mask: str

    def shown(self, names: Mapping[UUID, str]) -> str:
        return names.get(self.entry_id, self.mask)


Value = str | int | float | datetime | Who | None


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: int
    """Millimetres on a landscape A4 page, 269 in all."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the report: a sheet of the workbook, a heading and a table of the PDF."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    note: str = ""
    sheet_only: bool = False
    """Too long for paper: everybody by name."""


@dataclass(frozen=True, slots=True)
class Content:
    title: str
    facts: Sequence[tuple[str, Value]]
    sections: Sequence[Section]
    people: int
    """How many are on the roster."""
    mentioned: frozenset[UUID] = field(default_factory=frozenset)
    """Whose names stand in the sections for paper."""


def mentioned_in(sections: Sequence[Section]) -> frozenset[UUID]:
    """Whose names stand in some sections."""
    return frozenset(
        cell.entry_id for section in sections for row in section.rows for cell in row if isinstance(cell, Who)
    )
