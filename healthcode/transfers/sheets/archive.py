"""An .xlsx file is a zip archive: what must be known of it before a parser may open it."""

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from backend.core.errors import Invalid
from healthcode.transfers.sheets.grids import ERROR_VALUE, NO_STORED_VALUE
from healthcode.transfers.sheets.kinds import ADVICE, encrypted, with_macros

LARGEST_CONTENT = 300 * 1024 * 1024  # bytes unpacked; a roster of 100,000 rows has about 80 MB
MOST_PARTS = 2_000

_CHUNK = 1 << 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED_FLAG = 1

_CELL = re.compile(rb"<c\s([^<>]*[^<>/])>(.*?)</c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<f[\s/>]")
_VALUE = re.compile(rb"<v(?:\s[^>]*)?>[^<]")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")

Spoiled = dict[int, dict[int, str]]
"""Cells without a usable value: row and column, both from 0, to the word that stands for it."""


def broken() -> Invalid:
    """The refusal of a file that ends too early or contradicts itself."""
    return Invalid("transfers.roster.broken", f"文件不完整或已损坏，读不了。{ADVICE}")


def inspect(path: Path) -> dict[str, Spoiled]:
    """Unpack every part once, believing no size that the archive names, and find each sheet's spoiled cells.

    Refuses with Invalid("transfers.roster.…"): broken, macros, encrypted, kind, bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive.infolist())
            spoiled = {name: found for name, found in _unpack(archive) if found}
            return {sheet: spoiled[part] for sheet, part in _sheets(archive).items() if part in spoiled}
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, KeyError, NotImplementedError, RuntimeError) as why:
        raise broken() from why


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower().replace("\\", "/") for part in parts]
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise with_macros()
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise encrypted()
    if not any(name.startswith("xl/") for name in names) or "xl/workbook.bin" in names:
        raise Invalid("transfers.roster.kind", f"这是压缩包、Word 文档或别的格式，不是 .xlsx 表格。{ADVICE}")
    if len(set(names)) != len(names) or any(part.compress_type not in _METHODS for part in parts):
        raise broken()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_CONTENT:
        raise _bomb()


def _bomb() -> Invalid:
    return Invalid(
        "transfers.roster.bomb",
        "文件解压后大得不正常，为安全起见不接收。请只保留花名册的内容，另存为新文件后重新上传。",
    )


def _unpack(archive: zipfile.ZipFile) -> Iterator[tuple[str, Spoiled]]:
    left = LARGEST_CONTENT
    for part in archive.infolist():
        named_size, part.file_size = part.file_size, left + 1  # the reader stops at the named size and hides the rest
        spoiled: Spoiled = {}
        rest, size = b"", 0
        is_sheet = part.filename.startswith("xl/worksheets/")
        with archive.open(part) as content:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > left:
                    raise _bomb()
                if is_sheet:
                    rest = _collect(rest + chunk, spoiled)
        if size != named_size:
            raise broken()
        left -= size
        yield part.filename, spoiled


def _collect(text: bytes, spoiled: Spoiled) -> bytes:
    """Note the spoiled cells of a piece of a sheet; what comes after the last whole cell is handed back."""
    before, closing, rest = text.rpartition(b"</c>")
    whole = before + closing
    if b"<f" in whole or b't="e"' in whole:
        for attributes, content in _CELL.findall(whole):
            if b't="e"' in attributes:
                word = ERROR_VALUE
            elif _FORMULA.search(content) and not _VALUE.search(content) and b't="str"' not in attributes:
                word = NO_STORED_VALUE
            else:
                continue
            if place := _REFERENCE.search(attributes):
                spoiled.setdefault(int(place[2]) - 1, {})[_column(place[1])] = word
    return rest if len(rest) <= _CHUNK else rest[-_CHUNK:]


def _column(letters: bytes) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at - 1


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheets' names and the parts that hold them (ECMA-376 part 1, 18.2.19 and part 2, 9.3)."""
    workbook = next((name for name in archive.namelist() if name.lower() == "xl/workbook.xml"), "")
    if not workbook:
        return {}
    relations = {
        one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/")
        for one in _elements(archive, posixpath.join("xl", "_rels", posixpath.basename(workbook) + ".rels"), _RELATION)
    }
    return {one.get("name", ""): relations.get(one.get("r:id", ""), "") for one in _elements(archive, workbook, _SHEET)}


def _elements(archive: zipfile.ZipFile, part: str, element: re.Pattern[str]) -> list[dict[str, str]]:
    text = archive.read(part).decode("utf-8", "replace")
    return [
        {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(attributes)}
        for attributes in element.findall(text)
    ]
