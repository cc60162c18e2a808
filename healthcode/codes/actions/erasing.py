"""What was written and attached for an appeal goes when its time is over; that it was filed and answered stays."""

from datetime import datetime

from sqlalchemy import select

from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.files import store
from healthcode.codes.models import Appeal, AppealFile

ERASED = "（已按保存期限删除）"


def erase_appeals(before: datetime) -> dict[str, int]:
    """Erase the words and files of appeals answered before a moment; the files' digests stay."""
    due = select(Appeal).where(Appeal.answered_at < before, Appeal.erased_at.is_(None)).with_for_update()
    appeals = db.session.scalars(due).all()
    stored = select(AppealFile.stored_as).where(AppealFile.appeal_id.in_([appeal.id for appeal in appeals]))
    names = db.session.scalars(stored).all()
    for name in names:
        store().remove(name)
    for appeal in appeals:
        appeal.words = seal(ERASED, "codes.appeal.words")
        appeal.erased_at = clock.now()
    return {"codes.appeal": len(appeals), "codes.appeal_file": len(names)}
