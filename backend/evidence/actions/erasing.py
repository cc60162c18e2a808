from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select, text

from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.partitions import AHEAD, make_partitions_of
from backend.evidence.actions.recording import record
from backend.evidence.models import Opening
from backend.evidence.queries import SUBJECT_PURPOSE
from backend.evidence.rules import last_days

OPENING = "evidence.opening"
ERASURE = "evidence.erasure"
LOCK = 0x657261
"""The advisory lock of whoever erases: what one records as erased, another must not erase."""
ERASE = text("SELECT evidence.erase_subject(:subject, CAST(:records AS uuid[]), :erasure)")


def erase_subject(*, subject: str) -> int:
    """Erase what opens the records about a subject; returns how many there were. The log itself stays whole.

    That these were erased is recorded in its turn, without the subject, so that the audit can tell it from a theft.
    """
    index = blind_index(subject, SUBJECT_PURPOSE)
    db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    found = sorted({*db.session.scalars(select(Opening.record_id).where(Opening.subject_index == index))})
    if not found:
        return 0
    erasure = record(kind=ERASURE, subject=ERASURE, content={"records": [str(each) for each in found]})
    given = {"subject": index, "records": found, "erasure": erasure}
    return db.session.scalar(ERASE, given) or 0


def keep_partitions() -> None:
    """Have room for the openings of the week to come. The days that are over go as all data do that are kept by day."""
    today = clock.today()
    kept = [kind.days for kind in current_app.extensions["linghuo.evidence"].values()]
    make_partitions_of(OPENING, last_days(kept, today, today + timedelta(days=AHEAD)))
