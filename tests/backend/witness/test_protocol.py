"""Every answer that C2SP tlog-witness names, from a real witness over HTTP."""

import base64
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import EMPTY_ROOT
from backend.evidence.note import Algorithm, Note, PrivateKey, Signature
from backend.witness.submission import MOST_BYTES
from tests.factories.witness import ORIGIN, Log, Witness, body


def cosigned(witness: Witness, log: Log, size: int) -> None:
    answer = witness.submit(log.submission(0, size))
    assert answer.status_code == 200, answer.text


def test_a_first_checkpoint_is_cosigned_with_the_time(witness: Witness, log: Log) -> None:
    before = int(time.time())
    checkpoint = log.checkpoint(5)

    answer = witness.submit(body(0, [], str(checkpoint)))

    assert answer.status_code == 200
    line = Signature.parse(answer.text.removesuffix("\n"))
    assert Note(checkpoint.text, (line,)).signed_by(witness.key()) == line
    assert before <= line.time <= time.time()
    assert line.key_id == witness.key().id


def test_a_larger_checkpoint_with_a_proof_is_cosigned(witness: Witness, log: Log) -> None:
    cosigned(witness, log, 5)

    answer = witness.submit(log.submission(5, 300))

    assert answer.status_code == 200
    assert witness.size() == 300


def test_the_same_checkpoint_is_cosigned_again(witness: Witness, log: Log) -> None:
    cosigned(witness, log, 5)

    again = witness.submit(log.submission(5, 5))

    assert again.status_code == 200
    assert Note.parse(str(log.checkpoint(5)) + again.text).signed_by(witness.key())


def test_an_empty_log_is_cosigned(witness: Witness, log: Log) -> None:
    cosigned(witness, log, 0)

    assert witness.size() == 0
    assert witness.submit(log.submission(0, 3)).status_code == 200


def test_monitors_get_the_newest_with_both_signatures_and_no_others(witness: Witness, log: Log) -> None:
    assert witness.newest().status_code == 404
    stranger = PrivateKey.generate("stranger.example", Algorithm.LOG)
    checkpoint = log.checkpoint(5)
    witness.submit(body(0, [], str(checkpoint.with_signatures([stranger.sign(checkpoint.text)]))))

    shown = Note.parse(witness.newest().text)

    assert shown.text == checkpoint.text
    assert len(shown.signatures) == 2
    assert shown.signed_by(log.key.public)
    assert shown.signed_by(witness.key())
    assert witness.newest("another.example/log").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"old 0\n",
        b"old 0\n\nnot a checkpoint\n",
        b"old -1\n\n{}",
        b"old 00\n\n{}",
        b"old 05\n\n{}",
        b"old  0\n\n{}",
        b"new 0\n\n{}",
        b"old 99999999999999999999\n\n{}",
        b"old 9999999999999999999\n\n{}",
        b"old 0\nAAAA\n\n{}",
        b"old 0\nnot base64!\n\n{}",
        b"old 0\r\n\r\n{}",
        b"old 0\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + b"\n{}",
    ],
)
def test_garbage_is_a_bad_request(witness: Witness, log: Log, content: bytes) -> None:
    answer = witness.submit(content.replace(b"{}", str(log.checkpoint(5)).encode()))

    assert answer.status_code == 400
    assert witness.newest().status_code == 404


def test_garbage_inside_the_checkpoint_is_a_bad_request(witness: Witness, log: Log) -> None:
    for text in (
        f"{ORIGIN}\n5\nshort\n",
        f"{ORIGIN}\n05\n{'A' * 43}=\n",
        f"{ORIGIN}\n9999999999999999999\n{'A' * 43}=\n",
    ):
        note = Note(text, (log.key.sign(text),))
        assert witness.submit(body(0, [], str(note))).status_code == 400
    assert witness.submit(log.submission(0, 5).removesuffix(b"\n")).status_code == 400


def test_an_old_size_above_the_checkpoint_is_a_bad_request(witness: Witness, log: Log) -> None:
    cosigned(witness, log, 5)

    assert witness.submit(body(5, [], str(log.checkpoint(4)))).status_code == 400


def test_a_body_that_is_too_large_is_refused_unread(witness: Witness, log: Log) -> None:
    answer = witness.submit(log.submission(0, 5) + b"x" * MOST_BYTES)

    assert answer.status_code == 413
    assert witness.submit(log.submission(0, 5)).status_code == 200


def test_a_body_without_a_length_is_bounded_too(witness: Witness, log: Log) -> None:
    answer = requests.post(f"{witness.url}/add-checkpoint", data=iter([log.submission(0, 5)]), timeout=20)
    endless = requests.post(f"{witness.url}/add-checkpoint", data=iter([b"x" * MOST_BYTES] * 3), timeout=20)

    assert answer.status_code == 200
    assert endless.status_code == 413


def test_half_sent_requests_hold_up_nobody(witness: Witness, log: Log) -> None:
    head = b"POST /add-checkpoint HTTP/1.1\r\nHost: witness\r\nContent-Length: 1000\r\n\r\nold"
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", witness.port))) for _ in range(40)]
        for each in slow:
            each.sendall(head)
        assert witness.submit(log.submission(0, 5)).status_code == 200
        slow[0].settimeout(60)
        assert slow[0].recv(100).startswith(b"HTTP/1.1 408")
    assert witness.submit(log.submission(5, 6)).status_code == 200


