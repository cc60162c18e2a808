"""What a witness is asked next, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.config import settings
from backend.core.db import db
from backend.evidence import publishing, queries
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import EMPTY_ROOT
from backend.evidence.models import Cosignature, WitnessState
from backend.evidence.note import Note, Signature
from backend.evidence.policy import Witness

STRANGE = timedelta(minutes=2)
"""After so long without a word with a witness it may know more than we do: a backup may have been restored since."""
REST = timedelta(seconds=10)
"""How long a witness that failed is left alone, so that one that is away costs few of the tasks' threads."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to ask for a cosignature of what."""

    witness: Witness
    note: Note
    """The newest checkpoint."""
    tree: Checkpoint
    old: int
    """The size that the witness is believed to be at."""


def get_newest_tree() -> Checkpoint:
    """The tree of the newest checkpoint as the database knows it now; the empty one where it knows none."""
    newest = queries.get_checkpoint()
    if newest is None:
        return Checkpoint(settings().evidence_origin, 0, EMPTY_ROOT)
    return Checkpoint.parse(Note.parse(newest.note).text)


def list_askable() -> list[Witness]:
    """The policy's witnesses that can be asked."""
    return [each for each in publishing.policy().witnesses if each.url]


def list_behind() -> list[str]:
    """The names of those that haven't cosigned the newest checkpoint."""
    newest = queries.get_checkpoint()
    return [each.name for each in list_askable() if newest and _is_behind(each.name, newest.size)]


def list_strange() -> list[str]:
    """The names of those with whom there was no word for long, and not even a try."""
    tried = {state.witness: state.tried_at for state in db.session.scalars(select(WitnessState))}
    now = clock.now()
    return [each.name for each in list_askable() if each.name not in tried or abs(now - tried[each.name]) > STRANGE]


def _is_behind(witness: str, size: int) -> bool:
    signed = exists().where(Cosignature.size == size, Cosignature.witness == witness)
    return not db.session.scalar(select(signed))


def find_question(*, witness: str) -> Question | None:
    """What to ask this witness now; None when it has cosigned all there is, can't be asked, or failed just now."""
    newest = queries.get_checkpoint()
    known = next((each for each in list_askable() if each.name == witness), None)
    if known is None or newest is None or not _is_behind(witness, newest.size):
        return None
    state = db.session.get(WitnessState, witness)
    if state and state.problem and timedelta() <= clock.now() - state.tried_at < REST:
        return None
    note = Note.parse(newest.note)
    old = min(state.size, newest.size) if state else 0
    return Question(known, note, Checkpoint.parse(note.text), old)


def keep_cosignature(*, question: Question, signature: Signature) -> None:
    """Store a witness's signature, which has been checked, on the checkpoint that it was asked about."""
    name, size, now = question.witness.name, question.tree.size, clock.now()
    row = {"size": size, "witness": name, "line": str(signature), "at": now}
    db.session.execute(insert(Cosignature).values(row).on_conflict_do_nothing())
    _note(name, now, size=size, answered_at=now, problem="")


def note_state(*, witness: str, problem: str, size: int | None = None, answered: bool = False) -> None:
    """Remember what is the matter with a witness, or nothing; `size` where it has shown a checkpoint of ours.

    A size above that of our newest checkpoint stops the sequencer.
    """
    now = clock.now()
    more: dict[str, datetime | int] = {} if size is None else {"size": size}
    if answered:
        more["answered_at"] = now
    _note(witness, now, problem=problem, **more)


def _note(witness: str, now: datetime, **values: datetime | int | str) -> None:
    first = {"witness": witness, "size": 0, "tried_at": now, **values}
    row = insert(WitnessState).values(first)
    update = row.on_conflict_do_update(index_elements=["witness"], set_={"tried_at": now, **values})
    db.session.execute(update)
