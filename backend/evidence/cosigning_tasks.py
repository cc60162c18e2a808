"""Asking the witnesses: each on its own, so that one that is away delays nothing but its own cosignature."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from redis.exceptions import LockError

from backend.core.redis import redis_client
from backend.core.tasks import task
from backend.core.transactions import enqueue, release, transaction
from backend.evidence import publishing
from backend.evidence.actions import cosigning
from backend.evidence.actions.cosigning import Question
from backend.evidence.gateway import (
    WitnessAway,
    WitnessClient,
    WitnessElsewhere,
    WitnessError,
    WitnessGateway,
    WitnessRefused,
)
from backend.evidence.merkle import consistency_proof, root_hash
from backend.evidence.note import Malformed, Note, Signature, Unsigned
from backend.evidence.policy import Witness
from backend.evidence.tiles import reader

log = structlog.get_logger()
LEASE = 20.0
"""Seconds after which a witness may be asked by another, where the one who asked has died."""


@task("evidence.cosign", queue="log")
def cosign(witness: str) -> None:
    """Have the witness of this name cosign the newest checkpoint; nothing is to be done while another asks it."""
    # Looked at without the lock: whoever was turned away while we asked had a checkpoint that we see now.
    while _is_due(witness):
        with _alone_with(witness) as alone:
            if not alone or not _ask(witness):
                return


@task("evidence.meet", queue="log")
def meet(witness: str) -> None:
    """See which checkpoint of ours the witness of this name holds: it may know more than a restored database."""
    with _alone_with(witness) as alone:
        if alone:
            _meet(witness)


@task("evidence.meet_all", queue="log")
def meet_all() -> None:
    """Ask those that haven't cosigned the newest checkpoint, whatever became of the earlier tries; see the others."""
    with transaction():
        behind = cosigning.list_behind()
        for witness in cosigning.list_askable():
            enqueue(cosign if witness.name in behind else meet, witness.name)


def meet_strangers() -> bool:
    """See the witnesses with whom there was no word for long; returns whether each of them has been tried now."""
    with transaction():
        strangers = cosigning.list_strange()
    for witness in strangers:
        meet(witness)
    if not strangers:
        return True
    with transaction():
        return not cosigning.list_strange()


@contextmanager
def _alone_with(witness: str) -> Iterator[bool]:
    """Whether nobody else asks this witness now; nobody does until the block ends."""
    lock = redis_client().lock(f"evidence.cosign:{witness}", timeout=LEASE)
    taken = lock.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            with suppress(LockError):
                lock.release()


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
        _explain(gateway, question.witness, why)
        return False
    with transaction():
        cosigning.keep_cosignature(question=question, signature=signature)
    with transaction():
        publishing.publish_notes()
    return True


def _obtain(gateway: WitnessGateway, question: Question) -> Signature:
    """The witness's signature on the checkpoint, checked. One that is at another size than believed is asked again.

    Raises WitnessError, Unsigned for a false signature, OSError and ValueError for tiles that are missing or damaged.
    """
    try:
        return _add(gateway, question, question.old)
    except WitnessElsewhere as elsewhere:
        if elsewhere.size > question.tree.size:
            raise
        return _add(gateway, question, elsewhere.size)


def _add(gateway: WitnessGateway, question: Question, old: int) -> Signature:
    size = question.tree.size
    proof = consistency_proof(old, size, reader(size, publishing.fetch))
    lines = gateway.add(old=old, proof=proof, checkpoint=question.note)
    signature = Note(question.note.text, lines).signed_by(question.witness.key)
    if signature is None or not signature.time:
        raise WitnessAway("answered without its signature")
    return signature


def _explain(gateway: WitnessGateway, witness: Witness, why: Exception) -> None:
    """Keep why there is no cosignature; what the witness can show against us is said loudly."""
    seen = None
    match why:
        case WitnessElsewhere() | WitnessRefused():
            seen = _look(gateway, witness)
            problem = seen.problem or f"拒绝见证：{why}"
        case WitnessAway():
            problem = f"没有得到应答：{why}"
        case Unsigned():
            problem = "应答中的签名是假的"
        case _:
            problem = f"无法取得一致性证明：{why}"
    with transaction():
        size = seen.size if seen else None
        cosigning.note_state(witness=witness.name, problem=problem, size=size, answered=seen is not None)
    log.warning("evidence.not_cosigned", witness=witness.name, why=repr(why))


def _meet(name: str) -> None:
    with transaction():
        witness = next((each for each in cosigning.list_askable() if each.name == name), None)
    release()
    if witness is None:
        return
    seen = _look(WitnessClient(witness.url), witness)
    with transaction():
        cosigning.note_state(witness=name, problem=seen.problem, size=seen.size, answered=seen.answered)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness shows, as far as it speaks against us."""

    problem: str = ""
    size: int | None = None
    """Of the newest checkpoint of ours that it shows; a mere claim shows nothing and stops nothing."""
    answered: bool = True


def _look(gateway: WitnessGateway, witness: Witness) -> Seen:
    """What the witness's newest checkpoint of this log says about us. Nothing is believed that this log didn't sign."""
    with transaction():
        ours = cosigning.get_newest_tree()
    release()
    try:
        note = gateway.newest(ours.origin)
        shown = publishing.policy().check_log(note) if note else None
    except WitnessAway as why:
        return Seen(f"没有得到应答：{why}", answered=False)
    except (Malformed, Unsigned):
        return Seen("出示的检查点不是本日志签的")
    if shown is None or shown.origin != ours.origin:
        return Seen(size=0)
    if shown.size > ours.size:
        log.error("evidence.witness_ahead", witness=witness.name, shown=shown.size, ours=ours.size)
        problem = f"已经见证到 {shown.size} 条，多于本库所知的 {ours.size} 条：数据库可能是从旧备份恢复的"
        return Seen(problem, shown.size)
    if root_hash(shown.size, reader(ours.size, publishing.fetch)) != shown.root:
        log.error("evidence.forked", witness=witness.name, shown=shown.size, root=shown.root.hex())
        return Seen(f"见证过另一棵 {shown.size} 条的树：本日志签出了分叉，必须停下核查")
    return Seen(size=shown.size)
