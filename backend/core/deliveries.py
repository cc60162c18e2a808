"""Events on their way: handing over, marking done, sending again what grew stale, clearing what is old."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import delete, func, select, update

from backend.core import clock
from backend.core.db import db
from backend.core.features import load
from backend.core.models import Delivery

log = structlog.get_logger()
BATCH = 500
LONGEST_WAIT = timedelta(minutes=10)
STALE = timedelta(seconds=30)


def carry_out(delivery_id: UUID) -> None:
    """Call the listener and mark the delivery done, in the caller's transaction.

    Does nothing when it is done already or another worker holds it at this moment.
    """
    row = db.session.scalar(
        select(Delivery).where(Delivery.id == delivery_id, Delivery.done_at.is_(None)).with_for_update(skip_locked=True)
    )
    if row is None:
        return
    events = current_app.extensions["linghuo.events"]
    load(row.listener)(events[row.event].from_payload(row.payload))
    row.done_at = clock.now()


def postpone(delivery_id: UUID, error: str) -> None:
    """Note a failure; the next try waits twice as long, ten minutes at most."""
    row = db.session.get(Delivery, delivery_id)
    if row is not None and row.done_at is None:
        row.attempts += 1
        row.error = error[:500]
        row.next_at = clock.now() + min(timedelta(seconds=2**row.attempts), LONGEST_WAIT)
        log.error("events.listener_failed", listener=row.listener, attempts=row.attempts, error=row.error)


def claim_stale() -> list[UUID]:
    """Deliveries that are due, each put off a little so that two sweeps don't send the same one."""
    moment = clock.now()
    due = (
        select(Delivery.id)
        .where(Delivery.done_at.is_(None), Delivery.next_at <= moment)
        .order_by(Delivery.next_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = update(Delivery).where(Delivery.id.in_(due)).values(next_at=moment + STALE).returning(Delivery.id)
    return list(db.session.scalars(claimed))


def erase_delivered(before: datetime) -> dict[str, int]:
    """Remove what was delivered before a moment."""
    gone = db.session.execute(delete(Delivery).where(Delivery.done_at < before).returning(Delivery.id)).all()
    return {"core.delivery": len(gone)}


def count_waiting() -> int:
    """How many deliveries are not done, for the metrics."""
    return db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.done_at.is_(None))) or 0
