"""From rows that were read to the roster: compared, then applied in one transaction by statements over whole sets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from backend.accounts import actions as accounts
from backend.accounts.models import Holding, Person
from backend.accounts.rules import HoldingState
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.events import emit
from backend.core.transactions import enqueue
from backend.evidence import actions as evidence
from healthcode.transfers.actions.counting import recount
from healthcode.transfers.actions.jobs import Job, hold, refuse
from healthcode.transfers.events import RosterApplied
from healthcode.transfers.evidence import ROSTER, roster_content
from healthcode.transfers.models import Entry, RosterImport, Transfer, Trip
from healthcode.transfers.rules import EDITABLE, ImportState

PLAN = "transfers.plan_trips"
NOTHING_GOOD = "文件里没有一行可以导入，请下载问题清单，逐行改正后重新上传。"
ENDED_MEANWHILE = "这次输送的车辆都已出发或输送已经结束，花名册不能再修改。"
LEFT_ALREADY = (
    "已经上车、车辆已经出发或车次已取消，这些人的名单不能再改：{}。请在文件里保持他们原来的内容，再重新上传。"
)
CHANGED = text("""
UPDATE transfers.import_row r SET change = 'changed'
FROM transfers.entry e
WHERE r.import_id = :import_id AND e.transfer_id = :transfer_id
  AND e.resident_id_index = r.resident_id_index AND e.content_hash <> r.content_hash
""")
ADDED = text("""
UPDATE transfers.import_row r SET change = 'added'
WHERE r.import_id = :import_id
  AND NOT EXISTS (SELECT FROM transfers.entry e
                  WHERE e.transfer_id = :transfer_id AND e.resident_id_index = r.resident_id_index)
""")
COMPARED = text("""
SELECT count(*) AS rows, count(*) FILTER (WHERE change = 'added') AS added,
       count(*) FILTER (WHERE change = 'changed') AS changed,
       (SELECT count(*) FROM transfers.entry e WHERE e.transfer_id = :transfer_id
        AND NOT EXISTS (SELECT FROM transfers.import_row r
                        WHERE r.import_id = :import_id AND r.resident_id_index = e.resident_id_index)) AS missing
FROM transfers.import_row WHERE import_id = :import_id
""")
ELSEWHERE = text("""
SELECT r.name_mask, r.resident_id_mask
FROM transfers.import_row r
JOIN transfers.entry e ON e.resident_id_index = r.resident_id_index AND e.transfer_id <> :transfer_id
JOIN transfers.transfer t ON t.id = e.transfer_id AND t.state NOT IN ('closed', 'cancelled')
JOIN transfers.trip ON trip.id = e.trip_id
WHERE r.import_id = :import_id AND r.departs_at BETWEEN trip.departs_at - interval '1 day'
      AND coalesce(trip.arrives_at, trip.departs_at) + interval '1 day'
ORDER BY r.sort_key LIMIT 20
""")
FIXED = text("""
SELECT e.name_mask, e.resident_id_mask
FROM transfers.entry e
JOIN transfers.trip ON trip.id = e.trip_id
     AND (trip.state NOT IN ('waiting', 'cancelled')
          OR EXISTS (SELECT FROM transfers.ride WHERE ride.entry_id = e.id AND ride.left_at IS NULL))
LEFT JOIN transfers.import_row r ON r.import_id = :import_id AND r.resident_id_index = e.resident_id_index
WHERE e.transfer_id = :transfer_id
  AND (r.content_hash <> e.content_hash OR cast(:remove AS boolean) AND r.import_id IS NULL)
UNION
SELECT r.name_mask, r.resident_id_mask
FROM transfers.import_row r
JOIN transfers.trip ON trip.transfer_id = :transfer_id AND trip.vehicle = r.vehicle AND trip.mode = r.mode
     AND coalesce(trip.departs_at, '-infinity') = coalesce(r.departs_at, '-infinity') AND trip.state <> 'waiting'
