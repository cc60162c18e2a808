"""Sequencing: every waiting record gets its place in the log, and the tree that they make is signed and published.

Each step is committed before the next begins: the indices, the tiles, the checkpoint, what is published. A process
that dies between any two leaves a state from which the next goes on, and nothing is decided twice: indices are given
out by the database alone, and all else follows from them.
"""

from collections.abc import Iterator

import structlog
from sqlalchemy import ColumnElement, Connection, select, text, true, update
from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.db import db, new_key
from backend.core.transactions import enqueue, transaction
from backend.evidence import publishing
from backend.evidence.actions.standing import (
    BATCH,
    Signer,
    State,
    alone,
    find_signer,
    load_edge,
    read_leaves,
    read_published,
    read_state,
    split_entries,
)
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.edge import Edge, outgrown
from backend.evidence.models import Alarm
from backend.evidence.models import Checkpoint as SignedCheckpoint
from backend.evidence.rules import AlarmCause, Stopped
from backend.evidence.tiles import WIDTH, Tile

log = structlog.get_logger()
COSIGN = "evidence.cosign"
TAKE = text("SELECT first, entries FROM evidence.sequence(:most)")


def sequence() -> None:
    """Take in all that waits; does nothing while another does.

    What must not be gone on with raises an alarm, in the log and in `queries.get_alarm`, and ends it once it is mended.
    """
    with alone() as connection:
        if connection is None:
            return
        try:
            _Sequencer(connection, find_signer()).run()
        except Stopped as why:
            _raise_alarm(why)
        else:
            _end_alarms()


class _Sequencer:
    """One run, on the connection that holds the lock."""

    def __init__(self, connection: Connection, signer: Signer) -> None:
        self._connection, self._signer = connection, signer
        self._store = publishing.log_store()

    def run(self) -> None:
        state, published = read_state(self._connection, self._signer), read_published(self._signer)
        self._check(state, published)
        unseen = (published.size if published else 0) < state.signed
        if state.waiting or state.leaves > state.signed or unseen:
            edge = load_edge(state)
            if unseen:
                self._publish()
            self._go_on(state, edge)

    def _check(self, state: State, published: Checkpoint | None) -> None:
        """Refuse to go on from less than what others have seen already."""
        if state.cosigned > state.signed:
            detail = f"a witness cosigned {state.cosigned} leaves, the database knows a checkpoint of {state.signed}"
            raise Stopped(AlarmCause.WITNESS_AHEAD, detail)
        if published is None:
            return
        if published.size > state.signed:
            detail = f"{published.size} leaves are published, the database knows a checkpoint of {state.signed}"
            raise Stopped(AlarmCause.PUBLISHED_AHEAD, detail)
        root = select(SignedCheckpoint.root).where(SignedCheckpoint.size == published.size)
        if self._connection.scalar(root) != published.root:
            raise Stopped(AlarmCause.FORKED, f"the published tree of {published.size} isn't the database's")
        self._connection.commit()

    def _go_on(self, state: State, edge: Edge) -> None:
        """Finish what another began, then take what waits until nothing does."""
        self._store.clear_unfinished()
        self._remove_outgrown(state.signed_before, state.signed)
        for entries in read_leaves(self._connection, state.signed, state.leaves):
            self._grow(edge, entries)
        while entries := self._take(edge):
            self._grow(edge, entries)

    def _take(self, edge: Edge) -> list[bytes]:
        """Give the next ones their indices, as many as make the last tile a full one."""
        first, joined = self._connection.execute(TAKE, {"most": BATCH - edge.size % WIDTH}).one()
        self._connection.commit()
        if first != edge.size:
            raise RuntimeError(f"leaf {first} follows a tree of {edge.size}: somebody else gives out indices")
        return split_entries(joined or b"")

    def _grow(self, edge: Edge, entries: list[bytes]) -> None:
        """Write the tiles of the tree with these leaves, sign it, and only then let others see it."""
        before = edge.size
        self._store.write_many((tile.path, content) for tile, content in _tiles(edge, entries))
        self._sign(edge)
        self._publish()
        self._remove_outgrown(before, edge.size)

    def _sign(self, edge: Edge) -> None:
        root = edge.root
        row = {"size": edge.size, "root": root, "note": str(self._signer.sign(edge.size, root)), "at": clock.now()}
        self._connection.execute(insert(SignedCheckpoint).values(row))
        self._connection.commit()

    def _publish(self) -> None:
        with transaction():
            publishing.publish_notes()
            for witness in self._signer.policy.witnesses:
                enqueue(COSIGN, witness.name)

    def _remove_outgrown(self, before: int, after: int) -> None:
        """Remove partial tiles whose full ones are published; readers of older trees cut those (tlog-tiles)."""
        for tile in outgrown(before, after):
            self._store.remove_folder(tile.path.rpartition("/")[0])


def _tiles(edge: Edge, entries: list[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """What has to be written for the tree with these entries."""
    before = edge.size
    yield from edge.append(entries)
    yield from edge.unfinished(before)


def _raise_alarm(why: Stopped) -> None:
    row = {"id": new_key(), "cause": why.cause, "detail": why.detail, "at": clock.now()}
    raising = (
        insert(Alarm)
        .values(row)
        .on_conflict_do_nothing(index_elements=[Alarm.cause], index_where=Alarm.ended_at.is_(None))
    )
    with transaction():
        _end(Alarm.cause != why.cause)
        raised = db.session.scalar(raising.returning(Alarm.id))
    if raised:
        log.error("evidence.stopped", cause=why.cause, detail=why.detail)


def _end_alarms() -> None:
    with transaction():
        _end(true())


def _end(which: ColumnElement[bool]) -> None:
    db.session.execute(update(Alarm).where(Alarm.ended_at.is_(None), which).values(ended_at=clock.now()))
