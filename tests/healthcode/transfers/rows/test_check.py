from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.clock import SHANGHAI
from backend.core.resident_id import Sex
from healthcode.transfers.rows import Checker, Faults, Row, content_hash
from healthcode.transfers.rules import Mode
from healthcode.transfers.sheets import COLUMNS, Column, Raw, Value
from tests.factories import rosters
from tests.factories.roster_rows import KEY, NOW, OTHER, PERSON, TABLE, faults, raw, read, warnings


def test_a_plain_row_is_read() -> None:
    row = read()

    assert (row.sheet, row.number, row.serial, row.name, row.sex, row.resident_id) == (
        "花名册", 2, 1, "杨春生", Sex.MALE, PERSON,
    )  # fmt: skip
    assert row.birthday == date(1990, 1, 1)
    assert (row.poor, row.mode, row.vehicle, row.seat) == (True, Mode.COACH, "贵D12345", "5")
    assert row.departs_at == datetime(2020, 3, 22, 8, 0, tzinfo=SHANGHAI)
    assert row.warnings == ()


@given(st.integers(0, 10**6))
def test_every_made_up_person_is_a_good_row(at: int) -> None:
    (line,) = rosters.lines(1, first=at)

    assert isinstance(Checker(NOW).check(Raw(TABLE, 2, list(line))), Row)


@given(st.lists(st.one_of(st.text(), st.floats(), st.booleans()), min_size=14, max_size=14))
def test_whatever_stands_in_a_row_is_a_row_or_faults_with_sentences(cells: list[Value]) -> None:
    result = Checker(NOW).check(Raw(TABLE, 2, cells))

    if isinstance(result, Faults):
        assert all(fault.sentence.endswith("。") for fault in result.items)
        assert result.items


@given(st.sampled_from([column for column in COLUMNS if column is not Column.RESIDENT_ID]), st.text())
def test_what_was_read_reads_the_same_again(column: Column, text: str) -> None:
    once = Checker(NOW).check(raw(**{column.value: text}))
    if isinstance(once, Row) and column not in (Column.DEPARTS_AT, Column.SEX, Column.POOR, Column.MODE):
        value = getattr(once, column.value)
        again = read(**{column.value: "" if value is None else str(value)})
        assert getattr(again, column.value) == value


@pytest.mark.parametrize("value", [float(PERSON), 520602900101123.0, "5.20602E+17", "5.20602199001011E+17"])
def test_an_id_stored_as_a_number_is_refused_as_cut(value: float | str) -> None:
    (sentence,) = faults(resident_id=value)

    assert "身份证号在 Excel 里存成了数字，末尾几位已丢失" in sentence


@pytest.mark.parametrize(
    ("born", "why"),
    [(date(2004, 3, 21), "未满16周岁"), (date(1919, 3, 20), "超过了100周岁"), (date(2021, 1, 1), "还没有到")],
)
def test_ages_that_cannot_be_are_refused(born: date, why: str) -> None:
    (sentence,) = faults(resident_id=rosters.resident_id("520602", born, 123))

    assert why in sentence


def test_sixteen_today_may_work_and_is_marked() -> None:
    assert "未成年工" in warnings(resident_id=rosters.resident_id("520602", date(2004, 3, 20), 123))[0]


def test_an_unknown_birthplace_is_only_a_warning() -> None:
    assert "不是省份代码" in warnings(resident_id=rosters.resident_id("190602", date(1990, 1, 1), 123))[0]


def test_a_sex_that_contradicts_the_id_is_refused() -> None:
    assert faults(sex="女") == ["性别：填的是“女”，按身份证号第17位应为“男”，请对照身份证核对。"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(faults(name="", resident_id="1", phone="1", poor="?", departs_at="?")) == 5


def test_the_second_row_of_one_person_is_refused_naming_the_first() -> None:
    checker = Checker(NOW)
    checker.check(raw(number=5, seat="1"))
    second = checker.check(raw(number=9, seat="2", resident_id=f" {PERSON}"))

    assert isinstance(second, Faults)
    assert "工作表“花名册”第5行的身份证号重复" in str(second.items[0])


def test_a_person_counts_as_seen_even_where_the_first_row_was_wrong() -> None:
    checker = Checker(NOW)
    checker.check(raw(number=5, phone="1"))

    assert isinstance(checker.check(raw(number=9, seat="2")), Faults)


def test_one_seat_of_one_departure_is_given_once() -> None:
    checker = Checker(NOW)
    checker.check(raw(number=5))
    same = checker.check(raw(number=6, resident_id=OTHER, seat="05"))
    later = checker.check(
        raw(number=7, resident_id=rosters.resident_id("520603", date(1991, 2, 3), 47), departs_at="2020-03-23 08:00")
    )

    assert isinstance(same, Faults)
    assert "已排给工作表“花名册”第5行的人" in str(same.items[0])
    assert isinstance(later, Row)


@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in (Column.SERIAL, Column.SEX)])
def test_any_change_of_what_is_said_changes_the_hash(column: Column) -> None:
    other = {
        Column.NAME: "杨春", Column.RESIDENT_ID: OTHER, Column.POOR: "否", Column.DEPARTS_AT: "2020-03-23 08:00",
        Column.MODE: "火车", Column.PHONE: "13900139000",
    }.get(column, "别的")  # fmt: skip

    assert content_hash(read(**{column.value: other}), KEY) != content_hash(read(), KEY)


def test_where_and_how_a_row_is_written_does_not_change_the_hash() -> None:
    moved = read(
        number=77, serial=9.0, resident_id=f" {PERSON}", seat="05号", vehicle="贵D·12345", phone="138 0013 8000"
    )

    assert content_hash(moved, KEY) == content_hash(read(), KEY)


def test_without_the_key_nobody_can_guess_a_hash() -> None:
    assert content_hash(read(), KEY) != content_hash(read(), b"x" * 32)
