"""Temperatures that officers and leaders took: a fever is a reason, two without end a mistyped one."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.actions import Taken
from healthcode.codes.colour_rules import Kind
from healthcode.codes.models import Measurement
from healthcode.codes.rules import Colour, Taker, Verdict
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare, show
from tests.factories.itinerary import make_place

MINUTE = timedelta(minutes=1)


@pytest.fixture
def officer(person: Person) -> Acting:
    del person
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    return make_acting(station, role=Role.OFFICER)


def take(person: Person, temperature: int, after: float = 0, *, taker: Taker = Taker.OFFICER, key: str = "") -> Verdict:
    """A temperature some minutes after noon, and the verdict that then stands."""
    taken = Taken(person.id, temperature, NOON + after * MINUTE, "铜仁站东门", key or new_key().hex)
    with transaction():
        actions.measure([taken], taker=taker, taker_id=person.id)
    db.session.expire_all()
    return queries.status_of(person)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Measurement)) or 0


@pytest.mark.parametrize("taker", list(Taker))
def test_a_measured_fever_is_yellow_and_says_where(person: Person, clock: Travel, taker: Taker) -> None:
    del clock
    declare(person)
    verdict = take(person, 376, taker=taker)
    assert verdict.colour is Colour.YELLOW
    assert verdict.fact == "在铜仁站东门测得体温 37.6 ℃，达到或超过 37.3 ℃。"
    assert verdict.until == NOON + timedelta(hours=24)
    assert take(person, 372, -1).colour is Colour.YELLOW


def test_two_temperatures_ten_minutes_apart_end_a_mistyped_fever(person: Person, clock: Travel) -> None:
    declare(person, temperature=396)
    clock.shift(11 * MINUTE)
    assert take(person, 365, 1).colour is Colour.YELLOW
    assert take(person, 366, 10.5).colour is Colour.YELLOW
    verdict = take(person, 366, 11)
    assert verdict.colour is Colour.GREEN
    assert "12:01 和 12:11 两次测温都不发热，申报的 39.6 ℃" in verdict.fact
    assert verdict.until == NOON + timedelta(hours=24)
    with transaction():
        actions.rejudge()
    assert queries.status_of(person).colour is Colour.GREEN
    assert declare(person, temperature=380).colour is Colour.YELLOW


def test_they_end_nothing_else(person: Person, clock: Travel) -> None:
    declare(person, temperature=396, contact=True)
    clock.shift(30 * MINUTE)
    take(person, 365, 1)
    verdict = take(person, 365, 20)
    assert [reason.rule for reason in verdict.reasons if reason.colour is not Colour.GREEN] == [Kind.CONTACT]


def test_a_leader_ends_no_fever_and_neither_do_two_around_a_third_with_one(person: Person, clock: Travel) -> None:
    declare(person, temperature=396)
    clock.shift(60 * MINUTE)
    take(person, 365, 1, taker=Taker.LEADER)
    assert take(person, 365, 20, taker=Taker.LEADER).colour is Colour.YELLOW
    take(person, 365, 21)
    take(person, 374, 30)
    assert take(person, 365, 40).colour is Colour.YELLOW
    found = {reason.rule for reason in queries.status_of(person).reasons}
    assert found == {Kind.FEVER, Kind.MEASURED}


def test_the_same_key_is_one_temperature(person: Person, clock: Travel) -> None:
    take(person, 376, key="temperature-1")
    take(person, 376, key="temperature-1")
    clock.shift(timedelta(hours=12))
    take(person, 376, key="temperature-1")
    assert count() == 1
    with pytest.raises(Conflict):
        take(person, 366, key="temperature-1")
    with transaction():
        assert actions.measure(
            [Taken(person.id, 365, NOON, "途中", "two-in-one-list")] * 2, taker=Taker.LEADER, taker_id=new_key()
        )
    assert count() == 2


@pytest.mark.parametrize(("temperature", "after"), [(339, 0), (431, 0), (365, 3), (365, -2881)])
def test_nonsense_is_refused(person: Person, clock: Travel, temperature: int, after: float) -> None:
    del clock
    with pytest.raises(Invalid):
        take(person, temperature, after)
    assert count() == 0


def by_code(text: str, by: Acting, **said: object) -> tuple[Taken, Verdict]:
    values = {"place_id": None, "temperature": 365, "request_key": new_key().hex, "waited": timedelta(0)} | said
    with transaction():
        return actions.measure_by_code(text=text, by=by, **values)  # type: ignore[arg-type] # the table's facts


def test_an_officer_measures_whoever_showed_the_code(person: Person, officer: Acting, clock: Travel) -> None:
    declare(person)
    text = show(person).text
    place = make_place(officer)[0]
    taken, verdict = by_code(text, officer, temperature=380, place_id=place.id)
    assert (taken.is_fever, verdict.colour) == (True, Colour.YELLOW)
    ((kept, office),) = queries.list_measurements(person)
    assert (kept.place, office, kept.taker_id) == (place.name, "铜仁站卡口", officer.operator_id)
    clock.shift(16 * MINUTE)
    with pytest.raises(Invalid):
        by_code(text, officer)
    by_code(text, officer, waited=14 * MINUTE)
    assert clocks.now() - queries.list_measurements(person)[0][0].at == 14 * MINUTE


def test_neither_a_forged_code_nor_another_offices_place(person: Person, officer: Acting) -> None:
    declare(person)
    text = show(person).text
    kunshan = make_organisation("昆山站卡口", kind=OrganisationKind.CHECKPOINT, region="320583")
    elsewhere = make_place(make_acting(kunshan, role=Role.OFFICER), name="昆山南站", region="320583")[0]
    with pytest.raises(Invalid):
        by_code(text[:-3] + "000", officer)
    with pytest.raises(NotFound):
        by_code(text, officer, place_id=elsewhere.id)
    assert count() == 0


def test_somebody_of_whom_nothing_was_known(app: object, clock: Travel) -> None:
    del app, clock
    assert take(make_person(), 380).colour is Colour.YELLOW


def test_a_temporary_officer_ends_no_fever(person: Person, officer: Acting, clock: Travel) -> None:
    declare(person, temperature=396)
    with transaction():
        db.session.get_one(Operator, officer.operator_id).device_key = b"a phone's"
    clock.shift(timedelta(minutes=15))
    for after in (0, 12):
        with transaction():
            taken = Taken(person.id, 366, NOON + after * MINUTE, "铜仁站东门", f"helper-{after}")
            actions.measure([taken], taker=Taker.OFFICER, taker_id=officer.operator_id)
    assert queries.status_of(person).colour is Colour.YELLOW
