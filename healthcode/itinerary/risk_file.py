"""The cells of an uploaded list, read by a process of its own with little memory and time.

A parser may run wild on a hostile file; whatever ends the reader early costs no more than a refusal. The child writes
one line of JSON: {"cells": [[…], …]} or {"refused": [code, sentence]}.
"""

import csv
import io
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from backend.core.errors import Invalid

LARGEST = 5 * 1024 * 1024  # bytes
MOST_ROWS, MOST_COLUMNS = 5_000, 30
MEMORY, SECONDS = 500 * 1024 * 1024, 15
EXTENSIONS = frozenset({".xlsx", ".xls", ".csv", ".txt"})
ENCODINGS = ("utf-8-sig", "gb18030")
_ROOT = Path(__file__).parents[2]


def read_cells(content: bytes, name: str) -> list[list[str]]:
    """The first sheet's cells as text, dates as 2020-03-22.

    Refuses: Invalid for a file that is too large, of another kind, or can't be read.
    """
    extension = Path(name).suffix.lower()
    if extension not in EXTENSIONS:
        raise Invalid("itinerary.risk.extension", "风险地区名单只接收 .xlsx、.xls 和 .csv 文件。")
    if not content.strip() or len(content) > LARGEST:
        raise Invalid("itinerary.risk.size", "文件是空的，或超过了 5 MB，请检查是否选错了文件。")
    command = [sys.executable, "-m", "healthcode.itinerary.risk_file", extension]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=content, capture_output=True, cwd=_ROOT, timeout=2 * SECONDS, check=False
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as why:
        raise _unreadable() from why
    if "refused" in told:
        raise Invalid(*told["refused"])
    cells: list[list[str]] = told["cells"]
    return cells


def _unreadable() -> Invalid:
    return Invalid("itinerary.risk.unreadable", "文件读不下去，可能已损坏或设了密码。请另存为 .xlsx 后重新上传。")


def _cells(content: bytes, extension: str) -> list[list[str]]:
    if extension in {".csv", ".txt"}:
        rows: Sequence[Sequence[object]] = list(csv.reader(io.StringIO(_decode(content), newline="")))
    else:
        try:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        except (CalamineError, OSError) as why:
            raise _unreadable() from why
    if len(rows) > MOST_ROWS:
        raise Invalid("itinerary.risk.rows", f"名单有 {len(rows):,} 行，最多 {MOST_ROWS:,} 行，请拆开上传。")
    return [[_text(cell) for cell in row[:MOST_COLUMNS]] for row in rows]


def _decode(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable()


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell == cell // 1 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def main(extension: str) -> None:
    """Read what is on standard input, within the limits, and tell standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told: dict[str, object] = {"cells": _cells(sys.stdin.buffer.read(), extension)}
    except Invalid as refusal:
        told = {"refused": [refusal.code, refusal.message]}
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode())


if __name__ == "__main__":
    main(sys.argv[1])
