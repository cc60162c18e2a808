"""Reads: colours, codes and readings; the rules of colours; what officials decided about people."""

from healthcode.codes.queries.decisions import (
    DecisionLine,
    count_proposed,
    decision_said,
    decisions_of,
    get_decision,
    list_decisions,
    lock_decision,
    region_of,
)
from healthcode.codes.queries.people import (
    Display,
    find_declaration,
    get_change,
    get_display,
    list_changes,
    list_declarations,
    list_readings,
    status_of,
    verdict_of,
)
from healthcode.codes.queries.rule_sets import RulesInForce, get_rule_set, list_rule_sets, rules_in_force

__all__ = [
    "DecisionLine",
    "Display",
    "RulesInForce",
    "count_proposed",
    "decision_said",
    "decisions_of",
    "find_declaration",
    "get_change",
    "get_decision",
    "get_display",
    "get_rule_set",
    "list_changes",
    "list_decisions",
    "list_declarations",
    "list_readings",
    "list_rule_sets",
    "lock_decision",
    "region_of",
    "rules_in_force",
    "status_of",
    "verdict_of",
]
