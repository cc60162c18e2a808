import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.evidence.commitment import Opening
from backend.evidence.merkle import Unproven
from backend.evidence.note import Malformed, Note, Unsigned
from backend.evidence.proof import Proof
from backend.evidence.verify import Mark, explain, main
from tests.backend.evidence.test_commitment import ID, SALT
from tests.conftest import ROOT
from tests.factories.logs import Log, numbered

OPENING = Opening.of(ID, "codes.colour", {"from": "红码", "to": "绿码"}, SALT)


@pytest.fixture
def log(tmp_path):
    log = Log(tmp_path / "log")
    log.grow([*numbered(300), OPENING.commitment, *numbered(99)])
    (tmp_path / "policy.txt").write_text(log.policy_text)
    (tmp_path / "proof.tlog-proof").write_text(str(log.prove(300, OPENING)))
    (tmp_path / "proof.json").write_text(log.prove(300, OPENING).dump_json())
    return log


@pytest.fixture
def verify(tmp_path, capfdbinary):
    """Runs the verifier on a file of this folder; returns its exit status and what it said."""

    def run(file: str = "proof.tlog-proof", policy: str = "policy.txt") -> tuple[int, str]:
        status = main([str(tmp_path / file), "--policy", str(tmp_path / policy)])
        return status, capfdbinary.readouterr().out.decode()

    return run


@pytest.mark.parametrize("file", ["proof.tlog-proof", "proof.json"])
def test_a_true_proof_is_explained_and_accepted(log, verify, file):
    status, said = verify(file)
    assert status == 0
    for line in (
        f'· 记录：种类 codes.colour，编号 {ID}，内容 {{"from":"红码","to":"绿码"}}',
        f"· 承诺：由盐、种类、编号和内容重新算出 HMAC-SHA-256 {OPENING.commitment.hex()}",
        f"✓ 位置：索引 300，共 400 条；由承诺沿 9 个哈希算得检查点的根：{log.root(400).hex()}",
        "✓ 日志签名：log.linghuo.test/kunshan 的 Ed25519 签名有效",
        "✓ 见证方 regulator.test：regulator.test 于 2020-03-22 12:20:00（北京时间）联署",
        "✓ 见证方 bank.test：bank.test 于 2020-03-22 12:20:00（北京时间）联署",
        "✓ 见证条件：已满足 everybody：2/2（regulator.test、bank.test）",
        "结论：证明成立。",
    ):
        assert line in said.splitlines()


def test_a_changed_record_is_refused(log, verify, tmp_path):
    forged = Opening.of(ID, "codes.colour", {"from": "绿码", "to": "绿码"}, SALT)
    (tmp_path / "forged").write_text(str(log.prove(300, forged)))
    status, said = verify("forged")
    assert status == 1
    assert "✗ 位置：按索引 300 和路径算不出检查点的根" in said
    assert "证明不成立" in said


@pytest.mark.usefixtures("log")
def test_a_checkpoint_of_another_log_is_refused(verify, tmp_path):
    (tmp_path / "other.txt").write_text(Log(tmp_path / "other").policy_text)
    status, said = verify(policy="other.txt")
    assert status == 1
    assert "✗ 日志签名：log.linghuo.test/kunshan：没有它的签名，或签名不符。" in said
    (tmp_path / "none.txt").write_text("quorum none")
    status, said = verify(policy="none.txt")
    assert status == 1
    assert "信任策略里没有这个日志" in said


def test_a_missing_witness_is_named_and_counted(log, verify, tmp_path):
    proof = log.prove(300, OPENING)
    note = Note(proof.checkpoint.text, proof.checkpoint.signatures[:2])
    (tmp_path / "few").write_text(str(Proof(proof.index, proof.path, note, OPENING)))
    status, said = verify("few")
    assert status == 1
    assert "· 见证方 bank.test：没有联署这个检查点" in said
    assert "✗ 见证条件：未满足 everybody：2/2（regulator.test、bank.test）。" in said


def test_a_false_cosignature_is_named(log, verify, tmp_path):
    proof = log.prove(300, OPENING)
    false = log.witness_keys[1].cosign("something else\n", 1)
    (tmp_path / "false").write_text(
        str(Proof(proof.index, proof.path, proof.checkpoint.with_signatures([false]), OPENING))
    )
    status, said = verify("false")
    assert status == 1
    assert "✗ 见证方 bank.test：bank.test 的联署签名不符" in said


