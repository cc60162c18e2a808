"""What goes when its time is over: words and files of appeals, rows of lists, certificates with their photos."""

from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.files import store
from healthcode.codes.fact_rules import CertificateState, ResultListState
from healthcode.codes.models import Appeal, AppealFile, Certificate, ResultList

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


def erase_result_lists(before: datetime) -> dict[str, int]:
    """Erase what is left of the lists of before a moment; that there was one, and how many rows it had, stays.

    A list that nobody decided is given up with it.
    """
    due = (ResultList.created_at < before) & or_(ResultList.rows.is_not(None), ResultList.faults.is_not(None))
    emptied = db.session.execute(update(ResultList).where(due).values(rows=None, faults=None).returning(ResultList.id))
    ids = list(emptied.scalars())
    waiting = (ResultList.id.in_(ids)) & (ResultList.state == ResultListState.WAITING)
    db.session.execute(update(ResultList).where(waiting).values(state=ResultListState.DISCARDED))
    return {"codes.result_list": len(ids)}


def erase_certificates(before: datetime) -> dict[str, int]:
    """Erase certificates that ended, were refused or withdrawn before a moment, or never decided, with their photos."""
    decided = func.coalesce(Certificate.decided_at, Certificate.filed_at)
    ended = or_(Certificate.state != CertificateState.CONFIRMED, Certificate.valid_until < clock.local(before).date())
    due = select(Certificate.id, Certificate.stored_as).where(decided < before, ended).with_for_update()
    found = db.session.execute(due).all()
    for _, name in found:
        if name is not None:
            store().remove(name)
    db.session.execute(delete(Certificate).where(Certificate.id.in_([row.id for row in found])))
    return {"codes.certificate": len(found)}
