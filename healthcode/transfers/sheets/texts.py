"""CSV and other delimited text as a grid."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from backend.core.errors import Invalid
from healthcode.transfers.sheets.grids import Cell, Grid
from healthcode.transfers.sheets.kinds import text_encoding

DELIMITERS = ",;\t|，；"
MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # characters, as in Excel


def open_text(path: Path) -> Grid:
    """The one sheet of a text file, named 表格; its delimiter is the one that most of the first lines agree upon.

    Refuses with Invalid("transfers.roster.…"): kind, broken.
    """
    content = path.read_bytes()
    encoding = text_encoding(content)
    if encoding is None:
        raise Invalid("transfers.roster.kind", "看不出文件用的是什么文字编码，请另存为 .xlsx 后重新上传。")
    text = content.decode(encoding)
    delimiter = _delimiter(text)
    try:
        sizes = [len(row) for row in _records(text, delimiter)]
    except csv.Error as why:
        raise Invalid(
            "transfers.roster.broken", "CSV 文件里的引号或分隔符乱了，读不了，请另存为 .xlsx 后重新上传。"
        ) from why
    width = min(max(sizes, default=0), MOST_COLUMNS)
    return Grid("表格", len(sizes), partial(_rows, text, delimiter, width))


def _delimiter(text: str) -> str:
    lines = [line for line in islice(io.StringIO(text), 60) if line.strip()]
    return max(DELIMITERS, key=lambda mark: sum(min(line.count(mark), 30) for line in lines))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _rows(text: str, delimiter: str, width: int) -> Iterator[list[Cell]]:
    for record in _records(text, delimiter):
        row: list[Cell] = [_cell(cell) for cell in record[:width]]
        yield row + [""] * (width - len(row))


def _cell(text: str) -> str:
    """A cell without the ="…" that keeps Excel from turning an ID number into a number."""
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text
