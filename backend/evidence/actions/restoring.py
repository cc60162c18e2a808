"""Putting back what is lost: the database's leaves from what is published, or what is published from the leaves."""

from collections.abc import Iterator
from itertools import islice

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.transactions import transaction
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
)
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.edge import Edge
from backend.evidence.models import Checkpoint as SignedCheckpoint
from backend.evidence.models import Cosignature
from backend.evidence.note import Note
from backend.evidence.rules import AlarmCause, Stopped
from backend.evidence.tiles import WIDTH, decode_bundle, tile_at

log = structlog.get_logger()
RESTORE = text("SELECT evidence.restore(:first, CAST(:entries AS bytea[]))")


def rebuild() -> int:
    """Put the leaves, checkpoints and cosignatures that are published back into a database restored from a backup.

    Returns how many leaves came back. Those whose record still waits become that record's; the others have none, so
    that they are in the log and can't be proved. Commits as it goes; stopped in the middle, it can be run again.
    Raises Stopped when what is published isn't signed by us, isn't whole, or isn't what the database began.
    """
    with alone(patient=True) as connection:
        if connection is None:
            return 0
        signer = find_signer()
        state, published = read_state(connection, signer), read_published(signer)
        if published is None or published.size <= state.signed:
            return 0
        _check_published(connection, state, published)
        for first, entries in _published_entries(state.leaves, published.size):
            connection.execute(RESTORE, {"first": first, "entries": entries})
            connection.commit()
        for name in (publishing.WITNESSED, publishing.CHECKPOINT):
            _restore_note(connection, signer, publishing.published(name))
        log.warning("evidence.rebuilt", leaves=published.size - state.leaves, size=published.size)
        return max(published.size - state.leaves, 0)


def republish() -> int:
    """Write every tile anew from the database's leaves, for a store that lost them; returns the tree's size.

    Raises Stopped, and writes nothing, when the leaves don't lead to the newest checkpoint's root.
    """
    with alone(patient=True) as connection:
        if connection is None:
            return 0
        signer = find_signer()
        state, store = read_state(connection, signer), publishing.log_store()
        probe = Edge()
        for entries in read_leaves(connection, 0, state.signed):
            for _ in probe.append(entries):
                pass
        if probe.root != state.root:
            raise Stopped(AlarmCause.FORKED, f"the leaves don't lead to the signed root of {state.signed}")
        store.clear_unfinished()
        edge = Edge()
        for entries in read_leaves(connection, 0, state.signed):
            store.write_many((tile.path, content) for tile, content in edge.append(entries))
        store.write_many((tile.path, content) for tile, content in edge.unfinished(0))
    with transaction():
        publishing.publish_notes()
    return state.signed


def _check_published(connection: Connection, state: State, published: Checkpoint) -> None:
    """Check that the published tree begins with the database's checkpoint and leaves, and leads to its own root."""
    edge = load_edge(state)
    for first, entries in _published_entries(state.signed, published.size):
        for _ in edge.append(entries):
            pass
        end = min(first + len(entries), state.leaves)
        known = [each for batch in read_leaves(connection, first, end) for each in batch]
        if known != entries[: len(known)]:
            raise Stopped(AlarmCause.FORKED, f"published entries from {first} on aren't the database's leaves")
    if edge.root != published.root:
        raise Stopped(AlarmCause.TILES, f"the published entries don't lead to the root of {published.size}")


def _published_entries(start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
    """The published entries [start, end), a batch at a time, each batch with its first index."""
    places = iter(range(start // WIDTH, -(-end // WIDTH)))
    while some := list(islice(places, BATCH // WIDTH)):
        first = max(start, some[0] * WIDTH)
        entries = [each for place in some for each in _bundle(place, end)]
        yield first, entries[first - some[0] * WIDTH :]


def _bundle(place: int, size: int) -> list[bytes]:
    tile = tile_at(None, place, size)
    try:
        entries = decode_bundle(publishing.fetch(tile))
    except (ValueError, FileNotFoundError) as why:
        raise Stopped(AlarmCause.TILES, f"{tile.path} is missing or damaged: {why}") from why
    if len(entries) != tile.width:
        raise Stopped(AlarmCause.TILES, f"{tile.path} is damaged")
    return entries


def _restore_note(connection: Connection, signer: Signer, note: Note | None) -> None:
    """Put back a checkpoint of ours with the cosignatures that it carries."""
    if note is None:
        return
    checkpoint = signer.check(note)
    ours = tuple(each for each in note.signatures if each.key_id == signer.key.public.id)
    moment = clock.now()
    row = {"size": checkpoint.size, "root": checkpoint.root, "note": str(Note(note.text, ours)), "at": moment}
    connection.execute(insert(SignedCheckpoint).values(row).on_conflict_do_nothing())
    for witness in signer.policy.witnesses:
        if signed := note.signed_by(witness.key):
            line = {"size": checkpoint.size, "witness": witness.name, "line": str(signed), "at": moment}
            connection.execute(insert(Cosignature).values(line).on_conflict_do_nothing())
    connection.commit()
