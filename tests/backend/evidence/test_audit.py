import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import psycopg
import pytest
from flask.testing import FlaskCliRunner
from redbeat.decoder import RedBeatJSONDecoder, RedBeatJSONEncoder
from sqlalchemy import func, select
from structlog.testing import capture_logs

from backend.core.clock import SHANGHAI
from backend.core.config import Config
from backend.core.db import db
from backend.core.requests import Application
from backend.core.tasks import celery
from backend.core.transactions import transaction
from backend.evidence import actions, publishing
from backend.evidence.audit import queries
from backend.evidence.audit.actions import LOCK, audit
from backend.evidence.audit.models import Discrepancy
from backend.evidence.audit.rules import MOST_KEPT, SENTENCES, Cause, recorded_on
from backend.evidence.audit.tasks import audit as audit_task
from backend.evidence.checkpoint import Checkpoint
from tests.conftest import Travel
from tests.factories.audits import (
    believe_witnesses,
    cosign,
    findings,
    found,
    run_audit,
)
from tests.factories.evidence import CONTRACT, HEALTH, make_log, make_records


@pytest.mark.usefixtures("log")
def test_an_honest_log_has_no_discrepancy():
    for count in (1, 255, 1, 600, 3):
        make_log(count)
    make_records(2)

    run = run_audit()
    assert (run.discrepancies, run.size, run.checkpoints, run.records, run.openings) == (0, 860, 5, 862, 862)
    assert run.root == Checkpoint.parse(publishing.published(publishing.CHECKPOINT).text).root
    assert run.files >= 4 + 4 + 1, "bundles, tiles of the first level, one of the second"
    assert queries.get_last_run().id == run.id
    assert queries.list_discrepancies(run.id) == []


@pytest.mark.usefixtures("log")
def test_an_empty_log_can_be_audited():
    assert run_audit().discrepancies == 0


@pytest.mark.usefixtures("log")
def test_witnessed_checkpoints_are_audited_too():
    file = believe_witnesses()
    try:
        make_log(3)
        cosign()
        make_log(4)
        cosign(["tax"])
        assert found() == set()
    finally:
        file.unlink()


@pytest.mark.usefixtures("log")
def test_an_audit_beside_a_busy_sequencer_finds_nothing(app: Application):
    make_log(300)
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            with app.app_context():
                make_log(40)

    busy = threading.Thread(target=go_on)
    busy.start()
    try:
        assert [run_audit().discrepancies for _ in range(3)] == [0, 0, 0]
    finally:
        over.set()
        busy.join()
    assert found() == set()


@pytest.mark.usefixtures("log")
def test_two_audits_at_once_are_one():
    with db.engine.connect() as other:
        other.execute(select(func.pg_advisory_lock(LOCK)))
        assert audit() is None
        other.execute(select(func.pg_advisory_unlock(LOCK)))
    assert audit() is not None


@pytest.mark.usefixtures("log")
def test_what_was_erased_by_leave_is_no_discrepancy():
    make_records(3, subject="p1")
    make_records(1, subject="p2")
    actions.sequence()
    with transaction():
        actions.erase_subject(subject="p1")
    actions.sequence()

    run = run_audit()
    assert (run.discrepancies, run.records, run.openings) == (0, 5, 2)


@pytest.mark.usefixtures("log")
def test_erasing_twice_at_once_is_erasing_once(app: Application):
    make_records(20, subject="p1")
    actions.sequence()

    def erase(_: int) -> int:
        with app.app_context(), transaction():
            return actions.erase_subject(subject="p1")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(erase, range(4))) == [0, 0, 0, 20]
    actions.sequence()
    assert found() == set()


@pytest.mark.usefixtures("log")
def test_what_has_had_its_day_is_no_discrepancy(clock: Travel, superuser: psycopg.Connection):
    (record,) = make_records(1, kind=HEALTH)
    actions.sequence()
    superuser.execute("DELETE FROM evidence.opening")
    last = datetime.combine(recorded_on(record) + timedelta(days=HEALTH.days), time(23, 59), SHANGHAI)

    clock.set(last)
    assert found() == {("opening_missing", record)}
    clock.set(last + timedelta(minutes=1))
    assert found() == set()


