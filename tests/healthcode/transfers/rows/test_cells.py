import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.resident_id import Sex
from healthcode.transfers.rows.cells import tidy
from healthcode.transfers.rules import Mode
from healthcode.transfers.sheets import COLUMNS, ERROR_VALUE, NO_STORED_VALUE, Column, Value
from tests.factories.roster_rows import faults, read, warnings


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize("name", ["张三", "欧阳娜娜", "买买提·艾力", "𠮷田", "㛃丽", "䶮飞", "〇二"])
def test_names_of_han_characters_pass(name: str) -> None:
    assert read(name=name).name == name


@pytest.mark.parametrize("dot", "·•・.．‧")
def test_every_middle_dot_is_the_same(dot: str) -> None:
    assert read(name=f"买买提{dot}艾力").name == "买买提·艾力"


@pytest.mark.parametrize("name", ["张 三", "张　三", " 张三\n", "张\u200b三", "'张三", "张\xa0三"])
def test_spaces_in_a_name_mean_nothing(name: str) -> None:
    assert read(name=name).name == "张三"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "没有填"),
        ("张", "1个字"),
        ("张" * 51, "51个字"),
        ("张?丰", "没存下来"),
        ("张*", "没存下来"),
        ("张\ue863", "自造的字"),
        ("John", "不是汉字"),
        ("张三2", "不是汉字"),
        (NO_STORED_VALUE, "公式"),
        (ERROR_VALUE, "公式出错"),
    ],
)
def test_what_is_no_name_is_refused(name: str, why: str) -> None:
    (sentence,) = faults(name=name)

    assert sentence.startswith("姓名：")
    assert why in sentence


@pytest.mark.parametrize("sex", ["男", "男性", "1", 1.0, "M", "", " 男 "])
def test_a_man_is_a_man(sex: Value) -> None:
    assert read(sex=sex).sex is Sex.MALE


def test_an_unknown_sex_is_refused() -> None:
    assert "看不懂" in faults(sex="未知")[0]


@pytest.mark.parametrize(
    "phone",
    [
        "13800138000",
        13800138000.0,
        "138 0013 8000",
        "138-0013-8000",
        "+8613800138000",
        "86 13800138000",
        "１３８００１３８０００",
    ],
)
def test_a_mobile_number_is_found_in_its_spellings(phone: Value) -> None:
    assert read(phone=phone).phone == "13800138000"


@pytest.mark.parametrize("phone", ["", "无", "/", "—"])
def test_nobody_needs_a_phone(phone: Value) -> None:
    assert read(phone=phone).phone == ""
    assert "没有联系电话" in warnings(phone=phone)[0]


@pytest.mark.parametrize(
    "phone", ["0856-5220000", "1380013800", "138001380001", "12800138000", "13800138000/13900139000"]
)
def test_what_is_no_mobile_number_is_refused(phone: Value) -> None:
    assert faults(phone=phone)[0].startswith("联系电话：")


@pytest.mark.parametrize(
    ("poor", "meant"),
    [
        *((yes, True) for yes in ("是", "√", "有", "Y", True, 1.0, "建档立卡户")),
        *((no, False) for no in ("否", "×", "无", "n", False, 0.0, "", "一般户")),
    ],
)
def test_yes_and_no_in_their_spellings(poor: Value, meant: object) -> None:
    assert read(poor=poor).poor is meant


def test_neither_yes_nor_no_is_refused() -> None:
    assert "请填“是”或“否”" in faults(poor="大概")[0]


@pytest.mark.parametrize(
    ("mode", "vehicle", "meant"),
    [
        ("包车", "", Mode.COACH),
        ("大巴车", "", Mode.COACH),
        ("高铁", "", Mode.TRAIN),
        ("火车专列", "", Mode.TRAIN),
        ("包机", "", Mode.PLANE),
        ("自驾", "", Mode.OWN_CAR),
        ("", "G1321", Mode.TRAIN),
        ("", "贵D·12345", Mode.COACH),
        ("", "1号车", Mode.OTHER),
        ("轮船", "", Mode.OTHER),
    ],
)
def test_kinds_of_vehicle(mode: str, vehicle: Value, meant: object) -> None:
    assert read(mode=mode, vehicle=vehicle).mode is meant


@pytest.mark.parametrize(
    ("vehicle", "meant"),
    [
        ("贵D·12345", "贵D12345"),
        ("贵d-1234f", "贵D1234F"),
        ("贵DF12345", "贵DF12345"),
        ("K837次", "K837"),
        ("1号车", "1号车"),
        (1.0, "1"),
        ("无", ""),
    ],
)
def test_vehicles_are_written_one_way(vehicle: Value, meant: object) -> None:
    assert read(vehicle=vehicle).vehicle == meant


@pytest.mark.parametrize(
    ("seat", "meant"), [(5.0, "5"), ("05", "5"), ("5号", "5"), ("第5座", "5"), ("05车12a", "05车12A"), ("", "")]
)
def test_seats_are_written_one_way(seat: Value, meant: object) -> None:
    assert read(seat=seat).seat == meant


@pytest.mark.parametrize("column", ["vehicle", "seat"])
def test_what_excel_made_a_date_is_refused(column: str) -> None:
    assert "改成了日期" in faults(**{column: "2020-01-02 00:00:00"})[0]


def test_too_long_a_text_is_refused() -> None:
    assert "太长了" in faults(enterprise="厂" * 101)[0]


def test_a_formula_without_its_value_is_refused_in_any_column() -> None:
    for column in COLUMNS:
        if column is not Column.SERIAL:
            assert "公式" in faults(**{column.value: NO_STORED_VALUE})[0], column
