"""The log and its witnesses: real ones as processes of their own, and some that only pretend to be."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
import structlog
from flask.ctx import AppContext

from backend.core.config import Config
from backend.core.db import db, new_key
from backend.core.redis import redis_client
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence import publishing, queries
from backend.evidence.actions import cosigning
from backend.evidence.actions.sequencing import sequence
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.cosigning_tasks import cosign, meet, meet_all
from backend.evidence.gateway import TIMEOUT
from backend.evidence.models import Cosignature, Pending, WitnessState
from backend.evidence.note import Algorithm, Note, PrivateKey, Signature
from backend.evidence.rules import AlarmCause
from backend.evidence.tasks import sequence as sequencing_task
from tests.factories.witness import Witness

NAMES = ("market-supervision", "tax", "bank", "insurer")
QUORUM = "group others 2 tax bank insurer\ngroup quorum all market-supervision others\nquorum quorum\n"


@pytest.fixture
def log(app: Application, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrivateKey:
    """The log's key; it is published in a folder of the test's own, under a policy of the test's own."""
    more = {"log_url": (tmp_path / "log").as_uri(), "evidence_policy": str(tmp_path / "policy.txt")}
    monkeypatch.setitem(app.config, "LINGHUO", config.model_copy(update=more))
    return publishing.signing_key()


def believe(witnesses: dict[str, tuple[object, str]], quorum: str) -> None:
    """Write the policy: names to verifier keys and addresses."""
    lines = [f"witness {name} {key} {url}\n" for name, (key, url) in witnesses.items()]
    file = Path(publishing.settings().policy_file)
    file.write_text(f"log {publishing.signing_key().public}\n{''.join(lines)}{quorum}", encoding="utf-8")


@pytest.fixture
def made(log: PrivateKey, tmp_path: Path) -> Iterator[dict[str, Witness]]:
    """Four witnesses, not started, and the policy that a regulator and two of the others make a quorum."""
    four = {name: Witness(tmp_path / name, [log.public], f"{name}.example/witness") for name in NAMES}
    believe({name: (each.key(), each.url) for name, each in four.items()}, QUORUM)
    yield four
    for each in four.values():
        each.end()


@pytest.fixture
def bank(made: dict[str, Witness]) -> Witness:
    """One of them running."""
    return made["bank"].start()


@pytest.fixture
def four(made: dict[str, Witness]) -> dict[str, Witness]:
    """All of them running."""
    for each in made.values():
        each.launch()
    for each in made.values():
        each.wait()
    return made


def grow(count: int) -> Checkpoint:
    """Let the log grow by so many entries."""
    with transaction():
        db.session.add_all([Pending(record_id=new_key(), commitment=os.urandom(32)) for _ in range(count)])
    sequence()
    return cosigning.get_newest_tree()


def cosigners(size: int) -> set[str]:
    return set(db.session.scalars(db.select(Cosignature.witness).where(Cosignature.size == size)))


def state(witness: str) -> WitnessState:
    db.session.expire_all()
    return db.session.get_one(WitnessState, witness)


def published(name: str) -> Note:
    note = publishing.published(name)
    assert note
    return note


def size_of(note: Note) -> int:
    return Checkpoint.parse(note.text).size


def rested(witness: str) -> None:
    """Let the time pass in which a witness that failed is left alone."""
    with transaction():
        state(witness).tried_at -= cosigning.REST + timedelta(seconds=1)


def test_witnesses_cosign_and_the_policy_decides(four: dict[str, Witness]) -> None:
    tree = grow(3)
    policy = publishing.policy()
    assert publishing.published(publishing.WITNESSED) is None

    for number, name in enumerate(("tax", "bank", "market-supervision", "insurer"), 1):
        cosign(name)
        agreement = policy.check(published(publishing.CHECKPOINT))
        assert len(agreement.times) == number
        assert agreement.witnessed == (number >= 3)
        assert (publishing.published(publishing.WITNESSED) is not None) == (number >= 3)

    assert cosigners(3) == set(NAMES)
    assert policy.check(published(publishing.WITNESSED)).checkpoint == tree
    assert all(each.size() == 3 for each in four.values())
    assert {(state(name).size, state(name).problem) for name in NAMES} == {(3, "")}


