"""Printed identity cards on A4: ten of about a bank card's size or eight larger ones a page, marked for cutting."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, PageBreak

from backend.core.pdf import FONT, GREY, LINE, document, text
from healthcode.codes.card_rules import STATEMENT

NAME = "身份卡"
LOSS = "丢了怎么办：本人或家人在手机“我的—身份卡”里挂失，或告诉发卡单位，或打 {}。捡到的请交给任何查验员。"
QUIET = 2
"""Modules around the code; the card's own white is wider."""
CUT = 3 * mm


class PerPage(IntEnum):
    TEN = 10
    EIGHT = 8


class Size(NamedTuple):
    """In points: a card, its code, and how much larger than the small one everything is written."""

    width: float
    height: float
    rows: int
    code: float
    scale: float


SIZES = {
    PerPage.TEN: Size(85 * mm, 52 * mm, 5, 33 * mm, 1.0),
    PerPage.EIGHT: Size(89 * mm, 65 * mm, 4, 40 * mm, 1.18),
}
COLUMNS = 2
LINES = 2


@dataclass(frozen=True, slots=True)
class Face:
    """What stands on one card."""

    text: str
    """Of the QR."""
    name_mask: str
    last_four: str
    number: str
    version: int
    ends: str
    office: str
    phone: str


def card_sheet(faces: Sequence[Face], *, mark: str, per_page: PerPage = PerPage.TEN) -> bytes:
    """The PDF of these cards, in their order; `mark` (who printed them, and what for) stands below on each page."""
    text("")  # loads the font
    size = SIZES[per_page]
    parts: list[Flowable] = []
    for first in range(0, len(faces), per_page):
        parts += [PageBreak()] if first else []
        parts.append(_Sheet(faces[first : first + per_page], size))
    return document(parts, title=NAME, mark=mark)


class _Sheet(Flowable):
    """One page of cards."""

    def __init__(self, faces: Sequence[Face], size: Size) -> None:
        super().__init__()
        self.faces, self.size = faces, size
        self.hAlign = "CENTER"
        self.width, self.height = COLUMNS * size.width, size.rows * size.height

    def draw(self) -> None:
        for place, face in enumerate(self.faces):
            row, column = divmod(place, COLUMNS)
            self.canv.saveState()
            self.canv.translate(column * self.size.width, self.height - (row + 1) * self.size.height)
            self._face(face)
            self.canv.restoreState()
        self._cut_marks()

    def _cut_marks(self) -> None:
        """A cross at each corner of each card, for a ruler and a knife."""
        self.canv.setStrokeColor(LINE)
        self.canv.setLineWidth(0.4)
        for column in range(COLUMNS + 1):
            for row in range(self.size.rows + 1):
                x, y = column * self.size.width, row * self.size.height
                self.canv.line(x - CUT, y, x + CUT, y)
                self.canv.line(x, y - CUT, x, y + CUT)

    def _face(self, face: Face) -> None:
        size, k = self.size, self.size.scale
        edge = 4 * mm
        self._code(face.text, edge, size.height - edge - size.code)
        left, top = edge + size.code + 3 * mm, size.height - edge
        room = size.width - left - edge
        lines = (
            (f"{NAME}（第 {face.version} 版）", 9, GREY),
            (face.name_mask, 17, colors.black),
            (f"身份证后四位 {face.last_four}", 10, colors.black),
            (f"卡号 {face.number}", 8, colors.black),
            (f"有效期至 {face.ends}", 8, colors.black),
        )
        for said, points, colour in lines:
            top -= points * k * 1.35
            self._write(said, left, top, points * k, colour)
        for said in _wrapped(f"发卡：{face.office}", 6.5 * k, room):
            top -= 8.8 * k
            self._write(said, left, top, 6.5 * k, GREY)
        self._write(STATEMENT, edge, 10.3 * mm * k, 9.5 * k, colors.black)
        for at, said in enumerate(_wrapped(LOSS.format(face.phone), 6 * k, size.width - 2 * edge)):
            self._write(said, edge, (6.6 - 2.7 * at) * mm * k, 6 * k, GREY)

    def _write(self, said: str, x: float, y: float, points: float, colour: colors.Color) -> None:
        self.canv.setFillColor(colour)
        self.canv.setFont(FONT, points)
        self.canv.drawString(x, y, said)

    def _code(self, said: str, x: float, y: float) -> None:
        """The QR, a quarter of which may be lost to creases; neighbours of one row are one bar, lest hairlines show."""
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET)
        code.add_data(said)
        matrix = code.get_matrix()
        module = self.size.code / len(matrix)
        path = self.canv.beginPath()
        for row, dots in enumerate(matrix):
            for first, length in _bars(dots):
                path.rect(x + first * module, y + self.size.code - (row + 1) * module, length * module, module)
        self.canv.setFillColor(colors.black)
        self.canv.drawPath(path, stroke=0, fill=1)


def _wrapped(said: str, points: float, room: float) -> list[str]:
    """A text in two lines at most, broken between any two characters, as Chinese is."""
    lines = [""]
    for character in said:
        if stringWidth(lines[-1] + character, FONT, points) > room:
            lines.append("")
        lines[-1] += character
    return lines[:2] if len(lines) <= LINES else [lines[0], lines[1][:-1] + "…"]


def _bars(dots: Sequence[bool | None]) -> list[tuple[int, int]]:
    """(first, length) of each run of dark modules in a row."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(dots):
        if dark and at and dots[at - 1]:
            first, length = found[-1]
            found[-1] = (first, length + 1)
        elif dark:
            found.append((at, 1))
    return found
