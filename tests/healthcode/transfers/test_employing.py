"""On duty: the enterprise sees fit or unfit of its own people, says who started, and banks see no small number."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.actions import agree
from backend.accounts.models import AccessLog, Account, Person
from backend.accounts.queries import list_speakers
from backend.accounts.rules import TERMS_VERSION, OrganisationKind, Purpose, Role
from backend.core.clock import today
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence.models import Record
from backend.notices.models import Message
from healthcode.transfers import actions, queries
from healthcode.transfers.employing import Starting, StartKind
from healthcode.transfers.models import Entry, Start
from healthcode.transfers.rules import Fate, State
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.codes import declare
from tests.factories.handovers import answer, name_receiver, sign
from tests.factories.rosters import lines

pytestmark = pytest.mark.usefixtures("app", "clock")
FACTORY = str(next(iter(lines(1)))[8]).replace("（", "(").replace("）", ")")
"""As the roster has it once it is read."""


def make_enterprise(name: str = FACTORY) -> Acting:
    office = make_organisation(name, kind=OrganisationKind.ENTERPRISE, region="320583")
    return make_acting(office, role=Role.EMPLOYER)


@pytest.fixture
def enterprise(app: Application) -> Acting:
    del app
    return make_enterprise()


@pytest.fixture
def door(app: Application, clock: Travel, enterprise: Acting) -> Door:
    """Four arrived, all of one enterprise; the fourth has a fever by now."""
    del app
    door = make_door(4)
    with transaction():
        actions.link_employer(
            transfer=door.transfer, name=FACTORY, organisation_id=enterprise.organisation_id, by=door.destination
        )
    door.board(1, 2, 3, 4)
    door.leave()
    clock.shift(timedelta(hours=20))
    receiver = name_receiver(door)
    for number in (1, 2, 3, 4):
        answer(door, receiver, number)
    sign(receiver)
    for number in (1, 2, 3, 4):
        declare(person_of(door, number), temperature=385 if number == 4 else 365)
    return door


def person_of(door: Door, number: int) -> Person:
    return db.session.get_one(Person, door.entry(number).person_id)


def starting(door: Door, number: int, **more: object) -> Starting:
    said = {
        "certificate": "苏昆健2026-0001",
        "certificate_until": today() + timedelta(days=300),
        "training": "安全生产 8 课时",
    }
    return Starting(**({"entry_id": door.entry(number).id, "day": today()} | said | more))  # type: ignore[arg-type]


def confirm(door: Door, by: Acting, *people: Starting, key: str = "first") -> list[str]:
    with transaction():
        return list(actions.confirm_starts(transfer=door.transfer, starting=people, key=key, by=by).values())


def say(
    door: Door, by: Acting, number: int, kind: StartKind, words: str = "家里有事没有来", key: str = "other"
) -> None:
    with transaction():
        actions.say_otherwise(
            transfer=door.transfer, entry_id=door.entry(number).id, kind=kind, words=words, key=key, by=by
        )


def test_an_enterprise_sees_fit_or_unfit_and_nothing_of_health(door: Door, enterprise: Acting) -> None:
    employees = queries.list_employees(door.transfer, seen_by=enterprise)
    assert [one.fit for one in employees] == [True, True, True, False]
    assert employees[3].why_not == "今天不适岗，请本人打开健康码查看原因和办法。"
    with transaction():
        for _ in range(2):
            actions.note_employees_read(employees=employees, by=enterprise)
    seen = db.session.scalars(select(AccessLog).where(AccessLog.organisation_id == enterprise.organisation_id)).all()
    assert len(seen) == 4
    assert {one.purpose for one in seen} == {"确认上岗"}


def test_who_starts_is_on_record_and_told_and_counted(door: Door, enterprise: Acting) -> None:
    assert confirm(door, enterprise, starting(door, 1), starting(door, 2)) == ["", ""]
    assert confirm(door, enterprise, starting(door, 1), key="first") == [""]
    assert db.session.query(Start).count() == 2
    assert len(db.session.scalars(select(Record).where(Record.kind == "transfers.start")).all()) == 2
    told = db.session.scalars(select(Message.body).where(Message.title == "已登记上岗")).all()
    assert len(told) == 2
    assert FACTORY in told[0]
    say(door, enterprise, 3, StartKind.ABSENT)
    tally = queries.reconcile(door.transfer)[0]
    assert tally.people == {Fate.ON_DUTY: 2, Fate.NO_SHOW: 1, Fate.ARRIVED: 1}
    assert (tally.arrived, tally.boarded) == (4, 4)
    (no_show,) = queries.list_differences(door.transfer, 10)
    assert (no_show.entry.number, no_show.fate, no_show.why) == (3, Fate.NO_SHOW, "家里有事没有来")
    (row,) = queries.list_employed(seen_by=enterprise)
    assert (row.people, row.arrived, row.started, row.absent) == (4, 4, 2, 1)


def test_each_refusal_says_why_and_stops_nobody_else(door: Door, enterprise: Acting) -> None:
    over = starting(door, 2, certificate_until=today() - timedelta(days=1))
    outcomes = confirm(door, enterprise, starting(door, 1), over, starting(door, 4), starting(door, 3, training=""))
    assert outcomes[0] == ""
    assert "已经过期" in outcomes[1]
    assert "不适岗" in outcomes[2]
    assert "岗前培训" in outcomes[3]
    assert db.session.query(Start).count() == 1
    future = starting(door, 2, day=today() + timedelta(days=1))
    assert "不能晚于今天" in confirm(door, enterprise, future, key="again")[0]


def test_nobody_starts_before_arriving_and_who_shares_nothing_is_left_alone(
    app: Application, enterprise: Acting
) -> None:
    del app
    door = make_door(2)
    with transaction():
        actions.link_employer(
            transfer=door.transfer, name=FACTORY, organisation_id=enterprise.organisation_id, by=door.origin
        )
    with pytest.raises(NotFound):
        queries.get_employed(door.transfer.id, seen_by=enterprise)
    door.board(1, 2)
    door.leave()
    assert "还没有到达记录" in confirm(door, enterprise, starting(door, 1))[0]
    account = list_speakers([person_of(door, 2).id])[0][1]
    with transaction():
        agree(account=db.session.get_one(Account, account.id), choices={Purpose.SHARING: False}, version=TERMS_VERSION)
    shown = {one.entry.number: one for one in queries.list_employees(door.transfer, seen_by=enterprise)}
    assert not shown[2].shares
    assert "没有同意" in shown[2].why_not


def test_what_was_said_can_be_taken_back_with_a_reason(door: Door, enterprise: Acting) -> None:
    confirm(door, enterprise, starting(door, 1))
    with pytest.raises(Invalid):
        say(door, enterprise, 1, StartKind.UNDONE, "")
    say(door, enterprise, 1, StartKind.UNDONE, "登记错了人")
    with pytest.raises(Conflict, match="没有可以撤销"):
        say(door, enterprise, 1, StartKind.UNDONE, "登记错了人", key="third")
    assert queries.reconcile(door.transfer)[0].people == {Fate.ARRIVED: 4}
    assert confirm(door, enterprise, starting(door, 1), key="second") == [""]


def test_another_enterprise_sees_and_says_nothing(door: Door) -> None:
    other = make_enterprise("昆山快捷配送（虚构）有限公司")
    assert queries.list_employed(seen_by=other) == []
    with pytest.raises(NotFound):
        confirm(door, other, starting(door, 1))
    with transaction():
        actions.link_employer(
            transfer=door.transfer, name=FACTORY, organisation_id=other.organisation_id, by=door.origin
        )
    assert len(queries.list_employees(door.transfer, seen_by=other)) == 4


def test_linking_is_the_two_offices_alone(door: Door, enterprise: Acting) -> None:
    stranger = make_acting(make_organisation("遵义市人社局", region="520300"))
    wanted = {"transfer": door.transfer, "organisation_id": enterprise.organisation_id}
    with pytest.raises(NotFound):
        actions.link_employer(name=FACTORY, by=stranger, **wanted)
    with pytest.raises((NotFound, Forbidden)):
        actions.link_employer(name=FACTORY, by=enterprise, **wanted)
    with pytest.raises(Invalid):
        actions.link_employer(name="没有这家", by=door.origin, **wanted)
    with pytest.raises(Invalid):
        actions.link_employer(
            transfer=door.transfer, name=FACTORY, organisation_id=door.origin.organisation_id, by=door.origin
        )
    with transaction():
        actions.unlink_employer(transfer=door.transfer, name=FACTORY, by=door.origin)
    assert queries.list_employed(seen_by=enterprise) == []


def test_its_sight_ends_by_itself(door: Door, enterprise: Acting, clock: Travel) -> None:
    confirm(door, enterprise, starting(door, 1))
    for to in (State.ON_DUTY, State.CLOSED):
        with transaction():
            actions.move_transfer(transfer=door.transfer, to=to, note="", by=door.destination)
    assert len(queries.list_employed(seen_by=enterprise)) == 1
    with pytest.raises(Conflict, match="已经结束"):
        confirm(door, enterprise, starting(door, 2), key="late")
    clock.shift(timedelta(days=14, minutes=1))
    assert queries.list_employed(seen_by=enterprise) == []
    with pytest.raises(NotFound):
        queries.get_employed(door.transfer.id, seen_by=enterprise)


def test_banks_see_ten_or_more_as_of_a_days_end(
    enterprise: Acting, clock: Travel, deliver_all: Callable[[], int]
) -> None:
    door = make_door(11)
    with transaction():
        actions.link_employer(
            transfer=door.transfer, name=FACTORY, organisation_id=enterprise.organisation_id, by=door.origin
        )
    door.board(*range(1, 12))
    door.leave()
    with transaction():
        for entry in db.session.scalars(select(Entry)):
            entry.arrived_at = clock()
    deliver_all()
    confirm(door, enterprise, *(starting(door, number) for number in range(1, 10)))
    assert queries.count_on_duty(before=clock() + timedelta(days=1)) == []
    confirm(door, enterprise, starting(door, 10), starting(door, 11), key="more")
    assert [tuple(row) for row in queries.count_on_duty(before=clock() + timedelta(days=1))] == [(FACTORY, 11)]
    assert queries.count_on_duty(before=clock()) == []
