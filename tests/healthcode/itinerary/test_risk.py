from datetime import date

import pytest

from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.transactions import transaction
from healthcode.itinerary import actions, queries, risk_rows
from healthcode.itinerary.cases import cases_of_2020
from healthcode.itinerary.models import RiskList
from healthcode.itinerary.risk import Level, ListState, judge, periods
from tests.factories.accounts import make_acting, make_organisation

TODAY = date(2026, 3, 22)


@pytest.mark.parametrize(
    ("confirmed", "fresh", "level"),
    [
        (0, 0, Level.LOW),
        (87, 0, Level.LOW),
        (1, 1, Level.MEDIUM),
        (50, 50, Level.MEDIUM),
        (51, 9, Level.MEDIUM),
        (51, 10, Level.HIGH),
    ],
)
def test_the_rule_of_february_2020(confirmed, fresh, level):
    assert judge(confirmed, fresh) is level


def test_a_region_is_low_again_when_fourteen_days_brought_no_case():
    first, last = date(2020, 2, 1), date(2020, 2, 29)
    found = periods({date(2020, 2, 5): 3}, first, last)
    assert [(p.level, p.since, p.until) for p in found] == [
        (Level.LOW, first, date(2020, 2, 4)),
        (Level.MEDIUM, date(2020, 2, 5), date(2020, 2, 18)),
        (Level.LOW, date(2020, 2, 19), None),
    ]
    assert (found[-1].confirmed, found[-1].fresh) == (3, 0)


def test_a_correction_downwards_hides_no_new_case():
    found = periods({date(2020, 2, 1): 40, date(2020, 2, 20): 30, date(2020, 2, 21): 31}, *[date(2020, 2, 21)] * 2)
    assert [(p.level, p.fresh) for p in found] == [(Level.MEDIUM, 1)]


def test_the_real_counts_of_the_storys_day():
    day = date(2020, 3, 22)
    levels = {code: periods(by_day, day, day)[0] for code, by_day in cases_of_2020().items()}
    assert levels["420100"].level is Level.HIGH  # 武汉
    assert (levels["520600"].level, levels["520600"].confirmed) == (Level.LOW, 10)  # 铜仁
    assert (levels["320500"].level, levels["320500"].confirmed) == (Level.LOW, 87)  # 苏州


@pytest.fixture
def computed(app, clock):
    del app, clock
    with transaction():
        actions.compute_risk(counts=cases_of_2020(), day=date(2020, 3, 22), as_of=TODAY)


@pytest.mark.usefixtures("computed")
def test_a_county_has_its_citys_level_and_an_unlisted_one_is_low():
    assert queries.level_of("420106", TODAY) is Level.HIGH
    assert queries.level_of("320583", TODAY) is Level.LOW
    assert queries.level_of("659002", TODAY) is Level.LOW


@pytest.mark.usefixtures("computed")
def test_computing_again_replaces_the_same_days():
    before = len(queries.list_risk(day=TODAY, limit=1000))
    with transaction():
        actions.compute_risk(counts=cases_of_2020(), day=date(2020, 6, 30), as_of=TODAY)
    assert queries.level_of("420100", TODAY) is Level.LOW
    assert len(queries.list_risk(day=TODAY, limit=1000)) == before


CELLS = [
    ["全国风险地区名单"],
    ["地区", "风险等级", "生效日期", "截止日期"],
    ["湖北省武汉市江夏区", "低风险", "", ""],
    ["昆山", "中", "2026-03-20", "2026-03-25"],
    ["鼓楼区", "高风险", "", ""],
    ["火星市", "高风险", "", ""],
    ["贵州省铜仁市", "很高", "2026年3月1日", "2026年2月1日"],
    ["昆山市", "高", "", ""],
    ["", "", "", ""],
]


def test_rows_that_cannot_be_taken_come_back_with_the_reason():
    sheet = risk_rows.read_rows(CELLS, TODAY)
    assert [(row.region_code, row.level, row.since, row.until) for row in sheet.rows] == [
        ("420115", Level.LOW, TODAY, None),
        ("320583", Level.MEDIUM, date(2026, 3, 20), date(2026, 3, 25)),
    ]
    assert [fault.number for fault in sheet.faults] == [5, 6, 7, 8]
    why = [fault.why for fault in sheet.faults]
    assert "不止一个" in why[0]
    assert "火星市" in why[1]
    assert "很高" in why[2]
    assert "早于" in why[2]
    assert "两次" in why[3]


def test_a_code_that_contradicts_its_name_is_refused():
    cells = [
        ["代码", "地区", "等级"],
        ["320583", "太仓市", "高"],
        ["320583", "江苏省昆山市", "高"],
        ["999999", "", "高"],
    ]
    sheet = risk_rows.read_rows(cells, TODAY)
    assert [row.region_code for row in sheet.rows] == ["320583"]
    assert len(sheet.faults) == 2


def test_a_file_without_headings_is_refused():
    with pytest.raises(Invalid):
        risk_rows.read_rows([["你好"], ["世界"]], TODAY)


def csv_of(cells: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in cells).encode("gb18030")


def propose(by, cells=CELLS) -> RiskList:
    with transaction():
        return actions.propose_risk_list(content=csv_of(cells), file_name="名单.csv", by=by)


@pytest.mark.usefixtures("computed")
def test_an_official_list_stands_above_the_computed_level_once_a_second_person_says_so():
    office = make_organisation()
    first, second = make_acting(office), make_acting(office)
    made = propose(first)
    assert queries.level_of("420115", TODAY) is Level.HIGH
    with pytest.raises(Forbidden), transaction():
        actions.confirm_risk_list(risk_list=made, by=first)
    with transaction():
        actions.confirm_risk_list(risk_list=made, by=second)
    assert queries.level_of("420115", TODAY) is Level.LOW
    assert queries.level_of("320583", TODAY) is Level.MEDIUM
    assert queries.level_of("320583", date(2026, 3, 26)) is Level.LOW
    with pytest.raises(Conflict), transaction():
        actions.confirm_risk_list(risk_list=made, by=second)


@pytest.mark.usefixtures("computed")
def test_a_newer_list_ends_the_older_one_where_it_begins():
    office = make_organisation()
    first, second = make_acting(office), make_acting(office)
    for level, since in (("高", "2026-03-10"), ("中", "2026-03-15")):
        made = propose(first, [["地区", "风险等级", "开始日期"], ["昆山市", level, since]])
        with transaction():
            actions.confirm_risk_list(risk_list=made, by=second)
    assert queries.level_of("320583", date(2026, 3, 14)) is Level.HIGH
    assert queries.level_of("320583", TODAY) is Level.MEDIUM
    assert [line.risk.until for line in queries.risk_history("320583")] == [None, date(2026, 3, 14)]


def test_a_discarded_list_changes_nothing(app, clock):
    del app, clock
    by = make_acting()
    made = propose(by)
    with transaction():
        actions.discard_risk_list(risk_list=made, by=by)
    assert queries.get_risk_list(made.id).state is ListState.DISCARDED
    assert queries.level_of("320583", TODAY) is Level.LOW
