"""The published log: static files that anybody may read, and that nothing here reads the database to serve.

"checkpoint" is the newest with the cosignatures so far, "witnessed" the newest whose cosignatures meet the policy,
"tile/…" the tree and its entries (C2SP tlog-tiles).
"""

from collections.abc import Iterator
from functools import cache, lru_cache

import structlog
from sqlalchemy import func, select

from backend.core.config import settings
from backend.core.db import db
from backend.core.files import Store
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import HASH_BYTES, Read
from backend.evidence.models import Checkpoint as SignedCheckpoint
from backend.evidence.models import Cosignature
from backend.evidence.note import Note, PrivateKey, Signature
from backend.evidence.policy import Policy
from backend.evidence.tiles import WIDTH, Tile, decode_bundle, encode_bundle, reader_of, subtrees

log = structlog.get_logger()
CHECKPOINT = "checkpoint"
WITNESSED = "witnessed"
LOCK = 0x6E6F7465
"""The advisory lock of whoever writes the two notes."""
KEPT = 64
"""Tiles, of 16 kB each with their subtrees; a log of a billion has 60 above its 15,259 of the second level."""
LOOKED_AT = 1000
"""Cosigned checkpoints among which a witnessed one is looked for; a witness that comes back cosigns the newest."""


def log_store() -> Store:
    """Where the log is published."""
    return _store(settings().published_log)


@lru_cache(maxsize=4)
def _store(url: str) -> Store:
    return Store(url)


def signing_key() -> PrivateKey:
    """The log's key. Raises Malformed when there is none."""
    return PrivateKey.parse(settings().evidence_key.get_secret_value())


def policy() -> Policy:
    """The policy in force; without a file, one that knows this log and asks for no witness. Raises Malformed."""
    file = settings().policy_file
    if file.exists():
        return Policy.parse(file.read_text(encoding="utf-8"))
    return Policy(logs=(signing_key().public,))


def fetch(tile: Tile) -> bytes:
    """A published tile or bundle. A partial one that is gone is cut from the full one that took its place.

    Raises FileNotFoundError when neither is there.
    """
    store = log_store()
    try:
        return store.read(tile.path)
    except FileNotFoundError:
        if tile.width == WIDTH:
            raise
    content = store.read(Tile(tile.level, tile.place).path)
    if tile.level is None:
        return encode_bundle(decode_bundle(content)[: tile.width])
    return content[: tile.width * HASH_BYTES]


def read_tree(size: int) -> Read:
    """Read the published tree of this size; what many proofs have in common is read once and kept.

    That is all but the full tiles of leaves: a tile never changes as long as the log only grows.
    """
    url = settings().published_log

    @cache
    def rows(tile: Tile) -> list[bytes]:
        return subtrees(tile, fetch(tile)) if tile.level == 0 and tile.width == WIDTH else kept_subtrees(url, tile)

    return reader_of(size, rows)


@lru_cache(maxsize=KEPT)
def kept_subtrees(url: str, tile: Tile) -> list[bytes]:
    """The subtrees of a tile published there, read once."""
    del url
    return subtrees(tile, fetch(tile))


def published(name: str) -> Note | None:
    """The note that stands there, unchecked; None where there is none. Raises Malformed."""
    try:
        return Note.parse(log_store().read(name).decode())
    except FileNotFoundError:
        return None


def publish_notes() -> None:
    """Publish the newest checkpoint and the newest witnessed one, with all cosignatures that are stored.

    Neither ever becomes smaller. Others who publish wait for the end of the caller's transaction.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    newest = db.session.scalar(select(SignedCheckpoint).order_by(SignedCheckpoint.size.desc()).limit(1))
    if newest is None:
        return
    _publish(CHECKPOINT, newest)
    witnessed = newest if policy().is_met_by(()) else _newest_witnessed()
    if witnessed is not None:
        _publish(WITNESSED, witnessed)


def _newest_witnessed() -> SignedCheckpoint | None:
    chosen, standing = policy(), published(WITNESSED)
    least = Checkpoint.parse(standing.text).size if standing else 0
    agreed = (
        select(Cosignature.size, func.array_agg(Cosignature.witness))
        .where(Cosignature.size >= least)
        .group_by(Cosignature.size)
        .order_by(Cosignature.size.desc())
        .limit(LOOKED_AT)
    )
    for size, witnesses in db.session.execute(agreed):
        if chosen.is_met_by(witnesses):
            return db.session.get_one(SignedCheckpoint, size)
    return None


def _publish(name: str, signed: SignedCheckpoint) -> None:
    standing = published(name)
    if standing and Checkpoint.parse(standing.text).size > signed.size:
        log.error("evidence.published_ahead", name=name, size=signed.size)
        return
    content = str(Note.parse(signed.note).with_signatures(list(_cosignatures(signed.size))))
    if standing is None or content != str(standing):
        log_store().write(name, content.encode())


def _cosignatures(size: int) -> Iterator[Signature]:
    lines = select(Cosignature.line).where(Cosignature.size == size).order_by(Cosignature.witness)
    for line in db.session.scalars(lines):
        yield Signature.parse(line.rstrip("\n"))
