from datetime import timedelta

import pytest

from backend.accounts.models import Person
from backend.core.errors import Conflict, Invalid, NotFound
from healthcode.codes import keys, queries
from healthcode.codes.cwt import read
from healthcode.codes.rules import Colour, Symptom
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_account, make_person
from tests.factories.codes import declare, show

DAY = timedelta(hours=24)


def test_without_a_declaration_the_colour_is_grey(person: Person) -> None:
    assert queries.status_of(person).colour is Colour.GREY
    assert read(show(person).text, keys.find_verifier).colour is Colour.GREY


def test_a_healthy_declaration_is_green_for_24_hours(person: Person, clock: Travel) -> None:
    assert declare(person).colour is Colour.GREEN
    clock.shift(DAY - timedelta(seconds=1))
    assert queries.status_of(person).colour is Colour.GREEN
    clock.shift(timedelta(seconds=1))
    assert queries.status_of(person).colour is Colour.GREY


def test_a_fever_stays_yellow_though_health_is_declared_after(person: Person, clock: Travel) -> None:
    assert declare(person, temperature=385).colour is Colour.YELLOW
    clock.shift(timedelta(hours=2))
    assert declare(person).colour is Colour.YELLOW
    clock.set(NOON + DAY)
    assert queries.status_of(person).colour is Colour.GREEN


def test_a_contact_stays_red_for_14_days(person: Person, clock: Travel) -> None:
    declare(person, contact=True)
    clock.shift(timedelta(days=13))
    assert declare(person).colour is Colour.RED
    clock.set(NOON + timedelta(days=14))
    assert queries.status_of(person).colour is Colour.GREY
    assert declare(person).colour is Colour.GREEN


def test_the_same_request_twice_is_one_declaration(person: Person) -> None:
    declare(person, request_key="one")
    declare(person, request_key="one")
    assert len(queries.list_declarations(person)) == 1
    assert len(queries.list_changes(person)) == 1


def test_a_key_used_for_another_declaration_is_refused(person: Person) -> None:
    declare(person, request_key="one")
    with pytest.raises(Conflict, match="key_reused"):
        declare(person, temperature=385, request_key="one")


@pytest.mark.parametrize("temperature", [0, 339, 431, -1])
def test_an_impossible_temperature_is_refused(person: Person, temperature: int) -> None:
    with pytest.raises(Invalid):
        declare(person, temperature=temperature)
    assert queries.list_declarations(person) == []


def test_a_change_of_colour_is_kept_with_its_reasons(person: Person) -> None:
    declare(person, symptoms=[Symptom.COUGH])
    (change,) = queries.list_changes(person)
    assert (change.before, change.after) == (Colour.GREY, Colour.YELLOW)
    assert change.reasons[0]["fact"] == "申报了症状：咳嗽。"


def test_another_account_does_not_show_the_code(person: Person) -> None:
    with pytest.raises(NotFound):
        show(person, make_account().id)


def test_a_self_stated_person_shows_a_code_that_waits_for_a_clerk(person: Person) -> None:
    del person
    stated = make_person(name="石桂英", verified=False)
    declare(stated)
    claims = read(show(stated).text, keys.find_verifier)
    assert (claims.first_character, claims.colour) == ("石", Colour.GREEN)
