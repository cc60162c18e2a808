"""A province's own code: asked with consent, in a task, believed when signed, judged by rules of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from backend.accounts import actions as accounts
from backend.accounts.models import Consent
from backend.accounts.rules import TERMS_VERSION, Purpose
from backend.core.clock import Clock
from backend.core.config import Config
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.colour_rules import Kind
from healthcode.codes.fact_rules import Asked, QueryState
from healthcode.codes.models import ProvincialQuery
from healthcode.codes.rules import Colour
from healthcode.codes.tasks import ask_province, rejudge, sweep_provinces
from tests.factories.accounts import make_account, make_agreeing_account, make_person
from tests.factories.codes import account_of, declare
from tests.factories.sandbox import Sandbox, start_sandbox, stop_sandbox

API = "phi/v1/health-query"
JIANGSU, GUIZHOU = "320000", "520000"


@pytest.fixture(scope="module")
def sandbox_process(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The province, where the configuration says that it is."""
    path: Path = tmp_path_factory.mktemp("sandbox")
    process = start_sandbox(config.port + 1, path / "sandbox.sqlite3")
    yield Sandbox(config.sandbox_url)
    stop_sandbox(process)


@pytest.fixture
def province(sandbox_process: Sandbox, app, clock) -> Sandbox:
    """The province on its first day, its clock with the test's."""
    del app
    sandbox_process.control("reset")
    follow(sandbox_process)
    del clock
    return sandbox_process


def follow(province: Sandbox) -> None:
    province.control("clock", shift=(Clock.source() - datetime.now(UTC)).total_seconds())


@pytest.fixture
def person(province):
    del province
    return make_person()


def put(query_id: object, person) -> None:
    """What a worker does with a question; it leaves no session behind."""
    ask_province(str(query_id))
    db.session.add(person)


def ask(person, province: Sandbox, colour: str = "") -> ProvincialQuery:
    """One question with its answer."""
    if colour:
        province.control("provinces", id_number=unseal(person.resident_id), colour=colour)
    with transaction():
        query_id = actions.ask_province(person=person, province=JIANGSU).id
    put(query_id, person)
    db.session.expire_all()
    return db.session.get_one(ProvincialQuery, query_id)


def colour(person) -> Colour:
    db.session.expire_all()
    return queries.status_of(person).colour


def test_yellow_there_is_yellow_here_with_source_time_and_authority(person, province):
    declare(person)
    asked = ask(person, province, "yellow")
    assert asked.state is QueryState.ANSWERED
    verdict = queries.status_of(person)
    assert (verdict.colour, verdict.reasons[0].rule) == (Colour.YELLOW, Kind.PROVINCE_YELLOW)
    assert verdict.fact.startswith("江苏省苏康码 03-22 12:0")
    assert verdict.reasons[0].authority == "江苏省健康码主管部门"


def test_red_there_is_red_here_for_a_day(person, province, clock):
    ask(person, province, "red")
    assert colour(person) is Colour.RED
    clock.shift(timedelta(hours=25))
    assert colour(person) is Colour.GREY


def test_green_there_is_no_green_here(person, province):
    assert ask(person, province, "green").colour is Colour.GREEN
    assert colour(person) is Colour.GREY


def test_a_newer_green_ends_an_older_yellow(person, province, clock):
    declare(person)
    ask(person, province, "yellow")
    clock.shift(timedelta(hours=2))
    follow(province)
    ask(person, province, "green")
    assert colour(person) is Colour.GREEN


def test_nobody_found_changes_no_colour_and_is_said_so(person, province, clock):
    ask(person, province, "yellow")
    clock.shift(timedelta(hours=2))
    follow(province)
    assert ask(person, province, "nobody").state is QueryState.NOTHING
    assert colour(person) is Colour.YELLOW


def test_a_forged_answer_is_none(person, province):
    province.control("provinces", forged=True)
    asked = ask(person, province, "red")
    assert (asked.state, asked.attempts, colour(person)) == (QueryState.QUEUED, 1, Colour.GREY)


