from datetime import datetime

from sqlalchemy import delete, select, update

from backend.core.db import db
from healthcode.transfers.models import Entry, Plan, Transfer, Trip


def erase_ended(before: datetime) -> dict[str, int]:
    """Remove the rosters of transfers that ended before a moment, and who drove; what was counted stays."""
    ended = select(Transfer.id).where(Transfer.ended_at < before)
    entries = db.session.execute(delete(Entry).where(Entry.transfer_id.in_(ended)).returning(Entry.id)).all()
    trips = select(Trip.id).where(Trip.transfer_id.in_(ended))
    named = Plan.trip_id.in_(trips) & Plan.crew.is_not(None)
    crews = db.session.execute(
        update(Plan).where(named).values(crew=None, crew_masks={}).returning(Plan.trip_id),
    ).all()
    return {"transfers.entry": len(entries), "transfers.plan": len(crews)}
