"""Which checkpoint is written into the chain next, and what became of it."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.db import db
from backend.evidence import publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.models import Anchor


def find_unsettled() -> Anchor | None:
    """The anchor that no block is known to hold yet; while there is one, no other is begun."""
    return db.session.scalar(select(Anchor).where(Anchor.block.is_(None)).order_by(Anchor.size).limit(1))


def find_due() -> Checkpoint | None:
    """The newest witnessed checkpoint, unless it or a larger one is anchored."""
    note = publishing.published(publishing.WITNESSED)
    if note is None:
        return None
    agreement = publishing.policy().check(note)
    done = db.session.scalar(select(Anchor.size).order_by(Anchor.size.desc()).limit(1))
    newer = done is None or agreement.checkpoint.size > done
    return agreement.checkpoint if newer and agreement.witnessed else None


def claim(*, tree: Checkpoint, sender: str, nonce: int, transaction: str, signed: bytes) -> bool:
    """Write down, before it is sent, the one transaction that anchors this checkpoint.

    False when somebody else has claimed the checkpoint or the account's next transaction.
    """
    row = {
        "size": tree.size,
        "text": tree.text,
        "sender": sender,
        "nonce": nonce,
        "transaction": transaction,
        "signed": signed,
        "at": clock.now(),
        "problem": "",
    }
    claimed = insert(Anchor).values(row).on_conflict_do_nothing().returning(Anchor.size)
    return db.session.scalar(claimed) is not None


def settle(*, size: int, block: int) -> None:
    """The chain holds it."""
    anchor = db.session.get_one(Anchor, size)
    anchor.block, anchor.problem = block, ""


def note_problem(*, size: int, problem: str) -> None:
    """The chain didn't take it; it is sent again as it is."""
    db.session.get_one(Anchor, size).problem = problem
