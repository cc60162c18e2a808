"""What people do about findings: one owner, a deadline, a history; they go back to the office when somebody leaves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.checks import actions, queries
from healthcode.checks.models import Finding
from healthcode.checks.rules import DUE_WITHIN, SETTLED_FOR, Check, Kind, Move, Work
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.cases import cases_of_2020
from healthcode.itinerary.models import LastSeen
from healthcode.transfers import actions as transfers
from healthcode.transfers.rules import State
from tests.conftest import NOON, Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_roster

DONE = "打电话联系上了，本人平安。"


@pytest.fixture
def offices(app: Application, clock: Travel) -> tuple[Acting, Acting]:
    """Two people stand on a roster and nobody has registered: two findings."""
    del app, clock
    _, origin, destination = make_roster(2, at="14:00")
    check(Check.HEALTH)
    return origin, destination


def check(which: Check) -> None:
    with transaction():
        actions.run_check(check=which)


def findings(by: Acting, work: Work | None = None) -> list[Finding]:
    db.session.expire_all()
    return [found.finding for found in queries.list_findings(seen_by=by, work=work)]


def colleague(by: Acting) -> Acting:
    return make_acting(db.session.get_one(Organisation, by.organisation_id))


def do(action: Callable[..., Finding], finding: Finding, by: Acting, **more: Any) -> Finding:
    with transaction():
        return action(finding_id=finding.id, by=by, **more)


def moves(finding: Finding) -> list[Move]:
    return [step.move for step in queries.list_steps(finding.id)]


def test_each_finding_has_a_deadline_and_the_soonest_due_come_first(offices: tuple[Acting, Acting]) -> None:
    origin, _ = offices
    found = findings(origin)
    assert {one.due_at for one in found} == {NOON + DUE_WITHIN[Kind.UNREGISTERED]}
    assert set(DUE_WITHIN) == set(Kind)


def test_one_takes_it_and_hands_it_to_a_colleague(offices: tuple[Acting, Acting]) -> None:
    origin, destination = offices
    first, second = findings(origin)
    do(actions.take_finding, first, origin)
    do(actions.take_finding, first, origin)
    assert [one.id for one in findings(origin, Work.MINE)] == [first.id]
    assert [one.id for one in findings(destination, Work.OTHERS)] == [first.id]
    assert [one.id for one in findings(origin, Work.WAITING)] == [second.id]
    assert queries.get_finding(first.id, seen_by=destination).owner == origin.operator_name
    with pytest.raises(Conflict):
        do(actions.take_finding, first, destination)
    with pytest.raises(Conflict):
        do(actions.settle_finding, first, destination, words=DONE)
    other = colleague(origin)
    with pytest.raises(NotFound):
        do(actions.hand_finding, first, origin, to_id=destination.operator_id, words="")
    do(actions.hand_finding, first, origin, to_id=other.operator_id, words="我今天休息")
    assert queries.list_steps(first.id)[-1].receiver == other.operator_name
    do(actions.note_finding, first, other, words="电话没人接")
    do(actions.return_finding, first, other, words="")
    assert moves(first) == [Move.TAKEN, Move.HANDED, Move.NOTED, Move.RETURNED]
    do(actions.take_finding, first, destination)


def test_what_is_settled_and_found_still_is_open_again_a_day_later(
    offices: tuple[Acting, Acting], clock: Travel
) -> None:
    origin, _ = offices
    finding = findings(origin)[0]
    do(actions.take_finding, finding, origin)
    with pytest.raises(Invalid):
        do(actions.settle_finding, finding, origin, words="好")
    do(actions.settle_finding, finding, origin, words=DONE)
    assert [one.id for one in findings(origin, Work.SETTLED)] == [finding.id]
    assert finding.id not in [one.id for one in findings(origin)]
    clock.shift(SETTLED_FOR)
    check(Check.HEALTH)
    assert finding.id in [one.id for one in findings(origin, Work.MINE)]
    assert moves(finding)[-1] is Move.REOPENED
    assert queries.count_mine(seen_by=origin) == (1, 1)


def test_findings_go_back_to_the_office_when_somebody_leaves(
    offices: tuple[Acting, Acting], deliver_all: Callable[[], int]
) -> None:
    origin, _ = offices
    finding = findings(origin)[0]
    leaver = colleague(origin)
    do(actions.take_finding, finding, leaver)
    with transaction():
        accounts.disable_operator(operator=db.session.get_one(Operator, leaver.operator_id))
    deliver_all()
    assert finding.id in [one.id for one in findings(origin, Work.WAITING)]
    assert moves(finding) == [Move.TAKEN, Move.RETURNED]


def test_what_the_check_closed_is_nobodys_work(offices: tuple[Acting, Acting], clock: Travel) -> None:
    origin, _ = offices
    finding = findings(origin)[0]
    with transaction():
        db.session.get_one(Finding, finding.id).closed_at = clock()
    with pytest.raises(Conflict):
        do(actions.take_finding, finding, origin)


def test_another_government_neither_sees_nor_takes(client: FlaskClient, offices: tuple[Acting, Acting]) -> None:
    stranger = make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300"))
    finding = findings(offices[0])[0]
    with pytest.raises(NotFound):
        do(actions.take_finding, finding, stranger)
    sign_in(client, stranger)
    assert client.get(f"/console/findings/{finding.id}").status_code == 404
    assert client.post(f"/console/findings/{finding.id}", data={"move": "taken"}, headers=SAME_SITE).status_code == 404


def test_the_page_takes_writes_down_and_settles(client: FlaskClient, offices: tuple[Acting, Acting]) -> None:
    origin, destination = offices
    finding = findings(origin)[0]
    sign_in(client, origin)
    page = f"/console/findings/{finding.id}"
    assert page in client.get("/console/findings/").text

    def act(move: str, **form: str) -> int:
        return client.post(page, data={"move": move} | form, headers=SAME_SITE).status_code

    assert "我来处理" in client.get(page).text
    assert [act("noted", words=DONE), act("x"), act("taken")] == [409, 422, 302]
    assert [act("handed"), act("handed", to_id=str(new_key())), act("settled", words="")] == [422, 404, 422]
    assert act("settled", words=DONE) == 302
    shown = client.get(page).text
    assert DONE in shown
    assert "已处理，情况还在" in shown
    assert page in client.get("/console/findings/?work=settled").text
    assert page not in client.get("/console/findings/").text
    sign_in(client, destination)
    assert DONE in client.get(page).text


def test_somebody_seen_where_the_risk_is_high_is_found(app: Application, clock: Travel) -> None:
    del app
    with transaction():
        itinerary.compute_risk(counts=cases_of_2020(), day=date(2020, 3, 22), as_of=date(2026, 3, 22))
    _, origin, _ = make_roster(1, state=State.DEPARTING, at="11:00")
    (line,) = rosters.lines(1)
    person = make_person(name=str(line[1]), number=str(line[3]))
    declare(person)
    with transaction():
        transfers.link_person(person=person)
    for region, hours, kinds in (("520602", 0, set()), ("420106", 1, {Kind.RISKY}), ("420106", 26, set())):
        with transaction():
            seen = clock() - timedelta(hours=max(0, hours - 1))
            db.session.merge(
                LastSeen(person_id=person.id, sign_at=clock(), at=seen, region_code=region, lon=114.3, lat=30.6)
            )
        check(Check.LOCATION)
        found = {one.kind for one in findings(origin)} & {Kind.RISKY}
        assert found == kinds, (region, hours)
    fact = db.session.scalars(select(Finding.fact).where(Finding.kind == Kind.RISKY)).one()
    assert fact == "最后位置在高风险地区"
