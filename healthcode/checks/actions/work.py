"""What people do about findings: take, hand to a colleague, give back, write down, settle. The check closes them."""

from uuid import UUID

from sqlalchemy import select, update

from backend.accounts.acting import Acting
from backend.accounts.events import OperatorLeft
from backend.accounts.queries import list_colleagues
from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from healthcode.checks import queries
from healthcode.checks.models import Finding, FindingStep
from healthcode.checks.rules import SETTLED_FOR, WORDS, Move


def take_finding(*, finding_id: UUID, by: Acting) -> Finding:
    """See to a finding oneself; taking what one has already changes nothing.

    Refuses: NotFound for other offices' transfers; Conflict for what was closed, or what another office has.
    """
    finding = _open(finding_id, by)
    if finding.owner_id == by.operator_id:
        return finding
    if finding.owner_office not in {None, by.organisation_id}:
        raise Conflict("checks.with_others", "对方单位已经接手这件事，请先和他们联系。")
    return _give(finding, by.operator_id, by, Move.TAKEN)


def hand_finding(*, finding_id: UUID, to_id: UUID, words: str, by: Acting) -> Finding:
    """Hand a finding of the own office to a colleague. Refuses: as `take_finding`; NotFound for no colleague."""
    finding = _own(finding_id, by)
    if to_id not in {colleague.id for colleague in list_colleagues(by)}:
        raise NotFound
    return _give(finding, to_id, by, Move.HANDED, words)


def return_finding(*, finding_id: UUID, words: str, by: Acting) -> Finding:
    """Give a finding back, so that nobody has it. Refuses: as `take_finding`."""
    return _give(_own(finding_id, by), None, by, Move.RETURNED, words)


def note_finding(*, finding_id: UUID, words: str, by: Acting) -> Finding:
    """Write down what was done. Refuses: as `take_finding`; Invalid for words that say nothing."""
    finding = _own(finding_id, by)
    _keep(finding, Move.NOTED, by, words=_said(words))
    return finding


def settle_finding(*, finding_id: UUID, words: str, by: Acting) -> Finding:
    """Say that it was seen to, and how. While the check finds it still it stays on the list, a day later it is open
    again. Refuses: as `take_finding`; Invalid for words that say nothing.
    """
    finding = _own(finding_id, by)
    finding.settled_at = clock.now()
    _keep(finding, Move.SETTLED, by, words=_said(words))
    return finding


def reopen_findings() -> int:
    """Open again what was settled a day ago and is found still; returns how many."""
    stale = (Finding.settled_at <= clock.now() - SETTLED_FOR) & Finding.closed_at.is_(None)
    ids = db.session.scalars(update(Finding).where(stale).values(settled_at=None).returning(Finding.id)).all()
    db.session.add_all(FindingStep(finding_id=one, move=Move.REOPENED, at=clock.now()) for one in ids)
    db.session.flush()
    return len(ids)


def give_back(event: OperatorLeft) -> None:
    """What somebody had who left goes back to the office."""
    theirs = (Finding.owner_id == event.operator_id) & Finding.closed_at.is_(None)
    gone = update(Finding).where(theirs).values(owner_id=None, owner_office=None).returning(Finding.id)
    ids = db.session.scalars(gone).all()
    db.session.add_all(FindingStep(finding_id=one, move=Move.RETURNED, at=clock.now()) for one in ids)
    db.session.flush()


def _open(finding_id: UUID, by: Acting) -> Finding:
    """A finding of a transfer that the office sees, locked."""
    queries.get_finding(finding_id, seen_by=by)
    query = select(Finding).where(Finding.id == finding_id).with_for_update()
    finding = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if finding.closed_at is not None:
        raise Conflict("checks.closed", "情况已经消除，这件事已自动结束，不用再处理。")
    return finding


def _own(finding_id: UUID, by: Acting) -> Finding:
    finding = _open(finding_id, by)
    if finding.owner_office != by.organisation_id:
        raise Conflict("checks.not_taken", "请先点“我来处理”，再登记处理情况。")
    return finding


def _give(finding: Finding, owner_id: UUID | None, by: Acting, move: Move, words: str = "") -> Finding:
    finding.owner_id = owner_id
    finding.owner_office = by.organisation_id if owner_id else None
    finding.settled_at = None
    _keep(finding, move, by, to_id=owner_id if move is Move.HANDED else None, words=_said(words) if words else "")
    return finding


def _said(words: str) -> str:
    tidy = " ".join(words.split())
    if len(tidy) not in WORDS:
        sentence = f"请用 {WORDS.start} 到 {WORDS.stop - 1} 个字写明做了什么、结果怎样。"
        raise Invalid("checks.words", sentence, fields={"words": sentence})
    return tidy


def _keep(finding: Finding, move: Move, by: Acting, *, to_id: UUID | None = None, words: str = "") -> None:
    db.session.add(
        FindingStep(
            finding_id=finding.id,
            move=move,
            at=clock.now(),
            operator_id=by.operator_id,
            organisation_id=by.organisation_id,
            to_id=to_id,
            words=seal(words, "checks.finding_step.words") if words else None,
        )
    )
    db.session.flush()
