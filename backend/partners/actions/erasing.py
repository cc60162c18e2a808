from datetime import datetime

from sqlalchemy import delete

from backend.core.db import db
from backend.partners import queries
from backend.partners.models import Told
from healthcode.transfers import actions as transfers


def erase_ended(before: datetime) -> dict[str, int]:
    """Remove the rosters that came from partners, and the colours told of them, once their transfers' time is over."""
    ended = queries.incoming_ended(before)
    told = db.session.execute(delete(Told).where(Told.transfer_id.in_(ended)).returning(Told.entry_id)).all()
    transfers.erase_rosters(ended)
    return {"partners.told": len(told)}
