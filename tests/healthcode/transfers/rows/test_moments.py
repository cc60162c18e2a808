from datetime import UTC, datetime

import pytest

from backend.core.clock import SHANGHAI
from healthcode.transfers.rows import Checker, Row
from healthcode.transfers.sheets import Value
from tests.factories.roster_rows import faults, raw, read, warnings


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-22 08:00:00",
        "2020-03-22T08:00:00",
        "2020/3/22 8:00",
        "2020.3.22 8:00",
        "2020年3月22日8时",
        "2020年3月22日 8时00分",
        "2020年3月22日上午8点",
        "2020/3/22 上午8点",
        "3月22日8:00",
        "3月22日 早上 8 点整",
        "3月22号8点出发",
        "3/22 8:00",
        "20/3/22 8:00 AM",
        "2020年3月22日（星期日）8：00",
        "２０２０年３月２２日８：００",
        "202003220800",
        43912.333333333336,
        "43912.3333333333",
        "2020-03-22 00:00:00 08:00:00",
    ],
)
def test_a_departure_in_its_spellings(text: Value) -> None:
    row = read(departs_at=text)

    assert row.departs_at == datetime(2020, 3, 22, 8, 0, tzinfo=SHANGHAI)
    assert row.warnings == ()


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("下午2点", 14, 0),
        ("下午2点半", 14, 30),
        ("中午12点", 12, 0),
        ("晚上7:05", 19, 5),
        ("凌晨12:30", 0, 30),
        ("8:30PM", 20, 30),
        ("18:00", 18, 0),
    ],
)
def test_halves_of_the_day(text: str, hour: int, minute: int) -> None:
    assert read(departs_at=f"3月22日{text}").departs_at == datetime(2020, 3, 22, hour, minute, tzinfo=SHANGHAI)


def test_the_day_and_the_hour_are_not_mixed_up() -> None:
    assert read(departs_at="2020-4-1 18:00").departs_at == datetime(2020, 4, 1, 18, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize("text", ["2020.3.22", "3月22日", "20200322", 20200322.0, "2020-03-22", "3.22"])
def test_a_date_alone_is_midnight_with_a_warning(text: Value) -> None:
    row = read(departs_at=text)

    assert row.departs_at == datetime(2020, 3, 22, tzinfo=SHANGHAI)
    assert "暂记为零点" in row.warnings[0].sentence


@pytest.mark.parametrize(
    "text", ["8:00", "上午8点", "明天", "2020-02-30 8:00", "3月22日25:00", "2020-3-228:00", 3.2, "3月22日晚上12点"]
)
def test_a_departure_that_says_no_moment_is_refused(text: Value) -> None:
    assert "2020-03-22 08:00" in faults(departs_at=text)[0]


def test_no_departure_is_none() -> None:
    assert read(departs_at="").departs_at is None


@pytest.mark.parametrize(("text", "why"), [("2020-03-18 08:00", "已经过去"), ("2021-03-22 08:00", "半年以后")])
def test_an_odd_departure_is_only_a_warning(text: str, why: str) -> None:
    assert why in warnings(departs_at=text)[0]


def test_in_december_january_is_next_year() -> None:
    row = Checker(datetime(2020, 12, 30, tzinfo=UTC)).check(raw(departs_at="1月3日8:00"))

    assert isinstance(row, Row)
    assert row.departs_at == datetime(2021, 1, 3, 8, 0, tzinfo=SHANGHAI)
