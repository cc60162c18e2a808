"""A colour can be appealed: 48 hours, then the region above, never closed by silence; wrong only by two people."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.models import AccessLog
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.transactions import transaction
from backend.evidence.models import Record
from backend.notices.models import Message
from healthcode.codes import actions, queries
from healthcode.codes.appeal_rules import AppealMove, AppealState, FileType, file_type, next_region
from healthcode.codes.colour_rules import Kind
from healthcode.codes.evidence import list_appeal_step_ids, rebuild_appeal_steps
from healthcode.codes.models import Appeal, AppealStep, Decision
from healthcode.codes.rules import ORDERED, Basis, Colour, DecisionKind, DecisionState
from healthcode.codes.tasks import escalate_appeals
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.appeals import ANSWER, JPEG, PDF, PNG, WORDS, appeal, attach
from tests.factories.codes import declare

DAY = timedelta(days=1)


@pytest.fixture
def city(app, clock):
    """The government of the city in which the person lives."""
    del app, clock
    return make_organisation()


@pytest.fixture
def person(city):
    """Somebody who said, by mistake, that they met a case."""
    del city
    person = make_person()
    declare(person, contact=True)
    return person


def uphold(filed, by, answer: str = ANSWER) -> Appeal:
    with transaction():
        return actions.uphold_appeal(appeal=filed, answer=answer, by=by)


def refuse(filed, by, answer: str = ANSWER) -> Appeal:
    with transaction():
        return actions.refuse_appeal(appeal=filed, answer=answer, by=by)


def decide(filed, by, *, approve: bool = True) -> None:
    decision = db.session.get_one(Decision, filed.decision_id)
    with transaction():
        (actions.approve_decision if approve else actions.refuse_decision)(decision=decision, by=by)


def now_of(filed) -> Appeal:
    db.session.expire_all()
    return db.session.get_one(Appeal, filed.id)


def titles(person) -> list[str]:
    return list(db.session.scalars(select(Message.title).where(Message.person_id == person.id).order_by(Message.id)))


def moves(filed) -> list[AppealMove]:
    return [step.move for step, _, _ in queries.steps_of(filed.id)]


def test_it_goes_to_the_lowest_government_there_is_and_is_due_in_48_hours(person, city):
    filed = appeal(person)
    assert filed.regions == [city.region_code]
    assert filed.due_at - filed.filed_at == timedelta(hours=48)
    assert filed.finding["fact"]
    (message,) = db.session.scalars(select(Message).where(Message.title == "申诉已收到"))
    assert "铜仁市主管部门" in message.body
    assert WORDS not in message.body
    assert queries.count_open_appeals(seen_by=make_acting(city)) == 1


def test_the_same_tap_twice_is_one_appeal_and_a_second_one_waits_its_turn(person):
    first = appeal(person, request_key="form-0001")
    assert appeal(person, request_key="form-0001").id == first.id
    with pytest.raises(Conflict):
        appeal(person, request_key="form-0001", words="这一次写的是别的。")
    with pytest.raises(Conflict):
        appeal(person)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": "不对"}, "words"),
        ({"words": "不" * 501}, "words"),
        ({"rule": Kind.FEVER}, "rule"),
        ({"rule": "x"}, "rule"),
    ],
)
def test_nonsense_is_refused(person, changes, field):
    with pytest.raises(Invalid) as caught:
        appeal(person, **changes)
    assert field in caught.value.fields


def test_a_green_code_has_nothing_to_appeal(city):
    del city
    well = make_person()
    declare(well)
    with pytest.raises(Invalid):
        appeal(well, rule="declared.healthy")


def test_files_are_known_by_their_content_and_kept_sealed(person, city):
    filed = appeal(person)
    files = [attach(person, filed, content) for content in (PNG, JPEG, PDF)]
    assert [file.kind for file in files] == [FileType.PNG, FileType.JPEG, FileType.PDF]
    assert attach(person, filed, PDF).id == files[2].id
    with pytest.raises(Conflict):
        attach(person, filed, PDF + b"x")
    by = make_acting(city)
    with transaction():
        kept, content = actions.open_file(appeal_id=filed.id, file_id=files[0].id, by=by)
    assert (kept.kind, content) == (FileType.PNG, PNG)
    (entry,) = db.session.scalars(select(AccessLog).where(AccessLog.subject_index == person.resident_id_index))
    assert (entry.operator_id, entry.fields) == (by.operator_id, ["申诉材料"])


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html><script>", b"GIF89a", PNG + bytes(5 * 1024 * 1024)])
def test_other_types_and_large_files_are_refused(person, content):
    filed = appeal(person)
    with pytest.raises(Invalid):
        attach(person, filed, content)


def test_a_file_is_what_it_begins_with():
    assert file_type(b" %PDF-1.4") is None
    assert file_type(b"%PDF-1.4") is FileType.PDF


def test_another_persons_appeal_takes_no_file(person):
    filed = appeal(person)
    with pytest.raises(NotFound):
        attach(make_person(), filed, PNG)


def test_it_is_upheld_by_two_people_and_the_colour_goes(person, city):
    filed, first = appeal(person), make_acting(city)
    uphold(filed, first)
    assert now_of(filed).state is AppealState.PROPOSED
    assert queries.status_of(person).colour is Colour.RED
    with pytest.raises(Forbidden):
        decide(now_of(filed), first)
    assert now_of(filed).state is AppealState.PROPOSED
    decide(now_of(filed), make_acting(city))
    assert now_of(filed).state is AppealState.UPHELD
    assert queries.status_of(person).colour is Colour.GREY
    (message,) = db.session.scalars(select(Message).where(Message.title == "申诉成立"))
    assert ANSWER in message.body
    assert moves(filed) == [AppealMove.FILED, AppealMove.PROPOSED, AppealMove.UPHELD]


def test_when_the_second_person_does_not_approve_it_is_open_again(person, city):
    filed = appeal(person)
    due = filed.due_at
    uphold(filed, make_acting(city))
    decide(now_of(filed), make_acting(city), approve=False)
    again = now_of(filed)
    assert (again.state, again.answer, again.decision_id) == (AppealState.OPEN, "", None)
    assert again.due_at == due
    uphold(again, make_acting(city))
    assert now_of(filed).state is AppealState.PROPOSED


def test_it_is_refused_with_a_reason_and_can_be_filed_anew(person, city):
    filed = appeal(person)
    with pytest.raises(Invalid):
        refuse(filed, make_acting(city), "不行")
    refuse(filed, make_acting(city), "核对了同行名单，名单上有确诊病例。")
    assert now_of(filed).state is AppealState.REFUSED
    assert queries.status_of(person).colour is Colour.RED
    (message,) = db.session.scalars(select(Message).where(Message.title == "申诉没有成立"))
    assert "名单上有确诊病例" in message.body
    assert appeal(person).id != filed.id
    with pytest.raises(Conflict):
        attach(person, filed, PNG)


@pytest.mark.parametrize("answering", [uphold, refuse])
def test_what_was_answered_is_not_answered_again(person, city, answering):
    filed = appeal(person)
    refuse(filed, make_acting(city))
    with pytest.raises(Conflict):
        answering(filed, make_acting(city))
    second = appeal(person)
    uphold(second, make_acting(city))
    with pytest.raises(Conflict):
        answering(second, make_acting(city))


def test_other_offices_neither_see_nor_answer_it(person):
    filed = appeal(person)
    file = attach(person, filed, PNG)
    strangers = [
        make_acting(make_organisation("遵义市人社局", region="520300")),
        make_acting(make_organisation("贵州省人社厅", region="520000")),
        make_acting(make_organisation("某卡口", kind=OrganisationKind.CHECKPOINT, region="520600"), role=Role.OFFICER),
    ]
    for by in strangers:
        assert queries.list_appeals(seen_by=by) == []
        for attempt in (
            lambda by=by: refuse(filed, by),
            lambda by=by: uphold(filed, by),
            lambda by=by: actions.read_appeal(appeal_id=filed.id, by=by),
            lambda by=by: actions.open_file(appeal_id=filed.id, file_id=file.id, by=by),
        ):
            with pytest.raises(NotFound):
                attempt()
            db.session.rollback()
    assert now_of(filed).state is AppealState.OPEN


def test_silence_hands_it_up_once_per_level_and_never_closes_it(person, city, clock):
    county = make_organisation("碧江区人社局", region="520602")
    province = make_organisation("贵州省人社厅", region="520000")
    filed = appeal(person)
    assert filed.regions == [county.region_code]
    first_due = filed.due_at
    clock.shift(2 * DAY - timedelta(minutes=1))
    escalate_appeals()
    assert now_of(filed).regions == [county.region_code]
    clock.shift(timedelta(minutes=2))
    for _ in range(2):
        escalate_appeals()
    held = now_of(filed)
    assert held.regions == [county.region_code, city.region_code]
    assert held.due_at - first_due == timedelta(hours=48, minutes=1)
    for office in (county, city):
        assert [row[0].id for row in queries.list_appeals(seen_by=make_acting(office))] == [filed.id]
    clock.shift(2 * DAY)
    escalate_appeals()
    assert now_of(filed).regions[-1] == province.region_code
    for _ in range(3):
        clock.shift(5 * DAY)
        escalate_appeals()
    held = now_of(filed)
    assert (held.state, held.at_top) == (AppealState.OPEN, True)
    assert titles(person).count("申诉已转给上一级") == 2
    assert titles(person).count("申诉还没有答复") == 1
    assert moves(filed) == [AppealMove.FILED, AppealMove.ESCALATED, AppealMove.ESCALATED, AppealMove.OVERDUE]
    refuse(filed, make_acting(county))
    assert now_of(filed).state is AppealState.REFUSED


def test_a_proposal_that_nobody_approves_goes_up_too(person, city, clock):
    province = make_organisation("贵州省人社厅", region="520000")
    filed = appeal(person)
    uphold(filed, make_acting(city))
    clock.shift(2 * DAY)
    escalate_appeals()
    assert now_of(filed).regions[-1] == province.region_code
    decide(now_of(filed), make_acting(province))
    assert now_of(filed).state is AppealState.UPHELD


def test_where_no_government_is_near_the_one_that_issues_the_codes_answers():
    ladder = ["320583", "320500", "320000", "100000", "520600"]
    assert next_region(ladder, [], {"320583", "520600"}) == "320583"
    assert next_region(ladder, ["320583"], {"320583", "520600"}) == "520600"
    assert next_region(ladder, ["320583", "520600"], {"320583", "520600"}) is None


def test_a_reason_that_has_ended_needs_no_lift(person, city, clock):
    filed = appeal(person)
    clock.shift(15 * DAY)
    uphold(filed, make_acting(city))
    held = now_of(filed)
    assert (held.state, held.decision_id) == (AppealState.UPHELD, None)


def test_an_order_can_be_appealed_and_ends_when_two_people_say_so(city):
    person = make_person()
    declare(person)
    with transaction():
        order = actions.propose_decision(
            person=person,
            kind=DecisionKind.ORDER,
            colour=Colour.RED,
            rule=None,
            basis=Basis.QUARANTINE,
            reason="与确诊病例同乘一车，须医学观察。",
            days=7,
            by=make_acting(city),
        )
    with transaction():
        actions.approve_decision(decision=order, by=make_acting(city))
    filed = appeal(person, rule=ORDERED, words="我不在那趟车上，车票可以证明。")
    uphold(filed, make_acting(city))
    assert queries.status_of(person).colour is Colour.RED
    decide(now_of(filed), make_acting(city))
    assert queries.status_of(person).colour is Colour.GREEN
    assert db.session.get_one(Decision, order.id).state is DecisionState.ENDED


def test_each_move_is_on_record_without_a_word_of_what_was_said(person, city):
    filed = appeal(person)
    attach(person, filed, PNG)
    refuse(filed, make_acting(city))
    steps = db.session.scalars(select(AppealStep).where(AppealStep.appeal_id == filed.id)).all()
    ids = [step.id for step in steps]
    assert set(ids) <= set(db.session.scalars(select(Record.id).where(Record.kind == "codes.appeal")))
    contents = rebuild_appeal_steps(ids)
    said = {contents[step.id]["move"]: contents[step.id]["digest"] for step in steps}
    assert said["filed"] == hashlib.sha256(WORDS.encode()).hexdigest()
    assert WORDS not in str(contents)
    assert ANSWER not in str(contents)
    assert set(ids) <= set(list_appeal_step_ids(min(ids), 1000)) | {min(ids)}


def test_the_statistics_say_how_often_a_rule_was_wrong(person, city, clock):
    before = {row.rule: row for row in queries.appeal_statistics()}[Kind.CONTACT]
    filed = appeal(person)
    clock.shift(timedelta(hours=6))
    uphold(filed, make_acting(city))
    decide(now_of(filed), make_acting(city))
    after = {row.rule: row for row in queries.appeal_statistics()}[Kind.CONTACT]
    assert (after.appeals - before.appeals, after.upheld - before.upheld) == (1, 1)
    assert after.people >= 1
    assert after.hours == pytest.approx(6, abs=0.1)
