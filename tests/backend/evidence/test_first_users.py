"""The contexts that were first to put something on record."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts.models import Consent
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence import actions
from backend.evidence.audit.models import AuditRun
from backend.evidence.models import Record
from backend.evidence.queries import list_records, open_record
from healthcode.codes.actions import expire_statuses
from healthcode.codes.models import ColourChange
from healthcode.transfers.models import Step
from healthcode.transfers.rules import State
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_agreeing_account, make_person
from tests.factories.audits import (
    found,
    ids_of,
    make_first_users,
)
from tests.factories.codes import declare
from tests.factories.transfers import make_roster, make_transfer, roster_file, send


def records_of(kind: str) -> list[Record]:
    return list(db.session.scalars(select(Record).where(Record.kind == kind).order_by(Record.id)))


@pytest.mark.usefixtures("clock", "app")
def test_the_first_users_of_the_log_are_on_record():
    account, person = make_first_users()

    assert [record.id for record in records_of("codes.colour")] == ids_of(ColourChange)
    assert [record.id for record in records_of("transfers.step")] == ids_of(Step)
    assert [record.id for record in records_of("accounts.consent")] == ids_of(Consent)
    assert found() == set()
    colours = [open_record(record).content for record in list_records(str(person.id), "government")]
    assert [(each["before"], each["after"], each["rules"]) for each in colours] == [
        ("green", "red", ["declared.contact", "declared.healthy"]),
        ("grey", "green", ["declared.healthy"]),
    ]
    consents = [open_record(record).content for record in list_records(str(account.id))]
    assert {(each["purpose"], each["agreed"]) for each in consents} == {
        ("basic", True),
        ("sensitive", True),
        ("sharing", True),
    }


@pytest.mark.usefixtures("clock")
def test_what_a_kind_that_is_registered_no_more_said_can_not_be_told(app: Application, monkeypatch: pytest.MonkeyPatch):
    make_first_users()
    for kind in ("accounts.consent", "transfers.roster"):
        monkeypatch.delitem(app.extensions["linghuo.evidence"], kind)

    assert found() == {("kind_unknown", key) for key in ids_of(Consent)}, "a roster's opening says it by itself"


@pytest.mark.usefixtures("clock", "app")
def test_colours_that_end_are_on_record_as_one_set(clock: Travel):
    people = [make_person(make_agreeing_account()) for _ in range(3)]
    for person in people:
        declare(person)
    clock.shift(timedelta(hours=25))
    with transaction():
        assert expire_statuses() == 3

    ended = [open_record(record).content for record in records_of("codes.colour")[3:]]
    assert {each["person"] for each in ended} == {str(person.id) for person in people}
    assert {(each["before"], each["after"]) for each in ended} == {("green", "grey")}
    actions.sequence()
    assert found() == set()


@pytest.mark.usefixtures("clock", "app")
def test_a_roster_is_on_record_with_the_digest_of_its_rows():
    transfer, origin, destination = make_roster(4, state=State.DRAFT)
    first = open_record(records_of("transfers.roster")[0]).content
    assert (first["transfer"], first["rows"], first["added"], first["removed"]) == (str(transfer.id), 4, 4, 0)

    other = make_transfer(origin, destination, title="另一次")
    send(other, origin, roster_file(rosters.lines(4)))
    assert open_record(records_of("transfers.roster")[1]).content["roster"] != first["roster"]


@pytest.mark.usefixtures("clock", "app")
def test_who_may_know_of_which_records():
    make_first_users()
    transfer = str(db.session.scalar(select(Step.transfer_id)))

    kinds = {office: {kind.kind for kind in list_records(transfer, office)} for office in ("regulator", "bank")}
    assert kinds == {"regulator": {"transfers.step", "transfers.roster"}, "bank": set()}
    assert db.session.scalar(select(func.count()).select_from(AuditRun)) == 0
