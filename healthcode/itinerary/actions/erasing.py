from datetime import datetime

from sqlalchemy import delete, update

from backend.core.db import db
from healthcode.itinerary.models import LastSeen

NOWHERE = dict.fromkeys(("at", "place_id", "region_code", "lon", "lat", "accuracy_m"))


def erase_last_seen(before: datetime) -> dict[str, int]:
    """Forget where people were last seen before a moment; one with a younger sign of life keeps that alone."""
    gone = db.session.execute(delete(LastSeen).where(LastSeen.sign_at < before).returning(LastSeen.person_id)).all()
    faded = db.session.execute(
        update(LastSeen).where(LastSeen.at < before).values(NOWHERE).returning(LastSeen.person_id)
    ).all()
    return {"itinerary.last_seen": len(gone) + len(faded)}
