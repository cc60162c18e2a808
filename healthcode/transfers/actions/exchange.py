"""What another deployment's government writes here: its roster, and who arrived at its end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import keyring
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden
from healthcode.transfers import queries
from healthcode.transfers.actions import applying, jobs
from healthcode.transfers.actions.counting import mark_uncounted
from healthcode.transfers.actions.jobs import Job
from healthcode.transfers.actions.moves import lock_for_origin
from healthcode.transfers.models import Entry, ImportRow, RosterImport, Transfer
from healthcode.transfers.rows import Row
from healthcode.transfers.rules import STATE_NAMES, ImportState, Side, State
from healthcode.transfers.sealing import Sealer

FILE = "对方政府系统发来的花名册"
TRAVELLING = frozenset({State.IN_TRANSIT, State.ARRIVED, State.ON_DUTY})


def receive_roster(*, transfer: Transfer, rows: Sequence[Row], digest: bytes, by: Acting) -> None:
    """Let checked rows be the roster, as if the origin's clerk had imported and confirmed them; who isn't among them
    leaves it.

    Refuses: as `lock_for_origin`; Conflict("transfers.roster_fixed") when it would change who is on a vehicle that has
    left.
    """
    lock_for_origin(transfer, by)
    transfer.elsewhere = True
    now = clock.now()
    roster_import = RosterImport(
        id=new_key(),
        transfer_id=transfer.id,
        operator_id=by.operator_id,
        file_name=FILE,
        digest=digest,
        state=ImportState.APPLYING,
        claim=new_key(),
        heartbeat_at=now,
        remove_missing=True,
        notes=[],
        created_at=now,
    )
    db.session.add(roster_import)
    db.session.flush()
    job = Job(roster_import.id, transfer.id, roster_import.claim or new_key(), ImportState.APPLYING, "", FILE)
    sealer = Sealer(keyring(), roster_import.id)
    sealed = [sealer.seal(row) for row in rows]
    jobs.add_rows(job=job, rows=sealed, rows_read=len(rows), rows_total=len(rows), wrong=0)
    if applying.compare(job=job, notes=[], faults_file=None) is not ImportState.DONE:
        roster_import.state, roster_import.claim = ImportState.APPLYING, job.claim
        applying.apply(job=job)
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == roster_import.id))
    if roster_import.state is ImportState.REFUSED:
        raise Conflict("transfers.roster_fixed", roster_import.refusal or "花名册现在不能修改。")


def tell_arrivals(*, transfer: Transfer, arrived: Mapping[UUID, datetime], by: Acting) -> None:
    """Note of these rows when their people arrived, as the destination says; what is known already stays.

    Refuses: NotFound for other offices, Forbidden to the origin, Conflict before departure and after the end.
    """
    queries.get_transfer(transfer.id, seen_by=by)
    if queries.side_of(transfer, by) is Side.ORIGIN:
        raise Forbidden("transfers.destination_only", "到达由输入地确认。")
    if transfer.state not in TRAVELLING:
        raise Conflict("transfers.not_travelling", f"这次输送现在是“{STATE_NAMES[transfer.state]}”，不能登记到达。")
    for entry_id, at in arrived.items():
        row = (Entry.id == entry_id) & (Entry.transfer_id == transfer.id) & Entry.arrived_at.is_(None)
        db.session.execute(update(Entry).where(row).values(arrived_at=at))
    mark_uncounted([transfer.id])


def erase_rosters(transfer_ids: Sequence[UUID]) -> int:
    """Remove the rosters of these transfers; what was counted stays. Returns how many rows went."""
    gone = delete(Entry).where(Entry.transfer_id.in_(transfer_ids)).returning(Entry.id)
    return len(db.session.execute(gone).all())
