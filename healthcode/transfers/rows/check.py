"""A row of a roster, checked by itself and against the rows before it."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from backend.core.clock import local
from backend.core.errors import Invalid
from backend.core.resident_id import ResidentId, Sex, check_resident_id
from healthcode.transfers.rows import cells
from healthcode.transfers.rows.cells import Reading
from healthcode.transfers.rows.moments import read_departure
from healthcode.transfers.rules import Mode
from healthcode.transfers.sheets import TITLES, Column, Raw, Value

WORKING_AGE = 16  # 劳动法第十五条: nobody may employ minors under 16
GROWN_UP = 18
OLDEST = 100
REMEMBERED = 20_000  # different cells of a column whose meaning is kept

Place = tuple[str, int]
"""A sheet and the row in it."""

_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)

CUT_BY_EXCEL = (
    "身份证号在 Excel 里存成了数字，末尾几位已丢失，无法恢复。请把该列设为文本后，对照身份证重新填写完整的18位。"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or odd, in one cell: a Chinese sentence that says what to do."""

    column: Column
    sentence: str

    def __str__(self) -> str:
        return f"{TITLES[self.column]}：{self.sentence}"


@dataclass(frozen=True, slots=True)
class Faults:
    """A row that can't be taken."""

    raw: Raw
    items: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One worker of a roster, as meant. Texts are "" where nothing is written."""

    sheet: str
    number: int
    """As Excel shows it."""
    serial: int | None
    name: str
    sex: Sex
    resident_id: str
    birthday: date
    address: str
    phone: str
    poor: bool
    skills: str
    enterprise: str
    position: str
    departs_at: datetime | None
    mode: Mode
    vehicle: str
    seat: str
    warnings: tuple[Fault, ...] = ()


_CONTENT = attrgetter("name", "resident_id", "address", "phone", "skills", "enterprise", "position", "vehicle", "seat")


def content_hash(row: Row, key: bytes) -> bytes:
    """16 bytes that change when anything changes that the row says of the worker; where it stands doesn't count.

    Keyed (BLAKE2b), because an ID number could be guessed from a plain digest.
    """
    departs_at = str(row.departs_at.timestamp()) if row.departs_at else ""
    said = (*_CONTENT(row), row.mode.value, "1" if row.poor else "", departs_at)
    return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16, key=key[:64]).digest()


class Checker:
    """Checks the rows of one file, in their order; remembers ID numbers and seats to find the second of a kind."""

    def __init__(self, now: datetime) -> None:
        self._today = local(now).date()
        self._ids: dict[str, Place] = {}
        self._seats: dict[tuple[object, ...], Place] = {}
        self._sex = _Remembered(cells.read_sex)
        self._poor = _Remembered(cells.read_poor)
        self._skills = _Remembered(cells.read_long)
        self._enterprise = _Remembered(cells.read_short)
        self._position = _Remembered(cells.read_short)
        self._departure = _Remembered(lambda value: read_departure(value, now))
        self._mode = _Remembered(cells.read_mode)
        self._vehicle = _Remembered(cells.read_vehicle)
        self._seat = _Remembered(cells.read_seat)

    def check(self, raw: Raw) -> Row | Faults:
        """The row as meant, with its warnings; or all that is wrong with it."""
        serial, name, sex, number, address, phone, poor, skills, enterprise, position, departs, mode, vehicle, seat = (
            raw.values()
        )
        odd = _Odd()
        resident = self._resident(raw, number, odd)
        row_name = odd.note(Column.NAME, cells.read_name(name))
        row_sex = odd.note(Column.SEX, self._sex[sex])
        if resident and row_sex and row_sex is not resident.sex:
            odd.fault(Column.SEX, _contradiction(row_sex))
        row_vehicle = odd.note(Column.VEHICLE, self._vehicle[vehicle])
        row_mode = odd.note(Column.MODE, self._mode[mode]) or cells.mode_of(row_vehicle)
        departs_at = odd.note(Column.DEPARTS_AT, self._departure[departs])
        row_seat = odd.note(Column.SEAT, self._seat[seat])
        if row_seat and row_vehicle:
            self._claim_seat(raw, (departs_at, row_vehicle, row_seat), odd)
        said = (
            odd.note(Column.ADDRESS, cells.read_long(address)),
            odd.note(Column.PHONE, cells.read_phone(phone)),
            odd.note(Column.POOR, self._poor[poor]),
            odd.note(Column.SKILLS, self._skills[skills]),
            odd.note(Column.ENTERPRISE, self._enterprise[enterprise]),
            odd.note(Column.POSITION, self._position[position]),
        )
        if odd.faults or resident is None:
            return Faults(raw, tuple(odd.faults))
        return Row(
            raw.table.sheet, raw.number, cells.read_serial(serial), row_name, resident.sex, resident.number,
            resident.birthday, *said, departs_at, row_mode, row_vehicle, row_seat, tuple(odd.warnings),
        )  # fmt: skip

    def _resident(self, raw: Raw, value: Value, odd: "_Odd") -> ResidentId | None:
        resident = self._read_resident_id(value, odd)
        if resident is None:
            return None
        place = raw.table.sheet, raw.number
        first = self._ids.setdefault(resident.number, place)
        if first is not place:
            odd.fault(
                Column.RESIDENT_ID, f"与{_spelled(first)}的身份证号重复，同一个人只能有一行，请删去一行或改正号码。"
            )
        self._judge_age(resident, odd)
        if not resident.birthplace_known:
            odd.warn(Column.RESIDENT_ID, f"身份证号前两位“{resident.number[:2]}”不是省份代码，请对照身份证核对。")
        return resident

    def _read_resident_id(self, value: Value, odd: "_Odd") -> ResidentId | None:
        if not isinstance(value, str):
            odd.fault(Column.RESIDENT_ID, CUT_BY_EXCEL if value is not None else "身份证号没有填，请补上。")
            return None
        try:
            return check_resident_id(value, today=self._today)
        except Invalid as refusal:
            text = cells.compact(value)
            cut = _SCIENTIFIC.fullmatch(text)
            odd.fault(Column.RESIDENT_ID, CUT_BY_EXCEL if cut else cells.spoiled(text) or refusal.message)
            return None

    def _judge_age(self, resident: ResidentId, odd: "_Odd") -> None:
        age = resident.age(self._today)
        if GROWN_UP <= age <= OLDEST:
            return
        if age < WORKING_AGE:
            odd.fault(Column.RESIDENT_ID, f"按身份证号现在{age}周岁，未满16周岁不得用工（劳动法第十五条）。")
        elif age < GROWN_UP:
            odd.warn(Column.RESIDENT_ID, f"按身份证号现在{age}周岁，是未成年工，用工企业要办理登记。")
        else:
            odd.fault(Column.RESIDENT_ID, f"按身份证号现在{age}周岁，超过了100周岁，请对照身份证核对出生年份。")

    def _claim_seat(self, raw: Raw, seat: tuple[object, ...], odd: "_Odd") -> None:
        place = raw.table.sheet, raw.number
        first = self._seats.setdefault(seat, place)
        if first is not place:
            odd.fault(Column.SEAT, f"这个座位在同一车次已排给{_spelled(first)}的人，请另排座位。")


class _Odd:
    """Collects what is wrong and what is odd in a row."""

    __slots__ = ("faults", "warnings")

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def note(self, column: Column, reading: Reading) -> Any:  # noqa: ANN401 - each column's reading has its own type
        value, fault, warning = reading
        if fault:
            self.faults.append(Fault(column, fault))
        if warning:
            self.warnings.append(Fault(column, warning))
        return value

    def fault(self, column: Column, sentence: str) -> None:
        self.faults.append(Fault(column, sentence))

    def warn(self, column: Column, sentence: str) -> None:
        self.warnings.append(Fault(column, sentence))


class _Remembered(dict[Any, Reading]):
    """The readings of a column that says the same in many rows."""

    def __init__(self, read: Callable[[Value], Reading]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Value) -> Reading:
        reading = self._read(value)
        if len(self) < REMEMBERED:
            self[value] = reading
        return reading


def _contradiction(written: Sex) -> str:
    words = {Sex.MALE: "男", Sex.FEMALE: "女"}
    other = Sex.FEMALE if written is Sex.MALE else Sex.MALE
    return f"填的是“{words[written]}”，按身份证号第17位应为“{words[other]}”，请对照身份证核对。"


def _spelled(place: Place) -> str:
    return f"工作表“{place[0]}”第{place[1]}行"
