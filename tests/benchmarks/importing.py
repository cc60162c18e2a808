"""One import in a process of its own, as the bulk worker does it, or as little as there is to do.

`python -m tests.benchmarks.importing ours FILE TRANSFER OPERATOR RESULT` sends a file through the real action and
task; `… floor …` reads it with calamine and copies the same columns into the roster, the encrypted ones encrypted;
what would be masks, indices and hashes is stood in for. Both write {"seconds", "peak"} to the file RESULT: seconds from
the file at hand to the rows committed, and this process's peak of memory in bytes.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from python_calamine import load_workbook
from sqlalchemy import make_url

from backend.accounts.queries import list_acting
from backend.core import clock
from backend.core.config import Config
from backend.core.crypto import KeyRing
from backend.core.db import db, new_key
from backend.core.transactions import transaction
from healthcode.transfers import actions
from healthcode.transfers.models import RosterImport, Transfer
from healthcode.transfers.rules import ImportState
from healthcode.transfers.tasks import carry_on
from wsgi import create_app

COLUMNS = {
    "id": "uuid",
    "transfer_id": "uuid",
    "import_id": "uuid",
    "number": "int4",
    "name": "bytea",
    "name_mask": "text",
    "name_index": "bytea",
    "sort_key": "text",
    "resident_id": "bytea",
    "resident_id_mask": "text",
    "resident_id_index": "bytea",
    "last_four_index": "bytea",
    "sex": "text",
    "address": "bytea",
    "address_mask": "text",
    "phone": "bytea",
    "phone_mask": "text",
    "phone_index": "bytea",
    "poor": "bool",
    "skills": "text",
    "enterprise": "text",
    "position": "text",
    "seat": "text",
    "colour": "text",
    "content_hash": "bytea",
}
INDEX, HASH = bytes(16), bytes(32)


def ours(file: Path, transfer_id: UUID, operator_id: UUID) -> float:
    """The product's own way; returns seconds."""
    with create_app().app_context():
        by, content = list_acting(operator_id)[0], file.read_bytes()
        began = time.perf_counter()
        with transaction():
            transfer = db.session.get_one(Transfer, transfer_id)
            started = actions.start_import(transfer=transfer, file_name=file.name, content=content, by=by)
            import_id = started.id
        carry_on(import_id)
        seconds = time.perf_counter() - began
        db.session.expire_all()
        done = db.session.get_one(RosterImport, import_id)
        if done.state is not ImportState.DONE or done.wrong:
            raise RuntimeError(f"the import ended as {done.state} with {done.wrong} wrong rows: {done.refusal}")
    return seconds


def floor(file: Path, transfer_id: UUID, operator_id: UUID) -> float:
    """The least that has to be done; returns seconds."""
    config = Config(_env_file=None)
    ring = KeyRing(config.data_keys.get_secret_value(), config.index_key.get_secret_value())
    import_id = _bare_import(transfer_id, operator_id)
    url = make_url(config.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        began = time.perf_counter()
        names = ", ".join(COLUMNS)
        with connection.cursor().copy(f"COPY transfers.entry ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(COLUMNS.values()))
            for row in _rows(file, ring.seal, transfer_id, import_id):
                copy.write_row(row)
        connection.commit()
        return time.perf_counter() - began


def _rows(
    file: Path, seal: Callable[[str, str], bytes], transfer_id: UUID, import_id: UUID
) -> Iterator[tuple[Any, ...]]:
    lines = iter(load_workbook(str(file)).get_sheet_by_index(0).to_python())
    next(lines)
    for line in lines:
        number, name, sex, resident_id, address, phone, poor, skills, enterprise, position, *_, seat = line
        yield (
            *(new_key(), transfer_id, import_id, int(number)),
            *(seal(name, "transfers.entry.name"), name, INDEX, name),
            *(seal(resident_id, "transfers.entry.resident_id"), resident_id, resident_id.encode(), INDEX, sex),
            *(seal(address, "transfers.entry.address"), address, seal(phone, "transfers.entry.phone"), phone, INDEX),
            *(poor == "是", skills, enterprise, position, str(seat), "grey", HASH),
        )


def _bare_import(transfer_id: UUID, operator_id: UUID) -> UUID:
    """The row that entries refer to."""
    with create_app().app_context(), transaction():
        bare = RosterImport(
            transfer_id=transfer_id,
            operator_id=operator_id,
            file_name="",
            digest=HASH,
            state=ImportState.DONE,
            notes=[],
            created_at=clock.now(),
        )
        db.session.add(bare)
        db.session.flush()
        return bare.id


def _peak() -> int:
    """The most memory that this process held at once, in bytes; unlike getrusage it knows nothing of the parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    way, file_path, transfer_key, operator_key, result = sys.argv[1:]
    took = {"ours": ours, "floor": floor}[way](Path(file_path), UUID(transfer_key), UUID(operator_key))
    Path(result).write_text(json.dumps({"seconds": took, "peak": _peak()}), encoding="ascii")
