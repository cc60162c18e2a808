"""The leader declares for passengers without a phone: only aboard, only while the trip is open, and on record."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts import actions
from backend.accounts import queries as accounts
from backend.accounts.models import Person
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.db import db, new_key
from backend.core.errors import Conflict
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.codes import queries as codes
from healthcode.codes.models import Declaration, Status
from healthcode.codes.rules import Colour, ProxyKind, Symptom
from healthcode.itinerary.models import LastSeen
from healthcode.transfers import queries
from healthcode.transfers.actions import Taken, Writer
from healthcode.transfers.boarding import Health, MarkKind
from healthcode.transfers.models import Entry, Mark
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_agreeing_account, make_person
from tests.factories.boarding import Door, make_door
from tests.factories.codes import account_of
from tests.factories.consoles import sign_in

WELL = Health((), contact=False, abroad=False)


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """Of five, the fourth declared nothing and the fifth never registered."""
    del app, clock
    door = make_door(5, green=(1, 2, 3))
    unlink(door, 5)
    return door


def unlink(door: Door, number: int) -> None:
    """As if nobody had ever registered with this row's name and number."""
    with transaction():
        entry = door.entry(number)
        person = db.session.get_one(Person, entry.person_id)
        entry.person_id = None
        person.verified_at = None


def leader(door: Door, number: int = 1) -> Writer:
    entry = door.entry(number)
    return Writer(leader=entry, account_id=account_of(db.session.get_one(Person, entry.person_id)).id)


def declare(
    door: Door,
    number: int,
    *,
    by: Writer | None = None,
    health: Health | None = WELL,
    temperature: int | None = 365,
    **more: object,
) -> Taken:
    said = door.said(MarkKind.DECLARED, number, temperature=temperature, health=health, **more)
    return door.take(said, by=by or leader(door))[0]


def person_of(door: Door, number: int) -> Person:
    return db.session.get_one(Person, door.entry(number).person_id)


def used(door: Door, number: int) -> None:
    """The passenger's own phone fetches a token."""
    from_phone = account_of(person_of(door, number))
    with transaction():
        actions.issue_tokens(account=from_phone)


def test_whoever_has_no_phone_turns_green_and_boards(door: Door) -> None:
    assert not door.board(4)[0].accepted
    assert declare(door, 4).accepted
    assert door.board(4)[0].accepted
    kept = db.session.scalars(select(Declaration).where(Declaration.person_id == person_of(door, 4).id)).one()
    assert (kept.proxy, kept.proxy_place) == (ProxyKind.LEADER, door.trip.vehicle)
    assert kept.proxy_name is not None
    assert unseal(kept.proxy_name) == unseal(door.entry(1).name)
    assert kept.account_id == leader(door).account_id
    assert codes.status_of(person_of(door, 4)).fact == "24 小时内由车长代为申报体温 36.5 ℃，没有症状。"


def test_somebody_of_the_roster_who_never_registered_is_recognised_by_it(door: Door) -> None:
    assert door.entry(5).person_id is None
    assert declare(door, 5).accepted
    person = person_of(door, 5)
    assert person.verified_at is not None
    assert accounts.list_speakers([person.id]) == []
    assert door.board(5)[0].accepted


def test_family_and_person_find_it_in_the_inbox_with_the_leaders_name(door: Door) -> None:
    declare(door, 4, health=Health((Symptom.COUGH,), contact=False, abroad=False))
    message = db.session.scalars(select(Message).where(Message.person_id == person_of(door, 4).id)).one()
    assert message.title == "车长代为申报了健康"
    assert unseal(door.entry(1).name) in message.body
    assert "体温 36.5 ℃，咳嗽" in message.body


def test_officials_see_who_declared(door: Door, client: FlaskClient) -> None:
    declare(door, 4)
    sign_in(client, door.origin)
    page = client.get(f"/console/workers/{door.entry(4).id}/").text
    assert f"车长 {door.entry(1).name_mask}（{door.trip.vehicle}）代为申报" in page
    boarding = client.get(f"/console/transfers/{door.transfer.id}/trips/{door.trip.id}/boarding/").text
    assert "代为申报 4 号" in boarding


def test_the_same_declaration_sent_twice_is_one(door: Door) -> None:
    key = new_key().hex
    assert all(declare(door, 4, key=key).accepted for _ in range(2))
    assert len(db.session.scalars(select(Declaration).where(Declaration.proxy.is_not(None))).all()) == 1
    assert len(db.session.scalars(select(Mark).where(Mark.kind == MarkKind.DECLARED)).all()) == 1


@pytest.mark.parametrize(
    ("temperature", "health", "colour"),
    [(380, WELL, Colour.YELLOW), (365, Health((), contact=True, abroad=False), Colour.RED)],
)
def test_what_is_declared_counts_as_if_the_person_had(
    door: Door, temperature: int, health: Health, colour: Colour
) -> None:
    declare(door, 4, temperature=temperature, health=health)
    assert codes.status_of(person_of(door, 4)).colour is colour
    assert not door.board(4)[0].accepted


