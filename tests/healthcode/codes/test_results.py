"""Test results: who may bring them, who confirms them, what they change, and what isn't taken."""

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import select

from backend.accounts.rules import OrganisationKind, Role
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.transactions import transaction
from backend.evidence.models import Record
from healthcode.codes import actions, queries
from healthcode.codes.colour_rules import Kind
from healthcode.codes.evidence import TEST, list_test_ids, rebuild_tests
from healthcode.codes.fact_rules import ResultListState
from healthcode.codes.models import NucleicTest, ResultList
from healthcode.codes.result_rows import read_rows
from healthcode.codes.rules import Colour
from healthcode.codes.tasks import rejudge
from tests.conftest import NOON
from tests.factories.accounts import make_account, make_acting, make_organisation, make_person, resident_id
from tests.factories.codes import declare
from tests.factories.facts import LABORATORY, bring, enter, listed, result_line

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def office(app, clock):
    del app, clock
    return make_organisation()


@pytest.fixture
def first(office):
    return make_acting(office)


@pytest.fixture
def second(office):
    return make_acting(office)


@pytest.fixture
def person(office):
    del office
    return make_person()


def colour(person) -> Colour:
    db.session.expire_all()
    return queries.status_of(person).colour


def faults(made: ResultList) -> list[str]:
    return [fault["why"] for fault in actions.faults_of(made)["rows"]]


def test_a_positive_result_is_red_once_a_second_person_has_confirmed_it(person, first, second):
    declare(person)
    made = bring(first, result_line(person, NOON - HOUR, "阳性"))
    assert colour(person) is Colour.GREEN
    with transaction():
        assert actions.confirm_results(list_id=made.id, by=second) == 1
    verdict = queries.status_of(person)
    assert (verdict.colour, verdict.reasons[0].rule) == (Colour.RED, Kind.POSITIVE)
    assert verdict.fact == f"03-22 11:00 采样，{LABORATORY}核酸检测阳性；隔 24 小时以上两次采样都是阴性后不再计算。"
    assert verdict.until == NOON - HOUR + 28 * DAY


def test_nobody_confirms_the_own_list(person, first):
    made = bring(first, result_line(person, NOON - HOUR, "阳性"))
    with pytest.raises(Forbidden), transaction():
        actions.confirm_results(list_id=made.id, by=first)
    assert colour(person) is Colour.GREY


def test_two_negatives_a_day_apart_end_it(person, first, second, clock):
    declare(person)
    enter(first, second, result_line(person, NOON - HOUR, "阳性"))
    clock.shift(3 * DAY)
    enter(first, second, result_line(person, NOON + DAY), result_line(person, NOON + 2 * DAY - HOUR))
    assert colour(person) is Colour.RED
    enter(first, second, result_line(person, NOON + 2 * DAY))
    assert colour(person) is Colour.GREY, "the declaration is over"
    declare(person)
    assert colour(person) is Colour.GREEN


def test_a_positive_between_two_negatives_counts_on(person, first, second, clock):
    clock.shift(4 * DAY)
    lines = [result_line(person, NOON + day * DAY, said) for day, said in enumerate(("阳性", "阴性", "阳性", "阴性"))]
    enter(first, second, *lines)
    assert colour(person) is Colour.RED


def test_a_negative_result_alone_is_no_finding_of_health(person, first, second):
    enter(first, second, result_line(person, NOON - HOUR))
    assert colour(person) is Colour.GREY
    ((test, entered_by),) = queries.list_tests(person)
    assert (test.sampled_at, entered_by) == (NOON - HOUR, "铜仁市人力资源和社会保障局")


def test_the_same_list_twice_enters_nothing_new(person, first, second):
    line = result_line(person, NOON - HOUR, "阳性", "R-1")
    made = [bring(first, line), bring(second, line)]
    with transaction():
        assert actions.confirm_results(list_id=made[0].id, by=second) == 1
        assert actions.confirm_results(list_id=made[1].id, by=first) == 0
    again = bring(first, line)
    assert (again.taken, again.known, again.faulty) == (0, 1, 0)
    with pytest.raises(Conflict), transaction():
        actions.confirm_results(list_id=again.id, by=second)
    assert len(db.session.scalars(select(NucleicTest.id)).all()) == 1


def test_a_report_that_says_the_opposite_of_what_is_here_is_named(person, first, second):
    enter(first, second, result_line(person, NOON - HOUR, "阳性", "R-1"))
    made = bring(first, result_line(person, NOON - HOUR, "阴性", "R-1"))
    assert made.taken == 0
    assert "已经登记为阳性" in faults(made)[0]


def test_people_of_other_regions_and_unknown_ones_are_named_alike_and_nobody_is_made(person, first):
    elsewhere = make_acting(make_organisation("广元市人社局", region="510800"))
    stranger = f"张三,{resident_id()},2026-03-22 08:00,阳性,{LABORATORY},R-9"
    for by, line in ((elsewhere, result_line(person, NOON - HOUR, "阳性")), (first, stranger)):
        made = bring(by, line)
        assert made.taken == 0
        assert "不归本单位" in faults(made)[0]


def test_who_only_typed_a_number_is_not_found_by_it(first):
    typed = make_person(make_account(), verified=False)
    assert bring(first, result_line(typed, NOON - HOUR, "阳性")).taken == 0


def test_another_name_under_the_number_is_a_fault(person, first):
    line = result_line(person, NOON - HOUR, "阳性").replace("杨秀英", "杨秀芳")
    assert "姓名" in faults(bring(first, line))[0]