def test_witnesses_follow_a_log_that_grows_over_full_tiles(four: dict[str, Witness]) -> None:
    for count in (1, 1, 5, 249, 1, 300, 40):
        tree = grow(count)
        for name in NAMES:
            cosign(name)
        assert cosigners(tree.size) == set(NAMES)

    assert size_of(published(publishing.WITNESSED)) == 597
    assert all(each.findings().returncode == 0 for each in four.values())


def test_a_witness_at_another_size_than_believed_is_asked_again_at_once(bank: Witness) -> None:
    grow(3)
    cosign("bank")
    with transaction():
        db.session.delete(state("bank"))
    grow(4)

    cosign("bank")

    assert "bank" in cosigners(7)
    with transaction():
        state("bank").size = 7
    bank.stop()
    for file in bank.folder.glob("witness.sqlite3*"):
        file.unlink()
    bank.start("--new-store")
    grow(2)
    cosign("bank")
    assert "bank" in cosigners(9)


def test_one_that_is_down_delays_nothing_but_its_own(made: dict[str, Witness]) -> None:
    for name in NAMES[:3]:
        made[name].start()
    grow(3)

    for name in NAMES:
        cosign(name)

    assert cosigners(3) == set(NAMES[:3])
    assert size_of(published(publishing.WITNESSED)) == 3
    assert "没有得到应答" in state("insurer").problem
    assert cosigning.list_behind() == ["insurer"]
    grow(2)
    made["insurer"].start()
    cosign("insurer")
    assert cosigners(5) == set()
    rested("insurer")
    cosign("insurer")
    assert cosigners(5) == {"insurer"}
    assert state("insurer").problem == ""


def test_the_schedule_asks_those_that_are_missing_and_sees_the_others(made: dict[str, Witness]) -> None:
    grow(3)
    made["bank"].start()
    cosign("bank")
    redis_client().delete("log")

    meet_all()

    sent = [json.loads(message)["headers"] for message in redis_client().lrange("log", 0, -1)]
    asked = {(header["task"], header["argsrepr"]) for header in sent}
    missing = {("evidence.cosign", f"['{name}']") for name in NAMES if name != "bank"}
    assert asked == missing | {("evidence.meet", "['bank']")}


def test_asking_about_what_is_cosigned_asks_nothing(made: dict[str, Witness]) -> None:
    made["bank"].start()
    grow(3)
    cosign("bank")
    made["bank"].stop()

    cosign("bank")

    assert state("bank").problem == ""


@pytest.mark.usefixtures("log")
def test_an_unknown_name_or_one_without_an_address_is_nobody_to_ask() -> None:
    key = PrivateKey.generate("bank.example/witness", Algorithm.COSIGNATURE)
    believe({"bank": (key.public, "")}, "quorum bank\n")
    grow(1)

    cosign("bank")
    cosign("nobody")

    assert cosigning.list_behind() == []
    assert db.session.get(WitnessState, "bank") is None


def forget(superuser: psycopg.Connection, size: int) -> None:
    """The database as an old backup knows it, and what is published put back likewise."""
    for table in ("cosignature", "checkpoint"):
        superuser.execute(f"DELETE FROM evidence.{table} WHERE size > %s", [size])
    superuser.execute("DELETE FROM evidence.leaf WHERE index >= %s", [size])
    superuser.execute("UPDATE evidence.witness_state SET size = least(size, %s)", [size])
    db.session.rollback()
    newest = queries.get_checkpoint()
    assert newest
    for name in (publishing.CHECKPOINT, publishing.WITNESSED):
        publishing.log_store().write(name, newest.note.encode())


def test_a_witness_that_knows_more_than_a_restored_database_stops_the_sequencer(
    four: dict[str, Witness], superuser: psycopg.Connection
) -> None:
    grow(3)
    cosign("bank")
    grow(5)
    cosign("bank")
    forget(superuser, 3)

    with structlog.testing.capture_logs() as lines:
        cosign("tax")
        cosign_as_missing("bank", superuser)
        sequence()

    assert {"tax"} == cosigners(3)
    assert state("bank").size == 8
    assert "多于本库所知的 3 条" in state("bank").problem
    assert [line for line in lines if line["event"] == "evidence.witness_ahead" and line["log_level"] == "error"]
    alarm = queries.get_alarm()
    assert alarm
    assert alarm.cause is AlarmCause.WITNESS_AHEAD
    assert four["bank"].size() == 8


def cosign_as_missing(witness: str, superuser: psycopg.Connection) -> None:
    """Ask it about the newest checkpoint although its cosignature is stored."""
    superuser.execute("DELETE FROM evidence.cosignature WHERE witness = %s", [witness])
    db.session.rollback()
    cosign(witness)


