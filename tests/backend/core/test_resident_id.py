from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Invalid
from backend.core.resident_id import Sex, check_resident_id, tidy_resident_id
from tests.factories.rosters import COUNTIES, resident_id

TODAY = date(2020, 3, 20)
PERSON = resident_id("520602", date(1990, 1, 1), 123)
X_PERSON = next(number for at in range(99) if (number := resident_id("520602", date(1990, 1, 1), at)).endswith("X"))

numbers = st.builds(
    resident_id,
    st.sampled_from(list(COUNTIES)),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(1, 999),
)


def refusal(text: str) -> str:
    with pytest.raises(Invalid) as caught:
        check_resident_id(text, today=TODAY)
    assert caught.value.message.endswith("。")
    return caught.value.code


@given(numbers)
def test_a_right_number_passes_and_tells_birthday_and_sex(number: str) -> None:
    read = check_resident_id(number, today=TODAY)

    assert read.number == number
    assert f"{read.birthday:%Y%m%d}" == number[6:14]
    assert read.sex is (Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, place: int, step: int) -> None:
    wrong = (int(number[place]) + step) % 10

    assert refusal(f"{number[:place]}{wrong}{number[place + 1 :]}").startswith("resident_id.")


@given(numbers, st.integers(0, 15))
def test_two_digits_swapped_never_pass(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert swapped == number or refusal(swapped)


@given(st.text())
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    assert refusal(text).startswith("resident_id.")


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy_resident_id(tidy_resident_id(text)) == tidy_resident_id(text)


@pytest.mark.parametrize("x", ["x", "X", "×", "Х", "х", "Χ", "ｘ", "✕", "Ⅹ"])
def test_every_x_is_an_x(x: str) -> None:
    assert check_resident_id(X_PERSON[:-1] + x, today=TODAY).number == X_PERSON


@pytest.mark.parametrize(
    "text",
    [
        f"  {PERSON}　",
        f"'{PERSON}",
        f"{PERSON}\u200b",
        f"\ufeff{PERSON}\xa0",
        f"{PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}",
        f"{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}",
        "".join(chr(ord(digit) + 0xFEE0) for digit in PERSON),
    ],
)
def test_spaces_dashes_and_full_width_digits_mean_nothing(text: str) -> None:
    assert check_resident_id(text, today=TODAY).number == PERSON


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("　", "empty"),
        ("520602900101123", "old"),
        ("5206**********1234", "masked"),
        ("H12345678", "other_paper"),
        ("E12345678", "other_paper"),
        (PERSON[:-1], "length"),
        (PERSON + "1", "length"),
        ("52060219900101一二三四", "form"),
        ("X" + PERSON[1:], "form"),
        (resident_id("520602", date(1990, 1, 1), 1).replace("19900101", "19900230"), "birthday"),
        (resident_id("520602", date(2020, 3, 21), 1), "future"),
        (resident_id("911840", date(1990, 1, 1), 1), "other_paper"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str) -> None:
    assert refusal(text) == f"resident_id.{code}"


def test_a_county_that_did_not_exist_at_birth_is_no_fault() -> None:
    assert check_resident_id(resident_id("320583", date(1985, 5, 5), 12), today=TODAY).birthplace_known


def test_an_unknown_province_is_only_marked() -> None:
    assert not check_resident_id(resident_id("190602", date(1990, 1, 1), 12), today=TODAY).birthplace_known


@pytest.mark.parametrize(("day", "age"), [(date(2020, 2, 28), 15), (date(2020, 2, 29), 16), (date(2020, 3, 1), 16)])
def test_a_year_is_completed_on_the_birthday(day: date, age: int) -> None:
    born_on_leap_day = check_resident_id(resident_id("520602", date(2004, 2, 29), 1), today=TODAY)

    assert born_on_leap_day.age(day) == age
