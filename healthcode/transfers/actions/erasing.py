from datetime import datetime

from sqlalchemy import delete, select, update

from backend.core.db import db
from healthcode.transfers.actions.forms import erase_forms
from healthcode.transfers.models import Entry, Handover, Plan, Receiver, Transfer, Trip


def erase_ended(before: datetime) -> dict[str, int]:
    """Remove the rosters of transfers that ended before a moment, who drove, and who signed; what was counted stays."""
    ended = select(Transfer.id).where(Transfer.ended_at < before)
    entries = db.session.execute(delete(Entry).where(Entry.transfer_id.in_(ended)).returning(Entry.id)).all()
    trips = select(Trip.id).where(Trip.transfer_id.in_(ended))
    named = Plan.trip_id.in_(trips) & Plan.crew.is_not(None)
    crews = db.session.execute(
        update(Plan).where(named).values(crew=None, crew_masks={}).returning(Plan.trip_id),
    ).all()
    erase_forms(db.session.scalars(select(Handover).where(Handover.trip_id.in_(trips))).all())
    db.session.execute(delete(Handover).where(Handover.trip_id.in_(trips)))
    receivers = db.session.execute(delete(Receiver).where(Receiver.trip_id.in_(trips)).returning(Receiver.id)).all()
    return {
        "transfers.entry": len(entries),
        "transfers.plan": len(crews),
        "transfers.receiver": len(receivers),
    }
