"""Recording and sequencing, beside the least that must be done for them: the same bytes, without their meaning."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from uuid import UUID

import psycopg
import rfc8785
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import make_url, text

from backend.core import clock
from backend.core.db import db, new_key
from backend.core.transactions import transaction
from backend.evidence import actions, publishing, queries
from backend.evidence.actions.recording import RECORD
from backend.evidence.rules import last_day
from backend.local import programs
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.setting import Setting, end
from tests.conftest import ROOT
from tests.factories.evidence import CONTRACT, make_kinds, published_size

ROUNDS = 7
SINGLE, MANY = 1000, 3000
"""Records of a round: a statement each, and all in one statement."""
COMING, VISIBLE_SECONDS = 10, 15
"""Records of each transaction while they keep coming, some hundreds a second, and for how long."""
PATIENCE = 60.0
LEAVES = 1_000_000
FLOOR_BATCH = 32_768
MEGABYTE = 1e6
TEXT = "劳务派遣人员于铜仁站登车，赴昆山市某电子厂，合同期十二个月整为限。"
CONTENT = {
    "id": "01a20b9c-b1cf-75fa-9742-da027d0d9344",
    "amount": 523_417_000,
    "at": "2026-03-22T04:00:00Z",
    "say": TEXT,
}
"""200 bytes of canonical JSON."""
REST = bytes(87)
"""What an opening has beside the content: salt, subject and names, so that both sides store as much."""
Rows = list[tuple[UUID, bytes]]


def measure_record(setting: Setting) -> Iterator[Figure]:
    """Ours: `record`, a statement each, and `record_many`, all in one; the commit, which both need, comes once."""
    with setting.app.app_context():
        make_kinds()
        one = _medians(lambda: _ours(SINGLE, 1), lambda: _bare(SINGLE, 1))
        yield Figure("evidence.record", "µs", *one, Bound.RATIO_AT_MOST, 2)
        many = _medians(lambda: _ours(1, MANY), lambda: _bare(1, MANY))
        yield Figure("evidence.record_many", "µs", *many, Bound.RATIO_AT_MOST, 2)


def _medians(ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float]:
    """Microseconds a record, the two in turn."""
    ours()
    floor()
    pairs = [(ours(), floor()) for _ in range(ROUNDS)]
    return median(mine for mine, _ in pairs), median(bare for _, bare in pairs)


def _ours(statements: int, records: int) -> float:
    start = time.perf_counter()
    with transaction():
        for _ in range(statements):
            actions.record_many(kind=CONTRACT.name, items=[("somebody", CONTENT)] * records)
    return (time.perf_counter() - start) / statements / records * 1e6


def _bare(statements: int, records: int) -> float:
    """Canonicalise, encrypt and insert as many bytes, through the same session and into the same tables."""
    cipher, day = AESGCM(bytes(32)), last_day(CONTRACT.days, clock.today())
    start = time.perf_counter()
    with transaction():
        for _ in range(statements):
            sealed = [
                b"head+" + (nonce := os.urandom(12)) + cipher.encrypt(nonce, rfc8785.dumps(CONTENT) + REST, b"")
                for _ in range(records)
            ]
            row = {
                "ids": [new_key() for _ in sealed],
                "commitments": [each[-32:] for each in sealed],
                "subjects": [each[-16:] for each in sealed],
                "sealed": sealed,
            }
            db.session.execute(RECORD, row | {"kind": CONTRACT.name, "day": day})
    return (time.perf_counter() - start) / statements / records * 1e6


def measure_visible(setting: Setting) -> Iterator[Figure]:
    """From a commit until the published tree covers it, at the worst, while records keep coming."""
    with setting.app.app_context(), _running(setting, "worker-log", "beat"):
        make_kinds()
        _wait_until_published(_record(1))
        commits, delays = [], []
        until = time.monotonic() + VISIBLE_SECONDS
        while time.monotonic() < until or commits:
            if time.monotonic() < until:
                commits.append((_record(COMING), time.monotonic()))
            time.sleep(0.02)
            size, now = published_size(), time.monotonic()
            delays += [now - at for total, at in commits if total <= size]
            commits = [(total, at) for total, at in commits if total > size]
            if now > until + PATIENCE:
                raise RuntimeError("what was recorded isn't published")
    yield Figure("evidence.visible", "s", max(delays), None, Bound.LESS_THAN, 2)


def _record(count: int) -> int:
    """Record so many in one transaction; returns how many there are in all."""
    with transaction():
        actions.record_many(kind=CONTRACT.name, items=[("somebody", CONTENT)] * count)
    total = db.session.scalar(text("SELECT count(*) FROM evidence.record")) or 0
    db.session.rollback()
    return total


def _wait_until_published(size: int) -> None:
    until = time.monotonic() + PATIENCE
    while published_size() < size:
        if time.monotonic() > until:
            raise RuntimeError("the log's worker doesn't work")
        time.sleep(0.1)


@contextmanager
def _running(setting: Setting, *names: str) -> Iterator[None]:
    """Programs of the product as `make run` starts them, without witnesses."""
    chosen = [each for each in programs.product(setting.config, ()) if each.name in names]
    running = [
        subprocess.Popen(
            each.command,
            cwd=ROOT,
            env=setting.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for each in chosen
    ]
    try:
        yield
    finally:
        for process in running:
            end(process)


def measure_sequence(setting: Setting) -> Iterator[Figure]:
    """Ours: a million waiting records until they are published. The floor hashes, copies and writes the same."""
    with setting.app.app_context(), _owner(setting) as owner:
        make_kinds()
        actions.sequence()
        first = published_size()
        _fill(owner)
        with _memory() as samples:
            start = time.perf_counter()
            actions.sequence()
            ours = LEAVES / (time.perf_counter() - start)
        if published_size() != first + LEAVES or queries.get_alarm():
            raise RuntimeError("not all that waited was published")
        floor = LEAVES / _floor(owner, _rows(owner, first), setting.config.data_dir / "floor")
    yield Figure("evidence.sequence", "leaves/s", ours, floor, Bound.RATIO_AT_LEAST, 0.5)
    early, late = max(samples[: len(samples) // 4]), max(samples)
    yield Figure("evidence.sequence_memory", "MB", late / MEGABYTE, early / MEGABYTE, Bound.RATIO_AT_MOST, 1.25)


@contextmanager
def _owner(setting: Setting) -> Iterator[psycopg.Connection]:
    url = make_url(setting.config.database_owner_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def _fill(owner: psycopg.Connection) -> None:
    """A million records that wait, none of which this process remembers, and a table as the leaves' for the floor."""
    with owner.cursor() as cursor:
        with cursor.copy("COPY evidence.pending (record_id, commitment) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["uuid", "bytea"])
            for _ in range(LEAVES):
                copy.write_row((new_key(), os.urandom(32)))
        cursor.execute("INSERT INTO evidence.record SELECT record_id, %s, commitment FROM evidence.pending", ["b.b"])
        cursor.execute("CREATE TABLE evidence.floor_leaf (LIKE evidence.leaf INCLUDING ALL)")
        cursor.execute("VACUUM ANALYZE evidence.pending")


def _rows(owner: psycopg.Connection, first: int) -> Rows:
    """What was sequenced, from this leaf on."""
    leaves = "SELECT record_id, commitment FROM evidence.leaf WHERE index >= %s ORDER BY index"
    with owner.cursor(binary=True) as cursor:
        return cursor.execute(leaves, [first]).fetchall()


def _floor(owner: psycopg.Connection, rows: Rows, folder: Path) -> float:
    """Seconds for the same leaves' hashes, the same rows and the same files, none of them waited for."""
    files = _published_files()
    start = time.perf_counter()
    for _, entry in rows:
        sha256(b"\0" + entry).digest()
    with owner.cursor() as cursor:
        for begin in range(0, LEAVES, FLOOR_BATCH):
            columns = "COPY evidence.floor_leaf (index, record_id, commitment) FROM STDIN (FORMAT BINARY)"
            with cursor.copy(columns) as copy:
                copy.set_types(["int8", "uuid", "bytea"])
                for index, row in enumerate(rows[begin : begin + FLOOR_BATCH], begin):
                    copy.write_row((index, *row))
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return time.perf_counter() - start


def _published_files() -> list[tuple[str, bytes]]:
    root = Path(publishing.log_store().local_path("tile") or "")
    return [(str(path.relative_to(root)), path.read_bytes()) for path in root.rglob("*") if path.is_file()]


@contextmanager
def _memory() -> Iterator[list[int]]:
    """This process's resident bytes, twenty times a second."""
    samples: list[int] = []
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.05):
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            samples.append(pages * os.sysconf("SC_PAGE_SIZE"))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()
