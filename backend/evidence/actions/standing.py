"""How the log stands: what the database knows, what is published, and who speaks for the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from backend.core.config import settings
from backend.core.db import db
from backend.evidence import publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.edge import Edge
from backend.evidence.merkle import EMPTY_ROOT, HASH_BYTES
from backend.evidence.note import Malformed, Note, PrivateKey, Unsigned
from backend.evidence.policy import Policy
from backend.evidence.rules import AlarmCause, Stopped
from backend.evidence.tiles import WIDTH

LOCK = 0x736571
"""The advisory lock of the one sequencer."""
BATCH = 128 * WIDTH
"""Leaves that are in memory at a time, and those of one checkpoint at the most: some tenths of a second of work."""
STATE = text("""
SELECT (SELECT coalesce(max(size), 0) FROM evidence.checkpoint) AS signed,
       (SELECT root FROM evidence.checkpoint ORDER BY size DESC LIMIT 1) AS root,
       (SELECT size FROM evidence.checkpoint ORDER BY size DESC OFFSET 1 LIMIT 1) AS signed_before,
       (SELECT coalesce(max(index) + 1, 0) FROM evidence.leaf) AS leaves,
       EXISTS (SELECT FROM evidence.pending) AS waiting,
       (SELECT coalesce(max(size), 0) FROM evidence.witness_state WHERE witness = ANY(:witnesses)) AS cosigned
""")
LEAVES = text("""
SELECT string_agg(commitment, ''::bytea ORDER BY index), count(*)
FROM evidence.leaf WHERE index >= :first AND index < :end
""")


@dataclass(frozen=True, slots=True)
class State:
    """What the database knows of the log."""

    signed: int
    """Leaves of the newest checkpoint's tree."""
    root: bytes
    signed_before: int
    """Leaves of the tree of the checkpoint before."""
    leaves: int
    waiting: bool
    cosigned: int
    """Leaves of the largest tree that a witness of the policy is known to have cosigned."""


@dataclass(frozen=True, slots=True)
class Signer:
    """In whose name the log speaks, and whom the world shall believe about it."""

    key: PrivateKey
    policy: Policy

    def check(self, note: Note) -> Checkpoint:
        """The checkpoint of a note of ours. Raises Stopped for a note that this log's key didn't sign."""
        try:
            if note.signed_by(self.key.public):
                return Checkpoint.parse(note.text)
        except (Malformed, Unsigned) as why:
            raise Stopped(AlarmCause.FORKED, f"what is published is no checkpoint: {why}") from why
        raise Stopped(AlarmCause.FORKED, "what is published isn't signed by this log's key")

    def sign(self, size: int, root: bytes) -> Note:
        said = Checkpoint(self.key.name, size, root).text
        return Note(said, (self.key.sign(said),))


@contextmanager
def alone(*, patient: bool = False) -> Iterator[Connection | None]:
    """A connection that holds the sequencer's lock, or None when another has it and one doesn't wait.

    The lock lasts as long as the connection, so that it is free again whatever happens to the process.
    """
    with db.engine.connect() as connection:
        if patient:
            connection.execute(select(func.pg_advisory_lock(LOCK)))
        elif not connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
            yield None
            return
        connection.commit()
        try:
            yield connection
        finally:
            _unlock(connection)


def _unlock(connection: Connection) -> None:
    """Free the lock before the connection goes back to its pool; one that can't is closed, which frees it too."""
    try:
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(LOCK)))
        connection.commit()
    except SQLAlchemyError:
        connection.invalidate()


def find_signer() -> Signer:
    """Key and policy as configured. Raises Stopped when they are missing or don't fit."""
    try:
        key, policy = publishing.signing_key(), publishing.policy()
    except Malformed as why:
        raise Stopped(AlarmCause.KEY, f"EVIDENCE_KEY or the policy can't be used: {why}") from why
    if key.name != settings().evidence_origin:
        raise Stopped(AlarmCause.KEY, "EVIDENCE_KEY isn't the key of EVIDENCE_ORIGIN")
    if key.public not in policy.logs:
        raise Stopped(AlarmCause.KEY, "the policy doesn't know this log's key")
    return Signer(key, policy)


def read_state(connection: Connection, signer: Signer) -> State:
    """What the database knows at this moment."""
    found = connection.execute(STATE, {"witnesses": [each.name for each in signer.policy.witnesses]}).one()
    connection.commit()
    return State(
        signed=found.signed,
        root=found.root or EMPTY_ROOT,
        signed_before=found.signed_before or 0,
        leaves=found.leaves,
        waiting=found.waiting,
        cosigned=found.cosigned,
    )


def read_published(signer: Signer) -> Checkpoint | None:
    """The published checkpoint; None before the first. Raises Stopped when it isn't ours."""
    try:
        note = publishing.published(publishing.CHECKPOINT)
    except (Malformed, UnicodeDecodeError) as why:
        raise Stopped(AlarmCause.FORKED, f"what is published is no checkpoint: {why}") from why
    return signer.check(note) if note else None


def load_edge(state: State) -> Edge:
    """The edge of the newest checkpoint's tree, from the published tiles. Raises Stopped when they don't lead to it."""
    try:
        edge = Edge.load(state.signed, publishing.fetch)
    except (ValueError, FileNotFoundError) as why:
        raise Stopped(AlarmCause.TILES, f"tiles of the tree of {state.signed} are missing or damaged: {why}") from why
    if edge.root != state.root:
        raise Stopped(AlarmCause.TILES, f"the published tiles don't lead to the signed root of {state.signed}")
    return edge


def read_leaves(connection: Connection, first: int, end: int) -> Iterator[list[bytes]]:
    """The entries of the leaves [first, end), a batch at a time. Raises Stopped where one is missing."""
    for start in range(first, end, BATCH):
        stop = min(start + BATCH, end)
        entries, count = connection.execute(LEAVES, {"first": start, "end": stop}).one()
        connection.commit()
        if count != stop - start:
            raise Stopped(AlarmCause.FORKED, f"leaves are missing among those from {start} to {stop}")
        yield split_entries(entries)


def split_entries(joined: bytes) -> list[bytes]:
    """The entries that stand there one behind the other."""
    return [joined[i : i + HASH_BYTES] for i in range(0, len(joined), HASH_BYTES)]
