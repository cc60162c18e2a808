"""What the evidence log is told of transfers: each move of them and of their vehicles, each roster that was let in,
who was aboard, who took them over, who started work.

A step's record has its row's id. All are between authorities and name no traveller, so regulators may know of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from backend.core.db import db
from backend.core.features import EvidenceKind
from healthcode.transfers.models import Entry, Handover, Receiver, RosterImport, Start, Step, Trip, TripStep

KEPT = 3653
"""Days: ten years, as government papers of passing importance are kept (机关文件材料归档范围和文书档案保管期限规定)."""
KNOWN_TO = frozenset({"government", "regulator"})
STEP = EvidenceKind(
    name="transfers.step",
    title="劳务输送办理",
    days=KEPT,
    known_to=KNOWN_TO,
    rebuild="healthcode.transfers.evidence:rebuild_steps",
    rows="healthcode.transfers.evidence:list_step_ids",
)
TRIP_STEP = EvidenceKind(
    name="transfers.trip_step",
    title="车次办理",
    days=KEPT,
    known_to=KNOWN_TO,
    rebuild="healthcode.transfers.evidence:rebuild_trip_steps",
    rows="healthcode.transfers.evidence:list_trip_step_ids",
)
ROSTER = EvidenceKind(name="transfers.roster", title="花名册导入", days=KEPT, known_to=KNOWN_TO)
START = EvidenceKind(
    name="transfers.start", title="上岗登记", days=KEPT, known_to=frozenset({"government", "regulator", "enterprise"})
)
HANDOVER = EvidenceKind(name="transfers.handover", title="交接签收", days=KEPT, known_to=KNOWN_TO)
ABOARD = EvidenceKind(name="transfers.aboard", title="车上人员", days=KEPT, known_to=KNOWN_TO)
DIGEST = text("""
SELECT encode(sha256(coalesce(string_agg(content_hash, ''::bytea ORDER BY resident_id_index), '')), 'hex'), count(*)
FROM transfers.entry WHERE transfer_id = :transfer_id
""")
THESE = text("""
SELECT encode(sha256(coalesce(string_agg(content_hash, ''::bytea ORDER BY resident_id_index), '')), 'hex'), count(*)
FROM transfers.entry WHERE id = ANY (:ids)
""")


def step_content(step: Step) -> dict[str, Any]:
    """Which transfer went from which state to which, by whom, and why where a reason was given."""
    return {
        "transfer": str(step.transfer_id),
        "before": step.before.value if step.before else None,
        "after": step.after.value,
        "organisation": str(step.organisation_id),
        "operator": str(step.operator_id),
        "note": step.note,
        "at": step.at.astimezone(UTC).isoformat(),
    }


def rebuild_steps(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    return {step.id: step_content(step) for step in db.session.scalars(select(Step).where(Step.id.in_(record_ids)))}


def list_step_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    return db.session.scalars(select(Step.id).where(Step.id > after).order_by(Step.id).limit(limit)).all()


def trip_step_content(step: TripStep) -> dict[str, Any]:
    """Which vehicle went from which state to which, by whom, where, and why where a reason was given."""
    return {
        "trip": str(step.trip_id),
        "before": step.before.value,
        "after": step.after.value,
        "organisation": str(step.organisation_id),
        "operator": str(step.operator_id),
        "place": step.place,
        "note": step.note,
        "at": step.at.astimezone(UTC).isoformat(),
    }


def rebuild_trip_steps(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    rows = db.session.scalars(select(TripStep).where(TripStep.id.in_(record_ids)))
    return {step.id: trip_step_content(step) for step in rows}


def list_trip_step_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    return db.session.scalars(select(TripStep.id).where(TripStep.id > after).order_by(TripStep.id).limit(limit)).all()


def roster_content(roster_import: RosterImport) -> dict[str, Any]:
    """The file's digest, how it changed the roster, and the digest over the rows as they stand now.

    The rows' own digests are keyed, so that nobody can find out by trial who is on a roster.
    """
    digest, rows = db.session.execute(DIGEST, {"transfer_id": roster_import.transfer_id}).one()
    return {
        "transfer": str(roster_import.transfer_id),
        "import": str(roster_import.id),
        "operator": str(roster_import.operator_id),
        "file": roster_import.digest.hex(),
        "roster": digest,
        "rows": rows,
        "added": roster_import.added,
        "changed": roster_import.changed,
        "removed": roster_import.removed,
    }


def aboard_content(trip: Trip, what: str, entry_ids: Sequence[UUID], at: datetime, place: str) -> dict[str, Any]:
    """What happened to how many people of a vehicle, when and where, and a digest over their rows' keyed ones."""
    digest, people = db.session.execute(THESE, {"ids": list(entry_ids)}).one()
    return {
        "trip": str(trip.id),
        "what": what,
        "people": people,
        "list": digest,
        "place": place,
        "at": at.astimezone(UTC).isoformat(),
    }


def handover_content(handover: Handover, receiver: Receiver) -> dict[str, Any]:
    """How many people of a vehicle were taken over, on whose word, when, and the digest of the form that was signed."""
    return {
        "trip": str(handover.trip_id),
        "receiver": str(handover.receiver_id),
        "employer": receiver.employer,
        "organisation": str(receiver.organisation_id),
        "received": handover.received,
        "to_health": handover.to_health,
        "not_received": handover.not_received,
        "form": handover.form_digest.hex() if handover.form_digest else None,
        "at": handover.signed_at.astimezone(UTC).isoformat(),
    }


def start_content(start: Start, entry: Entry) -> dict[str, Any]:
    """Which enterprise said what of one row, by its keyed digest; the certificate's number isn't in it."""
    return {
        "transfer": str(entry.transfer_id),
        "row": bytes(entry.content_hash).hex(),
        "enterprise": str(start.organisation_id),
        "operator": str(start.operator_id),
        "kind": start.kind.value,
        "day": start.day.isoformat() if start.day else None,
        "certificate_until": start.certificate_until.isoformat() if start.certificate_until else None,
        "training": start.training,
        "words": start.words,
        "at": start.at.astimezone(UTC).isoformat(),
    }
