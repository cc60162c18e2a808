"""A witness's memory: one SQLite file, synced to the disk at each commit."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import EMPTY_ROOT
from backend.evidence.note import Note
from backend.witness.rules import Kind

SCHEMA = """
create table if not exists identity (only integer primary key check (only = 1), key text not null);
create table if not exists latest (
    origin text primary key, size integer not null, root blob not null, time integer not null, note text not null
) without rowid;
create table if not exists cosigned (
    origin text not null, size integer not null, root blob not null, primary key (origin, size)
) without rowid;
create table if not exists finding (
    id integer primary key, kind text not null, origin text not null, size integer not null, root blob not null,
    note text not null, held text not null, proof text not null, at integer not null, times integer not null default 1,
    unique (origin, kind, size, root)
);
"""
REMEMBERED = 10_000
"""Cosigned checkpoints of a log whose roots are kept, so that a late one is told from a forged one."""
MOST_DOUBTS = 1_000
"""Findings of a kind and log that anyone could cause by sending old checkpoints or bad proofs; forks are all kept."""
BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A checkpoint that its log signed and shouldn't have, beside the one that the witness held then."""

    kind: Kind
    origin: str
    size: int
    root: bytes
    note: str
    """Whole, with all its signatures."""
    held: str
    """The checkpoint cosigned last, as served; "" for none."""
    proof: str
    """The old size and the consistency proof that came with it."""
    at: int
    """Seconds since the epoch, at the first time."""
    times: int = 1


class Rows:
    """What one transaction reads and writes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def latest(self, origin: str) -> Checkpoint:
        """The checkpoint of this log cosigned last; the empty tree where none was."""
        row = self._db.execute("select size, root from latest where origin = ?", (origin,)).fetchone()
        return Checkpoint(origin, *row) if row else Checkpoint(origin, 0, EMPTY_ROOT)

    def note(self, origin: str) -> str:
        """That checkpoint with the log's signatures and this witness's; "" where there is none."""
        row = self._db.execute("select note from latest where origin = ?", (origin,)).fetchone()
        return str(row[0]) if row else ""

    def notes(self) -> list[tuple[str, str]]:
        """Each log's origin and note."""
        return self._db.execute("select origin, note from latest order by origin").fetchall()

    def last_time(self) -> int:
        """When this witness cosigned last, whichever log."""
        return int(self._db.execute("select coalesce(max(time), 0) from latest").fetchone()[0])

    def root_at(self, origin: str, size: int) -> bytes | None:
        """The root that was cosigned at this size."""
        sql = "select root from cosigned where origin = ? and size = ?"
        row = self._db.execute(sql, (origin, size)).fetchone()
        return row[0] if row else None

    def keep(self, tree: Checkpoint, time: int, note: Note) -> None:
        """Remember this checkpoint as the one cosigned last."""
        self._db.execute(
            "insert or replace into latest (origin, size, root, time, note) values (?, ?, ?, ?, ?)",
            (tree.origin, tree.size, tree.root, time, str(note)),
        )
        self._db.execute(
            "insert or ignore into cosigned (origin, size, root) values (?, ?, ?)", (tree.origin, tree.size, tree.root)
        )
        self._db.execute(
            "delete from cosigned where origin = :origin and size < ("
            " select size from cosigned where origin = :origin order by size desc limit 1 offset :kept)",
            {"origin": tree.origin, "kept": REMEMBERED - 1},
        )

    def keep_finding(self, found: Finding) -> None:
        """Remember what speaks against a log; the same again is counted."""
        known = self._db.execute(
            "update finding set times = times + 1 where (origin, kind, size, root) = (?, ?, ?, ?)",
            (found.origin, found.kind, found.size, found.root),
        ).rowcount
        if known or (found.kind is not Kind.FORK and self._count(found) >= MOST_DOUBTS):
            return
        self._db.execute(
            "insert into finding (kind, origin, size, root, note, held, proof, at) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (found.kind, found.origin, found.size, found.root, found.note, found.held, found.proof, found.at),
        )

    def _count(self, found: Finding) -> int:
        sql = "select count(*) from finding where origin = ? and kind = ?"
        return int(self._db.execute(sql, (found.origin, found.kind)).fetchone()[0])

    def findings(self) -> list[Finding]:
        """All of them, oldest first."""
        columns = "kind, origin, size, root, note, held, proof, at, times"
        rows = self._db.execute(f"select {columns} from finding order by id").fetchall()  # noqa: S608 - a constant
        return [Finding(Kind(kind), *rest) for kind, *rest in rows]

    def owner(self) -> str:
        """The verifier key that this store belongs to; "" when nobody's yet."""
        row = self._db.execute("select key from identity").fetchone()
        return str(row[0]) if row else ""

    def belong(self, key: str) -> None:
        """Make this store the memory of that key."""
        self._db.execute("insert or replace into identity (only, key) values (1, ?)", (key,))


class Store:
    """One connection, one transaction at a time: who writes holds SQLite's own lock as well, against other processes.

    Write-ahead log with full sync: what was committed outlives a power cut.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made where it isn't there yet."""
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        with self.writing():
            for statement in SCHEMA.split(";"):
                self._db.execute(statement)

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """Rows as they are committed."""
        with self._lock:
            yield Rows(self._db)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """A transaction that nobody else writes beside, on the disk when the block ends; what raises, rolls back."""
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield Rows(self._db)
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise

    def close(self) -> None:
        self._db.close()
