"""What a witness makes of a checkpoint that a log has signed (C2SP tlog-witness, add-checkpoint). Pure."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import EMPTY_ROOT, Unproven, check_consistency
from backend.witness.submission import Submission

STEP_BACK = 60
"""Seconds by which a clock may be set back, as time servers do, before the witness waits for a person."""


class Kind(StrEnum):
    """In which way a signed checkpoint speaks against its log."""

    FORK = "fork"
    """Another root for a size that was cosigned: two signatures that can't both be honest."""
    ROLLBACK = "rollback"
    """Smaller than what was cosigned, and never cosigned itself: the log went back, or somebody sent it late."""
    UNPROVEN = "unproven"
    """Said to extend what was cosigned, with a proof that doesn't show it."""
    EMPTY = "empty"
    """No entries, and yet not the root of the empty tree."""


class ClockBehindError(Exception):
    """The clock stands so far before the last cosignature that it must be looked at; says how many seconds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """200: cosign. 409: the sizes don't meet. 422: not a later state of the same tree."""

    status: HTTPStatus
    finding: Kind | None = None


def judge(submitted: Submission, latest: Checkpoint, known_root: bytes | None) -> Verdict:
    """Whether the submitted checkpoint may follow `latest`, the one cosigned last (the empty tree at first).

    `known_root` is the root that was cosigned at the submitted size; None where none is remembered.
    """
    tree = submitted.tree
    if submitted.old != latest.size:
        return Verdict(HTTPStatus.CONFLICT, _suspect(tree, latest, known_root))
    if tree.size == 0 and tree.root != EMPTY_ROOT:
        return Verdict(HTTPStatus.UNPROCESSABLE_ENTITY, Kind.EMPTY)
    try:
        check_consistency(
            old=latest.size, old_root=latest.root, new=tree.size, new_root=tree.root, proof=submitted.proof
        )
    except Unproven:
        return Verdict(HTTPStatus.UNPROCESSABLE_ENTITY, _disproved(tree, latest))
    return Verdict(HTTPStatus.OK)


def _suspect(tree: Checkpoint, latest: Checkpoint, known_root: bytes | None) -> Kind | None:
    """A log that asks with the wrong old size is usually only behind; the checkpoint itself may say more."""
    if known_root is not None:
        return None if known_root == tree.root else Kind.FORK
    return Kind.ROLLBACK if tree.size < latest.size else None


def _disproved(tree: Checkpoint, latest: Checkpoint) -> Kind | None:
    """What a false proof shows: nothing where the tree is the same, or where any tree would have done."""
    if tree.size == latest.size:
        return None if tree.root == latest.root else Kind.FORK
    return Kind.UNPROVEN if latest.size else None


def cosigning_time(now: int, last: int) -> int:
    """The time to cosign at: the present, but never before the last cosignature. Raises ClockBehindError."""
    if last - now > STEP_BACK or now <= 0:
        raise ClockBehindError(f"{last - now} seconds before the last cosignature")
    return max(now, last)