def test_an_unknown_log_is_not_found(witness: Witness) -> None:
    stranger = Log(PrivateKey.generate("stranger.example/log", Algorithm.LOG))

    assert witness.submit(stranger.submission(0, 5)).status_code == 404


def test_a_checkpoint_of_another_key_is_forbidden(witness: Witness) -> None:
    assert witness.submit(Log().submission(0, 5)).status_code == 403


def test_a_false_signature_of_the_known_key_is_forbidden_even_beside_a_true_one(witness: Witness, log: Log) -> None:
    checkpoint = log.checkpoint(5)
    true = checkpoint.signatures[0]
    false = Signature(true.name, true.key_id, bytes(64))
    for signatures in ((false,), (true, false), (false, true)):
        assert witness.submit(body(0, [], str(Note(checkpoint.text, signatures)))).status_code == 403
    assert witness.newest().status_code == 404


def test_signatures_of_unknown_keys_are_ignored(witness: Witness, log: Log) -> None:
    checkpoint = log.checkpoint(5)
    unknown = Signature(ORIGIN, b"\1\2\3\4", bytes(64))
    assert witness.submit(body(0, [], str(checkpoint.with_signatures([unknown])))).status_code == 200


@pytest.mark.parametrize("old", [0, 3, 6])
def test_a_wrong_old_size_is_a_conflict_that_names_the_right_one(witness: Witness, log: Log, old: int) -> None:
    cosigned(witness, log, 5)

    answer = witness.submit(log.submission(old, 8))

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "text/x.tlog.size"
    assert answer.text == "5\n"
    assert witness.size() == 5


def test_a_proof_where_none_is_needed_is_unprocessable(witness: Witness, log: Log) -> None:
    assert witness.submit(body(0, [bytes(32)], str(log.checkpoint(5)))).status_code == 422
    assert "没有发现" in witness.findings().stdout


@pytest.mark.parametrize("change", ["false", "short", "long", "none"])
def test_a_proof_that_proves_nothing_is_unprocessable(witness: Witness, log: Log, change: str) -> None:
    cosigned(witness, log, 5)
    proof = log.proof(5, 8)
    changed = {"false": [bytes(32), *proof[1:]], "short": proof[:-1], "long": [*proof, bytes(32)], "none": []}[change]

    assert witness.submit(body(5, changed, str(log.checkpoint(8)))).status_code == 422
    assert witness.size() == 5


def test_an_empty_tree_has_one_root(witness: Witness, log: Log) -> None:
    text = Checkpoint(ORIGIN, 0, bytes(32)).text

    assert witness.submit(body(0, [], str(Note(text, (log.key.sign(text),))))).status_code == 422
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text == log.checkpoint(0).text
    assert "空树的根不对" in witness.findings().stdout


def test_extension_lines_are_cosigned_as_they_are(witness: Witness, log: Log) -> None:
    text = log.checkpoint(5).text + "some extension\n"
    answer = witness.submit(body(0, [], str(Note(text, (log.key.sign(text),)))))

    assert answer.status_code == 200
    assert Note(text, (Signature.parse(answer.text.strip()),)).signed_by(witness.key())


def test_other_addresses_and_methods_are_refused_in_a_line(witness: Witness) -> None:
    assert requests.get(f"{witness.url}/add-checkpoint", timeout=20).status_code == 405
    missing = requests.get(f"{witness.url}/nothing", timeout=20)
    assert (missing.status_code, missing.text) == (404, "Not Found\n")


def test_it_serves_the_verification_page_with_its_own_policy(witness: Witness) -> None:
    page = requests.get(f"{witness.url}/verify", timeout=20)
    policy = requests.get(f"{witness.url}/verify/policy", timeout=20)

    assert page.url.endswith("/verify/")
    assert "存证验证" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert policy.text == witness.policy.read_text(encoding="utf-8")
    script = requests.get(f"{witness.url}/verify/verify.js", timeout=20)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert requests.get(f"{witness.url}/verify/../../note.py", timeout=20).status_code == 404


def test_of_two_requests_from_the_same_size_one_is_cosigned(witness: Witness, log: Log) -> None:
    """The race of the specification: A (size N) must not roll back B (size N + K)."""
    cosigned(witness, log, 5)
    bodies = [log.submission(5, size) for size in range(6, 26)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(witness.submit, bodies))

    won = [size for size, answer in zip(range(6, 26), answers, strict=True) if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    assert {answer.text for answer in answers if answer.status_code == 409} == {f"{won[0]}\n"}
    assert witness.size() == won[0]


def test_a_cosigned_base64_is_the_standard_one(witness: Witness, log: Log) -> None:
    line = witness.submit(log.submission(0, 5)).text
    dash, name, content = line.removesuffix("\n").split(" ")

    assert (dash, name) == ("—", witness.name)
    assert len(base64.b64decode(content, validate=True)) == 4 + 8 + 64
