"""Whoever is stopped at a door is answered within 15 minutes: the rota, the SMS, the clock, two temperatures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.accounts.rules import OrganisationKind
from backend.core import clock as clocks
from backend.core.config import Config
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.codes import actions, queries
from healthcode.codes.actions import Taken
from healthcode.codes.appeal_rules import AppealMove, AppealState
from healthcode.codes.colour_rules import Kind
from healthcode.codes.duty_rules import gaps
from healthcode.codes.models import Appeal, Duty
from healthcode.codes.rules import Colour, Taker
from healthcode.codes.tasks import call_duty, escalate_appeals
from tests.conftest import NOON
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.appeals import appeal
from tests.factories.codes import declare
from tests.factories.sandbox import Sandbox, start_sandbox, stop_sandbox

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FIRST, SECOND = ("龙主任", "13985600001"), ("吴科长", "13985600002")


@pytest.fixture
def city(app, clock):
    del app, clock
    return make_organisation()


@pytest.fixture
def sandbox(config: Config, tmp_path: Path) -> Iterator[Sandbox]:
    """The SMS provider, where the configuration says that the outside world is."""
    process = start_sandbox(config.port + 1, tmp_path / "sandbox.sqlite3")
    yield Sandbox(config.sandbox_url)
    stop_sandbox(process)


@pytest.fixture
def person(city):
    """Somebody who typed 39.6 for 36.9."""
    del city
    person = make_person()
    declare(person, temperature=396)
    return person


def add(by, since=NOON - HOUR, until=NOON + HOUR, **changes: tuple[str, str]) -> Duty:
    people = {"first": FIRST, "second": SECOND} | changes
    with transaction():
        return actions.add_duty(since=since, until=until, by=by, **people)


def stopped(person) -> Appeal:
    return appeal(person, rule=Kind.FEVER, words="我填错了，是 36.9 度。", stopped_at="铜仁站东门")


def now_of(filed) -> Appeal:
    db.session.expire_all()
    return db.session.get_one(Appeal, filed.id)


def bodies(person) -> list[str]:
    return list(db.session.scalars(select(Message.body).where(Message.person_id == person.id).order_by(Message.id)))


def test_gaps_are_what_no_turn_covers():
    hours = [(NOON + a * HOUR, NOON + b * HOUR) for a, b in ((1, 3), (2, 4), (6, 9), (-2, 0.5))]
    found = [((a - NOON) / HOUR, (b - NOON) / HOUR) for a, b in gaps(hours, NOON, NOON + 8 * HOUR)]
    assert found == [(0.5, 1), (4, 6)]
    assert gaps([], NOON, NOON + HOUR) == [(NOON, NOON + HOUR)]


def test_who_is_on_duty_and_where_nobody_is(city, clock):
    by = make_acting(city)
    add(by)
    add(by, NOON, NOON + HOUR, first=("杨主任", "13985600003"))
    turn = queries.on_duty(city.region_code, clocks.now())
    assert turn is not None
    assert (turn.first_name, turn.first_phone, turn.second_phone) == ("杨主任", "13985600003", SECOND[1])
    assert "139" not in repr(turn)
    clock.shift(HOUR)
    assert queries.on_duty(city.region_code, clocks.now()) is None
    assert queries.on_duty("320583", NOON) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": NOON - HOUR}, "until"),
        ({"until": NOON + 24 * HOUR}, "until"),
        ({"since": NOON - 3 * HOUR, "until": NOON - HOUR}, "until"),
        ({"since": NOON + 61 * 24 * HOUR, "until": NOON + 61 * 24 * HOUR + HOUR}, "since"),
        ({"first": ("龙", FIRST[1])}, "first_name"),
        ({"second": ("吴科长", "0856-5223456")}, "second_phone"),
        ({"second": ("吴科长", FIRST[1])}, "second_phone"),
    ],
)
def test_a_turn_that_makes_no_sense_is_refused(city, changes, field):
    with pytest.raises(Invalid) as refused:
        add(make_acting(city), **changes)
    assert field in refused.value.fields


def test_a_turn_is_dropped_by_its_own_office_and_never_once_over(city, clock):
    by = make_acting(city)
    later, running = add(by, NOON + HOUR, NOON + 2 * HOUR), add(by)
    with pytest.raises(NotFound), transaction():
        actions.drop_duty(duty_id=later.id, by=make_acting(make_organisation("昆山市人社局", region="320583")))
    with transaction():
        actions.drop_duty(duty_id=later.id, by=by)
    clock.shift(MINUTE)
    with transaction():
        actions.drop_duty(duty_id=running.id, by=by)
    (left,) = db.session.scalars(select(Duty))
    assert left.until == NOON + MINUTE
    with pytest.raises(Conflict), transaction():
        actions.drop_duty(duty_id=running.id, by=by)


def test_somebody_at_a_door_is_answered_in_a_quarter_of_an_hour_or_by_the_next_above(city, person, clock):
    above = make_organisation("贵州省人社厅", region="520000").region_code
    filed = stopped(person)
    assert filed.due_at - filed.filed_at == 15 * MINUTE
    assert "值班员已收到短信" in bodies(person)[-1]
    clock.shift(15 * MINUTE)
    escalate_appeals()
    filed = now_of(filed)
    assert filed.regions == [city.region_code, above]
    assert filed.due_at - clocks.now() == 15 * MINUTE
    assert "15 分钟内没有答复" in bodies(person)[-1]


def test_the_two_on_duty_are_told_once_by_sms_that_names_nobody(city, person, sandbox):
    add(make_acting(city), first=("龙主任", "13985600011"), second=("吴科长", "13985600012"))
    filed = stopped(person)
    region, key = city.region_code, str(filed.id)
    for _ in range(2):
        call_duty(key, region, "open")
    sent = [one for one in sandbox.look("sms") if one["phone"].startswith("139856000")]
    assert sorted(one["phone"] for one in sent) == ["13985600011", "13985600012"]
    assert "15 分钟" in sent[0]["text"]
    assert "杨" not in sent[0]["text"]
    call_duty(key, "520000", "open")
    call_duty(key, region, "proposed")
    assert "第二人批准" in sandbox.look("sms")[-1]["text"]


def test_two_temperatures_answer_it_by_themselves(person, clock):
    filed = stopped(person)
    other = make_person(name="石大山")
    declare(other, temperature=396)
    waits = appeal(other, rule=Kind.FEVER)
    clock.shift(11 * MINUTE)
    with transaction():
        taken = [Taken(person.id, 366, NOON + at * MINUTE, "铜仁站东门", new_key().hex) for at in (0.5, 10.5)]
        actions.measure(taken, taker=Taker.OFFICER, taker_id=new_key())
    db.session.expire_all()
    assert queries.status_of(person).colour is Colour.GREEN
    assert (filed.state, filed.answered_by) == (AppealState.UPHELD, None)
    assert [step.move for step, _, _ in queries.steps_of(filed.id)] == [AppealMove.FILED, AppealMove.UPHELD]
    assert "两次测温都不发热" in bodies(person)[-1]
    assert waits.state is AppealState.OPEN


def test_only_a_government_has_a_rota(app, clock):
    del app, clock
    enterprise = make_organisation("立讯精密", kind=OrganisationKind.CHECKPOINT, region="520602")
    assert queries.on_duty(enterprise.region_code, NOON) is None
