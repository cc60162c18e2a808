"""An import as a job that several workers may reach for: taken by claim, kept by heartbeat, found again by a sweep.

Every write of a run is fenced by its claim: a run that was taken for dead and comes back writes nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection, sql
from sqlalchemy import case, delete, func, select, update

from backend.core import clock, files
from backend.core.db import db, new_key
from healthcode.transfers.models import ImportRow, RosterImport
from healthcode.transfers.rules import OPEN, WORKING, ImportState
from healthcode.transfers.sealing import COLUMNS

DEAD_AFTER = timedelta(seconds=30)
"""A run's heart beats every five seconds."""
FORGOTTEN_AFTER = timedelta(seconds=10)
"""A queued import that nobody has taken up: its message may be lost."""
MOST_TRIES = 8
GAVE_UP = "系统多次尝试都没能处理完这份文件。请把花名册复制到一张新表后重新上传；仍不行请联系平台管理员。"
FAULTS_KEPT = timedelta(days=14)
COPY = sql.SQL("COPY transfers.import_row ({}) FROM STDIN (FORMAT BINARY)").format(
    sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
)


class Lost(Exception):  # noqa: N818 - nothing went wrong: another run goes on with the job
    """The import was discarded, finished, or taken over by another run."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run's hold of an import."""

    import_id: UUID
    transfer_id: UUID
    claim: UUID
    state: ImportState
    stored_as: str
    file_name: str


def take(*, import_id: UUID) -> Job | None:
    """Get hold of an import that has something to do and that no living run holds; None when there is nothing to take.

    One that broke run after run is refused. A new reading starts anew: what an earlier one left is removed.
    """
    claim, moment = new_key(), clock.now()
    free = RosterImport.claim.is_(None) | (RosterImport.heartbeat_at < moment - DEAD_AFTER)
    taken = (
        update(RosterImport)
        .where(RosterImport.id == import_id, RosterImport.state.in_(WORKING), free)
        .values(
            claim=claim,
            heartbeat_at=moment,
            tries=RosterImport.tries + 1,
            state=case((RosterImport.state == ImportState.QUEUED, ImportState.READING), else_=RosterImport.state),
        )
        .returning(RosterImport)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    roster_import = db.session.scalar(taken)
    if roster_import is None:
        return None
    job = Job(
        import_id,
        roster_import.transfer_id,
        claim,
        roster_import.state,
        roster_import.stored_as or "",
        roster_import.file_name,
    )
    if roster_import.tries > MOST_TRIES:
        refuse(job=job, sentence=GAVE_UP)
        return None
    if roster_import.state is ImportState.READING:
        roster_import.rows_read, roster_import.wrong = 0, 0
        db.session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    return job


def hold(job: Job) -> RosterImport:
    """The import, locked for this transaction. Raises Lost when this run holds it no more."""
    roster_import = db.session.scalar(
        select(RosterImport)
        .where(RosterImport.id == job.import_id, RosterImport.claim == job.claim, RosterImport.state.in_(WORKING))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if roster_import is None:
        raise Lost
    roster_import.heartbeat_at = clock.now()
    return roster_import


def beat(*, job: Job) -> None:
    """Say that this run lives."""
    alive = update(RosterImport).where(RosterImport.id == job.import_id, RosterImport.claim == job.claim)
    db.session.execute(alive.values(heartbeat_at=clock.now()))


def add_rows(*, job: Job, rows: Sequence[tuple[Any, ...]], rows_read: int, rows_total: int, wrong: int) -> None:
    """Keep good rows that were read, sealed as `sealing` gives them, and how far the reading is. Raises Lost."""
    roster_import = hold(job)
    roster_import.rows_read, roster_import.rows_total, roster_import.wrong = rows_read, rows_total, wrong
    driver: Connection[Any] = db.session.connection().connection.driver_connection  # type: ignore[assignment] # psycopg's
    with driver.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(row)


def refuse(*, job: Job, sentence: str, faults_file: str | None = None) -> None:
    """End an import whose file can't be taken, with the sentence that the clerk reads. Raises Lost."""
    roster_import = hold(job)
    roster_import.state, roster_import.refusal = ImportState.REFUSED, sentence
    roster_import.faults_file = faults_file
    roster_import.claim, roster_import.finished_at = None, clock.now()


def find_stale() -> list[UUID]:
    """Imports that wait for a worker, or whose worker is dead; each is put off a little and free for the next taker."""
    moment = clock.now()
    last = func.coalesce(RosterImport.heartbeat_at, RosterImport.created_at)
    waiting = RosterImport.claim.is_(None) & (last < moment - FORGOTTEN_AFTER)
    stale = (
        select(RosterImport.id)
        .where(RosterImport.state.in_(WORKING), waiting | (last < moment - DEAD_AFTER))
        .with_for_update(skip_locked=True)
    )
    sent = update(RosterImport).where(RosterImport.id.in_(stale)).values(claim=None, heartbeat_at=moment)
    return list(db.session.scalars(sent.returning(RosterImport.id)))


def clear_finished() -> None:
    """Remove the rows and files of imports that are at their end, and workbooks of wrong rows after two weeks."""
    ended = RosterImport.state.not_in(OPEN) & RosterImport.stored_as.is_not(None)
    for roster_import in db.session.scalars(select(RosterImport).where(ended).with_for_update(skip_locked=True)):
        db.session.execute(delete(ImportRow).where(ImportRow.import_id == roster_import.id))
        files.store().remove(roster_import.stored_as or "")
        roster_import.stored_as = None
    old = RosterImport.faults_file.is_not(None) & (RosterImport.created_at < clock.now() - FAULTS_KEPT)
    for roster_import in db.session.scalars(select(RosterImport).where(old).with_for_update(skip_locked=True)):
        files.store().remove(roster_import.faults_file or "")
        roster_import.faults_file = None
