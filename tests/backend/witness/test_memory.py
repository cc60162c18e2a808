"""What a witness remembers through kills, lost files and clocks that go wrong."""

import shutil
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import requests

from backend.evidence.note import Note
from tests.factories.witness import Log, Witness

KILLED_AFTER_COMMIT = """
import os, signal, sys
from pathlib import Path
from backend.witness import store
from backend.witness.__main__ import main

committed = store.Rows.keep
def keep_and_mark(self, *rest):
    committed(self, *rest)
    store.Rows.kept = True

writing = store.Store.writing
from contextlib import contextmanager
@contextmanager
def writing_and_dying(self):
    with writing(self) as rows:
        yield rows
    trap = Path(sys.argv[1].removeprefix("--data=")) / "trap"
    if getattr(store.Rows, "kept", False) and trap.exists():
        trap.unlink()
        os.kill(os.getpid(), signal.SIGKILL)

store.Rows.keep = keep_and_mark
store.Store.writing = writing_and_dying
sys.exit(main(sys.argv[1:]))
"""
CLOCK = """
import sys, time
from pathlib import Path
from backend.witness.__main__ import main

real = time.time
shift = Path(sys.argv[1].removeprefix("--data=")) / "shift"
time.time = lambda: real() + (float(shift.read_text()) if shift.exists() else 0)
sys.exit(main(sys.argv[1:]))
"""


def cosigned_at(answer: requests.Response, log: Log, witness: Witness, size: int) -> int:
    signed = Note.parse(str(log.checkpoint(size)) + answer.text).signed_by(witness.key())
    assert signed
    return signed.time


def test_a_kill_between_disk_and_answer_loses_the_answer_and_not_the_memory(
    make: Callable[[str], Witness], log: Log
) -> None:
    witness = make("bank")
    witness.start(program=("-c", KILLED_AFTER_COMMIT))
    (witness.folder / "trap").touch()

    with pytest.raises(requests.ConnectionError):
        witness.submit(log.submission(0, 5))
    end = time.monotonic() + 60
    while not witness.answers():
        assert time.monotonic() < end, witness.said

    assert witness.size() == 5
    assert witness.submit(log.submission(0, 3, branch=1)).status_code == 409
    again = witness.submit(log.submission(5, 5))
    assert cosigned_at(again, log, witness, 5)
    assert Note.parse(witness.newest().text).signed_by(witness.key())


def test_a_killed_witness_goes_on_where_it_was_and_leaves_no_worker(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 5))
    assert witness.process
    workers = psutil.Process(witness.process.pid).children(recursive=True)

    witness.kill()
    _, alive = psutil.wait_procs(workers, 20)
    witness.start()

    assert workers
    assert not alive
    assert witness.size() == 5
    assert witness.submit(log.submission(5, 8)).status_code == 200


def test_a_second_process_on_the_same_folder_cant_cosign_a_second_history(witness: Witness, log: Log) -> None:
    twin = Witness(witness.folder, witness.logs, witness.name).start()
    try:
        assert witness.submit(log.submission(0, 5, branch=1)).status_code == 200
        assert twin.submit(log.submission(0, 5, branch=2)).status_code == 409
        assert twin.submit(log.submission(5, 8, branch=1)).status_code == 200
        assert witness.submit(log.submission(5, 7, branch=1)).status_code == 409
    finally:
        twin.end()


def test_while_the_store_is_locked_nothing_is_cosigned(witness: Witness, log: Log) -> None:
    with closing(sqlite3.connect(witness.folder / "witness.sqlite3", isolation_level=None)) as other:
        other.execute("begin immediate")
        answer = witness.submit(log.submission(0, 5))
        other.execute("rollback")

    assert answer.status_code == 503
    assert witness.newest().status_code == 404
    assert witness.submit(log.submission(0, 5)).status_code == 200


def lose_store(witness: Witness) -> None:
    for file in witness.folder.glob("witness.sqlite3*"):
        file.unlink()


def test_a_witness_that_lost_its_store_doesnt_start(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 5))
    witness.stop()
    lose_store(witness)

    for _ in range(2):
        process = witness.launch()
        assert process.wait(60) == 1
        assert "丢失" in witness.said
        assert "--new-store" in witness.said
    assert not (witness.folder / "witness.sqlite3").exists()