WHERE r.import_id = :import_id
  AND NOT EXISTS (SELECT FROM transfers.entry e
                  WHERE e.resident_id_index = r.resident_id_index AND e.transfer_id = :transfer_id
                    AND (e.trip_id = trip.id OR e.content_hash = r.content_hash))
ORDER BY 1, 2 LIMIT 20
""")
"""Whose row changes though they boarded or the vehicle has left, and who would board one that has left or was
cancelled. Whose row says the same as before may have changed vehicles since.
"""
DEPARTURES = text("""
SELECT DISTINCT vehicle, mode, departs_at FROM transfers.import_row
WHERE import_id = :import_id AND (vehicle <> '' OR departs_at IS NOT NULL)
""")
ROW = (
    "number, name, name_mask, name_index, sort_key, resident_id, resident_id_mask, last_four_index, sex, address, "
    "address_mask, phone, phone_mask, phone_index, poor, skills, enterprise, position, seat, content_hash"
)
TRIP = """
LEFT JOIN transfers.trip ON trip.transfer_id = :transfer_id AND trip.vehicle = r.vehicle AND trip.mode = r.mode
     AND coalesce(trip.departs_at, '-infinity') = coalesce(r.departs_at, '-infinity')
"""
INSERT = text(f"""
INSERT INTO transfers.entry (id, transfer_id, trip_id, import_id, resident_id_index, colour, {ROW})
SELECT r.entry_id, :transfer_id, trip.id, r.import_id, r.resident_id_index, 'grey', r.{ROW.replace(", ", ", r.")}
FROM transfers.import_row r {TRIP}
WHERE r.import_id = :import_id
ON CONFLICT (resident_id_index, transfer_id) DO NOTHING
""")  # noqa: S608 - constants
UPDATE = text(f"""
UPDATE transfers.entry e
SET trip_id = r.trip_id, import_id = :import_id, person_id = CASE WHEN e.name_index = r.name_index THEN e.person_id END,
    ({ROW}) = ROW (r.{ROW.replace(", ", ", r.")})
FROM (SELECT r.*, trip.id AS trip_id FROM transfers.import_row r {TRIP} WHERE r.import_id = :import_id) AS r
WHERE e.transfer_id = :transfer_id AND e.resident_id_index = r.resident_id_index AND e.content_hash <> r.content_hash
""")  # noqa: S608 - constants
REMOVE = text("""
DELETE FROM transfers.entry e
WHERE e.transfer_id = :transfer_id
  AND NOT EXISTS (SELECT FROM transfers.import_row r
                  WHERE r.import_id = :import_id AND r.resident_id_index = e.resident_id_index)
""")
LINK = text("""
UPDATE transfers.entry e SET person_id = p.id
FROM accounts.person p
WHERE e.transfer_id = :transfer_id AND e.person_id IS NULL AND p.verified_at IS NOT NULL
  AND p.resident_id_index = e.resident_id_index AND p.name_index = e.name_index
