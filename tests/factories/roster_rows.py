"""One good row of a roster, and the same with one cell changed."""

from datetime import UTC, date, datetime

from healthcode.transfers.rows import Checker, Faults, Row
from healthcode.transfers.sheets import COLUMNS, TITLES, Column, Raw, Table, Value
from tests.factories import rosters

NOW = datetime(2020, 3, 20, 4, 0, tzinfo=UTC)
PERSON = rosters.resident_id("520602", date(1990, 1, 1), 123)
OTHER = rosters.resident_id("520603", date(1991, 2, 3), 45)
KEY = b"k" * 32

TABLE = Table("花名册", list(TITLES.values()), {column: at for at, column in enumerate(COLUMNS)}, None, [])
GOOD: dict[Column, Value] = {
    Column.SERIAL: 1.0,
    Column.NAME: "杨春生",
    Column.SEX: "男",
    Column.RESIDENT_ID: PERSON,
    Column.ADDRESS: "贵州省铜仁市碧江区东风村1组",
    Column.PHONE: "13800138000",
    Column.POOR: "是",
    Column.SKILLS: "焊工",
    Column.ENTERPRISE: "昆山晨光电子有限公司",
    Column.POSITION: "操作工",
    Column.DEPARTS_AT: "2020-03-22 08:00:00",
    Column.MODE: "包车",
    Column.VEHICLE: "贵D12345",
    Column.SEAT: 5.0,
}


def raw(number: int = 2, **changes: Value) -> Raw:
    cells = {column: changes.get(column.value, GOOD[column]) for column in COLUMNS}
    return Raw(TABLE, number, list(cells.values()))


def read(number: int = 2, **changes: Value) -> Row:
    row = Checker(NOW).check(raw(number, **changes))
    assert isinstance(row, Row), row
    return row


def faults(**changes: Value) -> list[str]:
    found = Checker(NOW).check(raw(**changes))
    assert isinstance(found, Faults), found
    return [str(fault) for fault in found.items]


def warnings(**changes: Value) -> list[str]:
    return [str(warning) for warning in read(**changes).warnings]
