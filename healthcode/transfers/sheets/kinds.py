"""What a file is, by its content; its name only has to be one that a roster may have."""

import codecs
import re
from enum import StrEnum
from pathlib import Path

from backend.core.errors import Invalid

LARGEST_FILE = 20 * 1024 * 1024  # bytes

EXTENSIONS = frozenset({".xlsx", ".xls", ".et", ".csv", ".txt"})
MACRO_EXTENSIONS = frozenset({".xlsm", ".xltm", ".xlam", ".xla"})

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")
_FILEPASS = re.compile(rb"\x09\x08(?:\x10\x00.{16}|\x08\x00.{8})(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""The record that says "encrypted" follows a workbook's first one ([MS-XLS] 2.4.117); calamine skips the old kind."""
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<div", b"<style", b"mime-version:")
_CONTROLS = frozenset(range(32)) - {7, 9, 10, 12, 13}

ADVICE = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。"


class Kind(StrEnum):
    XLSX = "xlsx"
    XLS = "xls"
    TEXT = "text"


def kind_of(path: Path, name: str) -> Kind:
    """What the file is.

    Refuses with Invalid("transfers.roster.…"): extension, macros, too_big, empty, encrypted, markup, kind.
    """
    extension = Path(name).suffix.lower()
    if extension in MACRO_EXTENSIONS:
        raise with_macros()
    if extension not in EXTENSIONS:
        raise Invalid(
            "transfers.roster.extension", f"花名册只接收 .xlsx、.xls 和 .csv 文件，不能是“{extension or name}”。"
        )
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise Invalid(
            "transfers.roster.too_big",
            f"文件有 {size / 1048576:.1f} MB，超过了 20 MB。请删掉图片和多余的工作表，或拆成几份。",
        )
    content = path.read_bytes()
    if not content.strip():
        raise Invalid("transfers.roster.empty", "文件是空的，请检查后重新上传。")
    if content.startswith(_ZIP):
        return Kind.XLSX
    if content.startswith(_OLE):
        return _kind_of_compound(content)
    if _is_text(content):
        return Kind.TEXT
    raise Invalid(
        "transfers.roster.kind",
        f"文件的扩展名是 {extension}，内容却不是 Excel 或 CSV 表格，可能选错了文件或文件已损坏。",
    )


def with_macros() -> Invalid:
    """The refusal of a file that carries a program."""
    return Invalid("transfers.roster.macros", f"文件里带有宏程序，为安全起见不接收。{ADVICE}")


def encrypted() -> Invalid:
    """The refusal of a file that asks for a password."""
    return Invalid(
        "transfers.roster.encrypted", "文件设了打开密码，读不了。请在 Excel 或 WPS 里去掉密码，保存后重新上传。"
    )


def _kind_of_compound(content: bytes) -> Kind:
    """An OLE2 container's directory names its streams in UTF-16 ([MS-CFB] 2.6.1)."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds("EncryptedPackage") or _FILEPASS.search(content):
        raise encrypted()
    if holds("_VBA_PROJECT"):
        raise with_macros()
    if holds("WordDocument") or holds("PowerPoint Document"):
        raise Invalid("transfers.roster.kind", "这是 Word 或 PPT 文件，不是 Excel 表格，请选择花名册文件。")
    return Kind.XLS


def _is_text(content: bytes) -> bool:
    start = content[:4096]
    if start.lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower().startswith(_MARKUP):
        raise Invalid(
            "transfers.roster.markup",
            f"这个文件其实是网页（从别的系统导出的常是这样），不是真正的 Excel 表格。{ADVICE}",
        )
    if start.startswith(_BARE_BIFF):
        raise Invalid("transfers.roster.kind", f"这个文件的 Excel 版本太旧，读不了。{ADVICE}")
    return text_encoding(content) is not None


def text_encoding(content: bytes) -> str | None:
    """UTF-8, UTF-16 or GB18030 (which contains GBK and GB 2312); None for what is no text in any of them."""
    for encoding in _candidates(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.isdisjoint(map(ord, text[:65536])) and "\0" not in text:
            return encoding
    return None


def _candidates(content: bytes) -> tuple[str, ...]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    head = content[:2048]
    if head[1::2].count(0) > len(head) // 8:
        return ("utf-16-le",)
    if head[::2].count(0) > len(head) // 8:
        return ("utf-16-be",)
    return ("utf-8-sig", "gb18030")