""")


def compare(*, job: Job, notes: Sequence[str], faults_file: str | None) -> ImportState:
    """Set a file that was read against the roster, and say how it goes on.

    APPLYING when the roster is empty, DONE when the roster says all of it already, REFUSED when no row is good, else
    WAITING for somebody to confirm. Raises Lost.
    """
    roster_import = hold(job)
    about = {"import_id": job.import_id, "transfer_id": job.transfer_id}
    known = db.session.scalar(select(Entry.id).where(Entry.transfer_id == job.transfer_id).limit(1)) is not None
    if known:
        db.session.execute(CHANGED, about)
        db.session.execute(ADDED, about)
    counted = db.session.execute(COMPARED, about).one()
    if not counted.rows:
        refuse(job=job, sentence=NOTHING_GOOD, faults_file=faults_file)
        return ImportState.REFUSED
    roster_import.added = counted.added if known else counted.rows
    roster_import.changed, roster_import.missing = counted.changed, counted.missing
    roster_import.same = counted.rows - roster_import.added - roster_import.changed
    roster_import.notes = [*notes, *_travelling_elsewhere(about)]
    roster_import.faults_file = faults_file
    if not known:
        roster_import.state = ImportState.APPLYING
    elif roster_import.added or roster_import.changed or roster_import.missing:
        roster_import.state, roster_import.claim = ImportState.WAITING, None
    else:
        _finish(roster_import)
    return roster_import.state


def _travelling_elsewhere(about: dict[str, UUID]) -> list[str]:
    people = [f"{name}（{number}）" for name, number in db.session.execute(ELSEWHERE, about)]
    return [f"这些人同时在另一次输送的花名册上，出发时间相近，请核对：{'、'.join(people)}。"] if people else []


def _finish(roster_import: RosterImport) -> None:
    roster_import.state, roster_import.claim, roster_import.finished_at = ImportState.DONE, None, clock.now()


def apply(*, job: Job) -> None:
    """Let the rows into the roster, all or none: new ones in, changed ones changed, missing ones out if so confirmed.

    Persons who are known already are joined to their rows. Refuses the import when nothing may change any more, or
    when it would change who is on a vehicle that has left.
    Raises Lost.
    """
    transfer = db.session.scalars(select(Transfer).where(Transfer.id == job.transfer_id).with_for_update()).one()
    roster_import = hold(job)
    about = {"import_id": job.import_id, "transfer_id": job.transfer_id}
    sentence = _refusal(transfer, about | {"remove": roster_import.remove_missing})
    if sentence:
        refuse(job=job, sentence=sentence, faults_file=roster_import.faults_file)
        return
    _make_trips(transfer, db.session.execute(DEPARTURES, about).all())
    db.session.execute(UPDATE, about)
    db.session.execute(INSERT, about)
    if roster_import.remove_missing:
        roster_import.removed = db.session.execute(REMOVE, about).rowcount  # type: ignore[attr-defined] # of a DELETE
    link_rows(transfer.id)
    _finish(roster_import)
    db.session.flush()
    recount(transfer_id=transfer.id)
    evidence.record(kind=ROSTER.name, subject=str(transfer.id), content=roster_content(roster_import))
    emit(RosterApplied(transfer.id, job.import_id))


def _refusal(transfer: Transfer, about: dict[str, Any]) -> str | None:
    """Why these rows can't be let in, if so. Whoever is on the way is a fact, and no file changes it."""
    if transfer.state not in EDITABLE:
        return ENDED_MEANWHILE
    gone = [f"{name}（{number}）" for name, number in db.session.execute(FIXED, about)]
    return LEFT_ALREADY.format("、".join(gone)) if gone else None


def _make_trips(transfer: Transfer, departures: Sequence[Any]) -> None:
    """A trip for each vehicle and departure that has none yet; its route is planned by a task of its own."""
    values = [
        {
            "id": new_key(),
            "transfer_id": transfer.id,
            "vehicle": row.vehicle,
            "mode": row.mode,
            "departs_at": row.departs_at,
        }
        for row in departures
    ]
    if values:
        db.session.execute(insert(Trip).on_conflict_do_nothing(), values)
        enqueue(PLAN, transfer.id)


def link_rows(transfer_id: UUID) -> None:
    """Join a roster's rows to the people who registered with their name and number."""
    db.session.execute(LINK, {"transfer_id": transfer_id})
    _verify_stated(transfer_id)


def _verify_stated(transfer_id: UUID) -> None:
    """People who were on no roster when they registered, and whose name and number this roster holds now.

    Where two accounts stated the same person a clerk still decides.
    """
    waiting = (
        select(Person)
        .join(Entry, (Entry.resident_id_index == Person.resident_id_index) & (Entry.name_index == Person.name_index))
        .join(Holding, Holding.person_id == Person.id)
        .where(
            Entry.transfer_id == transfer_id,
            Entry.person_id.is_(None),
            Person.verified_at.is_(None),
            Holding.state == HoldingState.PENDING,
        )
    )
    stated: dict[bytes, list[Person]] = {}
    for person in db.session.scalars(waiting):
        stated.setdefault(person.resident_id_index, []).append(person)
    for people in stated.values():
        if len(people) == 1:
            accounts.verify_stated(person=people[0])
