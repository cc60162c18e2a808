"""Audits for tests, and what there is to audit."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from backend.accounts.models import Account, Consent, Person
from backend.core import clock
from backend.core.config import settings
from backend.core.db import db
from backend.core.transactions import transaction
from backend.evidence import actions, publishing
from backend.evidence.audit import queries
from backend.evidence.audit.actions import audit
from backend.evidence.audit.models import AuditRun
from backend.evidence.audit.queries import Found
from backend.evidence.models import Cosignature, WitnessState
from backend.evidence.note import Algorithm, Note, PrivateKey
from backend.evidence.queries import get_checkpoint
from healthcode.codes.models import ColourChange
from healthcode.transfers.models import Step
from healthcode.transfers.rules import State
from tests.factories.accounts import make_agreeing_account, make_person
from tests.factories.codes import declare
from tests.factories.transfers import make_roster

WITNESSES = {name: PrivateKey.generate(f"{name}.test/witness", Algorithm.COSIGNATURE) for name in ("tax", "bank")}
POLICY = "group both all tax bank\nquorum both\n"


def run_audit() -> AuditRun:
    """An audit, which nothing else keeps from running."""
    run = audit()
    assert run is not None
    return run


def findings(known_to: str = "") -> list[Found]:
    """What an audit finds now, as an office may read it."""
    return queries.list_discrepancies(run_audit().id, known_to, limit=5000)


def found() -> set[tuple[str, object]]:
    """The causes, each with the record that it names, else the leaf, else what the detail begins with."""
    return {
        (each.cause.value, each.record_id or (each.detail if each.index is None else each.index)) for each in findings()
    }


def believe_witnesses() -> Path:
    """Let the policy ask for two witnesses; returns its file."""
    file = settings().policy_file
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"witness {name} {key.public}\n" for name, key in WITNESSES.items()]
    file.write_text(f"log {publishing.signing_key().public}\n{''.join(lines)}{POLICY}", encoding="utf-8")
    return file


def cosign(names: Sequence[str] = tuple(WITNESSES)) -> None:
    """Let these witnesses cosign the newest checkpoint."""
    newest, now = get_checkpoint(), clock.now()
    assert newest is not None
    for name in names:
        signature = WITNESSES[name].cosign(Note.parse(newest.note).text, int(now.timestamp()))
        db.session.merge(Cosignature(size=newest.size, witness=name, line=str(signature), at=now))
        db.session.merge(WitnessState(witness=name, size=newest.size, tried_at=now, answered_at=now, problem=""))
    db.session.commit()
    with transaction():
        publishing.publish_notes()


def make_first_users() -> tuple[Account, Person]:
    """Consents, a transfer with a roster that is agreed on, and a person who declares; all in the log."""
    account = make_agreeing_account()
    person = make_person(account)
    declare(person)
    declare(person, contact=True)
    make_roster(5, state=State.AGREED)
    actions.sequence()
    return account, person


def ids_of(table: type[ColourChange] | type[Step] | type[Consent]) -> list[UUID]:
    """The rows' ids, the oldest first."""
    return list(db.session.scalars(db.select(table.id).order_by(table.id)))
