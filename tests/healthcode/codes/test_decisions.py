"""No colour by one hand: an official's decision has a basis, two people, an end, and is told to the person."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.rules import OrganisationKind
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.codes import actions, queries
from healthcode.codes.colour_rules import Kind
from healthcode.codes.models import Decision
from healthcode.codes.rules import Basis, Colour, DecisionKind, DecisionState, Symptom
from healthcode.codes.tasks import rejudge
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare

DAY = timedelta(days=1)


@pytest.fixture
def office(app, clock):
    """The government of the city in which the person lives."""
    del app, clock
    return make_organisation()


@pytest.fixture
def person(office):
    del office
    return make_person()


def propose(person, by, **changes) -> Decision:
    said = {
        "kind": DecisionKind.ORDER,
        "colour": Colour.RED,
        "rule": None,
        "basis": Basis.QUARANTINE,
        "reason": "与确诊病例同乘一车，须医学观察。",
        "days": 14,
    }
    with transaction():
        return actions.propose_decision(person=person, by=by, **said | changes)


def lift(person, by, rule: Kind) -> Decision:
    return propose(person, by, kind=DecisionKind.LIFT, colour=None, rule=rule, basis=Basis.WRONG)


def approve(decision, by) -> None:
    with transaction():
        actions.approve_decision(decision=decision, by=by)


def colour(person) -> Colour:
    db.session.expire_all()
    return queries.status_of(person).colour


def test_a_proposal_changes_nothing_and_its_proposer_cannot_approve_it(person, office):
    declare(person)
    first = make_acting(office)
    made = propose(person, first)
    assert colour(person) is Colour.GREEN
    with pytest.raises(Forbidden):
        approve(made, first)
    assert colour(person) is Colour.GREEN


def test_only_the_region_where_the_person_is_approves(person):
    made = propose(person, make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583")))
    with pytest.raises(Forbidden):
        approve(made, make_acting(make_organisation("遵义市人社局", region="520300")))
    approve(made, make_acting(make_organisation("贵州省人社厅", region="520000")))
    assert colour(person) is Colour.RED


def test_an_order_holds_until_its_end_and_names_both_offices(person, office, clock):
    declare(person)
    made = propose(person, make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583")), days=7)
    approve(made, make_acting(office))
    verdict = queries.status_of(person)
    assert verdict.colour is Colour.RED
    assert "昆山市人力资源和社会保障局提出" in verdict.fact
    assert "铜仁市人力资源和社会保障局批准" in verdict.fact
    assert "第三十九条" in verdict.fact
    message = db.session.scalars(select(Message).where(Message.title.contains("红码"))).one()
    assert "昆山" in message.body
    rejudge()
    assert colour(person) is Colour.RED
    declare(person)
    assert colour(person) is Colour.RED
    clock.shift(7 * DAY)
    assert colour(person) is Colour.GREY


def test_an_order_may_end_early_by_either_office(person, office):
    declare(person)
    made = propose(person, make_acting(office))
    approve(made, make_acting(office))
    stranger = make_acting(make_organisation("遵义市人社局", region="520300"))
    with pytest.raises(Forbidden), transaction():
        actions.end_decision(decision=made, by=stranger)
    with transaction():
        actions.end_decision(decision=made, by=make_acting(office))
    assert colour(person) is Colour.GREEN
    with pytest.raises(Conflict), transaction():
        actions.end_decision(decision=made, by=make_acting(office))


def test_a_lift_takes_back_what_a_rule_found_but_not_what_it_finds_later(person, office, clock):
    declare(person, contact=True)
    made = lift(person, make_acting(office), Kind.CONTACT)
    approve(made, make_acting(office))
    assert colour(person) is Colour.GREY
    rejudge()
    assert colour(person) is Colour.GREY
    clock.shift(timedelta(hours=1))
    declare(person, contact=True)
    rejudge()
    assert colour(person) is Colour.RED


def test_a_lift_of_what_does_not_hold_is_refused(person, office):
    declare(person, symptoms=(Symptom.COUGH,))
    with pytest.raises(Invalid) as caught:
        lift(person, make_acting(office), Kind.CONTACT)
    assert "rule" in caught.value.fields


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": Colour.GREEN}, "colour"),
        ({"basis": Basis.WRONG}, "basis"),
        ({"reason": "闹事"}, "reason"),
        ({"days": 15}, "days"),
    ],
)
def test_an_order_without_basis_reason_or_end_is_refused(person, office, changes, field):
    with pytest.raises(Invalid) as caught:
        propose(person, make_acting(office), **changes)
    assert field in caught.value.fields


def test_one_proposal_waits_at_a_time(person, office):
    propose(person, make_acting(office))
    with pytest.raises(Conflict):
        propose(person, make_acting(office))


def test_a_refused_proposal_is_over(person, office):
    made = propose(person, make_acting(office))
    with transaction():
        actions.refuse_decision(decision=made, by=make_acting(office))
    with pytest.raises(Conflict):
        approve(made, make_acting(office))
    assert queries.decisions_of(person) == []


def test_other_regions_do_not_see_it(person, office):
    made = propose(person, make_acting(office))
    stranger = make_acting(make_organisation("遵义市人社局", region="520300"))
    with pytest.raises(NotFound):
        queries.get_decision(made.id, seen_by=stranger)
    assert queries.list_decisions(seen_by=stranger) == []
    neighbour = make_acting(office)
    assert queries.count_proposed(seen_by=neighbour) == 1
    (line,) = queries.list_decisions(seen_by=neighbour)
    assert line.decision.state is DecisionState.PROPOSED


def test_an_enterprise_proposes_nothing(person):
    officer = make_acting(
        make_organisation("某卡口", kind=OrganisationKind.CHECKPOINT, region="520602"), role="officer"
    )
    with pytest.raises(Forbidden):
        propose(person, officer)
