"""Printing cards for a roster's people: two printings at once."""

import threading
import time

import psycopg
from sqlalchemy import func, select

from backend.accounts.models import Person
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes.card_sheet import PerPage
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Entry
from healthcode.transfers.rules import State
from tests.conftest import Travel
from tests.factories.codes import make_issuer_key
from tests.factories.transfers import make_roster

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def lock_of(entry: Entry) -> int:
    """The lock by which two who recognise the same person wait for each other."""
    return int.from_bytes(entry.resident_id_index[:8], signed=True)


def test_two_printings_in_other_orders_do_not_wait_for_each_other(
    app: Application, clock: Travel, superuser: psycopg.Connection
) -> None:
    """Another printing holds the first person's lock: this one, whose list has it last, holds no other meanwhile."""
    del clock
    make_issuer_key()
    transfer, origin, _ = make_roster(4, state=State.DEPARTING)
    lines = sorted(queries.list_entries(transfer), key=lambda line: line.entry.resident_id_index)
    first, *others = [lock_of(line.entry) for line in lines]
    failures: list[Exception] = []

    def print_backwards() -> None:
        with app.app_context():
            try:
                with transaction():
                    mine = sorted(
                        queries.list_entries(transfer), key=lambda line: line.entry.resident_id_index, reverse=True
                    )
                    actions.print_cards(
                        transfer=transfer, lines=mine, renew=True, per_page=PerPage.TEN, purpose="发给乘客", by=origin
                    )
            except Exception as failure:  # noqa: BLE001 - the test tells of it
                failures.append(failure)
            finally:
                db.session.remove()

    superuser.execute("SELECT pg_advisory_lock(%s)", (first,))
    printing = threading.Thread(target=print_backwards)
    printing.start()
    try:
        while printing.is_alive() and superuser.execute(WAITING).fetchone() == (0,):
            time.sleep(0.02)
        taken = [superuser.execute("SELECT pg_try_advisory_lock(%s)", (other,)).fetchone() for other in others]
    finally:
        superuser.execute("SELECT pg_advisory_unlock_all()")
        printing.join(20)
    assert taken == [(True,)] * 3
    assert failures == []
    assert db.session.scalar(select(func.count()).select_from(Person)) == 4
