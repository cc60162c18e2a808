"""What a dishonest log signs: refused, kept as evidence, said loudly."""

import json
from collections.abc import Callable

import pytest

from tests.factories.witness import Log, Witness, body


def accused(witness: Witness) -> list[dict[str, object]]:
    """The error lines that it wrote."""
    lines = [json.loads(line) for line in witness.said.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "witness.misbehaviour"]


def test_a_log_that_shows_two_witnesses_two_histories_is_caught_by_either(
    make: Callable[[str], Witness], log: Log
) -> None:
    bank, tax = make("bank").start(), make("tax").start()
    assert bank.submit(log.submission(0, 8, branch=1, shared=5)).status_code == 200
    assert tax.submit(log.submission(0, 9, branch=2, shared=5)).status_code == 200

    grown = log.checkpoint(9, branch=2, shared=5)
    refused = bank.submit(body(8, log.proof(8, 9, branch=2, shared=5), str(grown)))

    assert refused.status_code == 422
    assert (bank.size(), tax.size()) == (8, 9)
    assert bank.newest().text.startswith(log.checkpoint(8, branch=1, shared=5).text)
    assert tax.newest().text.startswith(grown.text)
    shown = bank.findings()
    assert shown.returncode == 3
    assert "无法证明是延续" in shown.stdout
    assert str(grown) in shown.stdout
    assert bank.newest().text in shown.stdout
    assert "没有发现" in tax.findings().stdout
    assert [(line["level"], line["kind"], line["size"]) for line in accused(bank)] == [("error", "unproven", 9)]


def test_two_roots_for_one_size_are_a_fork_whatever_old_size_is_claimed(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 8))
    forged = str(log.checkpoint(8, branch=1))

    assert witness.submit(body(8, [], forged)).status_code == 422
    assert witness.submit(body(3, [bytes(32)], forged)).status_code == 409

    shown = witness.findings().stdout
    assert "分叉" in shown
    assert "同样的提交共 2 次" in shown
    assert "共 1 项" in shown
    assert forged in shown
    assert witness.size() == 8


def test_another_root_for_an_earlier_size_is_a_fork(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 5))
    witness.submit(log.submission(5, 8))

    assert witness.submit(body(0, [], str(log.checkpoint(5, branch=1)))).status_code == 409

    assert "分叉" in witness.findings().stdout
    assert witness.size() == 8


def test_a_rolled_back_log_is_refused_and_kept(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 8))

    answer = witness.submit(log.submission(0, 6))

    assert (answer.status_code, answer.text) == (409, "8\n")
    assert "倒退" in witness.findings().stdout
    assert accused(witness)[0]["kind"] == "rollback"
    assert witness.size() == 8


def test_a_late_repetition_of_what_was_cosigned_accuses_nobody(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 5))
    witness.submit(log.submission(5, 8))

    assert witness.submit(log.submission(0, 5)).status_code == 409

    assert witness.findings().returncode == 0


@pytest.mark.parametrize("forger", ["stranger", "bad signature"])
def test_nobody_but_the_log_can_accuse_it(witness: Witness, log: Log, forger: str) -> None:
    witness.submit(log.submission(0, 8))
    other = Log() if forger == "stranger" else Log(log.key)
    note = other.checkpoint(8, branch=1)
    if forger == "bad signature":
        note = type(note)(note.text, log.checkpoint(8).signatures)

    assert witness.submit(body(8, [], str(note))).status_code == 403
    assert witness.findings().returncode == 0


def test_evidence_outlives_a_restart(witness: Witness, log: Log) -> None:
    witness.submit(log.submission(0, 8))
    witness.submit(body(8, [], str(log.checkpoint(8, branch=1))))
    witness.kill()

    witness.start()

    assert "分叉" in witness.findings().stdout
    assert witness.size() == 8
