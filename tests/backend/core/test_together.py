"""Writes that are sent together."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.db import db, new_key, together
from backend.core.transactions import transaction

ADD = text("INSERT INTO accounts.account (id, created_at) VALUES (:id, now())")
COUNT = text("SELECT count(*) FROM accounts.account")

pytestmark = pytest.mark.usefixtures("app")


def test_all_of_them_are_kept():
    with transaction(), together():
        for _ in range(3):
            db.session.execute(ADD, {"id": new_key()})
    assert db.session.scalar(COUNT) == 3


def test_one_that_fails_raises_and_none_is_kept():
    same = new_key()
    with pytest.raises((IntegrityError, psycopg.errors.UniqueViolation)), transaction():
        db.session.execute(ADD, {"id": new_key()})
        with together():
            db.session.execute(ADD, {"id": same})
            db.session.execute(ADD, {"id": same})
            db.session.execute(ADD, {"id": new_key()})
    assert db.session.scalar(COUNT) == 0
