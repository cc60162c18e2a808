"""PDF documents in Chinese: the font, the styles, the page with its number and its mark."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from backend.core.assets import NODE_MODULES

MIMETYPE = "application/pdf"
FONT = "NotoSansSC"
FILE = "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"
MARGIN = 14 * mm
GREY, LINE = colors.HexColor("#6c7a91"), colors.HexColor("#b8c2d0")
SMALLEST = 7
TEXT = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
SMALL = ParagraphStyle("small", TEXT, fontSize=8, leading=11)
TITLE = ParagraphStyle("title", TEXT, fontSize=16, leading=22, alignment=TA_CENTER, spaceAfter=3 * mm)
HEADING = ParagraphStyle("heading", TEXT, fontSize=11, leading=16, spaceBefore=4 * mm, spaceAfter=2 * mm)


@cache
def _load_font() -> None:
    """Read the font when a process makes its first document (35 MB); a document holds the glyphs that it uses."""
    pdfmetrics.registerFont(TTFont(FONT, NODE_MODULES / FILE))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=FONT, italic=FONT, boldItalic=FONT)


def text(said: object, style: ParagraphStyle = TEXT) -> Paragraph:
    """A paragraph of plain text: nothing in it is markup."""
    _load_font()
    escaped = str(said).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Paragraph(escaped, style)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[float]) -> Table:
    """A table with its headings on each page; cells wrap, `widths` are in millimetres."""
    cells = [[text(cell, SMALL) for cell in row] for row in rows]
    made = Table([[text(heading, SMALL) for heading in headings], *cells], [one * mm for one in widths], repeatRows=1)
    made.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.4, LINE),
            ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef3f9")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            *((side, (0, 0), (-1, -1), 2.5) for side in ("TOPPADDING", "BOTTOMPADDING")),
            *((side, (0, 0), (-1, -1), 3) for side in ("LEFTPADDING", "RIGHTPADDING")),
        ]
    )
    return made


def document(parts: Sequence[Flowable], *, title: str, mark: str, across: bool = False) -> bytes:
    """The PDF of these parts on A4; `mark` (who took it out, and what for) and the page's number stand on each page."""
    out, size = io.BytesIO(), landscape(A4) if across else A4

    class Marked(Canvas):
        """Keeps the pages back until their number is known."""

        def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - reportlab's own
            super().__init__(*args, **more)
            self._pages: list[dict[str, object]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined] # reportlab's way to go on without writing the page

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self._foot(f"第 {number} 页，共 {len(self._pages)} 页")
                super().showPage()
            super().save()

        def _foot(self, number: str) -> None:
            self.setFillColor(GREY)
            self.setFont(FONT, SMALLEST)
            self.drawRightString(size[0] - MARGIN, 8 * mm, number)
            # A long office's mark is written smaller, lest it run into the number.
            room = size[0] - 2 * MARGIN - pdfmetrics.stringWidth(number, FONT, SMALLEST) - 4 * mm
            self.setFont(FONT, SMALLEST * min(1, room / (pdfmetrics.stringWidth(mark, FONT, SMALLEST) or 1)))
            self.drawString(MARGIN, 8 * mm, mark)

    frame = SimpleDocTemplate(
        out,
        pagesize=size,
        title=title,
        author="灵活",
        subject=mark,
        lang="zh-CN",
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
    )
    frame.build(list(parts), canvasmaker=Marked)
    return out.getvalue()
