from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from backend.accounts.models import Person
from backend.core import clock as clocks
from backend.core.db import db
from backend.core.errors import Invalid
from backend.core.models import Delivery
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import actions, keys, queries, tasks
from healthcode.codes.actions.issuer_keys import HURRIED_AHEAD, PUBLISHED_AHEAD
from healthcode.codes.cwt import read
from healthcode.codes.models import IssuerKey, ListKey, Status
from healthcode.codes.rules import Colour
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_person
from tests.factories.codes import declare, make_issuer_key, show

TONGREN, KUNSHAN = "520600", "320583"


def status(person: Person) -> Status:
    db.session.expire_all()
    return db.session.get_one(Status, person.id)


def test_a_green_that_ended_becomes_grey_in_the_lists(person: Person, clock: Travel) -> None:
    declare(person)
    clock.shift(timedelta(hours=24, seconds=-1))
    tasks.expire()
    assert status(person).colour is Colour.GREEN
    clock.shift(timedelta(seconds=1))
    tasks.expire()
    ended = status(person)
    assert (ended.colour, ended.until, ended.since, ended.reasons) == (Colour.GREY, None, clock.moment, [])
    assert [(c.before, c.after) for c in queries.list_changes(person)] == [
        (Colour.GREEN, Colour.GREY),
        (Colour.GREY, Colour.GREEN),
    ]


def test_a_fever_that_ended_gives_way_to_what_was_declared_since(person: Person, clock: Travel) -> None:
    declare(person, temperature=380)
    clock.shift(timedelta(hours=10))
    declare(person)
    clock.set(NOON + timedelta(hours=24))
    tasks.expire()
    assert status(person).colour is Colour.GREEN
    assert status(person).until == NOON + timedelta(hours=34)


def test_expiring_twice_changes_once(person: Person, clock: Travel) -> None:
    declare(person)
    clock.shift(timedelta(hours=25))
    tasks.expire()
    tasks.expire()
    assert len(queries.list_changes(person)) == 2


def test_each_change_is_announced(person: Person, clock: Travel, deliver_all: Callable[[], int]) -> None:
    others = [make_person() for _ in range(3)]
    for one in (person, *others):
        declare(one)
    deliver_all()
    before = db.session.scalar(select(func.count()).select_from(Delivery)) or 0
    clock.shift(timedelta(hours=24))
    tasks.expire()
    after = db.session.scalar(select(func.count()).select_from(Delivery)) or 0
    listeners = len(
        db.session.scalars(select(Delivery.listener).where(Delivery.event.endswith(":ColourChanged")).distinct()).all()
    )
    assert after - before == 4 * listeners
    assert {status(one).colour for one in (person, *others)} == {Colour.GREY}


def test_a_key_follows_another_without_a_gap(person: Person, clock: Travel) -> None:
    first = make_issuer_key().kid
    old_code = show(person)
    with transaction():
        second = actions.rotate_issuer_key(TONGREN).kid
    assert {first, second} < set(keys.keychain().keys)
    for seconds in (1, PUBLISHED_AHEAD.total_seconds() - 2, 1, 1, 300):
        clock.shift(timedelta(seconds=seconds))
        code = show(person)
        assert read(code.text, keys.find_verifier).issued_at == code.issued_at
        signer = keys.keychain().signer(TONGREN, clock.moment)
        assert signer is not None
        assert signer.kid == (second if clock.moment >= NOON + PUBLISHED_AHEAD else first)
    assert read(old_code.text, keys.find_verifier).issued_at == old_code.issued_at


def test_rotating_in_a_hurry_leaves_no_gap(person: Person, clock: Travel) -> None:
    for _ in range(3):
        with transaction():
            actions.rotate_issuer_key(TONGREN, HURRIED_AHEAD)
        clock.shift(timedelta(minutes=4))
    for _ in range(12):
        assert read(show(person).text, keys.find_verifier)
        clock.shift(timedelta(minutes=2))


def test_a_hurried_key_goes_before_one_that_was_to_come(person: Person, clock: Travel) -> None:
    with transaction():
        actions.rotate_issuer_key(TONGREN)
    clock.shift(timedelta(hours=1))
    with transaction():
        hurried = actions.rotate_issuer_key(TONGREN, HURRIED_AHEAD).kid
    clock.shift(HURRIED_AHEAD)
    for _ in range(30):
        signer = keys.keychain().signer(TONGREN, clock.moment)
        assert signer is not None
        assert signer.kid == hurried
        assert read(show(person).text, keys.find_verifier)
        clock.shift(timedelta(hours=1))


def test_each_issuer_has_keys_of_its_own(app: Application, clock: Travel) -> None:
    del app
    make_issuer_key()
    with transaction():
        actions.rotate_issuer_key(KUNSHAN)
    clock.shift(PUBLISHED_AHEAD)
    signers = [keys.keychain().signer(region, clock.moment) for region in (TONGREN, KUNSHAN)]
    assert [signer.issuer for signer in signers if signer] == [TONGREN, KUNSHAN]
    assert db.session.scalar(select(func.count()).select_from(IssuerKey).where(IssuerKey.issuer == TONGREN)) == 1
    with pytest.raises(Invalid), transaction():
        actions.rotate_issuer_key("330100")


def test_there_is_one_key_of_each_issuer_however_often_it_is_asked_for(app: Application, clock: Travel) -> None:
    del app, clock
    for _ in range(3):
        tasks.keep_key()
    with transaction():
        actions.rotate_issuer_key(TONGREN)
    tasks.keep_key()
    assert db.session.scalar(select(func.count()).select_from(IssuerKey)) == 3


def test_private_keys_are_sealed(person: Person) -> None:
    del person
    rows = [*db.session.scalars(select(IssuerKey)), *db.session.scalars(select(ListKey))]
    assert len(rows) == 3
    assert not any(b"PRIVATE" in row.private_key.blob for row in rows)


def test_keys_are_made_and_followed_by_command(app: Application) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()
    made = runner.invoke(args=["codes", "ensure-key"])
    again = runner.invoke(args=["codes", "ensure-key"])
    assert made.exit_code == 0
    assert made.output == again.output
    rotated = runner.invoke(args=["codes", "rotate-key"])
    assert rotated.exit_code == 0
    assert rotated.output[:16] != made.output[:16]


def test_a_code_is_read_by_command(app: Application) -> None:
    make_issuer_key()
    person = make_person(name="石桂英")
    runner = app.test_cli_runner()
    good = runner.invoke(args=["codes", "read", show(person).text])
    assert (good.exit_code, good.output[:6]) == (0, "grey 石")
    assert runner.invoke(args=["codes", "read", "LH1:ABC"]).exit_code == 1
    assert clocks.now()
