"""Signed notes: the stored checkpoints with their cosignatures, and the two that are published."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from backend.core import clock
from backend.core.db import db
from backend.core.transactions import transaction
from backend.evidence import publishing, queries
from backend.evidence.audit.findings import Findings
from backend.evidence.audit.rules import Cause
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.models import Checkpoint as SignedCheckpoint
from backend.evidence.models import WitnessState
from backend.evidence.note import Malformed, Note, PublicKey, Signature, Unsigned
from backend.evidence.policy import Policy

TOLERANCE = timedelta(minutes=1)
"""How far clocks may differ, and how long publishing may take."""


class Notes:
    """The checks of notes, in the order of their trees' sizes."""

    def __init__(self, findings: Findings, policy: Policy) -> None:
        self._findings, self._policy = findings, policy
        self._witnesses: Mapping[str, PublicKey] = {each.name: each.key for each in policy.witnesses}
        self._latest: datetime | None = None

    def check(self, size: int, root: bytes, text: str, at: datetime) -> None:
        """A stored checkpoint: signed by the log, saying what its row says, and not before the one before it."""
        try:
            tree = self._policy.check_log(Note.parse(text))
        except (Malformed, Unsigned) as why:
            self._findings.add(Cause.CHECKPOINT_FALSE, detail=f"{size}: {why}")
        else:
            if (tree.size, tree.root) != (size, root):
                self._findings.add(Cause.CHECKPOINT_FALSE, detail=f"{size}: the note says another tree")
        if self._latest is not None and at < self._latest - TOLERANCE:
            self._findings.add(Cause.CLOCK_JUMPED, detail=f"{size}: {at:%F %T}Z after {self._latest:%F %T}Z")
        self._latest = at

    def check_cosignature(self, size: int, text: str, at: datetime, witness: str, line: str) -> None:
        """A stored cosignature; of a witness that the policy knows no more, there is nothing to check it by."""
        key = self._witnesses.get(witness)
        if key is None:
            return
        try:
            signature = Signature.parse(line.removesuffix("\n"))
            known = Note(text.rpartition("\n\n")[0] + "\n", (signature,)).signed_by(key)
        except (Malformed, Unsigned):
            known = None
        if known is None:
            self._findings.add(Cause.COSIGNATURE_FALSE, detail=f"{size}: {witness}")
            return
        seen = datetime.fromtimestamp(known.time, UTC)
        if seen < at - TOLERANCE:
            detail = f"{size}: {at:%F %T}Z, but {witness} cosigned at {seen:%F %T}Z"
            self._findings.add(Cause.CLOCK_JUMPED, detail=detail)


def check_published(findings: Findings, policy: Policy) -> None:
    """What everybody sees, against what the database knows; asked in this order, for publishing comes last."""
    for name in (publishing.CHECKPOINT, publishing.WITNESSED):
        tree = _published(name, findings, policy)
        with transaction():
            newest = queries.get_checkpoint()
            if tree is not None:
                _compare(name, tree, newest, findings)
            if name == publishing.CHECKPOINT and newest and newest.size > (tree.size if tree else 0):
                _wait(newest, findings)
    with transaction():
        _ask_states(findings, policy)


def _published(name: str, findings: Findings, policy: Policy) -> Checkpoint | None:
    try:
        note = publishing.published(name)
        agreement = policy.check(note) if note else None
    except (Malformed, Unsigned, UnicodeDecodeError) as why:
        findings.add(Cause.PUBLISHED_DIFFERS, detail=f"{name}: {why}")
        return None
    if agreement is None:
        return None
    if name == publishing.WITNESSED and not agreement.witnessed:
        findings.add(Cause.PUBLISHED_DIFFERS, detail=f"{name}: {agreement.checkpoint.size} isn't witnessed")
    return agreement.checkpoint


def _compare(name: str, tree: Checkpoint, newest: SignedCheckpoint | None, findings: Findings) -> None:
    size = newest.size if newest else 0
    if tree.size > size:
        findings.add(Cause.PUBLISHED_AHEAD, detail=f"{name}: {tree.size} > {size}")
        return
    stored = db.session.get(SignedCheckpoint, tree.size)
    if stored is None or stored.root != tree.root:
        findings.add(Cause.PUBLISHED_DIFFERS, detail=f"{name}: {tree.size}")


def _wait(newest: SignedCheckpoint, findings: Findings) -> None:
    """A checkpoint is published right after it is stored."""
    if clock.now() - newest.at > TOLERANCE:
        findings.add(Cause.PUBLISHED_BEHIND, detail=str(newest.size))


def _ask_states(findings: Findings, policy: Policy) -> None:
    """A witness that cosigned more than the database knows."""
    newest = select(func.coalesce(func.max(SignedCheckpoint.size), 0)).scalar_subquery()
    names = [each.name for each in policy.witnesses]
    ahead = select(WitnessState.witness, WitnessState.size, newest).where(
        WitnessState.witness.in_(names), WitnessState.size > newest
    )
    for witness, cosigned, size in db.session.execute(ahead):
        findings.add(Cause.PUBLISHED_AHEAD, detail=f"{witness}: {cosigned} > {size}")
