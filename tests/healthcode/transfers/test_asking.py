"""The destination's province is asked about travellers; whoever is green by a certificate boards as any green."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.accounts.models import Person
from backend.core.clock import now
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.codes.fact_rules import Asked, QueryState
from healthcode.codes.models import ProvincialQuery
from healthcode.transfers import actions
from healthcode.transfers.models import Entry
from tests.factories.boarding import make_door
from tests.factories.codes import declare
from tests.factories.facts import certify


@pytest.fixture
def door(app, clock):
    del app, clock
    return make_door(3, green=(1,))


def person_of(door, number: int) -> Person:
    person_id = door.entry(number).person_id
    return db.session.get_one(Person, person_id)


def asked() -> list[tuple[str, Asked]]:
    db.session.expire_all()
    return [(one.province, one.why) for one in db.session.scalars(select(ProvincialQuery))]


def test_who_is_green_by_a_certificate_boards_as_any_green(door):
    certify(person_of(door, 2), door.origin)
    taken = door.board(1, 2, 3)
    assert [one.accepted for one in taken] == [True, True, False]
    assert door.aboard() == [1, 2]


def test_declaring_before_a_journey_asks_the_destinations_province(door, deliver_all):
    assert door.entry(1).person_id
    deliver_all()
    assert asked() == [("320000", Asked.DECLARED)]


def test_declaring_without_a_journey_asks_nobody(door, deliver_all, superuser):
    deliver_all()
    superuser.execute("DELETE FROM codes.provincial_query")
    superuser.execute("UPDATE transfers.transfer SET state = 'closed', ended_at = now()")
    declare(person_of(door, 2))
    deliver_all()
    assert asked() == []


def test_everybody_on_the_way_is_asked_about_again_and_again_until_they_have_arrived(door, clock):
    assert door.aboard() == []
    with transaction():
        assert actions.ask_on_the_way() == 3
        assert actions.ask_on_the_way() == 0
    clock.shift(timedelta(hours=7))
    with transaction():
        db.session.execute(update(ProvincialQuery).values(state=QueryState.UNANSWERED))
        db.session.execute(update(Entry).where(Entry.number == 3).values(arrived_at=now()))
    with transaction():
        assert actions.ask_on_the_way() == 2
