"""SIGKILL in the middle of an import or a check: nothing is lost, nothing is doubled."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
import requests
from sqlalchemy import make_url

from backend.accounts.acting import Acting
from backend.accounts.models import Operator
from backend.core.config import Config
from backend.core.db import db
from backend.core.redis import redis_client
from backend.core.transactions import transaction
from backend.local.services import Services
from healthcode.checks.tasks import health
from healthcode.transfers import actions
from healthcode.transfers.models import Transfer
from tests.factories import rosters
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.transfers import make_offices, make_roster, make_transfer, roster_file
from tests.faults.conftest import House

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("app")]
PEOPLE = 8_000
DEPARTS = "2030-03-22 08:00"
Ask = Callable[..., object]

STATE = "SELECT state FROM transfers.roster_import"
HALF_READ = "SELECT rows_read BETWEEN 1 AND %s FROM transfers.roster_import"
AGE = "UPDATE transfers.roster_import SET heartbeat_at = heartbeat_at - interval '31 seconds' RETURNING true"
ENTRIES = "SELECT count(*) FROM transfers.entry"
PASS_RUNNING = """
SELECT count(*) FROM pg_stat_activity
WHERE state = 'active' AND query LIKE '%scope AS (%' AND pid <> pg_backend_pid()
"""
FOUND = "SELECT count(*) FROM checks.finding WHERE kind IN ('unregistered', 'undeclared')"


def upload(transfer: Transfer, by: Acting, people: int = PEOPLE) -> None:
    with transaction():
        actions.start_import(
            transfer=transfer,
            file_name="花名册.xlsx",
            content=roster_file(rosters.lines(people, departs=DEPARTS)),
            by=by,
        )
    db.session.remove()


@contextmanager
def standing_still(config: Config, services: Services, table: str) -> Iterator[None]:
    """Let nobody write to a table, so that whoever comes to that is caught in the middle of a transaction."""
    url = make_url(services.superuser_url).set(drivername="postgresql", database=make_url(config.database_url).database)
    with psycopg.connect(url.render_as_string(hide_password=False)) as holding:
        holding.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
        holding.rollback()


def check_whole(house: House, ask: Ask, people: int = PEOPLE) -> None:
    """Every worker of the file once, every counter right, nothing left over."""
    assert ask(ENTRIES) == people
    assert ask("SELECT count(DISTINCT resident_id_index) FROM transfers.entry") == people
    assert ask("SELECT entries FROM transfers.transfer") == people
    assert ask("SELECT sum(entries) FROM transfers.trip") == people
    assert ask("SELECT sum(entries) FROM transfers.tally") == people
    assert ask("SELECT added FROM transfers.roster_import") == people
    assert ask("SELECT count(*) FROM core.delivery WHERE event LIKE '%RosterApplied'") in {0, 1}
    house.wait(lambda: ask("SELECT count(*) FROM transfers.import_row") == 0, "the import's rows to be cleared")


def test_a_worker_and_the_broker_killed_while_a_roster_is_read_and_written(house: House, ask: Ask) -> None:
    house.start("worker-bulk", "worker-default", "beat")
    origin, destination = make_offices()
    upload(make_transfer(origin, destination), origin)

    house.wait(lambda: ask(HALF_READ, PEOPLE - 1), "the reading to be under way")
    house.kill("worker-bulk")
    house.kill_valkey()
    assert ask(ENTRIES) == 0
    assert ask(STATE) == "reading"
    house.start("worker-bulk")
    ask(AGE)
    house.wait(lambda: ask(STATE) == "applying", "another worker to have read it")
    house.kill("worker-bulk")
    assert ask(ENTRIES) in {0, PEOPLE}
    house.start("worker-bulk")
    ask(AGE)
    house.wait(lambda: ask(STATE) == "done", "another worker to have written it")

    check_whole(house, ask)


def test_web_killed_in_the_middle_of_an_upload(house: House, config: Config, ask: Ask) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    address = f"{config.base_url}/console/imports/of/{transfer.id}"
    username = db.session.get_one(Operator, origin.operator_id).username
    content = roster_file(rosters.lines(2000, departs=DEPARTS))
    db.session.remove()
    house.start("web", "worker-bulk", "worker-default", "beat")
    house.wait_for_web()
    browser = requests.Session()
    browser.headers["Sec-Fetch-Site"] = "same-origin"
    form = {"username": username, "password": PASSWORD}
    browser.post(f"{config.base_url}/console/sign-in", data=form, timeout=20).raise_for_status()

    def send() -> None:
        browser.post(address, files={"file": ("花名册.xlsx", content)}, timeout=20)

    def send_in_vain() -> None:
        with suppress(requests.RequestException):
            send()

    sending = threading.Thread(target=send_in_vain)
    sending.start()
    house.kill("web")
    sending.join()
    assert ask("SELECT count(*) FROM transfers.roster_import") in {0, 1}
    house.start("web")
    house.wait_for_web()
    if not ask("SELECT count(*) FROM transfers.roster_import"):
        send()
    house.wait(lambda: ask(STATE) == "done", "the import")

    check_whole(house, ask, 2000)


def test_a_worker_killed_in_the_middle_of_a_check(
    house: House,
    config: Config,
    services: Services,
    ask: Ask,
    superuser: psycopg.Connection,
    deliver_all: Callable[[], int],
) -> None:
    transfer, *_ = make_roster(PEOPLE)
    line = next(rosters.lines(1))
    person = make_person(name=str(line[1]), number=str(line[3]))
    with transaction():
        actions.link_person(person=person)
    key = transfer.id
    deliver_all()
    before = ask(FOUND)
    db.session.remove()
    with standing_still(config, services, "checks.finding"):
        house.start("worker-default")
        health.delay()
        house.wait(lambda: ask(PASS_RUNNING), "the check to be under way")
        house.kill("worker-default")
    house.kill_valkey()
    house.wait(lambda: not ask(PASS_RUNNING), "the database to notice")
    assert ask("SELECT count(*) FROM checks.run WHERE finished_at IS NULL") == 0
    assert ask(FOUND) in {before, PEOPLE}
    house.start("worker-default")
    house.wait(lambda: redis_client().exists("heartbeat:default"), "a worker that listens")
    for _ in range(3):
        health.delay()
    passes = "SELECT count(*) FROM checks.run WHERE finished_at IS NOT NULL"
    house.wait(lambda: ask(passes) in {3, 4}, "whole passes, of which the killed one may be the first")

    assert ask(f"{FOUND} AND closed_at IS NULL") == PEOPLE
    assert ask(FOUND) == PEOPLE, "none was opened twice"
    tallied = "SELECT sum(open) FROM checks.tally WHERE transfer_id = %s AND kind IN ('unregistered', 'undeclared')"
    assert ask(tallied, key) == PEOPLE
    told = superuser.execute("SELECT topic FROM notices.message").fetchall()
    assert len(told) == len(set(told)) <= 1
