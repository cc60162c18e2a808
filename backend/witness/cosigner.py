"""The witness's decisions, made and kept in one transaction each."""

import time
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

import structlog

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Malformed, Note, PrivateKey, Signature, Unsigned, encode64
from backend.evidence.policy import Policy
from backend.witness import rules
from backend.witness.rules import Kind
from backend.witness.store import Finding, Rows, Store
from backend.witness.submission import Submission

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the protocol answers; `size` accompanies 409 alone."""

    status: HTTPStatus
    said: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness: its key, what it remembers, and whose checkpoints it cosigns."""

    key: PrivateKey
    store: Store
    policy: Policy

    def add(self, body: bytes) -> Answer:
        """Cosign the submitted checkpoint, or say why not (C2SP tlog-witness, add-checkpoint).

        Whatever is answered is on the disk before. Raises ClockBehindError, and sqlite3.Error when the disk refuses.
        """
        try:
            submitted = Submission.parse(body)
        except Malformed as why:
            return Answer(HTTPStatus.BAD_REQUEST, f"{why}\n")
        tree = submitted.tree
        if not any(key.name == tree.origin for key in self.policy.logs):
            return Answer(HTTPStatus.NOT_FOUND, "unknown log\n")
        try:
            signed = log_signatures(submitted.note, self.policy)
        except Unsigned as why:
            return Answer(HTTPStatus.FORBIDDEN, f"{why}\n")
        if submitted.old > tree.size:
            return Answer(HTTPStatus.BAD_REQUEST, "the old size is larger than the checkpoint's\n")
        return self._decide(submitted, Note(submitted.note.text, tuple(signed)))

    def _decide(self, submitted: Submission, note: Note) -> Answer:
        tree = submitted.tree
        with self.store.writing() as rows:
            latest = rows.latest(tree.origin)
            verdict = rules.judge(submitted, latest, rows.root_at(tree.origin, tree.size))
            if verdict.finding:
                self._accuse(rows, verdict.finding, submitted, latest)
            if verdict.status is HTTPStatus.OK:
                line = self._cosign(rows, tree, note)
                return Answer(HTTPStatus.OK, str(line))
        if verdict.status is HTTPStatus.CONFLICT:
            return Answer(verdict.status, f"{latest.size}\n", latest.size)
        return Answer(verdict.status, f"not consistent with the tree of size {latest.size}\n")

    def _cosign(self, rows: Rows, tree: Checkpoint, note: Note) -> Signature:
        moment = rules.cosigning_time(int(time.time()), rows.last_time())
        line = self.key.cosign(note.text, moment)
        rows.keep(tree, moment, note.with_signatures([line]))
        return line

    def _accuse(self, rows: Rows, kind: Kind, submitted: Submission, latest: Checkpoint) -> None:
        tree = submitted.tree
        proof = "\n".join([f"old {submitted.old}", *map(encode64, submitted.proof)])
        held = rows.note(tree.origin)
        at = int(time.time())
        rows.keep_finding(Finding(kind, tree.origin, tree.size, tree.root, str(submitted.note), held, proof, at))
        log.error(
            "witness.misbehaviour",
            kind=kind,
            witness=self.key.name,
            origin=tree.origin,
            size=tree.size,
            root=tree.root.hex(),
            held_size=latest.size,
            held_root=latest.root.hex(),
        )

    def checkpoint(self, origin_hash: str) -> str:
        """The newest cosigned checkpoint of the log whose origin has this SHA-256 in hex; "" for none."""
        with self.store.reading() as rows:
            found = [note for origin, note in rows.notes() if sha256(origin.encode()).hexdigest() == origin_hash]
        return found[0] if found else ""


def log_signatures(note: Note, policy: Policy) -> list[Signature]:
    """The signatures of the checkpoint's own log, by each key that the policy lists for its origin.

    Raises Malformed for no checkpoint, Unsigned for none, or when one is false.
    """
    origin = policy.check_log(note).origin
    found = [note.signed_by(key) for key in policy.logs if key.name == origin]
    return [each for each in found if each]
