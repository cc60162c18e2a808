"""`flask evidence …`, as an administrator types it."""

import shutil
from uuid import uuid4

import psycopg

from backend.core.config import Config
from backend.core.requests import Application
from backend.evidence import publishing
from backend.evidence.note import Algorithm, PrivateKey
from backend.evidence.proof import Proof
from tests.factories.evidence import check_log, make_log, make_records


def run(app: Application, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["evidence", *arguments])
    return done.exit_code, done.output


def test_a_new_key_is_the_origins_own(log: Application, config: Config):
    code, output = run(log, "keygen")
    private, public = output.split()

    key = PrivateKey.parse(private)
    assert code == 0
    assert (key.name, key.algorithm, str(key.public)) == (config.evidence_origin, Algorithm.LOG, public)


def test_sequencing_by_hand_and_a_proof_that_is_a_file(log: Application):
    assert run(log, "sequence") == (0, "the log is empty\n")
    (key,) = make_records(1)
    code, note = run(log, "sequence")
    assert (code, note.split("\n")[:2]) == (0, ["linghuo.local/log", "1"])

    code, proof = run(log, "proof", str(key))
    assert code == 0
    assert Proof.parse(proof).check(publishing.policy()).witnessed
    code, said = run(log, "proof", str(uuid4()))
    assert (code, "not_found" in said) == (1, True)


def test_an_alarm_is_told_and_mended_by_hand(log: Application, superuser: psycopg.Connection, config: Config):
    make_log(3)
    make_log(3)
    superuser.execute("DELETE FROM evidence.checkpoint WHERE size = 6")
    superuser.execute("DELETE FROM evidence.leaf WHERE index >= 3")
    code, said = run(log, "sequence")
    assert (code, "published_ahead" in said) == (1, True)
    assert run(log, "rebuild") == (0, "3 leaves put back\n")
    assert run(log, "sequence")[0] == 0

    shutil.rmtree(config.data_dir / "log")
    make_records(1)
    assert run(log, "sequence")[0] == 1
    assert run(log, "republish") == (0, "published again: 6 leaves\n")
    assert run(log, "sequence")[0] == 0
    assert len(check_log()) == 7


def test_what_can_not_be_mended_is_told(log: Application, superuser: psycopg.Connection):
    make_log(3)
    make_log(3)
    superuser.execute("DELETE FROM evidence.checkpoint WHERE size = 6")
    superuser.execute("UPDATE evidence.leaf SET commitment = sha256(commitment) WHERE index = 4")
    code, said = run(log, "rebuild")
    assert (code, "forked" in said) == (1, True)

    superuser.execute("UPDATE evidence.leaf SET commitment = sha256(commitment) WHERE index = 1")
    code, said = run(log, "republish")
    assert (code, "forked" in said) == (1, True)