def test_a_lost_store_is_restored_from_the_witnesss_own_cosignature(witness: Witness, log: Log, tmp_path: Path) -> None:
    witness.submit(log.submission(0, 5))
    seen = tmp_path / "checkpoint"
    seen.write_text(witness.newest().text, encoding="utf-8")
    witness.stop()
    lose_store(witness)
    foreign = tmp_path / "foreign"
    foreign.write_text(str(log.checkpoint(9)), encoding="utf-8")

    refused = witness.run("adopt", *witness.arguments(), str(foreign))
    assert refused.returncode == 1
    assert "没有本见证" in refused.stderr
    assert not (witness.folder / "witness.sqlite3").exists()
    adopted = witness.run("adopt", *witness.arguments(), str(seen))
    assert adopted.returncode == 0, adopted.stderr

    witness.start()
    assert witness.size() == 5
    assert witness.submit(log.submission(0, 4, branch=1)).status_code == 409
    assert witness.submit(log.submission(5, 6)).status_code == 200
    assert "无需恢复" in witness.run("adopt", *witness.arguments(), str(seen)).stderr


def test_a_store_from_an_old_backup_is_brought_forward(witness: Witness, log: Log, tmp_path: Path) -> None:
    witness.submit(log.submission(0, 5))
    witness.stop()
    shutil.copytree(witness.folder, tmp_path / "backup")
    witness.start().submit(log.submission(5, 8))
    seen = tmp_path / "checkpoint"
    seen.write_text(witness.newest().text, encoding="utf-8")
    witness.stop()
    shutil.rmtree(witness.folder)
    shutil.copytree(tmp_path / "backup", witness.folder)

    assert witness.run("adopt", *witness.arguments(), str(seen)).returncode == 0

    assert witness.start().size() == 8


def test_a_new_store_is_begun_only_on_demand_and_only_once(witness: Witness, log: Log) -> None:
    witness.stop()
    lose_store(witness)

    witness.start("--new-store")
    assert witness.submit(log.submission(0, 5)).status_code == 200
    witness.stop()

    assert witness.launch("--new-store").wait(60) == 1
    assert "请去掉 --new-store" in witness.said
    assert witness.start().size() == 5


def test_a_store_without_its_key_doesnt_get_another(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 5))
    witness.stop()
    (witness.folder / "key").unlink()

    assert witness.launch().wait(60) == 1
    assert "密钥文件 key 却不见了" in witness.said
    assert not (witness.folder / "key").exists()


def test_a_store_of_another_key_is_refused(make: Callable[[str], Witness], log: Log) -> None:
    bank, tax = make("bank").start(), make("tax").start()
    bank.submit(log.submission(0, 5))
    for each in (bank, tax):
        each.stop()
    lose_store(tax)
    for file in bank.folder.glob("witness.sqlite3*"):
        shutil.copy(file, tax.folder)

    assert tax.launch().wait(60) == 1
    assert "属于另一把密钥" in tax.said


def test_a_first_start_that_died_before_the_key_was_written_is_made_anew(
    make: Callable[[str], Witness], log: Log
) -> None:
    witness = make("bank").start()
    witness.stop()
    (witness.folder / "key").unlink()
    (witness.folder / "key.new").write_text("half")

    witness.start()

    assert witness.submit(log.submission(0, 5)).status_code == 200


def test_another_name_is_refused(witness: Witness) -> None:
    shown = witness.run("key", f"--data={witness.folder}", "--name=tax.example/witness")

    assert shown.returncode == 1
    assert "不符" in shown.stderr


def test_the_key_is_made_once_and_closed_to_others(make: Callable[[str], Witness]) -> None:
    witness = make("bank")
    command = ("key", f"--data={witness.folder}", f"--name={witness.name}")
    first = witness.run(*command).stdout

    assert witness.run(*command).stdout == first == f"{witness.key()}\n"
    assert stat.S_IMODE((witness.folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((witness.folder / "witness.sqlite3").stat().st_mode) == 0o600
    assert stat.S_IMODE(witness.folder.stat().st_mode) == 0o700


def test_times_dont_go_back_when_the_clock_does(make: Callable[[str], Witness], log: Log) -> None:
    witness = make("bank")
    witness.start(program=("-c", CLOCK))
    first = cosigned_at(witness.submit(log.submission(0, 5)), log, witness, 5)

    (witness.folder / "shift").write_text("-30")
    second = cosigned_at(witness.submit(log.submission(5, 6)), log, witness, 6)
    assert first <= second <= time.time()

    (witness.folder / "shift").write_text("-86400")
    refused = witness.submit(log.submission(6, 7))
    assert refused.status_code == 503
    assert "witness.clock_behind" in witness.said
    assert witness.size() == 6

    (witness.folder / "shift").unlink()
    assert cosigned_at(witness.submit(log.submission(6, 7)), log, witness, 7) >= second


def test_a_wrong_policy_is_named(make: Callable[[str], Witness]) -> None:
    witness = make("bank")
    witness.logs = []
    broken = witness.folder.with_suffix(".broken")
    broken.write_text("quorum nobody\n", encoding="utf-8")

    shown = witness.run("serve", f"--data={witness.folder}", f"--policy={broken}", "--name=bank", "--port=1")

    assert shown.returncode == 1
    assert "政策文件有误：line 1" in shown.stderr
