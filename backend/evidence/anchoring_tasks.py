"""Writing checkpoints into an EVM chain, where one is configured."""

from typing import TYPE_CHECKING

import structlog

from backend.core.config import settings
from backend.core.features import load
from backend.core.tasks import task
from backend.core.transactions import release, transaction
from backend.evidence.actions import anchoring

if TYPE_CHECKING:
    from backend.evidence.anchor import Chain

log = structlog.get_logger()
CHAIN = "backend.evidence.anchor:Chain"
CHAIN_ERROR = "backend.evidence.anchor:ChainError"


@task("evidence.anchor", queue="bulk")
def anchor() -> None:
    """Bring what is unsettled to its end, then anchor the newest witnessed checkpoint.

    The signed transaction is written down before it is sent: after a crash the same one is asked about and sent again,
    and a chain takes it once.
    """
    if not settings().anchor_rpc_url:
        return
    try:
        chain: Chain = load(CHAIN)(settings().anchor_rpc_url, settings().anchor_key.get_secret_value())
        if _settle(chain) and _begin(chain):
            _settle(chain)
    except load(CHAIN_ERROR) as why:
        log.warning("evidence.chain_away", why=str(why))


def _begin(chain: "Chain") -> bool:
    """Claim the newest witnessed checkpoint; returns whether there is something to be sent."""
    tree = anchoring.find_due()
    release()
    if tree is None:
        return False
    signed = chain.sign(tree.text)
    with transaction():
        return anchoring.claim(
            tree=tree,
            sender=signed.sender,
            nonce=signed.nonce,
            transaction=signed.transaction,
            signed=signed.content,
        )


def _settle(chain: "Chain") -> bool:
    """Send what no block holds yet; returns whether nothing is left to be settled."""
    unsettled = anchoring.find_unsettled()
    if unsettled is None:
        release()
        return True
    size, hash_, content = unsettled.size, unsettled.transaction, unsettled.signed
    release()
    block = chain.find_block(hash_)
    if block is None:
        _send(chain, size, content)
        block = chain.find_block(hash_)
    if block is None:
        return False
    with transaction():
        anchoring.settle(size=size, block=block)
    log.info("evidence.anchored", size=size, block=block, transaction=hash_)
    return True


def _send(chain: "Chain", size: int, content: bytes) -> None:
    problem = ""
    try:
        chain.send(content)
    except load(CHAIN_ERROR) as why:
        problem = str(why)
        log.warning("evidence.not_anchored", size=size, why=problem)
    with transaction():
        anchoring.note_problem(size=size, problem=problem)