def test_another_offices_list_is_not_found(person, first):
    made = bring(first, result_line(person, NOON - HOUR))
    with pytest.raises(NotFound), transaction():
        actions.confirm_results(list_id=made.id, by=make_acting(make_organisation("昆山市人社局", region="320583")))


def test_a_checkpoint_enters_nothing(person):
    checkpoint = make_acting(make_organisation("铜仁站", kind=OrganisationKind.CHECKPOINT), role=Role.OFFICER)
    with pytest.raises(Forbidden):
        bring(checkpoint, result_line(person, NOON - HOUR, "阳性"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("2026-03-22 11:00", "2026-03-22 12:03"), "还没有到"),
        (("2026-03-22 11:00", "2026-02-20 11:00"), "28 天以前"),
        (("2026-03-22 11:00", "2026-03-22"), "几点几分"),
        (("2026-03-22 11:00", "2026-02-30 11:00"), "真实"),
        (("2026-03-22 11:00", "昨天"), "看不懂"),
        (("阳性", "可疑"), "阳性或阴性"),
        ((LABORATORY, ""), "检测机构"),
        (("R-1", ""), "报告编号"),
        (("杨秀英", ""), "姓名"),
    ],
)
def test_a_row_at_fault_is_named_with_what_to_mend(person, first, change, said):
    line = result_line(person, NOON - HOUR, "阳性", "R-1").replace(*change)
    made = bring(first, line)
    assert (made.taken, made.faulty) == (0, 1)
    assert said in faults(made)[0]


def test_a_file_of_another_kind_is_refused(first):
    for content, name in (
        (b"%PDF-1.4", "a.pdf"),
        (b"", "a.csv"),
        ("姓名,结果\n".encode(), "a.csv"),
        (b"PK\x03\x04", "a.xlsx"),
    ):
        with pytest.raises(Invalid):
            actions.propose_results(content=content, file_name=name, by=first)


def test_an_excel_list_with_real_times_is_read(person, first):
    book = openpyxl.Workbook()
    book.active.append(["铜仁市核酸检测结果"])
    book.active.append(["序号", "姓名", "身份证号", "采样时间", "检测结果", "检测机构", "报告编号"])
    moment = (NOON - HOUR).replace(tzinfo=None) + 8 * HOUR
    book.active.append([1, unseal(person.name), unseal(person.resident_id), moment, "阴性（-）", LABORATORY, 20260322])
    held = io.BytesIO()
    book.save(held)
    with transaction():
        made = actions.propose_results(content=held.getvalue(), file_name="结果.xlsx", by=first)
    (row,) = actions.rows_of(made)
    assert (row.sampled_at, row.report_number) == (NOON - HOUR, "20260322")


def test_one_result_is_typed_and_waits_as_well(person, first, second):
    said = dict(
        zip(
            ("name", "resident_id", "sampled_at", "result", "laboratory", "report_number"),
            result_line(person, NOON - HOUR, "阳性").split(","),
            strict=True,
        )
    )
    with transaction():
        made = actions.enter_result(said=said, by=first)
    assert (made.state, made.positive) == (ResultListState.WAITING, 1)
    with pytest.raises(Invalid), transaction():
        actions.enter_result(said=said | {"resident_id": resident_id()}, by=second)


def test_a_discarded_list_keeps_no_rows(person, first):
    made = bring(first, result_line(person, NOON - HOUR, "阳性"))
    with transaction():
        actions.discard_results(list_id=made.id, by=first)
    db.session.expire_all()
    assert db.session.get_one(ResultList, made.id).rows is None
    with pytest.raises(Conflict), transaction():
        actions.discard_results(list_id=made.id, by=first)


def test_each_result_is_on_record_and_rebuilt_from_its_row(person, first, second):
    enter(first, second, result_line(person, NOON - HOUR, "阳性"))
    (key,) = list_test_ids(person.id.__class__(int=0), 10)
    assert db.session.get_one(Record, key).kind == TEST.name
    assert rebuild_tests([key])[key]["result"] == "positive"


def test_what_is_left_of_a_list_goes_after_a_fortnight(person, first):
    made = bring(first, result_line(person, NOON - HOUR, "阳性"), "坏行")
    with transaction():
        assert actions.erase_result_lists(NOON + DAY) == {"codes.result_list": 1}
    db.session.expire_all()
    kept = db.session.get_one(ResultList, made.id)
    assert (kept.rows, kept.faults, kept.state) == (None, None, ResultListState.DISCARDED)


def test_judging_everybody_again_says_the_same(person, first, second):
    enter(first, second, result_line(person, NOON - HOUR, "阳性"))
    rejudge()
    assert len(queries.list_changes(person)) == 1


def test_ten_thousand_rows_are_read_in_seconds():
    number = resident_id()
    lines = [f"杨秀英,{number},2026-03-22 08:00,阴性,{LABORATORY},R-{at}" for at in range(10_000)]
    sheet = read_rows([line.split(",") for line in listed(*lines).decode().split("\n")], NOON)
    assert (len(sheet.rows), sheet.faults) == (10_000, ())


def test_a_list_of_ten_thousand_is_entered_with_one_second_signature(person, first, second):
    lines = [result_line(person, NOON - HOUR, report=f"R-{at}") for at in range(10_000)]
    assert enter(first, second, *lines) == 10_000
