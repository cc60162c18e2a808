"""How it stands with the log, for those who watch it: all of it is public but the reasons why something is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.evidence import publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import leaf_hash, node_hash
from backend.evidence.models import Checkpoint as SignedCheckpoint
from backend.evidence.models import Cosignature, Leaf, Opening, Record, WitnessState
from backend.evidence.note import Malformed
from backend.evidence.policy import NONE, Policy
from backend.evidence.proof import Proof
from backend.evidence.queries import SUBJECT_PURPOSE
from backend.evidence.words import name_witness

LATE = timedelta(minutes=1)
"""After this time a checkpoint without a witness's cosignature is worth a word."""
DAYS_SHOWN = 14
LAST_INDEX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one witness of the policy."""

    name: str
    size: int
    """Of the largest tree that it cosigned for us."""
    at: datetime | None
    state: WitnessState | None
    behind: int
    """Leaves of the newest tree that it hasn't cosigned."""
    late: bool
    """Whether something is the matter: it refuses, doesn't answer, or is behind for long."""


@dataclass(frozen=True, slots=True)
class Day:
    """How much the log has grown on one day in China."""

    day: date
    added: int
    size: int


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the path from a leaf to the root."""

    own: bytes
    sibling: bytes
    sibling_left: bool


def find_policy() -> Policy | None:
    """The policy in force; None where it can't be read, and then there is an alarm as well."""
    try:
        return publishing.policy()
    except Malformed:
        return None


def list_witnesses(policy: Policy) -> list[Standing]:
    """How it stands with each witness of the policy, the late ones first."""
    newest = db.session.scalar(select(SignedCheckpoint).order_by(SignedCheckpoint.size.desc()).limit(1))
    states = {state.witness: state for state in db.session.scalars(select(WitnessState))}
    found = [_standing(witness.name, states.get(witness.name), newest) for witness in policy.witnesses]
    return sorted(found, key=lambda standing: not standing.late)


def _standing(name: str, state: WitnessState | None, newest: SignedCheckpoint | None) -> Standing:
    last = db.session.execute(
        select(Cosignature.size, Cosignature.at)
        .where(Cosignature.witness == name)
        .order_by(Cosignature.size.desc())
        .limit(1)
    ).one_or_none()
    size, at = (last.size, last.at) if last else (0, None)
    behind = newest.size - size if newest else 0
    missed = _first_above(size) if behind else None
    late = bool(state and state.problem) or (missed is not None and clock.now() - missed.at > LATE)
    return Standing(name, size, at, state, behind, late)


def _first_above(size: int) -> SignedCheckpoint | None:
    query = select(SignedCheckpoint).where(SignedCheckpoint.size > size).order_by(SignedCheckpoint.size).limit(1)
    return db.session.scalar(query)


def growth(days: int = DAYS_SHOWN) -> list[Day]:
    """The last days, the newest first."""
    today = clock.today()
    starts = [today - timedelta(days=back) for back in range(-1, days)]
    sizes = [_size_before(start) for start in starts]
    return [
        Day(start, after - before, after) for start, after, before in zip(starts[1:], sizes, sizes[1:], strict=False)
    ]


def _size_before(day: date) -> int:
    moment = datetime.combine(day, time(), clock.SHANGHAI)
    newest = (
        select(SignedCheckpoint.size)
        .where(SignedCheckpoint.at < moment)
        .order_by(SignedCheckpoint.at.desc(), SignedCheckpoint.size.desc())
    )
    return db.session.scalar(newest.limit(1)) or 0


def list_checkpoints(
    *, day: date | None = None, missing: str = "", before: int | None = None, limit: int
) -> Sequence[SignedCheckpoint]:
    """The newest checkpoints below a size: of one day in China, and without this witness's cosignature."""
    query = select(SignedCheckpoint).order_by(SignedCheckpoint.size.desc()).limit(limit)
    if day is not None:
        start = datetime.combine(day, time(), clock.SHANGHAI)
        query = query.where(SignedCheckpoint.at >= start, SignedCheckpoint.at < start + timedelta(days=1))
    if missing:
        signed = select(Cosignature).where(Cosignature.size == SignedCheckpoint.size, Cosignature.witness == missing)
        query = query.where(~signed.exists())
    return db.session.scalars(query.where(SignedCheckpoint.size < before) if before is not None else query).all()


def cosigned(sizes: Sequence[int]) -> dict[int, dict[str, datetime]]:
    """Which witness cosigned the checkpoints of these sizes, and when we heard of it."""
    found: dict[int, dict[str, datetime]] = {size: {} for size in sizes}
    query = select(Cosignature).where(Cosignature.size.in_(sizes)).order_by(Cosignature.at)
    for each in db.session.scalars(query):
        found[each.size][each.witness] = each.at
    return found


def find_leaf(digest: bytes) -> Leaf | None:
    """The log's first entry that is this commitment."""
    return db.session.scalar(select(Leaf).where(Leaf.commitment == digest).order_by(Leaf.index).limit(1))


def get_leaf(index: int) -> Leaf | None:
    """The log's entry at this index."""
    return db.session.get(Leaf, index) if 0 <= index <= LAST_INDEX else None


def is_about(record: Record, subject: str) -> bool:
    """Whether a record that isn't erased is about this subject."""
    index = blind_index(subject, SUBJECT_PURPOSE)
    query = select(Opening.record_id).where(Opening.record_id == record.id, Opening.subject_index == index)
    return db.session.scalar(query) is not None


def written_at(record_id: UUID) -> datetime:
    """When a record was made, as its key says it (RFC 9562, 5.7: milliseconds since the epoch)."""
    return datetime.fromtimestamp((record_id.int >> 80) / 1000, UTC)


def first_checkpoint(index: int) -> SignedCheckpoint | None:
    """The oldest checkpoint that holds the entry at this index."""
    return _first_above(index)


def witnessed() -> Checkpoint | None:
    """The newest tree that enough witnesses have cosigned, as published."""
    note = publishing.published(publishing.WITNESSED)
    return Checkpoint.parse(note.text) if note else None


def climb(proof: Proof, commitment: bytes) -> Iterator[Step]:
    """The steps by which a proof's path leads from a commitment to the root."""
    size = Checkpoint.parse(proof.checkpoint.text).size
    inner = (proof.index ^ (size - 1)).bit_length()
    own = leaf_hash(commitment)
    for level, sibling in enumerate(proof.path):
        left = level >= inner or bool(proof.index >> level & 1)
        yield Step(own, sibling, left)
        own = node_hash(sibling, own) if left else node_hash(own, sibling)


def in_words(policy: Policy, name: str = "") -> str:
    """A policy's quorum, or one of its names, as people say it."""
    wanted = name or policy.quorum
    if wanted == NONE:
        return "不要求见证"
    group = next((each for each in policy.groups if each.name == wanted), None)
    if group is None:
        return name_witness(wanted)
    members = [in_words(policy, member) for member in group.members]
    if group.least == len(members):
        return "，并且".join(members)
    return f"{'、'.join(members)}中至少 {group.least} 家"
