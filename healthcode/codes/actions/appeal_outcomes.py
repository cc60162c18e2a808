"""What is written down, told and settled of appeals, whoever moves them: worker, office, decision or clock."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from backend.core.transactions import enqueue
from backend.evidence import actions as evidence
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind as Told
from healthcode.codes import queries
from healthcode.codes.appeal_rules import RULE_NAMES, AppealMove, AppealState, within
from healthcode.codes.colour_rules import Kind
from healthcode.codes.evidence import APPEAL, appeal_step_content
from healthcode.codes.models import Appeal, AppealStep, Decision
from healthcode.codes.rules import DecisionState

CALL = "codes.call_duty"
MEASURED = "工作人员两次测温都不发热，误报的体温不再计算，健康码已重新判断。"


def keep_step(appeal: Appeal, move: AppealMove, *, by: Acting | None = None, said: bytes = b"") -> None:
    """Keep what happened, and put it on record under the row's id; of what was said the digest alone."""
    step = AppealStep(
        appeal_id=appeal.id,
        person_id=appeal.person_id,
        rule=appeal.rule,
        move=move,
        region_code=appeal.regions[-1],
        operator_id=by.operator_id if by else None,
        organisation_id=by.organisation_id if by else None,
        digest=hashlib.sha256(said).hexdigest() if said else "",
        at=clock.now(),
    )
    step.id = evidence.record(kind=APPEAL.name, subject=str(appeal.person_id), content=appeal_step_content(step))
    db.session.add(step)
    db.session.flush()


def tell(appeal: Appeal, topic: str, title: str, body: str) -> None:
    """The person hears of it; one topic of an appeal is told once."""
    notify_many([Notice(appeal.person_id, Told.APPEAL, f"appeal:{appeal.id}:{topic}", title, body, "appeals")])


def spoken(moment: datetime) -> str:
    """3月24日 12:00"""
    at = clock.local(moment)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def close_appeal(appeal: Appeal, state: AppealState, by: Acting, offices: str = "") -> None:
    """Write down the outcome, and tell it with its reason and what else can be done."""
    appeal.state, appeal.answered_at = state, clock.now()
    appeal.answered_by, appeal.answered_office = by.operator_id, by.organisation_id
    upheld = state is AppealState.UPHELD
    keep_step(appeal, AppealMove.UPHELD if upheld else AppealMove.REFUSED, by=by, said=appeal.answer.encode())
    name, offices = RULE_NAMES[appeal.rule], offices or by.organisation_name
    if upheld:
        title = "申诉成立"
        body = f"您对“{name}”的申诉成立，这一条不再算，健康码已重新判断。{offices}答复：{appeal.answer}"
    else:
        title = "申诉没有成立"
        body = (
            f"您对“{name}”的申诉没有成立，健康码不变。{offices}答复：{appeal.answer}"
            "有新的材料可以再次申诉，也可以依法申请行政复议。"
        )
    tell(appeal, state, title, body)


def settle_appeal(decision: Decision, by: Acting) -> bool:
    """Let an appeal follow the decision that was proposed for it: upheld once approved, open again when it wasn't.

    Says whether there was one.
    """
    query = select(Appeal).where(Appeal.decision_id == decision.id, Appeal.state == AppealState.PROPOSED)
    appeal = db.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if appeal is None:
        return False
    if decision.state is DecisionState.IN_FORCE:
        said = queries.decision_said(decision.id)
        close_appeal(appeal, AppealState.UPHELD, by, f"{said.proposer}（{said.approver}批准）")
    else:
        appeal.state, appeal.decision_id, appeal.answer = AppealState.OPEN, None, ""
        keep_step(appeal, AppealMove.RETURNED, by=by)
    return True


def hand_over(appeal: Appeal) -> None:
    """Tell the person who answers until when."""
    what = f"您对“{RULE_NAMES[appeal.rule]}”的申诉"
    who = f"{queries.office_of(appeal.regions[-1])}，最迟 {spoken(appeal.due_at)} 前答复"
    if len(appeal.regions) == 1:
        clock_runs = "值班员已收到短信" if appeal.is_urgent else "周末也算"
        body = f"{what}已交给{who}，{clock_runs}；过时没有答复会自动转给上一级。"
        tell(appeal, "filed", "申诉已收到", body)
    else:
        body = f"{what} {within(urgent=appeal.is_urgent)}内没有答复，已转给{who}。您不用再做什么。"
        tell(appeal, f"escalated:{appeal.regions[-1]}", "申诉已转给上一级", body)
    call_duty(appeal)


def call_duty(appeal: Appeal) -> None:
    """Have the two people on duty told that somebody stands at a door; once for each office and state."""
    if appeal.is_urgent:
        enqueue(CALL, str(appeal.id), appeal.regions[-1], appeal.state.value)


def close_mistyped(person_id: UUID) -> int:
    """Close the appeals against a declared fever that two measured temperatures have ended; returns how many."""
    query = select(Appeal).where(
        Appeal.person_id == person_id, Appeal.rule == Kind.FEVER.value, Appeal.state == AppealState.OPEN
    )
    found = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    for appeal in found:
        appeal.state, appeal.answered_at, appeal.answer = AppealState.UPHELD, clock.now(), MEASURED
        keep_step(appeal, AppealMove.UPHELD, said=MEASURED.encode())
        body = f"您对“{RULE_NAMES[appeal.rule]}”的申诉成立：{MEASURED}"
        tell(appeal, AppealState.UPHELD, "申诉成立", body)
    return len(found)
