"""What the log holds, and the proofs of it."""

import json
import re
import time
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.core.crypto import blind_index, keyring
from backend.core.db import db
from backend.core.errors import Conflict, NotFound
from backend.core.features import EvidenceKind, Rebuild, load
from backend.evidence import commitment, publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import Read, Unproven, check_inclusion, inclusion_proof
from backend.evidence.models import Alarm, Leaf, Opening, Pending, Record, WitnessState
from backend.evidence.models import Checkpoint as SignedCheckpoint
from backend.evidence.note import Malformed, Note, decode64
from backend.evidence.proof import Proof
from backend.evidence.tiles import reader

SEALED_PLACE = "evidence.opening.sealed"
UUID_TIME_SHIFT = 80
"""A UUIDv7's first 48 bits are milliseconds since the epoch (RFC 9562, 5.7)."""
SUBJECT_PURPOSE = "evidence.opening.subject"


@dataclass(frozen=True, slots=True)
class Opened:
    """A record with what it says, and about whom."""

    subject: str
    content: dict[str, Any]
    opening: commitment.Opening


def list_kinds(known_to: str = "") -> list[EvidenceKind]:
    """The registered kinds of record, or those of which this kind of organisation may know."""
    kinds = cast("dict[str, EvidenceKind]", current_app.extensions["linghuo.evidence"])
    return [kind for kind in kinds.values() if not known_to or known_to in kind.known_to]


def get_kind(name: str) -> EvidenceKind:
    """A registered kind of record. Raises LookupError when no feature registers it."""
    kinds = cast("dict[str, EvidenceKind]", current_app.extensions["linghuo.evidence"])
    if name not in kinds:
        raise LookupError(f"no feature registers records of kind {name!r}")
    return kinds[name]


def get_alarm() -> Alarm | None:
    """Why the sequencer stands still; None while it works."""
    return db.session.scalar(select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.id.desc()).limit(1))


def get_record(record_id: UUID, known_to: str = "") -> Record:
    """A record. Refuses: NotFound, also where this kind of organisation may not know that there is one."""
    found = db.session.get(Record, record_id)
    if found is None or (known_to and found.kind not in {kind.name for kind in list_kinds(known_to)}):
        raise NotFound
    return found


def find_record(digest: bytes, known_to: str = "") -> Record | None:
    """The record in the log with this commitment, if this kind of organisation may know of it."""
    row = select(Record).join(Leaf, Leaf.record_id == Record.id).where(Leaf.commitment == digest)
    return db.session.scalar(row.where(Record.kind.in_([kind.name for kind in list_kinds(known_to)])))