def test_after_a_restore_nothing_is_signed_before_the_witnesses_were_seen(
    bank: Witness, superuser: psycopg.Connection
) -> None:
    grow(3)
    cosign("bank")
    grow(5)
    cosign("bank")
    forget(superuser, 3)
    superuser.execute("UPDATE evidence.witness_state SET tried_at = tried_at - interval '1 day', size = 3")
    with transaction():
        db.session.add(Pending(record_id=new_key(), commitment=os.urandom(32)))

    sequencing_task()

    assert cosigning.get_newest_tree().size == 3
    assert state("bank").size == 8
    alarm = queries.get_alarm()
    assert alarm
    assert alarm.cause is AlarmCause.WITNESS_AHEAD
    assert bank.findings().returncode == 0


def test_strangers_that_are_down_or_know_nothing_hinder_nobody(made: dict[str, Witness]) -> None:
    made["tax"].start()
    with transaction():
        db.session.add(Pending(record_id=new_key(), commitment=os.urandom(32)))

    sequencing_task()

    assert cosigning.get_newest_tree().size == 1
    assert cosigning.list_strange() == []
    assert (state("tax").size, state("tax").problem) == (0, "")
    assert "没有得到应答" in state("bank").problem


def test_a_witness_is_believed_again_by_what_it_shows(bank: Witness) -> None:
    grow(8)
    cosign("bank")
    with transaction():
        state("bank").size = 20
    sequence()
    assert queries.get_alarm()

    meet("bank")
    sequence()

    assert state("bank").size == 8
    assert queries.get_alarm() is None
    assert bank.size() == 8


def test_a_log_that_went_another_way_after_a_restore_is_refused_and_says_so(
    bank: Witness, superuser: psycopg.Connection
) -> None:
    grow(3)
    cosign("bank")
    grow(2)
    cosign("bank")
    forget(superuser, 3)
    grow(4)

    with structlog.testing.capture_logs() as lines:
        cosign("bank")

    assert cosigners(7) == set()
    assert "分叉" in state("bank").problem
    assert [line for line in lines if line["event"] == "evidence.forked"]
    assert bank.size() == 5
    assert bank.findings().returncode == 3


class Pretender:
    """Something that listens where a witness should be."""

    def __init__(self, key: PrivateKey) -> None:
        self.key = key
        self.answer: Callable[[str], tuple[int, str]] = self.cosign
        self.newest = ""
        self.asked: list[str] = []
        self.during: Callable[[], None] = lambda: None
        self.slow = False
        pretender = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                pretender.asked.append(body)
                pretender.during()
                self.say(*pretender.answer(body))

            def do_GET(self) -> None:
                self.say(200 if pretender.newest else 404, pretender.newest)

            def say(self, status: int, text: str) -> None:
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                for at in range(len(content)) if pretender.slow else ():
                    try:
                        self.wfile.write(content[at : at + 1])
                    except OSError:
                        return
                    time.sleep(0.2)
                if not pretender.slow:
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def cosign(self, body: str) -> tuple[int, str]:
        checkpoint = Note.parse(body.partition("\n\n")[2])
        return 200, str(self.key.cosign(checkpoint.text, int(time.time())))

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def pretender(log: PrivateKey) -> Iterator[Pretender]:
    del log
    key = PrivateKey.generate("bank.example/witness", Algorithm.COSIGNATURE)
    one = Pretender(key)
    believe({"bank": (key.public, one.url)}, "quorum bank\n")
    yield one
    one.close()


@pytest.mark.usefixtures("pretender")
def test_a_good_answer_is_taken() -> None:
    grow(2)
    cosign("bank")
    assert cosigners(2) == {"bank"}


def test_the_watchers_see_each_witness(pretender: Pretender) -> None:
    believe({"bank-甲": (pretender.key.public, pretender.url)}, "quorum none\n")
    grow(2)
    assert queries.get_gauges()["linghuo_evidence_witness_bank_7532_behind"][1] == 2

    pretender.answer = _of((500, ""))
    cosign("bank-甲")

    gauges = queries.get_gauges()
    assert gauges["linghuo_evidence_witness_bank_7532_failing"][1] == 1
    rested("bank-甲")
    pretender.answer = pretender.cosign
    cosign("bank-甲")
    gauges = queries.get_gauges()
    assert gauges["linghuo_evidence_witness_bank_7532_behind"][1] == 0
    assert gauges["linghuo_evidence_witness_bank_7532_failing"][1] == 0


