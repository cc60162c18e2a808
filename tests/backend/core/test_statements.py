"""Statements that are built once and handed to the driver."""

import psycopg
import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import OperationalError

from backend.accounts.models import Account, Organisation
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.statements import Prepared
from backend.core.transactions import transaction
from tests.factories.accounts import make_organisation

_account, _organisation = Account.__table__.c, Organisation.__table__.c
ADD = Prepared(text("INSERT INTO accounts.account (id, created_at) VALUES (:id, :at)"))
KNOWN = Prepared(select(_account.id).where(_account.id == bindparam("id")))
KINDS = Prepared(
    select(_organisation.name).where(
        _organisation.kind == OrganisationKind.CHECKPOINT, _organisation.id == bindparam("id")
    )
)
BACKEND = Prepared(text("SELECT pg_backend_pid()"))
STATE = Prepared(text("SELECT now(), txid_current_if_assigned()"))

pytestmark = pytest.mark.usefixtures("app")


def test_what_is_written_is_kept_at_the_commit_and_gone_at_a_rollback() -> None:
    kept, gone = new_key(), new_key()
    with transaction():
        ADD.run({"id": kept, "at": clock.now()})
    with pytest.raises(RuntimeError), transaction():
        ADD.run({"id": gone, "at": clock.now()})
        raise RuntimeError
    assert KNOWN.alone({"id": kept}) == (kept,)
    assert KNOWN.alone({"id": gone}) is None


def test_values_of_the_statement_itself_go_with_it() -> None:
    checkpoint = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    government = make_organisation("铜仁市人社局", region="520600")
    assert KINDS.all({"id": checkpoint.id}) == [("铜仁站卡口",)]
    assert KINDS.one_or_none({"id": government.id}) is None


def test_asked_alone_within_a_transaction_it_sees_what_that_wrote() -> None:
    key = new_key()
    with transaction():
        ADD.run({"id": key, "at": clock.now()})
        assert KNOWN.alone({"id": key}) == (key,)


def test_asked_alone_it_leaves_no_transaction_behind() -> None:
    db.session.remove()
    assert KNOWN.alone({"id": new_key()}) is None
    assert not db.session.registry.has()
    with transaction():
        first, second = STATE.all({}), STATE.all({})
    assert first == second, "the same now(): the connection is back in transactions"


@pytest.mark.parametrize("alone", [True, False])
def test_a_lost_connection_is_told_as_everywhere_and_not_given_out_again(
    superuser: psycopg.Connection, *, alone: bool
) -> None:
    ask = BACKEND.alone if alone else BACKEND.one_or_none
    lost = ask({})
    assert lost is not None
    superuser.execute("SELECT pg_terminate_backend(%s, 5000)", lost)
    with pytest.raises(OperationalError) as told:
        ask({})
    assert told.value.connection_invalidated
    db.session.rollback()
    assert ask({}) not in {None, lost}


def test_a_failure_of_a_question_asked_alone_is_told() -> None:
    db.session.remove()
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        KNOWN.alone({"id": "no key"})
    assert KNOWN.alone({"id": new_key()}) is None
