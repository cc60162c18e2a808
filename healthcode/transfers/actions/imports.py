"""A roster's file on its way: taken in, confirmed, given up. The work itself is `applying` and the task."""

import hashlib
from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core import clock, sealed_files
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid
from backend.core.transactions import enqueue
from healthcode.transfers import queries
from healthcode.transfers.actions.moves import lock_for_origin
from healthcode.transfers.models import RosterImport, Transfer
from healthcode.transfers.rules import OPEN, ImportState

TASK = "transfers.import_roster"
LARGEST = 20 * 1024 * 1024
LONGEST_NAME = 120  # characters of a file's name


def start_import(*, transfer: Transfer, file_name: str, content: bytes, by: Acting) -> RosterImport:
    """Take in a roster's file; a task reads it. The same file sent twice by a double click is one import.

    The file is stored sealed, and only until its rows are read. Refuses: as `lock_for_origin`; Conflict while another
    file of this transfer is on its way; Invalid for an empty or too large file. What the file holds is judged by the
    task: a file that can't be read ends as a refused import.
    """
    lock_for_origin(transfer, by)
    if not content:
        raise Invalid("transfers.roster.empty", "文件是空的，请检查是否选错了文件。", fields={"file": "文件是空的。"})
    if len(content) > LARGEST:
        sentence = f"文件超过 {LARGEST // 1024 // 1024} MB，请删去图片等无关内容，或拆成几份。"
        raise Invalid("transfers.roster.too_big", sentence, fields={"file": sentence})
    digest = hashlib.sha256(content).digest()
    known = open_import(transfer.id)
    if known is not None:
        if known.digest == digest:
            return known
        raise Conflict("transfers.import_open", f"“{known.file_name}”还没有处理完，请先确认或放弃它，再上传新的文件。")
    name = PurePosixPath(file_name.replace("\\", "/")).name.replace("\0", "")[-LONGEST_NAME:] or "花名册"
    import_id = new_key()
    stored_as = f"rosters/{import_id}"
    sealed_files.write(stored_as, content)
    roster_import = RosterImport(
        id=import_id,
        transfer_id=transfer.id,
        operator_id=by.operator_id,
        file_name=name,
        digest=digest,
        stored_as=stored_as,
        state=ImportState.QUEUED,
        notes=[],
        created_at=clock.now(),
    )
    db.session.add(roster_import)
    db.session.flush()
    enqueue(TASK, roster_import.id)
    return roster_import


def open_import(transfer_id: UUID) -> RosterImport | None:
    """The one import of a transfer that is not at its end."""
    return db.session.scalar(
        select(RosterImport).where(RosterImport.transfer_id == transfer_id, RosterImport.state.in_(OPEN))
    )


def confirm_import(*, roster_import: RosterImport, remove_missing: bool, by: Acting) -> RosterImport:
    """Let a waiting import into the roster; who is missing in the file leaves it only if this says so.

    Confirming twice is confirming once. Refuses: NotFound for other offices, Conflict when there is nothing to confirm,
    and Conflict("transfers.wrong_rows") for removing while rows are wrong: who is missing may be among those.
    """
    _lock(roster_import, by)
    if roster_import.state in {ImportState.APPLYING, ImportState.DONE}:
        return roster_import
    if roster_import.state is not ImportState.WAITING:
        raise Conflict("transfers.nothing_to_confirm", "这次导入现在没有需要确认的内容，请刷新页面查看进度。")
    if remove_missing and roster_import.wrong:
        raise Conflict(
            "transfers.wrong_rows",
            f"文件里有 {roster_import.wrong} 行有问题，没有的人可能就在这些行里。请改正后重新上传，再移除人员。",
        )
    roster_import.state, roster_import.remove_missing = ImportState.APPLYING, remove_missing
    roster_import.operator_id = by.operator_id
    roster_import.claim, roster_import.heartbeat_at, roster_import.tries = None, clock.now(), 0
    db.session.flush()
    enqueue(TASK, roster_import.id)
    return roster_import


def discard_import(*, roster_import: RosterImport, by: Acting) -> RosterImport:
    """Give up a file before it is in the roster; the roster stays as it is.

    Refuses: NotFound for other offices, Conflict when the rows are being written or are written.
    """
    _lock(roster_import, by)
    if roster_import.state is ImportState.DISCARDED:
        return roster_import
    if roster_import.state not in OPEN or roster_import.state is ImportState.APPLYING:
        raise Conflict("transfers.too_late", "这次导入已经写入或已结束，不能放弃，请刷新页面查看。")
    roster_import.state, roster_import.finished_at, roster_import.claim = ImportState.DISCARDED, clock.now(), None
    db.session.flush()
    return roster_import


def _lock(roster_import: RosterImport, by: Acting) -> None:
    queries.get_import(roster_import.id, seen_by=by)
    lock_for_origin(db.session.get_one(Transfer, roster_import.transfer_id), by)
    db.session.refresh(roster_import, with_for_update=True)