def list_records(subject: str, known_to: str = "", *, before: UUID | None = None, limit: int = 50) -> list[Record]:
    """The newest records about a subject that aren't erased, of kinds of which this kind of organisation may know."""
    rows = (
        select(Record)
        .join(Opening, Opening.record_id == Record.id)
        .where(Opening.subject_index == blind_index(subject, SUBJECT_PURPOSE))
        .where(Record.kind.in_([kind.name for kind in list_kinds(known_to)]))
        .order_by(Record.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(rows.where(Record.id < before) if before else rows))


def get_leaf(record_id: UUID) -> Leaf | None:
    """A record's place in the log; None while it waits for one."""
    return db.session.scalar(select(Leaf).where(Leaf.record_id == record_id))


def get_checkpoint() -> SignedCheckpoint | None:
    """The newest checkpoint; None while the log is empty."""
    return db.session.scalar(select(SignedCheckpoint).order_by(SignedCheckpoint.size.desc()).limit(1))


def list_checkpoints(*, before: int | None = None, limit: int = 50) -> list[SignedCheckpoint]:
    """The newest checkpoints, or the newest below a size."""
    rows = select(SignedCheckpoint).order_by(SignedCheckpoint.size.desc()).limit(limit)
    return list(db.session.scalars(rows.where(SignedCheckpoint.size < before) if before is not None else rows))


def open_record(record: Record) -> Opened:
    """What a record says, from its opening and, where its kind is rebuilt, from its rows.

    Refuses: Conflict("evidence.erased") when the opening or the rows are gone, Conflict("evidence.altered") when what
    is found isn't what was committed to.
    """
    sealed = db.session.scalar(select(Opening.sealed).where(Opening.record_id == record.id))
    if sealed is None:
        raise Conflict("evidence.erased", "这条记录的内容已按规定删除，不能再出具存证；存证日志本身完好。")
    said = json.loads(keyring().unseal_bytes(sealed, SEALED_PLACE))
    content = said["content"] if "content" in said else _rebuilt(record)
    opening = commitment.Opening.of(record.id, record.kind, content, decode64(said["salt"]))
    if opening.commitment != record.commitment:
        raise Conflict("evidence.altered", "这条记录与存证时不一致，可能被改动过，请联系平台核查。")
    return Opened(said["subject"], content, opening)


def _rebuilt(record: Record) -> dict[str, Any]:
    rebuild = cast("Rebuild", load(get_kind(record.kind).rebuild))
    found = rebuild([record.id]).get(record.id)
    if found is None:
        raise Conflict("evidence.erased", "这条记录的内容已按规定删除，不能再出具存证；存证日志本身完好。")
    return found


def get_proof(record_id: UUID) -> Proof:
    """The proof that a record is in the log, under the newest witnessed checkpoint.

    Refuses: NotFound, Conflict("evidence.not_yet_witnessed") until a witnessed checkpoint covers it, and what
    `open_record` refuses.
    """
    record = get_record(record_id)
    opened = open_record(record)
    leaf, note = get_leaf(record_id), publishing.published(publishing.WITNESSED)
    tree = Checkpoint.parse(note.text) if note else None
    if leaf is None or note is None or tree is None or leaf.index >= tree.size:
        raise Conflict("evidence.not_yet_witnessed", "这条记录刚刚存入，见证方还没有全部确认，请过几秒再试。")
    return prove(leaf.index, note, opened.opening)


def prove(index: int, note: Note, opening: commitment.Opening | None = None) -> Proof:
    """The proof that the leaf at this index is in a checkpoint's tree, from the published tiles."""
    tree = Checkpoint.parse(note.text)
    path = _path(index, tree, publishing.read_tree(tree.size))
    if path is None:
        # What is kept is another log's, which stood in the same place before.
        publishing.kept_subtrees.cache_clear()
        path = inclusion_proof(index, tree.size, reader(tree.size, publishing.fetch))
    return Proof(index, tuple(path), note, opening)


def _path(index: int, tree: Checkpoint, read: Read) -> list[bytes] | None:
    """The leaf's path in this tree; None where the tiles lead to another root."""
    path = inclusion_proof(index, tree.size, read)
    try:
        check_inclusion(index=index, size=tree.size, leaf=read(0, index), path=path, root=tree.root)
    except Unproven:
        return None
    return path


def get_gauges() -> dict[str, tuple[str, float]]:
    """What the watchers see of the log and of each witness."""
    newest, first = get_checkpoint(), db.session.scalar(select(Pending.record_id).order_by(Pending.record_id).limit(1))
    waiting = time.time() - (first.int >> UUID_TIME_SHIFT) / 1000 if first else 0.0
    return {
        "linghuo_evidence_size": ("Leaves of the newest signed tree", float(newest.size if newest else 0)),
        "linghuo_evidence_waiting_seconds": ("Age of the record that waits longest for its place", max(waiting, 0.0)),
        "linghuo_evidence_stopped": ("Whether the sequencer stands still", float(get_alarm() is not None)),
    } | _witness_gauges(newest.size if newest else 0)


def _witness_gauges(size: int) -> dict[str, tuple[str, float]]:
    states = {state.witness: state for state in db.session.scalars(select(WitnessState))}
    gauges: dict[str, tuple[str, float]] = {}
    for name in list_witnesses():
        state, metric = states.get(name), f"linghuo_evidence_witness_{_in_metric(name)}"
        behind = max(size - (state.size if state else 0), 0)
        gauges[f"{metric}_behind"] = (f"Leaves that witness {name} hasn't cosigned", float(behind))
        gauges[f"{metric}_failing"] = (f"Whether {name} refused or didn't answer", float(bool(state and state.problem)))
    return gauges


def _in_metric(name: str) -> str:
    """A witness's name as part of a metric's, which knows ASCII letters, digits and underlines only."""
    return re.sub(r"[^A-Za-z0-9_]", lambda found: f"{ord(found[0]):x}", name.replace("-", "_"))


def list_witnesses() -> list[str]:
    """The names of the policy's witnesses; none while the policy can't be read."""
    try:
        return [witness.name for witness in publishing.policy().witnesses]
    except Malformed:
        return []
