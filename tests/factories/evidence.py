"""Records for tests, and the published log read as anybody reads it."""

from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.core import clock
from backend.core.db import db
from backend.core.features import EvidenceKind
from backend.core.partitions import make_partitions_of
from backend.core.transactions import transaction
from backend.evidence import actions, publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import leaf_hashes, node_hash
from backend.evidence.models import Leaf
from backend.evidence.rules import last_days
from backend.evidence.tiles import WIDTH, decode_bundle, reader, tile_at
from tests.conftest import NOON

CONTRACT = EvidenceKind("test.contract", "合同", 3650, frozenset({"regulator", "bank"}))
HEALTH = EvidenceKind("test.health", "健康码变色", 30, frozenset({"government"}))
SLACK = timedelta(days=3)
"""By which a test may shift its clock."""
KINDS = {kind.name: kind for kind in (CONTRACT, HEALTH)}


def make_kinds() -> None:
    """Register the tests' kinds of records with the application of this context, and make room for their openings."""
    current_app.extensions["linghuo.evidence"] |= KINDS
    kept = [kind.days for kind in KINDS.values()]
    with transaction():
        for day in (clock.today(), NOON.date()):
            make_partitions_of("evidence.opening", last_days(kept, day - SLACK, day + SLACK))


def drop_kinds() -> None:
    """Forget them."""
    for name in KINDS:
        current_app.extensions["linghuo.evidence"].pop(name, None)


def make_records(count: int, *, kind: EvidenceKind = CONTRACT, subject: str = "somebody") -> list[UUID]:
    """Records, committed and waiting for their places."""
    with transaction():
        items = [(subject, {"第": number, "在": "铜仁"}) for number in range(count)]
        return actions.record_many(kind=kind.name, items=items)


def make_log(count: int) -> list[UUID]:
    """Records that have their places, under one published checkpoint."""
    made = make_records(count)
    actions.sequence()
    return made


def published_size() -> int:
    """Leaves of the published checkpoint's tree."""
    note = publishing.published(publishing.CHECKPOINT)
    return Checkpoint.parse(note.text).size if note else 0


def root_of(entries: list[bytes]) -> bytes:
    """The root over these entries by the words of RFC 6962, 2.1, and by nothing of ours but the two hashes."""
    level = leaf_hashes(entries)
    while len(level) > 1:
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def check_log() -> list[bytes]:
    """Check that what is published is what the database holds, tile by tile; returns the entries.

    No gap, no duplicate, each signature right, and every tile as a recomputation from the entries has it.
    """
    db.session.rollback()
    leaves = list(db.session.execute(select(Leaf.index, Leaf.record_id, Leaf.commitment).order_by(Leaf.index)))
    entries = [leaf.commitment for leaf in leaves]
    assert [leaf.index for leaf in leaves] == list(range(len(leaves)))
    assert len({leaf.record_id for leaf in leaves if leaf.record_id}) == sum(1 for each in leaves if each.record_id)
    note = publishing.published(publishing.CHECKPOINT)
    assert note is not None
    tree = publishing.policy().check(note).checkpoint
    assert tree.size == len(entries)
    assert tree.root == root_of(entries)
    bundles = [publishing.fetch(tile_at(None, place, tree.size)) for place in range(-(-tree.size // WIDTH))]
    assert [entry for bundle in bundles for entry in decode_bundle(bundle)] == entries
    read = reader(tree.size, publishing.fetch)
    hashes = leaf_hashes(entries)
    height = 0
    while hashes:
        assert [read(height, place) for place in range(len(hashes))] == hashes
        hashes = [node_hash(*hashes[i : i + 2]) for i in range(0, len(hashes) - 1, 2)]
        height += 1
    db.session.rollback()
    return entries
