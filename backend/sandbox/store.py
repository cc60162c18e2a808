"""The sandbox's memory: one SQLite file, so that it outlives a restart and serves several threads and processes."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.sandbox.demo import DEMO_USERS

SCHEMA = """
create table if not exists setting (name text primary key, value text not null);
create table if not exists person (
    openid text primary key, name text not null, phone text not null, note text not null default '',
    gives_phone integer not null, takes_messages integer not null default 1, blocked integer not null default 0
);
create table if not exists code (
    code text primary key, kind text not null, appid text not null, openid text not null,
    made_at real not null, used_at real
);
create table if not exists token (
    token text primary key, appid text not null, made_at real not null, ends_at real not null,
    forced integer not null, state text not null
);
create table if not exists consent (
    openid text not null, template text not null, remaining integer not null, untold integer not null,
    primary key (openid, template)
);
create table if not exists message (
    id integer primary key, openid text not null, template text not null, page text not null,
    fields text not null, sent_at real not null
);
create table if not exists link (id text primary key, path text not null, query text not null, ends_at real not null);
create table if not exists sms (
    id text primary key, idempotency_key text not null unique, phone text not null, text text not null,
    outcome text not null, reason text not null, sent_at real not null
);
create table if not exists province (id_number text primary key, colour text not null);
create table if not exists province_request (id text primary key);
create table if not exists counter (name text primary key, count integer not null);
create table if not exists fault (
    id integer primary key, api text not null, kind text not null, value text not null, times integer not null
);
create table if not exists call (id integer primary key, api text not null, at real not null);
"""

CALLS_KEPT = 2000


def location() -> Path:
    """The file: SANDBOX_DATA, else inside DATA_DIR, else in a temporary folder."""
    if chosen := os.environ.get("SANDBOX_DATA"):
        return Path(chosen)
    if folder := os.environ.get("DATA_DIR"):
        return Path(folder) / "sandbox.sqlite3"
    return Path(tempfile.gettempdir()) / "linghuo-sandbox" / "sandbox.sqlite3"


class Store:
    """Short connections, one for each use; writing takes the file's lock at once, so that a code is spent once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as db:
            db.execute("pragma journal_mode = wal")
            db.executescript(SCHEMA)
        self.seed()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        db.row_factory = sqlite3.Row
        try:
            # The sandbox may lose its last second to a power cut; its answers should not wait for the disk.
            db.execute("pragma synchronous = off")
            yield db
        finally:
            db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for reads."""
        with self._connection() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction of its own; what raises, rolls back."""
        with self._connection() as db:
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    def seed(self) -> None:
        """Put in the demo's users who are missing."""
        with self.writing() as db:
            db.executemany(
                "insert or ignore into person (openid, name, phone, note, gives_phone) values (?, ?, ?, ?, ?)",
                [(user.openid, user.name, user.phone, user.note, user.gives_phone) for user in DEMO_USERS],
            )

    def reset(self) -> None:
        """Back to the first day."""
        tables = "setting person code token consent message link sms counter fault call province province_request"
        with self.writing() as db:
            for table in tables.split():
                db.execute(f"delete from {table}")  # noqa: S608 - the names stand above
        self.seed()


def get_setting(db: sqlite3.Connection, name: str, default: str = "") -> str:
    """The value that was set under this name."""
    row = db.execute("select value from setting where name = ?", (name,)).fetchone()
    return str(row["value"]) if row else default


def set_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a value under this name."""
    db.execute("insert or replace into setting values (?, ?)", (name, value))


def now(db: sqlite3.Connection) -> float:
    """Seconds since the epoch by the sandbox's clock, which tests may put forward."""
    return time.time() + float(get_setting(db, "clock.shift", "0"))


def count(db: sqlite3.Connection, name: str) -> int:
    """Add one to a counter and say how far it is."""
    row = db.execute(
        "insert into counter values (?, 1) on conflict (name) do update set count = count + 1 returning count", (name,)
    ).fetchone()
    return int(row["count"])


def log_call(db: sqlite3.Connection, api: str) -> None:
    """Keep that an API was called; only the newest calls are kept."""
    newest = db.execute("insert into call (api, at) values (?, ?)", (api, time.time())).lastrowid or 0
    db.execute("delete from call where id <= ?", (newest - CALLS_KEPT,))