def test_no_answer_is_asked_for_four_times_and_then_said_so(person, province, clock):
    province.fault(API, "http", 503, times=9)
    key = ask(person, province).id
    for _ in range(9):
        clock.shift(timedelta(minutes=5))
        put(key, person)
    db.session.expire_all()
    asked = db.session.get_one(ProvincialQuery, key)
    assert (asked.state, asked.attempts) == (QueryState.UNANSWERED, 4)
    assert province.calls(API) == 4
    assert colour(person) is Colour.GREY


def test_the_next_attempt_waits_its_minute(person, province):
    province.fault(API, "http", 503)
    key = ask(person, province).id
    put(key, person)
    assert province.calls(API) == 1


def test_what_a_killed_worker_left_is_asked_again(person, province, clock):
    with transaction():
        query_id = actions.ask_province(person=person, province=JIANGSU).id
        actions.claim_question(query_id)
    with transaction():
        assert actions.sweep_questions() == 0
    clock.shift(timedelta(minutes=4))
    follow(province)
    with transaction():
        assert actions.sweep_questions() == 1
    sweep_provinces()
    put(query_id, person)
    assert queries.newest_provincial(person)[0].state is QueryState.ANSWERED


def test_a_late_answer_to_an_earlier_attempt_is_dropped(person, clock):
    with transaction():
        query_id = actions.ask_province(person=person, province=JIANGSU).id
        first = actions.claim_question(query_id)
    clock.shift(timedelta(minutes=4))
    with transaction():
        actions.claim_question(query_id)
    with transaction():
        actions.record_answer(first, None)
    assert queries.newest_provincial(person)[0].state is QueryState.ASKING


def test_the_second_tap_is_the_same_question(person):
    with transaction():
        made = {actions.ask_province(person=person, province=JIANGSU).id for _ in range(3)}
    assert len(made) == 1


def test_without_the_consent_nothing_is_asked(province):
    del province
    account = make_account()
    person = make_person(account)
    with pytest.raises(Forbidden) as caught, transaction():
        actions.ask_province(person=person, province=JIANGSU)
    assert Purpose.SHARING in caught.value.fields
    with transaction():
        assert actions.ask_provinces([(person.id, JIANGSU)], why=Asked.TRANSFER) == 0


def test_a_consent_to_older_terms_did_not_speak_of_provinces(person, superuser):
    superuser.execute("UPDATE accounts.consent SET version = '2026-11'")
    with pytest.raises(Forbidden), transaction():
        actions.ask_province(person=person, province=JIANGSU)


def test_who_withdraws_it_before_the_question_left_is_not_asked_about(person, province):
    with transaction():
        query_id = actions.ask_province(person=person, province=JIANGSU).id
        accounts.agree(account=account_of(person), choices={Purpose.SHARING: False}, version=TERMS_VERSION)
    put(query_id, person)
    assert province.calls(API) == 0
    assert queries.newest_provincial(person)[0].state is QueryState.WITHHELD


def test_who_only_typed_a_number_learns_nothing_about_its_owner(province):
    del province
    typed = make_person(make_agreeing_account(), verified=False)
    with pytest.raises(Conflict), transaction():
        actions.ask_province(person=typed, province=JIANGSU)


def test_a_province_that_is_not_connected_says_so(person):
    with pytest.raises(Invalid), transaction():
        actions.ask_province(person=person, province=GUIZHOU)


def test_a_traveller_is_asked_about_once_in_six_hours(person, clock):
    wanted = [(person.id, JIANGSU), (person.id, JIANGSU), (person.id, GUIZHOU)]
    for hours, asked in ((0, 1), (1, 0), (6, 1)):
        clock.shift(timedelta(hours=hours))
        with transaction():
            db.session.execute(update(ProvincialQuery).values(state=QueryState.UNANSWERED))
            assert actions.ask_provinces(wanted, why=Asked.TRANSFER) == asked


def test_judging_everybody_again_says_the_same(person, province):
    ask(person, province, "red")
    rejudge()
    assert len(queries.list_changes(person)) == 1
    assert db.session.scalars(select(Consent.id)).all()
