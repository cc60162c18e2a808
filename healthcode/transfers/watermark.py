"""Who took a list out of the system, on each page of the document and in its properties."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.sax.saxutils import escape

from backend.core.clock import shown

LONGEST = 120
"""Characters; a header holds 255 with its codes."""
_HEADER = re.compile(rb"(<oddHeader>).*?(</oddHeader>)", re.DOTALL)
_DESCRIPTION = re.compile(rb"(<dc:description[^>]*>).*?(</dc:description>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Who took a list out of the system, for which office, and when: on each sheet and in the file's properties."""

    office: str
    operator: str
    at: datetime
    number: UUID
    """Of the export's entry in the log, by which a copy that turns up is traced."""

    def __str__(self) -> str:
        return (
            f"{self.office} {self.operator} 于 {shown(self.at)} 导出，编号 {self.number}，"
            "含个人信息，仅限本次输送使用，不得外传"
        )


def in_header(watermark: str) -> str:
    """A watermark as a page's header holds it."""
    return watermark[:LONGEST].replace("&", "&&")


def stamped(content: bytes, watermark: Watermark) -> bytes:
    """A FaultsBook as it leaves the system: the watermark on each page and in the properties, the rows as they were.

    Not in a line above the rows, since the corrected book is imported again.
    """
    mark, said = escape(in_header(str(watermark))).encode(), escape(str(watermark)).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            text = given.read(part)
            if part.filename.startswith("xl/worksheets/"):
                text = _HEADER.sub(lambda found: found[1] + b"&amp;C" + mark + found[2], text)
            elif part.filename == "docProps/core.xml":
                text = _DESCRIPTION.sub(lambda found: found[1] + said + found[2], text)
            made.writestr(part.filename, text)
    return out.getvalue()
