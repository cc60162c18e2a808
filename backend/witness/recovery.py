"""Taking over what a witness once cosigned and has forgotten: its own signature is its memory."""

from pathlib import Path

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Malformed, Note, PrivateKey, Unsigned
from backend.evidence.policy import Policy
from backend.witness import identity
from backend.witness.cosigner import log_signatures
from backend.witness.identity import Refusal
from backend.witness.store import Store


def adopt(folder: Path, name: str, policy: Policy, content: str) -> Checkpoint:
    """Make a checkpoint that carries this witness's signature the one cosigned last, its store being lost or old.

    Refuses: Refusal when the log or this witness didn't sign it, or the store knows as much or more.
    """
    key = identity.open_key(folder, name)
    tree, kept, time = _own(key, policy, content)
    store = Store(folder / identity.STORE)
    try:
        with store.writing() as rows:
            if (owner := rows.owner()) not in {"", str(key.public)}:
                raise Refusal(f"见证记录属于另一把密钥（{owner}），请先把它移走。")
            if rows.note(tree.origin) and (size := rows.latest(tree.origin).size) >= tree.size:
                raise Refusal(f"现有记录已到 {size} 条，不比这份检查点（{tree.size} 条）旧，无需恢复。")
            rows.belong(str(key.public))
            rows.keep(tree, time, kept)
    finally:
        store.close()
    return tree


def _own(key: PrivateKey, policy: Policy, content: str) -> tuple[Checkpoint, Note, int]:
    """What the checkpoint says, itself with the log's signatures and this witness's alone, and when it was cosigned."""
    try:
        note = Note.parse(content)
        tree = Checkpoint.parse(note.text)
        signed = log_signatures(note, policy)
        own = note.signed_by(key.public)
    except (Malformed, Unsigned) as why:
        raise Refusal(f"这不是一份有效的、由政策所列日志签名的检查点：{why}。") from why
    if own is None:
        raise Refusal(f"这份检查点上没有本见证 {key.name} 的签名，不能据以恢复。")
    return tree, Note(note.text, (*signed, own)), own.time
