"""Everybody judged anew: from stays and declarations, by the rules in force, and by drafts that change nobody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.colour_rules import FIRST_RULES, Kind, Rule
from healthcode.codes.models import ColourChange, RuleSet, Status
from healthcode.codes.rules import Colour, RuleSetState, Symptom
from healthcode.codes.tasks import rejudge
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.cases import cases_of_2020
from healthcode.itinerary.rules import Spot
from healthcode.itinerary.tasks import stays
from tests.conftest import NOON
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare
from tests.factories.itinerary import make_place

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WUHAN, TONGREN = "420106", "520602"


@pytest.fixture
def office(app, clock):
    """Tongren's, on a day on which Wuhan is at high risk."""
    del app, clock
    with transaction():
        itinerary.compute_risk(counts=cases_of_2020(), day=date(2020, 3, 22), as_of=date(2026, 3, 22))
    return make_organisation()


@pytest.fixture
def person(office):
    del office
    return make_person()


@pytest.fixture
def place(office):
    return make_place(make_acting(office))[0]


def see(person, place, region: str, *hours: float) -> None:
    with transaction():
        for hour in hours:
            spot = Spot(place.id, region, 114.3, 30.5, 300)
            at = NOON + hour * HOUR
            itinerary.see_by_officer(person_id=person.id, place=spot, at=at, request_key=f"{region}{hour}")
    stays()


def colour(person) -> Colour:
    db.session.expire_all()
    return queries.status_of(person).colour


def test_four_hours_in_a_high_risk_region_are_red_for_a_fortnight(person, place, clock):
    declare(person)
    see(person, place, WUHAN, -10, -5)
    rejudge()
    verdict = queries.status_of(person)
    assert verdict.colour is Colour.RED
    assert verdict.reasons[0].rule == Kind.HIGH_RISK
    assert "武汉市" in verdict.fact
    assert verdict.until == NOON - 5 * HOUR + 14 * DAY
    assert "疾病预防" in verdict.reasons[0].authority
    clock.shift(14 * DAY - 5 * HOUR)
    assert colour(person) is Colour.GREY


def test_passing_through_changes_no_colour(person, place):
    declare(person)
    see(person, place, WUHAN, -10, -7)
    rejudge()
    assert colour(person) is Colour.GREEN


def test_a_low_risk_region_changes_no_colour(person, place):
    declare(person)
    see(person, place, TONGREN, -20, -5)
    rejudge()
    assert colour(person) is Colour.GREEN


def test_who_never_declared_is_judged_too(person, place):
    see(person, place, WUHAN, -10, -5)
    rejudge()
    assert colour(person) is Colour.RED
    (change,) = queries.list_changes(person)
    assert (change.before, change.after) == (Colour.GREY, Colour.RED)


def test_judging_again_changes_nothing(person, place):
    declare(person, contact=True)
    see(person, place, WUHAN, -10, -5)
    rejudge()
    with transaction():
        before = db.session.scalar(select(Status.judged_at))
    rejudge()
    assert len(queries.list_changes(person)) == 1
    assert db.session.scalar(select(Status.judged_at)) == before


def test_a_region_that_was_wrongly_high_gives_the_colour_back(person, place, office):
    declare(person)
    see(person, place, WUHAN, -10, -5)
    rejudge()
    first, second = make_acting(office), make_acting(office)
    with transaction():
        content = "地区,风险等级,开始日期\n湖北省武汉市武昌区,低,2026-03-01\n".encode()
        made = itinerary.propose_risk_list(content=content, file_name="更正.csv", by=first)
        itinerary.confirm_risk_list(risk_list=made, by=second)
    rejudge()
    assert colour(person) is Colour.GREEN


def test_what_was_declared_is_found_again_from_the_declarations(person):
    declare(person, contact=True, temperature=380, symptoms=(Symptom.COUGH,))
    before = queries.status_of(person)
    rejudge()
    assert queries.status_of(person) == before


def draft(by, kind: Kind = Kind.SYMPTOMS, **changes: object) -> RuleSet:
    rules = [replace(rule, **changes) if rule.kind is kind else rule for rule in FIRST_RULES]
    with transaction():
        return actions.draft_rule_set(title="症状改为不变色", rules=rules, by=by)


def test_a_draft_says_who_would_change_and_changes_nobody(person, office):
    declare(person, symptoms=(Symptom.COUGH,))
    made = draft(make_acting(office), colour=Colour.RED)
    with transaction():
        actions.try_rule_set(rule_set=made)
    ((who, before, after, why),) = queries.get_rule_set(made.id).changes
    assert (who, before, after) == (str(person.id), "yellow", "red")
    assert "咳嗽" in why
    assert colour(person) is Colour.YELLOW


def test_a_second_person_puts_a_tried_draft_into_force(person, office):
    declare(person, symptoms=(Symptom.COUGH,))
    first, second = make_acting(office), make_acting(office)
    made = draft(first, colour=Colour.RED)
    with pytest.raises(Conflict), transaction():
        actions.approve_rule_set(rule_set=made, by=second)
    with transaction():
        actions.try_rule_set(rule_set=made)
    for stranger in (first, make_acting(make_organisation("别处"))):
        with pytest.raises(Forbidden), transaction():
            actions.approve_rule_set(rule_set=made, by=stranger)
    with transaction():
        actions.approve_rule_set(rule_set=made, by=second)
    rejudge()
    assert colour(person) is Colour.RED
    assert queries.rules_in_force().version == 2
    assert queries.get_rule_set(made.id).changes == []
    assert len(queries.list_changes(person)) == 2


def test_a_trial_grows_stale(office, clock):
    first, second = make_acting(office), make_acting(office)
    made = draft(first, hours=48)
    with transaction():
        actions.try_rule_set(rule_set=made)
    clock.shift(DAY + HOUR)
    with pytest.raises(Conflict), transaction():
        actions.approve_rule_set(rule_set=made, by=second)


def test_a_draft_that_newer_rules_overtook_is_refused(office, clock):
    first, second = make_acting(office), make_acting(office)
    older, newer = draft(first, hours=48), draft(first, hours=72)
    for made in (older, newer):
        with transaction():
            actions.try_rule_set(rule_set=made)
    clock.shift(HOUR)
    with transaction():
        actions.approve_rule_set(rule_set=newer, by=second)
    with pytest.raises(Conflict), transaction():
        actions.approve_rule_set(rule_set=older, by=second)
    with transaction():
        actions.discard_rule_set(rule_set=older, by=second)
    assert queries.get_rule_set(older.id).state is RuleSetState.DISCARDED


def test_a_draft_that_changes_nothing_is_refused(office):
    with pytest.raises(Invalid), transaction():
        actions.draft_rule_set(title="什么也不改", rules=list[Rule](FIRST_RULES), by=make_acting(office))


def test_a_declaration_is_judged_by_the_rules_in_force(person, office):
    first, second = make_acting(office), make_acting(office)
    made = draft(first, on=False)
    with transaction():
        actions.try_rule_set(rule_set=made)
    with transaction():
        actions.approve_rule_set(rule_set=made, by=second)
    assert declare(person, symptoms=(Symptom.COUGH,)).colour is Colour.GREEN
    assert db.session.scalar(select(ColourChange.after)) is Colour.GREEN
