"""Checkpoints written into an EVM chain: a real one (Foundry's anvil) that runs on this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests
from pydantic import SecretStr
from sqlalchemy import select

from backend.core.config import Config
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.evidence import publishing
from backend.evidence.actions import anchoring
from backend.evidence.anchor import Chain, ChainError
from backend.evidence.anchoring_tasks import anchor
from backend.evidence.models import Anchor
from backend.evidence.note import Note
from tests.conftest import ROOT, environment, free_ports
from tests.factories.evidence import drop_kinds, make_kinds, make_log
from tests.independent.followers import find_anvil

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""The first of anvil's well-known accounts, which are rich on it and nowhere else."""
STARTS_WITHIN = 60.0


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a chain that mines a block for each transaction."""
    port, log = free_ports(1), tmp_path_factory.mktemp("anvil") / "log"
    command = [str(find_anvil()), "--host", "127.0.0.1", "--port", str(port), "--silent"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent)
    try:
        until = time.monotonic() + STARTS_WITHIN
        while ask(f"http://127.0.0.1:{port}", "eth_chainId") is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def ask(url: str, method: str, *params: object) -> object:
    job = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        return requests.post(url, json=job, timeout=5).json().get("result")
    except requests.RequestException:
        return None


@pytest.fixture
def chain(anvil: str) -> Iterator[Chain]:
    """The chain as it was at the test's end is gone: the next test finds it as new."""
    before = ask(anvil, "evm_snapshot")
    yield Chain(anvil, KEY)
    ask(anvil, "evm_setAutomine", True)
    ask(anvil, "evm_revert", before)


@pytest.fixture
def anchored(app: Application, config: Config, anvil: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The product with a log, configured for this chain; gives the chain's address."""
    more = {"anchor_rpc_url": anvil, "anchor_key": SecretStr(KEY)}
    monkeypatch.setitem(app.config, "LINGHUO", config.model_copy(update=more))
    make_kinds()
    yield anvil
    drop_kinds()


def anchors() -> list[Anchor]:
    db.session.rollback()
    return list(db.session.scalars(select(Anchor).order_by(Anchor.size)))


def sent(url: str) -> int:
    """How many transactions the account has made."""
    account = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    return int(str(ask(url, "eth_getTransactionCount", account, "latest")), 16)


def test_the_newest_witnessed_checkpoint_stands_in_the_chain_once(anchored, chain):
    make_log(3)
    for _ in range(3):
        anchor()

    (only,) = anchors()
    assert (only.size, only.block, only.problem) == (3, 1, "")
    text = Note.parse(str(publishing.published(publishing.WITNESSED))).text
    assert chain.read(only.transaction) == only.text == text
    assert sent(anchored) == 1

    make_log(2)
    anchor()
    assert [(each.size, each.block) for each in anchors()] == [(3, 1), (5, 2)]
    assert sent(anchored) == 2


def test_what_died_between_claim_and_sending_is_sent_once(anchored, chain):
    make_log(3)
    tree = anchoring.find_due()
    signed = chain.sign(tree.text)
    claim = {
        "tree": tree,
        "sender": signed.sender,
        "nonce": signed.nonce,
        "transaction": signed.transaction,
        "signed": signed.content,
    }
    with transaction():
        assert anchoring.claim(**claim)
    with transaction():
        assert not anchoring.claim(**claim), "somebody else has claimed it"

    anchor()

    assert [(each.transaction, each.block) for each in anchors()] == [(signed.transaction, 1)]
    assert sent(anchored) == 1


@pytest.mark.usefixtures("chain")
def test_what_died_between_sending_and_remembering_is_asked_about(anchored):
    make_log(3)
    anchor()
    with transaction():
        db.session.get_one(Anchor, 3).block = None

    anchor()

    assert [each.block for each in anchors()] == [1]
    assert sent(anchored) == 1


@pytest.mark.usefixtures("chain")
def test_a_block_that_is_long_in_coming_is_waited_for(anchored):
    ask(anchored, "evm_setAutomine", False)
    make_log(3)
    anchor()
    make_log(1)
    anchor()
    assert [(each.size, each.block) for each in anchors()] == [(3, None)]

    ask(anchored, "evm_mine")
    anchor()
    ask(anchored, "evm_mine")
    anchor()

    assert [(each.size, each.block, each.problem) for each in anchors()] == [(3, 1, ""), (4, 2, "")]
    assert sent(anchored) == 2


@pytest.mark.usefixtures("anchored", "chain")
def test_a_chain_that_is_away_delays_nothing_and_is_found_again(app, monkeypatch):
    make_log(3)
    usual = app.config["LINGHUO"]
    monkeypatch.setitem(app.config, "LINGHUO", usual.model_copy(update={"anchor_rpc_url": "http://127.0.0.1:1"}))
    anchor()
    assert anchors() == []

    monkeypatch.setitem(app.config, "LINGHUO", usual)
    anchor()
    assert [each.block for each in anchors()] == [1]


def test_a_wrong_key_is_never_shown(anvil):
    with pytest.raises(ChainError) as caught:
        Chain(anvil, KEY[:-1] + "x")
    assert str(caught.value) == "ANCHOR_KEY is no private key"
    assert caught.value.__cause__ is None


@pytest.mark.usefixtures("app")
def test_without_a_chain_nothing_is_anchored():
    anchor()
    assert anchors() == []


def test_web3_is_loaded_by_the_task_alone(config):
    """It takes 45 MB, which no process pays for that doesn't anchor."""
    code = (
        "import backend.worker, sys; backend.worker.app.loader.import_default_modules(); print('web3' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment(config), capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")
