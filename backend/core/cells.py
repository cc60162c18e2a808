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
from datetime import date, datetime, time
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from backend.core.errors import Invalid

LARGEST = 5 * 1024 * 1024  # bytes
MOST_COLUMNS = 30
MEMORY, SECONDS = 500 * 1024 * 1024, 15
EXTENSIONS = frozenset({".xlsx", ".xls", ".csv", ".txt"})
ENCODINGS = ("utf-8-sig", "gb18030")
UNREADABLE = "文件读不下去，可能已损坏或设了密码。请另存为 .xlsx 后重新上传。"
_ROOT = Path(__file__).parents[2]


def read_cells(content: bytes, name: str, *, called: str, code: str, most_rows: int = 5_000) -> list[list[str]]:
    """The first sheet's cells as text, dates as 2020-03-22, moments as 2020-03-22 14:05:00.

    Refuses: Invalid for a file that is too large, of another kind, or can't be read; the sentence names what the list
    is `called`, the refusal's code begins with `code`.
    """
    extension = Path(name).suffix.lower()
    if extension not in EXTENSIONS:
        raise Invalid(f"{code}.extension", f"{called}只接收 .xlsx、.xls 和 .csv 文件。")
    if not content.strip() or len(content) > LARGEST:
        raise Invalid(f"{code}.size", "文件是空的，或超过了 5 MB，请检查是否选错了文件。")
    command = [sys.executable, "-m", "backend.core.cells", extension, str(most_rows)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=content, capture_output=True, cwd=_ROOT, timeout=2 * SECONDS, check=False
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as why:
        raise Invalid(f"{code}.unreadable", UNREADABLE) from why
    if "refused" in told:
        kind, sentence = told["refused"]
        raise Invalid(f"{code}.{kind}", sentence)
    cells: list[list[str]] = told["cells"]
    return cells


def _cells(content: bytes, extension: str, most_rows: int) -> list[list[str]]:
    if extension in {".csv", ".txt"}:
        rows: Sequence[Sequence[object]] = list(csv.reader(io.StringIO(_decode(content), newline="")))
    else:
        try:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        except (CalamineError, OSError) as why:
            raise Invalid("unreadable", UNREADABLE) from why
    if len(rows) > most_rows:
        raise Invalid("rows", f"名单有 {len(rows):,} 行，最多 {most_rows:,} 行，请拆开上传。")
    return [[_text(cell) for cell in row[:MOST_COLUMNS]] for row in rows]


def _decode(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("unreadable", UNREADABLE)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell == cell // 1 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def main(extension: str, most_rows: str) -> None:
    """Read what is on standard input, within the limits, and tell standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told: dict[str, object] = {"cells": _cells(sys.stdin.buffer.read(), extension, int(most_rows))}
    except Invalid as refusal:
        told = {"refused": [refusal.code, refusal.message]}
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
