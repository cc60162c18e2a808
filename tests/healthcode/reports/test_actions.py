"""Asking for a report: two clicks at once."""

import threading
import time

import psycopg
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.reports import actions
from healthcode.reports.models import Report
from healthcode.reports.rules import Format
from healthcode.transfers.models import Transfer
from tests.conftest import Travel
from tests.factories.transfers import make_roster

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"


def ask(transfer: Transfer, by: Acting) -> None:
    actions.ask_report(
        transfer=transfer, format=Format.EXCEL, named=False, purpose="输送结束，存档", key="asked-once", by=by
    )


def test_two_clicks_at_once_make_one_report(app: Application, clock: Travel, superuser: psycopg.Connection) -> None:
    del clock
    transfer, origin, _ = make_roster(2)
    failures: list[Exception] = []

    def click() -> None:
        with app.app_context():
            try:
                with transaction():
                    ask(db.session.get_one(Transfer, transfer.id), origin)
            except Exception as failure:  # noqa: BLE001 - the test tells of it
                failures.append(failure)
            finally:
                db.session.remove()

    second = threading.Thread(target=click)
    with transaction():
        ask(transfer, origin)
        second.start()
        while second.is_alive() and superuser.execute(WAITING).fetchone() == (0,):
            time.sleep(0.02)
    second.join(20)
    assert failures == []
    assert len(db.session.scalars(select(Report)).all()) == 1
