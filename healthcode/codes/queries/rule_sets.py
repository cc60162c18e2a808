"""Reads of the colour rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import defer

from backend.accounts.models import Operator, Organisation
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.colour_rules import FIRST_RULES, Rule
from healthcode.codes.models import RuleSet
from healthcode.codes.rules import RuleSetState


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules by which colours are judged now. Version 1 came with the platform, and no office proposed it."""

    version: int
    rules: tuple[Rule, ...]


def rules_in_force() -> RulesInForce:
    """The rules by which colours are judged now."""
    query = select(RuleSet.version, RuleSet.rules).where(RuleSet.state == RuleSetState.IN_FORCE)
    found = db.session.execute(query).one_or_none()
    if found is None:
        return RulesInForce(1, FIRST_RULES)
    return RulesInForce(found.version or 1, tuple(Rule.from_json(value) for value in found.rules))


def list_rule_sets(limit: int = 100) -> Sequence[Row[RuleSet, str, str]]:
    """Versions and drafts, the newest first: (set, office, who proposed it)."""
    query = (
        select(RuleSet, Organisation.name, Operator.name)
        .join(Organisation, Organisation.id == RuleSet.organisation_id)
        .join(Operator, Operator.id == RuleSet.proposed_by)
        .options(defer(RuleSet.changes))
        .order_by(RuleSet.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def get_rule_set(rule_set_id: UUID, *, lock: bool = False) -> RuleSet:
    """A version or draft, held until the transaction ends if asked. Refuses: NotFound."""
    query = select(RuleSet).where(RuleSet.id == rule_set_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found
