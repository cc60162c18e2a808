"""Reads of people, their accounts and what these agreed to."""

from backend.accounts import queries
from backend.core.db import new_key
from backend.core.requests import Application
from tests.factories.accounts import make_person


def test_all_of_a_city_can_be_asked_about_at_once(app: Application) -> None:
    """A statement has room for 65,535 parameters, and one plan for however many people."""
    del app
    person = make_person()
    city = [person.id, *(new_key() for _ in range(70_000))]
    assert queries.with_accounts(city) == {person.id}
    assert queries.with_own_phones(city) == {person.id}
    assert queries.who_share(city) == {person.id}
    assert [speaks_for for speaks_for, _ in queries.list_speakers(city)] == [person.id]
    assert queries.families_among(city) == []