@pytest.mark.usefixtures("log", "clock")
def test_a_discrepancy_is_said_in_the_log_in_the_metrics_and_kept(app: Application, superuser: psycopg.Connection):
    (first, second) = make_log(2)
    superuser.execute("DELETE FROM evidence.opening WHERE record_id = %s", (second,))

    with capture_logs() as said:
        audit_task()
    assert [each["record_id"] for each in said if each["event"] == "evidence.discrepancy"] == [second]
    (kept,) = queries.list_discrepancies(queries.get_last_run().id)
    assert (kept.cause, kept.kind, kept.record_id, kept.index) == (Cause.OPENING_MISSING, CONTRACT.name, second, 1)
    assert kept.sentence == SENTENCES[Cause.OPENING_MISSING]
    assert first != kept.record_id
    metrics = app.test_client().get("/metrics").text
    assert "linghuo_evidence_discrepancies 1.0" in metrics
    assert "linghuo_evidence_audit_age_seconds 0.0" in metrics


def test_it_is_due_every_night(app: Application):
    del app
    entry = celery.conf.beat_schedule["evidence.audit"]
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({3}, {0})
    assert (
        json.loads(json.dumps(entry, cls=RedBeatJSONEncoder), cls=RedBeatJSONDecoder)["schedule"] == entry["schedule"]
    )
    assert celery.tasks["evidence.audit"].name == "evidence.audit"


def test_without_an_audit_its_age_has_no_end(app: Application):
    assert "linghuo_evidence_audit_age_seconds +Inf" in app.test_client().get("/metrics").text


@pytest.mark.usefixtures("log")
def test_an_office_learns_nothing_of_records_that_it_may_not_know_of(superuser: psycopg.Connection):
    make_records(1, kind=HEALTH)
    (contract,) = make_records(1)
    actions.sequence()
    superuser.execute("DELETE FROM evidence.opening")

    seen = findings("bank")
    assert [each.cause for each in seen] == [Cause.OPENING_MISSING, Cause.OPENING_MISSING]
    assert {(each.kind, each.record_id, each.index) for each in seen} == {
        ("", None, None),
        (CONTRACT.name, contract, 1),
    }


@pytest.mark.usefixtures("log")
def test_of_very_many_discrepancies_the_number_is_kept(superuser: psycopg.Connection):
    make_log(MOST_KEPT + 100)
    superuser.execute("DELETE FROM evidence.opening")

    run = run_audit()
    assert run.discrepancies == MOST_KEPT + 100
    assert db.session.scalar(select(func.count()).select_from(Discrepancy)) == MOST_KEPT
    page = queries.list_discrepancies(run.id, limit=10)
    assert queries.list_discrepancies(run.id, after=page[4].id, limit=5) == page[5:]


@pytest.mark.usefixtures("log")
def test_an_audit_on_demand(app: Application, config: Config, superuser: psycopg.Connection):
    del config
    make_log(3)
    runner: FlaskCliRunner = app.test_cli_runner()
    clean = runner.invoke(args=["evidence", "audit"])
    assert clean.exit_code == 0, clean.output
    assert "3 leaves, 1 checkpoints" in clean.output
    assert "3 of them opened: 0 discrepancies" in clean.output

    superuser.execute("DELETE FROM evidence.opening")
    alarmed = runner.invoke(args=["evidence", "audit"])
    assert alarmed.exit_code == 1
    assert alarmed.output.count("opening_missing test.contract") == 3
    assert [run.discrepancies for run in queries.list_runs()] == [3, 0]
    assert queries.list_runs(before=queries.get_last_run().id, limit=1)[0].discrepancies == 0


def test_each_cause_has_its_sentence_and_its_place_in_the_database(superuser: psycopg.Connection):
    assert SENTENCES.keys() == set(Cause)
    (check,) = superuser.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_audit_discrepancy_cause'"
    ).fetchone()
    assert all(f"'{cause}'" in check for cause in Cause)
