"""Roster files as clerks send them: .xlsx, .xls and delimited text, read by heading, wherever the headings stand.

`read` hands out the rows of all sheets that are rosters, cells as they are stored; `rows` makes sense of them.
"""

from healthcode.transfers.sheets.columns import COLUMNS, NEEDED, TITLES, Column
from healthcode.transfers.sheets.grids import ERROR_VALUE, MOST_ROWS, NO_STORED_VALUE
from healthcode.transfers.sheets.reader import Raw, Roster, Skipped, Table, Value, read

__all__ = [
    "COLUMNS",
    "ERROR_VALUE",
    "MOST_ROWS",
    "NEEDED",
    "NO_STORED_VALUE",
    "TITLES",
    "Column",
    "Raw",
    "Roster",
    "Skipped",
    "Table",
    "Value",
    "read",
]