def test_a_clock_ahead_of_ours_is_worth_a_word(log, verify, tmp_path):
    proof, text = log.prove(300, OPENING), log.checkpoint().text
    for at, word in ((int(datetime(2999, 1, 1, tzinfo=UTC).timestamp()), "晚于本机时间"), (2**63 - 1, "纪元后")):
        later = proof.checkpoint.with_signatures([log.witness_keys[0].cosign(text, at)])
        (tmp_path / "later").write_text(str(Proof(proof.index, proof.path, later, OPENING)))
        status, said = verify("later")
        assert status == 0
        assert word in said


def test_a_policy_without_witnesses_is_called_what_it_is(log, verify, tmp_path):
    (tmp_path / "alone.txt").write_text(f"log {log.key.public}\nquorum none")
    status, said = verify(policy="alone.txt")
    assert status == 0
    assert "策略不要求见证" in said


def test_a_proof_without_its_record_shows_nothing(log, verify, tmp_path):
    (tmp_path / "bare").write_text(str(log.prove(300)))
    status, said = verify("bare")
    assert status == 1
    assert "没有记录内容" in said


@pytest.mark.usefixtures("log")
def test_files_that_are_missing_broken_or_endless_are_refused(verify, tmp_path):
    (tmp_path / "broken").write_bytes(b"\xff\xfe")
    (tmp_path / "endless").write_bytes(b"a" * (5 << 20))
    (tmp_path / "nonsense").write_text("{}")
    for file, policy, word in (
        ("missing", "policy.txt", "找不到文件"),
        ("proof.json", "missing", "找不到文件"),
        (".", "policy.txt", "无法读取"),
        ("broken", "policy.txt", "格式不符"),
        ("endless", "policy.txt", "格式不符"),
        ("nonsense", "policy.txt", "格式不符"),
        ("proof.json", "broken", "格式不符"),
        ("proof.json", "proof.json", "格式不符"),
    ):
        status, said = verify(file, policy)
        assert status == 1
        assert word in said


def test_what_a_record_says_cannot_steer_the_terminal(log, verify, tmp_path):
    sly = Opening.of(ID, "codes.colour", {"a": "\u202e绿\u009b2J\x7f"}, SALT)
    (tmp_path / "sly").write_text(str(log.prove(300, sly)))
    _, said = verify("sly")
    assert "\\u202e绿\\u009b2J\\u007f" in said
    assert "\u202e" not in said


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_explanation_and_the_check_agree(log, data):
    """Whatever is changed of a proof, both verifiers come to the same verdict."""
    proof = log.prove(300, OPENING)
    other = log.checkpoint(399)
    note = data.draw(
        st.sampled_from(
            [
                proof.checkpoint,
                other,
                Note(proof.checkpoint.text, other.signatures),
                Note(proof.checkpoint.text, proof.checkpoint.signatures[1:]),
                Note(proof.checkpoint.text, proof.checkpoint.signatures[:-1]),
                Note("no checkpoint\n", proof.checkpoint.signatures),
            ]
        )
    )
    index = data.draw(st.sampled_from([300, 299, 400, 2**62]))
    opening = data.draw(st.sampled_from([OPENING, None, Opening.of(ID, "codes.colour", {}, SALT)]))
    changed = Proof(index, proof.path, note, opening)
    try:
        accepted = changed.check(log.policy).witnessed
    except (Malformed, Unsigned, Unproven):
        accepted = False
    assert accepted == all(finding.mark is not Mark.FAILS for finding in explain(changed, log.policy))


@pytest.mark.usefixtures("log")
def test_it_runs_offline_with_nothing_of_the_product_and_soon(tmp_path):
    modules = "flask sqlalchemy celery psycopg pydantic requests backend.core backend.evidence.models"
    code = (
        "import runpy, sys, atexit\n"
        f"atexit.register(lambda: sys.stderr.write(' '.join(set('{modules}'.split()) & set(sys.modules))))\n"
        "runpy.run_module('backend.evidence.verify', run_name='__main__')"
    )
    command = [sys.executable, "-W", "error", "-c", code, "proof.json", "--policy", "policy.txt"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/nonexistent", "LC_ALL": "C"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.stderr.decode() == ""
    assert done.returncode == 0
    assert "结论：证明成立。" in done.stdout.decode()


def test_without_a_policy_this_machines_own_is_taken(log, tmp_path):
    home = tmp_path / "data" / "evidence"
    home.mkdir(parents=True)
    (home / "policy.txt").write_text(log.policy_text)
    command = [sys.executable, "-m", "backend.evidence.verify", str(tmp_path / "proof.json")]
    environment = {"PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path / "data")}
    for variables, status in ((environment, 0), (environment | {"DATA_DIR": "elsewhere"}, 1)):
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, check=False)
        assert done.returncode == status, done.stdout.decode()
