"""Officials' decisions about one person: proposed by one office, put into force by another person, over by themselves.

An order gives a colour on a legal basis; a lift takes back what a rule found wrongly. Neither is done by one hand.
"""

from datetime import timedelta

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind as Told
from backend.regions import names
from healthcode.codes import queries
from healthcode.codes.actions.appeal_outcomes import settle_appeal
from healthcode.codes.actions.rejudging import rejudge
from healthcode.codes.appeal_rules import RULE_NAMES
from healthcode.codes.models import Decision
from healthcode.codes.rules import (
    BASES_OF,
    COLOUR_NAMES,
    LONGEST_DECISION,
    ORDERED,
    Basis,
    Colour,
    DecisionKind,
    DecisionState,
)

REASON = range(10, 201)


def propose_decision(
    *,
    person: Person,
    kind: DecisionKind,
    colour: Colour | None,
    rule: str | None,
    basis: Basis,
    reason: str,
    days: int,
    by: Acting,
    region_code: str | None = None,
) -> Decision:
    """Propose an order (with its colour) or a lift (of a rule that holds against the person); nothing changes yet.

    A lift of `rules.ORDERED` ends the orders that stand. `region_code` is whose government decides, where the person
    is unless given. Refuses: Invalid with a sentence for each field at fault; Forbidden to offices that are no
    government; Conflict while another one waits for the same person.
    """
    if by.kind is not OrganisationKind.GOVERNMENT:
        raise Forbidden("codes.decision_office", "只有主管部门可以提出赋码决定。")
    _check(person, kind, colour, rule, basis, reason, days)
    now = clock.now()
    decision = Decision(
        person_id=person.id,
        kind=kind,
        colour=colour if kind is DecisionKind.ORDER else None,
        rule=str(rule) if rule and kind is DecisionKind.LIFT else None,
        basis=basis,
        reason=reason,
        region_code=region_code or queries.region_of(person),
        state=DecisionState.PROPOSED,
        proposed_by=by.operator_id,
        proposed_office=by.organisation_id,
        proposed_at=now,
        ends_at=now + timedelta(days=days),
    )
    db.session.add(decision)
    try:
        db.session.flush()
    except IntegrityError as twice:
        raise Conflict("codes.decision_waiting", "这个人已有一项决定在等待批准，请先处理那一项。") from twice
    return decision


def _check(
    person: Person,
    kind: DecisionKind,
    colour: Colour | None,
    rule: str | None,
    basis: Basis,
    reason: str,
    days: int,
) -> None:
    faults = {}
    if kind is DecisionKind.ORDER and colour not in {Colour.YELLOW, Colour.RED}:
        faults["colour"] = "请选择黄码或红码。"
    if kind is DecisionKind.LIFT and rule not in {one.rule for one in queries.status_of(person).reasons}:
        faults["rule"] = "请选择一条现在对本人成立的规则。"
    if basis not in BASES_OF[kind]:
        faults["basis"] = "请选择适用的法律依据。"
    if len(reason) not in REASON:
        faults["reason"] = f"请用 {REASON.start} 到 {REASON.stop - 1} 个字写明事实和理由，本人会看到。"
    if days not in LONGEST_DECISION:
        faults["days"] = f"请填 1 到 {LONGEST_DECISION.stop - 1} 天，到期自动结束。"
    if faults:
        raise Invalid("codes.decision", "决定有误，请按提示修改。", fields=faults)


def approve_decision(*, decision: Decision, by: Acting) -> None:
    """Put a proposed decision into force, as a second person of the region where the person is.

    Refuses: Forbidden to who proposed it and to offices of other regions; Conflict when it was decided already.
    """
    held = _proposed(decision)
    _check_second(held, by)
    held.ends_at += clock.now() - held.proposed_at
    _decide(held, DecisionState.IN_FORCE, by)
    if held.rule == ORDERED:
        _end_orders(held)
    rejudge(person_id=held.person_id)
    if not settle_appeal(held, by):
        _tell(held)


def refuse_decision(*, decision: Decision, by: Acting) -> None:
    """Turn a proposal down, or take the own one back. Refuses: Forbidden to offices of other regions; Conflict."""
    held = _proposed(decision)
    if held.proposed_by != by.operator_id:
        _check_second(held, by)
    _decide(held, DecisionState.REFUSED, by)
    settle_appeal(held, by)


def _end_orders(lift: Decision) -> None:
    standing = (Decision.kind == DecisionKind.ORDER) & (Decision.state == DecisionState.IN_FORCE)
    db.session.execute(
        update(Decision)
        .where(Decision.person_id == lift.person_id, standing)
        .values(state=DecisionState.ENDED, ends_at=func.least(Decision.ends_at, clock.now()))
    )


def _decide(held: Decision, state: DecisionState, by: Acting) -> None:
    held.state, held.decided_at = state, clock.now()
    held.decided_by, held.decided_office = by.operator_id, by.organisation_id
    db.session.flush()


def end_decision(*, decision: Decision, by: Acting) -> None:
    """End an order before its time; either of its two offices may.

    Refuses: Forbidden to other offices; Conflict for what isn't in force.
    """
    held = queries.lock_decision(decision.id)
    if held.state is not DecisionState.IN_FORCE or held.ends_at <= clock.now():
        raise Conflict("codes.decision_not_in_force", "这项决定已经结束，请刷新页面。")
    if by.organisation_id not in {held.proposed_office, held.decided_office}:
        raise Forbidden("codes.decision_elsewhere", "只有提出或批准的单位可以提前结束。")
    held.state, held.ends_at = DecisionState.ENDED, clock.now()
    db.session.flush()
    rejudge(person_id=held.person_id)
    _tell(held)


def _proposed(decision: Decision) -> Decision:
    held = queries.lock_decision(decision.id)
    if held.state is not DecisionState.PROPOSED:
        raise Conflict("codes.decision_decided", "这项决定已经处理过了，请刷新页面。")
    return held


def _check_second(decision: Decision, by: Acting) -> None:
    if decision.proposed_by == by.operator_id:
        raise Forbidden("codes.decision_one_hand", "提出的人不能自己批准，请当地另一位经办人批准。")
    if by.kind is not OrganisationKind.GOVERNMENT or not names.within(decision.region_code, by.region_code):
        raise Forbidden("codes.decision_region", "只有本人所在地的主管部门可以批准。")


def _tell(decision: Decision) -> None:
    """The person hears what was decided, on what basis, by whom, until when, and what to do."""
    said = queries.decision_said(decision.id)
    if decision.state is DecisionState.ENDED:
        title, what = "赋码决定已提前结束", "原决定："
    elif decision.kind is DecisionKind.ORDER:
        title, what = f"您的健康码被定为{COLOUR_NAMES[decision.colour or Colour.YELLOW]}", ""
    else:
        title, what = "健康码更正", f"“{RULE_NAMES[decision.rule or '']}”不再算。"
    until = clock.shown(decision.ends_at)
    body = f"{what}{said.sentence}到 {until} 自动结束。不同意的，可以联系{said.approver or said.proposer}。"
    topic = f"decision:{decision.id}:{decision.state}"
    notify_many([Notice(decision.person_id, Told.COLOUR, topic, title, body, "code")])
