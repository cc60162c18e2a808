"""Where in a sheet the roster stands: its heading row below titles, and which rows below that are workers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from healthcode.transfers.sheets.columns import COLUMNS, NEEDED, Column, recognise, tidy_heading
from healthcode.transfers.sheets.grids import Cell, Grid

HEADINGS_WITHIN = 25  # rows from the top of a sheet; titles and notes above a roster never take more
ENOUGH = 3  # recognised headings that make a heading row, where name and ID number are not both among them

FILLED_DOWN = frozenset(COLUMNS) - {Column.SERIAL, Column.NAME, Column.SEX, Column.RESIDENT_ID, Column.SEAT}
"""Columns in which a cell merged over several rows speaks for all of them."""

_NO_WORKER = re.compile(
    r"(?:合计|小计|总计|共计|累计|总数|总人数|人数合计|填表|填报|制表|制单|审核|审批|复核|核对|负责人|经办|分管|联系人"
    r"|报送|单位[(（]?盖章|[(（]?盖章|备注[:：]|注[:：]|注\d|说明|填写说明|填表说明|注意|日期[:：]|第.{1,4}页|共.{1,6}[人页]|本页"
    r"|以上|以下空白|示例|例[:：])"
)
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_DIGITS = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Layout:
    """A found heading row. Indices count from 0 within the grid."""

    last_row: int
    headings: tuple[str, ...]
    """As the clerk wrote them, one for each column of the sheet up to the last heading."""
    places: Mapping[Column, int]
    clock: int | None = None
    """A second column with the time of day, where date and time of the departure stand apart."""
    extra: tuple[str, ...] = field(default=())
    """Headings that no roster needs."""

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(column for column in NEEDED if column not in self.places)

    @property
    def found(self) -> tuple[Column, ...]:
        return tuple(column for column in COLUMNS if column in self.places)


def find_layout(grid: Grid) -> Layout | None:
    """The row, or two rows, that name the most columns; None where fewer than `ENOUGH` are named.

    A sheet that names neither names nor ID numbers is a summary or an explanation, however many columns it names.
    """
    top = [row for _, row in zip(range(HEADINGS_WITHIN), grid.rows(), strict=False)]
    tidied = [[tidy_heading(cell) for cell in row] for row in top]
    best: tuple[int, int, list[Column | None]] | None = None
    for at, row in enumerate(tidied):
        best = _better(best, at, [recognise(heading) for heading in row])
    for at, (upper, lower) in enumerate(pairwise(tidied)):
        if not _holds_data(top[at + 1]):
            best = _better(best, at + 1, _two_rows(upper, lower))
    if best is None:
        return None
    _, last_row, columns = best
    return _laid_out(last_row, columns, top, grid)


def _better(
    best: tuple[int, int, list[Column | None]] | None, at: int, columns: list[Column | None]
) -> tuple[int, int, list[Column | None]] | None:
    named = set(columns) - {None}
    needed = len(named.intersection(NEEDED))
    if needed == 0 or (needed < len(NEEDED) and len(named) < ENOUGH):
        return best
    return (len(named), at, columns) if best is None or len(named) > best[0] else best


def _holds_data(row: Sequence[Cell]) -> bool:
    return any(
        isinstance(cell, int | float) or (isinstance(cell, str) and _DIGITS.search(cell) is not None) for cell in row
    )


def _two_rows(upper: list[str], lower: list[str]) -> list[Column | None]:
    """Headings over two rows: a merged group above, the name below; or the name above, or one name cut in two."""
    return [recognise(down) or recognise(up + down) or recognise(up) for up, down in zip(upper, lower, strict=True)]


def _laid_out(last_row: int, columns: list[Column | None], top: list[list[Cell]], grid: Grid) -> Layout:
    written = [_written(top, last_row, at, named=column is not None) for at, column in enumerate(columns)]
    while written and not written[-1]:
        written.pop()
    places: dict[Column, int] = {}
    clock = None
    ids = [at for at, column in enumerate(columns) if column is Column.RESIDENT_ID]
    for at, column in enumerate(columns):
        if column is None:
            continue
        if column is Column.DEPARTS_AT and column in places:
            clock = at if clock is None else clock
        elif column is Column.NAME and column in places and ids:
            places[column] = min(places[column], at, key=lambda place: abs(place - ids[0]))
        else:
            places.setdefault(column, at)
    if clock is not None and "日期" in written[clock] and "日期" not in written[places[Column.DEPARTS_AT]]:
        places[Column.DEPARTS_AT], clock = clock, places[Column.DEPARTS_AT]
    taken = {*places.values(), clock}
    extra = tuple(heading for at, heading in enumerate(written) if heading and at not in taken)
    below = [last for first, last, left, _ in grid.merges if first <= last_row <= last and left in places.values()]
    return Layout(max([last_row, *below]), tuple(written), places, clock, extra)


def _written(top: list[list[Cell]], last_row: int, at: int, *, named: bool) -> str:
    heading = top[last_row][at]
    if named and last_row and not tidy_heading(heading):
        heading = top[last_row - 1][at]
    return " ".join(heading.split()) if isinstance(heading, str) else ""


def workers(grid: Grid, layout: Layout) -> Iterator[tuple[int, list[Cell]]]:
    """The rows below the headings that speak of a worker: (row number as Excel shows it, cells up to the last heading).

    Left out are blank rows, prepared rows with nothing but a serial number, repeated headings, totals, signatures,
    notes. A row with an ID number is never left out. Cells merged downwards repeat their value where that is meant.
    """
    id_at, name_at = layout.places[Column.RESIDENT_ID], layout.places[Column.NAME]
    known = [place for column, place in layout.places.items() if column is not Column.SERIAL]
    width = len(layout.headings)
    fill = _Fill(grid, layout) if grid.merges else None
    for index, row in enumerate(grid.rows()):
        if index <= layout.last_row:
            continue
        cells = row[:width] if len(row) > width else row
        if fill is not None:
            fill(index, cells)
        resident_id = cells[id_at]
        if isinstance(resident_id, str) and _DIGITS.match(resident_id):
            yield index + 1, cells
        elif fill is not None and fill.all_filled(cells, known):
            continue
        elif not _is_no_worker(cells, known, id_at, name_at):
            yield index + 1, cells


def _is_no_worker(cells: list[Cell], known: list[int], id_at: int, name_at: int) -> bool:
    if not any(isinstance(cells[place], float | int) or _bare(cells[place]) for place in known):
        return True
    resident_id = _bare(cells[id_at])
    if _DIGITS.search(resident_id):
        return False
    if recognise(tidy_heading(resident_id)) is Column.RESIDENT_ID:
        return True
    first = next((text for cell in cells if (text := _bare(cell))), "")
    return _NO_WORKER.match(first) is not None or _NO_WORKER.match(_bare(cells[name_at])) is not None


def _bare(cell: Cell) -> str:
    return _SPACE.sub("", cell) if isinstance(cell, str) else str(cell)


class _Fill:
    """Repeats the value of a cell merged over several rows in each of them."""

    def __init__(self, grid: Grid, layout: Layout) -> None:
        places = {layout.places[column] for column in FILLED_DOWN if column in layout.places} | {layout.clock}
        self._from: dict[int, list[tuple[int, int]]] = {}
        for first, last, left, _ in grid.merges:
            if first > layout.last_row and last > first and left in places:
                self._from.setdefault(first, []).append((left, last))
        self._open: dict[int, tuple[int, Cell]] = {}
        self._filled: set[int] = set()

    def __call__(self, index: int, cells: list[Cell]) -> None:
        self._filled.clear()
        for place, (last, value) in list(self._open.items()):
            if index > last:
                del self._open[place]
            elif cells[place] == "":
                cells[place] = value
                self._filled.add(place)
        for place, last in self._from.get(index, ()):
            self._open[place] = (last, cells[place])

    def all_filled(self, cells: list[Cell], known: list[int]) -> bool:
        """Whether nothing of this row is its own."""
        return all(cells[place] == "" or place in self._filled for place in known)
