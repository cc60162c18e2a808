"""The process that opens a file from outside.

A parser may run wild on a hostile file: a sheet with one cell at A1 and one at XFD1048576 makes calamine ask for
550 GB and abort. So a process of its own with little memory and time reads the file and writes what it finds as JSON
lines: {"refused": [code, sentence]}; or {"tables": …, "skipped": …, "at_most": …}, then batches [table, rows], then
{"done": true}. Whatever ends it early costs the importer nothing but a refusal.
"""

import json
import resource
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from backend.core.errors import Invalid
from healthcode.transfers.sheets.columns import NEEDED, spelled
from healthcode.transfers.sheets.grids import MOST_ROWS, Cell, Grid
from healthcode.transfers.sheets.kinds import Kind, kind_of
from healthcode.transfers.sheets.layout import Layout, find_layout, workers
from healthcode.transfers.sheets.spreadsheets import open_spreadsheet
from healthcode.transfers.sheets.texts import open_text

MEMORY = 700 * 1024 * 1024  # bytes of address space; a roster of 100,000 rows takes about 250 MB of it
SECONDS = 120
BATCH = 500  # rows

NO_HEADINGS = "没有花名册的表头"


def main(path: Path, name: str, out: BinaryIO) -> None:
    """Tell `out` what the file at `path` holds; `name` is what the clerk called it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for message in _told(path, name):
        out.write(json.dumps(message, ensure_ascii=False, default=str, separators=(",", ":")).encode() + b"\n")
        out.flush()


def _told(path: Path, name: str) -> Iterator[object]:
    try:
        grids, skipped = _open(path, name)
        found, left_out = _choose(grids)
        at_most = _count(found)
    except Invalid as refusal:
        yield {"refused": [refusal.code, refusal.message]}
        return
    yield {
        "tables": [
            {
                "sheet": grid.name,
                "headings": layout.headings,
                "places": layout.places,
                "clock": layout.clock,
                "extra": layout.extra,
            }
            for grid, layout in found
        ],
        "skipped": skipped + left_out,
        "at_most": at_most,
    }
    for table, (grid, layout) in enumerate(found):
        yield from _batches(table, workers(grid, layout))
    yield {"done": True}


def _open(path: Path, name: str) -> tuple[list[Grid], list[tuple[str, str]]]:
    kind = kind_of(path, name)
    return ([open_text(path)], []) if kind is Kind.TEXT else open_spreadsheet(path, kind)


def _choose(grids: list[Grid]) -> tuple[list[tuple[Grid, Layout]], list[tuple[str, str]]]:
    """The sheets that are rosters, and the others with the reason; refuses a file without a roster."""
    laid_out = [(grid, find_layout(grid)) for grid in grids if grid.height]
    whole = [(grid, layout) for grid, layout in laid_out if layout is not None and not layout.missing]
    if whole:
        left_out = [
            (grid.name, f"缺少{spelled(layout.missing)}列" if layout else NO_HEADINGS)
            for grid, layout in laid_out
            if layout is None or layout.missing
        ]
        return whole, left_out
    halves = [(grid, layout) for grid, layout in laid_out if layout is not None]
    if not laid_out:
        raise Invalid("transfers.roster.empty", "文件里没有内容，请检查是否选错了文件。")
    if not halves:
        raise Invalid(
            "transfers.roster.no_header",
            f"没有找到花名册的表头：至少要有{spelled(NEEDED)}两列，并且在前 20 行之内。请对照模板检查。",
        )
    grid, layout = max(halves, key=lambda half: len(half[1].places))
    raise Invalid(
        "transfers.roster.columns",
        f"工作表“{grid.name}”缺少{spelled(layout.missing)}列，认出的列有：{spelled(layout.found)}"
        f"{'；没有认出的列有：' + '、'.join(layout.extra) if layout.extra else ''}。请补上缺少的列后重新上传。",
    )


def _count(found: list[tuple[Grid, Layout]]) -> int:
    """How many workers there are at most; counted exactly only where it decides."""
    at_most = sum(grid.height - layout.last_row - 1 for grid, layout in found)
    if at_most > MOST_ROWS:
        at_most = sum(1 for grid, layout in found for _ in workers(grid, layout))
    if at_most > MOST_ROWS:
        raise Invalid(
            "transfers.roster.too_many_rows",
            f"文件里有 {at_most:,} 人，一次最多导入 {MOST_ROWS:,} 人，请拆成几份文件分别上传。",
        )
    return at_most


def _batches(table: int, rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[object]:
    while batch := list(islice(rows, BATCH)):
        yield [table, batch]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.stdout.buffer)
