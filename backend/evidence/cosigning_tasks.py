"""Asking the witnesses: each on its own, so that one that is away delays nothing but its own cosignature."""

from contextlib import suppress

import structlog
from redis.exceptions import LockError

from backend.core.redis import redis_client
from backend.core.tasks import task
from backend.core.transactions import enqueue, release, transaction
from backend.evidence import publishing
from backend.evidence.actions import cosigning
from backend.evidence.actions.cosigning import Question
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.gateway import WitnessAway, WitnessClient, WitnessElsewhere, WitnessError, WitnessRefused
from backend.evidence.merkle import consistency_proof, root_hash
from backend.evidence.note import Malformed, Note, Signature, Unsigned
from backend.evidence.tiles import reader

log = structlog.get_logger()
LEASE = 20.0
"""Seconds after which a witness may be asked by another, where the one who asked has died."""


@task("evidence.cosign", queue="log")
def cosign(witness: str) -> None:
    """Have the witness of this name cosign the newest checkpoint; nothing is to be done while another asks it."""
    lock = redis_client().lock(f"evidence.cosign:{witness}", timeout=LEASE)
    # Looked at without the lock: whoever was turned away while we asked had a checkpoint that we see now.
    while _is_due(witness) and lock.acquire(blocking=False):
        try:
            done = _ask(witness)
        finally:
            with suppress(LockError):
                lock.release()
        if not done:
            return


@task("evidence.cosign_missing", queue="log")
def cosign_missing() -> None:
    """Ask every witness that hasn't cosigned the newest checkpoint, whatever became of the earlier tries."""
    with transaction():
        for witness in cosigning.list_behind():
            enqueue(cosign, witness)


def _is_due(witness: str) -> bool:
    with transaction():
        return cosigning.find_question(witness=witness) is not None


def _ask(witness: str) -> bool:
    """Ask once, and keep what came of it; returns whether it cosigned."""
    with transaction():
        question = cosigning.find_question(witness=witness)
    release()
    if question is None:
        return False
    gateway = WitnessClient(question.witness.url)
    try:
        signature = _obtain(gateway, question)
    except (WitnessError, Unsigned, OSError, ValueError) as why:
        _explain(gateway, question, why)
        return False
    with transaction():
        cosigning.keep_cosignature(question=question, signature=signature)
    with transaction():
        publishing.publish_notes()
    return True


def _obtain(gateway: WitnessClient, question: Question) -> Signature:
    """The witness's signature on the checkpoint, checked. One that is at another size than believed is asked again.

    Raises WitnessError, Unsigned for a false signature, OSError and ValueError for tiles that are missing or damaged.
    """
    try:
        return _add(gateway, question, question.old)
    except WitnessElsewhere as elsewhere:
        if elsewhere.size > question.tree.size:
            raise
        return _add(gateway, question, elsewhere.size)


def _add(gateway: WitnessClient, question: Question, old: int) -> Signature:
    size = question.tree.size
    proof = consistency_proof(old, size, reader(size, publishing.fetch))
    lines = gateway.add(old=old, proof=proof, checkpoint=question.note)
    signature = Note(question.note.text, lines).signed_by(question.witness.key)
    if signature is None or not signature.time:
        raise WitnessAway("answered without its signature")
    return signature


def _explain(gateway: WitnessClient, question: Question, why: Exception) -> None:
    """Keep why there is no cosignature; what the witness can show against us is said loudly."""
    name, size, answered = question.witness.name, None, not isinstance(why, WitnessAway)
    match why:
        case WitnessElsewhere() | WitnessRefused():
            problem, size = _held_against_us(gateway, question, why)
        case WitnessAway():
            problem = f"没有得到应答：{why}"
        case Unsigned():
            problem = "应答中的签名是假的"
        case _:
            problem, answered = f"无法取得一致性证明：{why}", False
    with transaction():
        cosigning.note_problem(witness=name, problem=problem, size=size, answered=answered)
    log.warning("evidence.not_cosigned", witness=name, size=question.tree.size, why=repr(why))


def _held_against_us(gateway: WitnessClient, question: Question, why: Exception) -> tuple[str, int | None]:
    """What a refusal means, and the size of a tree of ours that the witness shows where it is larger than all we know.

    A claim alone stops nothing: the witness has to show a checkpoint that this log's key has signed.
    """
    shown = _shown(gateway, question)
    if shown is None:
        return f"拒绝见证，但没有出示本日志签过的检查点（{why}）", None
    with transaction():
        ours = cosigning.get_newest_tree()
    release()
    if shown.size > ours.size:
        log.error("evidence.witness_ahead", witness=question.witness.name, shown=shown.size, ours=ours.size)
        return f"已经见证到 {shown.size} 条，多于本库所知的 {ours.size} 条：数据库可能是从旧备份恢复的", shown.size
    if root_hash(shown.size, reader(ours.size, publishing.fetch)) != shown.root:
        log.error("evidence.forked", witness=question.witness.name, shown=shown.size, root=shown.root.hex())
        return f"见证过另一棵 {shown.size} 条的树：本日志签出了分叉，必须停下核查", None
    return f"拒绝见证：{why}", None


def _shown(gateway: WitnessClient, question: Question) -> Checkpoint | None:
    """The newest checkpoint that the witness shows, if it is one of this log and signed by it."""
    try:
        note = gateway.newest(question.tree.origin)
        tree = question.policy.check_log(note) if note else None
    except (WitnessAway, Malformed, Unsigned):
        return None
    return tree if tree and tree.origin == question.tree.origin else None
