"""What a benchmark found: our figure, the floor's, and whether the bound between them holds."""

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """What is promised of a figure; `limit` says how much."""

    RATIO_AT_LEAST = "≥ {} × floor"
    RATIO_AT_MOST = "≤ {} × floor"
    LESS_THAN = "< {} {unit}"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table; the name begins with the context. Without a floor there is no ratio."""

    name: str
    unit: str
    ours: float
    floor: float | None = None
    bound: Bound = Bound.NOTHING
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def holds(self) -> bool:
        """Whether what is promised is so; a figure without a promise holds."""
        limit, ratio = self.limit or 0.0, self.ratio
        match self.bound:
            case Bound.RATIO_AT_LEAST:
                return ratio is not None and ratio >= limit
            case Bound.RATIO_AT_MOST:
                return ratio is not None and ratio <= limit
            case Bound.LESS_THAN:
                return self.ours < limit
            case Bound.NOTHING:
                return True

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": round(self.ours, 3),
            "floor": None if self.floor is None else round(self.floor, 3),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "bound": self.limit,
            "holds": self.holds,
        }


HEADINGS = ("name", "unit", "ours", "floor", "ratio", "bound", "holds")
TEXTS = (0, 1, 5, 6)
"""Columns that are read from the left."""


def table(figures: list[Figure]) -> str:
    """The figures in columns, for a terminal."""
    rows = [HEADINGS, *map(_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in TEXTS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _cells(figure: Figure) -> tuple[str, ...]:
    limit = "" if figure.limit is None else f"{figure.limit:g}"
    return (
        figure.name,
        figure.unit,
        _number(figure.ours),
        _number(figure.floor),
        _number(figure.ratio),
        figure.bound.value.format(limit, unit=figure.unit),
        "" if figure.bound is Bound.NOTHING else "yes" if figure.holds else "NO",
    )


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
