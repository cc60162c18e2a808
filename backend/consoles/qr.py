"""QR codes as SVG, drawn into the page."""

from enum import IntEnum
from typing import NamedTuple

import qrcode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_Q

QUIET_ZONE = 4


class Damage(IntEnum):
    """How much of a code may be lost and it still reads."""

    LITTLE = ERROR_CORRECT_L
    QUARTER = ERROR_CORRECT_Q


class Drawing(NamedTuple):
    """A QR code as an SVG path in modules, quiet zone included."""

    size: int
    path: str


def draw(text: str, damage: Damage) -> Drawing:
    """The code of a text. Raises ValueError when it is too long for any."""
    code = qrcode.QRCode(error_correction=damage, border=QUIET_ZONE)
    code.add_data(text)
    matrix = code.get_matrix()
    dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return Drawing(len(matrix), "".join(dots))
