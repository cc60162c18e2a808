"""The log as the product makes it: recorded, sequenced, published and cosigned by witnesses that run."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.config import Config
from backend.core.db import db
from backend.core.requests import Application
from backend.evidence import publishing, queries
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.cosigning_tasks import cosign
from backend.evidence.merkle import consistency_proof
from backend.evidence.tiles import reader
from tests.conftest import ROOT
from tests.factories.evidence import drop_kinds, make_kinds, make_log
from tests.factories.witness import Witness
from tests.independent.followers import (
    Consistency,
    Followed,
    Inclusion,
    Published,
    follow_with_go,
    follow_with_scales,
    follow_with_sigstore,
    is_go_expected,
)

WITNESSES = ("tax", "bank")
STEPS = (1, 254, 1, 60)


@pytest.fixture
def witnesses(
    app: Application, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Witness]]:
    """Two witnesses that must both agree, and a log of the test's own."""
    more = {"log_url": (tmp_path / "log").as_uri(), "evidence_policy": str(tmp_path / "policy.txt")}
    monkeypatch.setitem(app.config, "LINGHUO", config.model_copy(update=more))
    log = publishing.signing_key().public
    both = {name: Witness(tmp_path / name, [log], f"{name}.example/witness").start() for name in WITNESSES}
    lines = [f"witness {name} {each.key()} {each.url}" for name, each in both.items()]
    policy = [f"log {log}", *lines, f"group both all {' '.join(WITNESSES)}", "quorum both", ""]
    (tmp_path / "policy.txt").write_text("\n".join(policy), encoding="utf-8")
    make_kinds()
    yield both
    drop_kinds()
    for each in both.values():
        each.end()


def test_others_follow_what_we_publish_and_whoever_holds_a_proof_can_check_it(
    witnesses: dict[str, Witness], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made, trees = [], []
    for count in STEPS:
        made += make_log(count)
        for name in witnesses:
            cosign(name)
        trees.append(_newest())

    published = _published(tmp_path, [made[0], made[255], made[-1]], trees)
    everybody = {queries.get_proof(made[0]).checkpoint.text.split("\n")[0], *(each.name for each in witnesses.values())}
    expected = Followed(sum(STEPS), trees[-1].root, everybody)
    assert follow_with_scales(published) == expected
    if is_go_expected():
        assert follow_with_go(request.getfixturevalue("go"), published) == expected
    assert follow_with_sigstore(published).root == expected.root

    file = tmp_path / "proof.json"
    file.write_text(queries.get_proof(made[255]).dump_json(), encoding="utf-8")
    shutil.rmtree(tmp_path / "log")
    command = [sys.executable, "-m", "backend.evidence.verify", str(file), "--policy", str(tmp_path / "policy.txt")]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()
    assert f"索引 255，共 {sum(STEPS)} 条" in done.stdout.decode()


def _newest() -> Checkpoint:
    note = publishing.published(publishing.WITNESSED)
    assert note
    return publishing.policy().check(note).checkpoint


def _published(folder: Path, records: list, trees: list[Checkpoint]) -> Published:
    last = trees[-1]
    proofs = [queries.get_proof(record) for record in records]
    read = reader(last.size, publishing.fetch)
    policy = publishing.policy()
    db.session.rollback()
    return Published(
        folder / "log",
        str(policy.logs[0]),
        [str(each.key) for each in policy.witnesses],
        [Inclusion(each.index, last.size, last.root, each.opening.commitment, each.path) for each in proofs],
        [
            Consistency(tree.size, tree.root, last.size, last.root, consistency_proof(tree.size, last.size, read))
            for tree in trees
        ],
    )
