"""Colour rules: drafted by one person, tried on the population, put into force by a second one."""

from collections.abc import Sequence

from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.transactions import enqueue
from healthcode.codes import colour_rules, queries
from healthcode.codes.actions.rejudging import try_rules
from healthcode.codes.colour_rules import Rule
from healthcode.codes.models import RuleSet
from healthcode.codes.rules import TRIAL_LIFE, RuleSetState

TITLE = range(4, 101)
RULES_LOCK = 0x6C68_7275


def draft_rule_set(*, title: str, rules: Sequence[Rule], by: Acting) -> RuleSet:
    """Write down a set that is to replace the rules in force; it changes nothing yet.

    Refuses: Invalid with a sentence for each rule at fault, for a title that says nothing, and when nothing changes.
    """
    if len(title) not in TITLE:
        sentence = "请用 4 到 100 个字写明改什么、为什么改。"
        raise Invalid("codes.rules_title", sentence, fields={"title": sentence})
    colour_rules.check(rules)
    if not colour_rules.changed(queries.rules_in_force().rules, rules):
        raise Invalid("codes.rules_same", "与正在执行的规则完全一样，没有要改的。")
    made = RuleSet(
        version=None,
        state=RuleSetState.DRAFT,
        title=title,
        rules=[rule.to_json() for rule in rules],
        organisation_id=by.organisation_id,
        proposed_by=by.operator_id,
        created_at=clock.now(),
        changes=[],
    )
    db.session.add(made)
    db.session.flush()
    return made


def try_rule_set(*, rule_set: RuleSet) -> None:
    """Find who would change by a draft, from what to what and why, among the people there are now; nobody changes.

    Refuses: Conflict for what is no draft any more.
    """
    draft = _draft(rule_set)
    draft.tried_at = clock.now()
    draft.changes = [
        [str(one.person_id), one.before.value, one.verdict.colour.value, one.verdict.fact]
        for one in try_rules([Rule.from_json(value) for value in draft.rules])
    ]
    db.session.flush()


def approve_rule_set(*, rule_set: RuleSet, by: Acting) -> None:
    """Put a draft into force, as the second person; then everybody is judged anew.

    Refuses: Forbidden to who proposed it and to other offices; Conflict for what is no draft any more, and without a
    trial of the last 24 hours.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(RULES_LOCK)))
    draft = _draft(rule_set)
    now = clock.now()
    if draft.proposed_by == by.operator_id:
        raise Forbidden("codes.rules_same_person", "提出规则的人不能自己批准，请本单位另一位经办人批准。")
    if draft.organisation_id != by.organisation_id:
        raise Forbidden("codes.rules_other_office", "只能由提出规则的单位批准。")
    if draft.tried_at is None or draft.tried_at < now - TRIAL_LIFE:
        raise Conflict("codes.rules_untried", "批准前请先试算，看清有多少人会变色；试算 24 小时内有效。")
    _end_former(draft)
    newest = db.session.scalar(select(func.max(RuleSet.version))) or 1
    draft.state, draft.version, draft.changes = RuleSetState.IN_FORCE, newest + 1, []
    draft.decided_by, draft.decided_at = by.operator_id, now
    db.session.flush()
    enqueue("codes.rejudge")


def _end_former(draft: RuleSet) -> None:
    former = db.session.scalar(select(RuleSet).where(RuleSet.state == RuleSetState.IN_FORCE))
    if former is None:
        return
    if former.decided_at and former.decided_at > draft.created_at:
        raise Conflict("codes.rules_overtaken", "起草以后已有新规则生效，请按现在的规则重新起草。")
    former.state, former.ended_at = RuleSetState.ENDED, clock.now()
    db.session.flush()


def discard_rule_set(*, rule_set: RuleSet, by: Acting) -> None:
    """Throw a draft away. Refuses: Conflict for what is none any more; Forbidden to other offices."""
    draft = _draft(rule_set)
    if draft.organisation_id != by.organisation_id:
        raise Forbidden("codes.rules_other_office", "只能由提出规则的单位放弃。")
    draft.state, draft.changes = RuleSetState.DISCARDED, []
    draft.decided_by, draft.decided_at = by.operator_id, clock.now()


def _draft(rule_set: RuleSet) -> RuleSet:
    held = queries.get_rule_set(rule_set.id, lock=True)
    if held.state is not RuleSetState.DRAFT:
        raise Conflict("codes.rules_decided", "这份草案已经处理过了，请刷新页面。")
    return held
