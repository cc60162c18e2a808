from datetime import timedelta

from flask import current_app
from sqlalchemy import text

from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.partitions import AHEAD, drop_old_partitions, make_partitions_of
from backend.evidence.queries import SUBJECT_PURPOSE
from backend.evidence.rules import last_days

OPENING = "evidence.opening"


def erase_subject(*, subject: str) -> int:
    """Erase what opens the records about a subject; returns how many there were. The log itself stays whole."""
    given = {"subject": blind_index(subject, SUBJECT_PURPOSE)}
    return db.session.scalar(text("SELECT evidence.erase_subject(:subject)"), given) or 0


def keep_partitions() -> list[str]:
    """Have room for the openings of the week to come, and drop the days that are over; returns those dropped."""
    today = clock.today()
    kept = [kind.days for kind in current_app.extensions["linghuo.evidence"].values()]
    make_partitions_of(OPENING, last_days(kept, today, today + timedelta(days=AHEAD)))
    return drop_old_partitions(OPENING)