def _false(body: str) -> tuple[int, str]:
    key = PrivateKey.generate("bank.example/witness", Algorithm.COSIGNATURE)
    line = key.cosign(Note.parse(body.partition("\n\n")[2]).text, 1)
    return 200, str(line)


def _of(answer: tuple[int, str]) -> Callable[[str], tuple[int, str]]:
    return lambda _: answer


@pytest.mark.parametrize(
    "answer",
    [
        (200, ""),
        (200, "no note"),
        (200, "— a b\n"),
        (204, ""),
        (302, ""),
        (500, "broken"),
        (409, "many"),
        (409, "9" * 30),
    ],
)
def test_an_answer_that_isnt_the_protocol_is_no_answer(pretender: Pretender, answer: tuple[int, str]) -> None:
    grow(2)
    pretender.answer = _of(answer)

    cosign("bank")

    assert cosigners(2) == set()
    assert "没有得到应答" in state("bank").problem


def test_a_signature_of_another_key_isnt_stored(pretender: Pretender) -> None:
    grow(2)
    pretender.answer = _false
    cosign("bank")
    assert cosigners(2) == set()
    assert "没有得到应答" in state("bank").problem


def test_a_false_signature_in_the_witnesss_name_isnt_stored(pretender: Pretender) -> None:
    grow(2)
    key = pretender.key.public
    pretender.answer = _of((200, str(Signature(key.name, key.id, bytes(72)))))
    cosign("bank")
    assert cosigners(2) == set()
    assert state("bank").problem == "应答中的签名是假的"


def test_a_cosignature_without_a_time_isnt_stored(pretender: Pretender) -> None:
    grow(2)
    pretender.answer = lambda body: (200, str(pretender.key.cosign(Note.parse(body.partition("\n\n")[2]).text, 0)))
    cosign("bank")
    assert cosigners(2) == set()


@pytest.mark.parametrize("size", [1_000_000, 2**63 - 1, 3])
def test_a_claim_to_know_more_stops_nothing_without_a_checkpoint_of_ours(pretender: Pretender, size: int) -> None:
    grow(2)
    pretender.answer = _of((409, f"{size}\n"))
    stranger = PrivateKey.generate(publishing.signing_key().name, Algorithm.LOG)
    text = Checkpoint(stranger.name, size, bytes(32)).text
    pretender.newest = str(Note(text, (stranger.sign(text),)))

    cosign("bank")
    grow(1)

    assert state("bank").problem == "出示的检查点不是本日志签的"
    assert state("bank").size == 0
    assert queries.get_alarm() is None
    assert cosigning.get_newest_tree().size == 3


def test_a_witness_that_never_settles_is_left_until_later(pretender: Pretender) -> None:
    grow(2)
    pretender.answer = _of((409, "1\n"))

    cosign("bank")

    assert len(pretender.asked) == 2
    assert pretender.asked[1].startswith("old 1\n")
    cosign("bank")
    assert len(pretender.asked) == 2


def test_a_witness_that_drips_costs_a_bounded_time(pretender: Pretender) -> None:
    grow(2)
    pretender.slow = True
    began = time.monotonic()

    cosign("bank")

    assert time.monotonic() - began < 3 * TIMEOUT
    assert cosigners(2) == set()


def test_no_connection_is_held_while_a_witness_is_asked(pretender: Pretender) -> None:
    grow(2)
    pool, held = db.engine.pool, []
    pretender.during = lambda: held.append(pool.checkedout())  # type: ignore[attr-defined]

    cosign("bank")

    assert held == [0]


def test_a_busy_witness_isnt_asked_twice_at_once_and_gets_the_newest_in_the_end(
    pretender: Pretender, app: Application
) -> None:
    grow(2)
    entered, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        assert go_on.wait(60)

    pretender.during = hold
    # Longer than this test can take to let it go on.
    answer = threading.Thread(target=_cosign_elsewhere, args=(app,))
    answer.start()
    assert entered.wait(60)
    grow(3)
    cosign("bank")
    assert len(pretender.asked) == 1
    go_on.set()
    answer.join()

    assert [body.split("\n", 1)[0] for body in pretender.asked] == ["old 0", "old 2"]
    assert cosigners(5) == {"bank"}


def _cosign_elsewhere(app: Application) -> None:
    context: AppContext = app.app_context()
    with context:
        cosign("bank")
        db.session.remove()
