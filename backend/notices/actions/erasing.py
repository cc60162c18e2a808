from datetime import datetime

from sqlalchemy import delete, select

from backend.core.db import db
from backend.notices.models import Attempt, Message


def erase_messages(before: datetime) -> dict[str, int]:
    """Remove messages written before a moment, and how they fared on each channel."""
    old = select(Message.id).where(Message.created_at < before)
    tries = db.session.execute(delete(Attempt).where(Attempt.message_id.in_(old)).returning(Attempt.id)).all()
    messages = db.session.execute(delete(Message).where(Message.created_at < before).returning(Message.id)).all()
    return {"notices.message": len(messages), "notices.attempt": len(tries)}
