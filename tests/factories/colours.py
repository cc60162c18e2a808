"""What the pages of colours show: levels of regions, a list to check, rules that were tried, a proposed decision."""

from dataclasses import replace
from datetime import date

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.transactions import transaction
from healthcode.codes import actions as codes
from healthcode.codes.colour_rules import FIRST_RULES, Kind
from healthcode.codes.rules import Basis, Colour, DecisionKind
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.cases import cases_of_2020

LISTED = "地区,风险等级,开始日期\n江苏省苏州市昆山市,中风险,\n火星市,高风险,\n"


def make_colour_pages(by: Acting, person: Person) -> dict[str, str]:
    """The addresses of all pages of colours, each with something to show."""
    with transaction():
        itinerary.compute_risk(counts=cases_of_2020(), day=date(2020, 3, 22), as_of=clock.today())
        listed = itinerary.propose_risk_list(content=LISTED.encode(), file_name="全国风险地区名单.csv", by=by)
        rules = [replace(rule, colour=Colour.RED) if rule.kind is Kind.FEVER else rule for rule in FIRST_RULES]
        draft = codes.draft_rule_set(title="发热改为红码，按最新通知", rules=rules, by=by)
        codes.try_rule_set(rule_set=draft)
        decision = codes.propose_decision(
            person=person,
            kind=DecisionKind.ORDER,
            colour=Colour.RED,
            rule=None,
            basis=Basis.QUARANTINE,
            reason="与确诊病例同乘一车，须医学观察。",
            days=7,
            by=by,
        )
        return {
            "risk": "/console/risk/",
            "risk-region": "/console/risk/regions/420100",
            "risk-lists": "/console/risk/lists",
            "risk-list": f"/console/risk/lists/{listed.id}",
            "rules": "/console/rules/",
            "rules-new": "/console/rules/new",
            "rule-set": f"/console/rules/{draft.id}",
            "decisions": "/console/decisions/",
            "decision": f"/console/decisions/{decision.id}",
        }