def test_never_for_whoever_used_an_own_phone_within_the_day(door: Door, clock: Travel) -> None:
    used(door, 4)
    refused = declare(door, 4)
    assert (refused.accepted, "本人在手机上申报" in refused.message) == (False, True)
    assert codes.status_of(person_of(door, 4)).colour is Colour.GREY
    clock.shift(timedelta(hours=25))
    assert declare(door, 4).accepted, "a phone that lay switched off for a day is none"


def test_a_leader_declares_nothing_for_oneself_this_way(door: Door) -> None:
    used(door, 1)
    assert not declare(door, 1).accepted


def test_an_office_never_declares_for_a_passenger(door: Door) -> None:
    assert "由车长、副车长" in declare(door, 4, by=Writer(door.origin)).message


def test_not_for_somebody_of_another_vehicle_or_who_doesnt_travel(door: Door) -> None:
    door.take(door.said(MarkKind.STRUCK, 4, words="家里有事"))
    assert "不走了" in declare(door, 4).message
    with transaction():
        door.entry(5).trip_id = None
    assert "名单" in declare(door, 5).message


def test_on_the_way_only_for_those_aboard_and_after_the_end_for_nobody(door: Door, clock: Travel) -> None:
    declare(door, 4)
    door.board(1, 2, 4)
    door.leave()
    clock.shift(timedelta(hours=2))
    assert declare(door, 4).accepted
    assert "没有上车" in declare(door, 5).message
    said = clocks.now()
    clock.shift(timedelta(hours=2))
    door.arrive()
    assert "已经结束" in declare(door, 4, at=said).message, "also what waited on the phone since before"


def test_what_waited_without_a_network_holds_from_when_it_was_said(door: Door, clock: Travel) -> None:
    said = clocks.now()
    clock.shift(timedelta(hours=20))
    assert declare(door, 4, at=said).accepted
    assert codes.status_of(person_of(door, 4)).until == said + timedelta(hours=24)
    old = clocks.now() - timedelta(hours=30)
    assert declare(door, 5, at=old).accepted
    assert codes.status_of(person_of(door, 5)).colour is Colour.GREY, "a day-old declaration makes nobody green"


def test_an_older_declaration_that_comes_late_forgets_no_newer_one(door: Door, clock: Travel) -> None:
    early = clocks.now()
    clock.shift(timedelta(hours=3))
    declare(door, 4, temperature=380)
    declare(door, 4, temperature=365, at=early)
    verdict = codes.status_of(person_of(door, 4))
    kept = db.session.get_one(Status, person_of(door, 4).id)
    assert (verdict.colour, kept.temperature, kept.declared_at) == (Colour.YELLOW, 380, clocks.now())


def test_codes_stay_signed_for_the_government_that_sends_the_person(door: Door) -> None:
    person, now = person_of(door, 4), clocks.now()
    with transaction():
        db.session.merge(LastSeen(person_id=person.id, sign_at=now, at=now, region_code="320583"))
    declare(door, 4)
    assert db.session.get_one(Status, person.id).issuer == "520600"


@pytest.mark.parametrize("missing", [{"health": None}, {"temperature": None}, {"temperature": 200}])
def test_without_answers_or_with_an_impossible_temperature_nothing_is_declared(
    door: Door, missing: dict[str, object]
) -> None:
    assert not declare(door, 4, **missing).accepted  # type: ignore[arg-type] # the table's values
    assert db.session.scalars(select(Declaration).where(Declaration.proxy.is_not(None))).all() == []


def test_a_number_verified_under_another_name_is_left_to_the_office(door: Door) -> None:
    number = str(list(rosters.lines(5))[4][3])
    make_person(make_agreeing_account(), name="另一个人", number=number)
    refused = declare(door, 5)
    assert (refused.accepted, "另一个姓名" in refused.message) == (False, True)


def test_the_destination_keeps_the_roster_of_those_without_account_and_sees_no_places(
    door: Door, deliver_all: Callable[[], int]
) -> None:
    declare(door, 5)
    deliver_all()
    found, transfer = queries.get_entry(door.entry(5).id, seen_by=door.destination)
    (line,) = queries.as_seen_by([found], transfer, door.destination)
    assert not line.withheld
    assert line.needed.details
    assert line.seen is None
    assert not line.needed.covers(clocks.now())


def test_recognising_at_once_makes_one_person(door: Door) -> None:
    entry = door.entry(5)
    name, number = unseal(entry.name), unseal(entry.resident_id)
    with transaction():
        one = actions.recognise(name=name, resident_id=number)
    with transaction():
        other = actions.recognise(name=f" {name} ", resident_id=number)
    assert one.id == other.id
    with pytest.raises(Conflict), transaction():
        actions.recognise(name="别的名字", resident_id=number)
    assert db.session.scalars(select(Entry.person_id).where(Entry.id == entry.id)).one() is None
