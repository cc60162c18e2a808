"""Colour rules as data: pure. A rule names a kind of fact, from when it counts, the colour, and for how long.

The first set follows the Hubei notice of February 2020. Each rule has its Chinese sentence, into which the fact is
written, and the authority that answers for it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from backend.core import clock
from backend.core.errors import Invalid
from healthcode.codes.rules import DECLARATION_LIFE, FEVER, SYMPTOM_NAMES, Colour, Facts, Reason, Symptom

HOUR = timedelta(hours=1)
FORTNIGHT = 14 * 24
HOURS = range(1, 30 * 24 + 1)
APART = timedelta(minutes=10)
"""Between two measured temperatures that together end a fever which somebody only declared."""
MISTYPED = "measured.healthy"
LONGEST = 100
GAP = re.compile(r"\{([^{}]*)\}")


class Kind(StrEnum):
    """What a rule looks at."""

    CONTACT = "declared.contact"
    ABROAD = "declared.abroad"
    FEVER = "declared.fever"
    SYMPTOMS = "declared.symptoms"
    MEASURED = "measured.fever"
    HIGH_RISK = "stay.high_risk"
    MEDIUM_RISK = "stay.medium_risk"


KIND_NAMES = {
    Kind.CONTACT: "申报接触过病例",
    Kind.ABROAD: "申报从境外回来",
    Kind.FEVER: "申报体温",
    Kind.SYMPTOMS: "申报症状",
    Kind.MEASURED: "测得体温",
    Kind.HIGH_RISK: "到过高风险地区",
    Kind.MEDIUM_RISK: "到过中风险地区",
}
GAPS = {
    Kind.FEVER: frozenset({"体温", "界限"}),
    Kind.SYMPTOMS: frozenset({"症状"}),
    Kind.MEASURED: frozenset({"体温", "界限", "地点"}),
    Kind.HIGH_RISK: frozenset({"地区", "小时"}),
    Kind.MEDIUM_RISK: frozenset({"地区", "小时"}),
}
"""What a kind's sentence may leave open for the fact."""
LIMITS = {
    Kind.FEVER: (range(370, 386), "体温界限（0.1 ℃）"),
    Kind.MEASURED: (range(370, 386), "体温界限（0.1 ℃）"),
    Kind.HIGH_RISK: (range(1, 73), "停留满几小时"),
    Kind.MEDIUM_RISK: (range(1, 73), "停留满几小时"),
}
"""From where a kind counts, and what that number is called; the others count always."""
COLOURS = (Colour.YELLOW, Colour.RED)


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Kind
    colour: Colour
    hours: int
    """For how long the reason holds from the fact on."""
    sentence: str
    authority: str
    limit: int = 0
    on: bool = True

    def reason(self, at: datetime, **said: str) -> Reason:
        """The reason that a fact of `at` gives."""
        fact = self.sentence
        for gap, text in said.items():
            fact = fact.replace(f"{{{gap}}}", text)
        return Reason(self.kind.value, self.colour, fact, at + self.hours * HOUR, self.authority)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "colour": self.colour.value,
            "hours": self.hours,
            "sentence": self.sentence,
            "authority": self.authority,
            "limit": self.limit,
            "on": self.on,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(**value | {"kind": Kind(value["kind"]), "colour": Colour(value["colour"])})


CDC = "现居住地县级疾病预防控制中心"
COMMUNITY = "现居住地社区（村）防控工作组"
FIRST_RULES = (
    Rule(Kind.CONTACT, Colour.RED, FORTNIGHT, "申报了 14 天内接触过确诊或疑似病例。", CDC),
    Rule(Kind.ABROAD, Colour.RED, FORTNIGHT, "申报了 14 天内从境外回来。", COMMUNITY),
    Rule(Kind.FEVER, Colour.YELLOW, 24, "申报体温 {体温} ℃，达到或超过 {界限} ℃。", CDC, FEVER),
    Rule(Kind.SYMPTOMS, Colour.YELLOW, 24, "申报了症状：{症状}。", CDC),
    Rule(Kind.MEASURED, Colour.YELLOW, 24, "在{地点}测得体温 {体温} ℃，达到或超过 {界限} ℃。", CDC, FEVER),
    Rule(Kind.HIGH_RISK, Colour.RED, FORTNIGHT, "14 天内在高风险地区{地区}停留合计 {小时} 小时。", CDC, 4),
    Rule(Kind.MEDIUM_RISK, Colour.YELLOW, FORTNIGHT, "14 天内在中风险地区{地区}停留合计 {小时} 小时。", COMMUNITY, 4),
)
"""In force until an office puts a set of its own into force."""


def check(rules: Sequence[Rule]) -> None:
    """Refuses: Invalid with a sentence for each rule at fault, under its kind."""
    faults = {rule.kind.value: fault for rule in rules if (fault := _fault(rule))}
    if faults:
        raise Invalid("codes.rules", "规则有误，请按提示修改。", fields=faults)
    if sorted(rule.kind for rule in rules) != sorted(Kind):
        raise Invalid("codes.rules_incomplete", "每一种规则都要有，不用的请停用，不要删除。")


def _fault(rule: Rule) -> str:
    limits, name = LIMITS.get(rule.kind, (range(1), "界限"))
    unknown = set(GAP.findall(rule.sentence)) - GAPS.get(rule.kind, frozenset())
    found = [
        "颜色只能是黄码或红码。" if rule.colour not in COLOURS else "",
        f"保持时间请填 1 到 {HOURS.stop - 1} 小时。" if rule.hours not in HOURS else "",
        f"{name}请填 {limits.start} 到 {limits.stop - 1}。" if rule.limit not in limits else "",
        "" if 5 <= len(rule.sentence) <= LONGEST else f"说明要有 5 到 {LONGEST} 个字。",  # noqa: PLR2004 - a sentence
        f"说明里不能有 {{{'、'.join(sorted(unknown))}}}。" if unknown else "",
        "" if 2 <= len(rule.authority) <= LONGEST else "请填写由谁负责解释。",  # noqa: PLR2004 - a name
    ]
    return "".join(found)


@dataclass(frozen=True, slots=True)
class Stayed:
    """How long somebody was in regions of a level, the last of them, and until when."""

    hours: float
    region: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A temperature that somebody else took, in tenths of a degree."""

    at: datetime
    temperature: int
    place: str


@dataclass(frozen=True, slots=True)
class Known:
    """The facts about one person that a rule may look at; None where there is none.

    The declared ones are the newest of their kind: the newest contact, the newest fever, the newest symptoms.
    """

    contact_at: datetime | None = None
    abroad_at: datetime | None = None
    fever: tuple[datetime, int] | None = None
    symptoms: tuple[datetime, tuple[Symptom, ...]] | None = None
    measured: Measured | None = None
    """The newest fever that was measured."""
    normal: tuple[datetime, datetime] | None = None
    """The first and the last temperature without fever that officers took after the newest fever of either kind."""
    high: Stayed | None = None
    medium: Stayed | None = None
    """In medium-risk regions; time in high-risk ones too short to count as such is counted here."""
    ordered: tuple[Reason, ...] = ()
    """What officials ordered."""
    lifted: Mapping[str, datetime] = field(default_factory=dict)
    """The rules whose findings up to a moment two officials found wrong."""


def reasons_from(known: Known, rules: Iterable[Rule]) -> list[Reason]:
    """All reasons for yellow and red that the facts give by these rules and decisions, each with its end."""
    found = [
        reason
        for rule in rules
        if rule.on and (reason := _reason(known, rule)) and not _lifted(known, reason, rule.hours * HOUR)
    ]
    mistyped = _mistyped(known)
    return [*found, *([mistyped] if mistyped else []), *known.ordered]


def _mistyped(known: Known) -> Reason | None:
    """Why a declared fever is none, where two temperatures of officers, ten minutes apart, say so.

    To its end the declaration then holds as one without fever.
    """
    if known.fever is None or known.normal is None or known.normal[1] - known.normal[0] < APART:
        return None
    at, declared = known.fever
    first, last = (clock.local(moment) for moment in known.normal)
    fact = f"工作人员在 {first:%H:%M} 和 {last:%H:%M} 两次测温都不发热，申报的 {degrees(declared)} ℃ 不再计算。"
    return Reason(MISTYPED, Colour.GREEN, fact, at + DECLARATION_LIFE)


def _lifted(known: Known, reason: Reason, lasts: timedelta) -> bool:
    """Whether the fact is one that was found wrong; one that came later counts again."""
    lifted_at = known.lifted.get(reason.rule)
    return lifted_at is not None and reason.until - lasts <= lifted_at


def _reason(known: Known, rule: Rule) -> Reason | None:
    """What one rule finds in the facts."""
    found = None
    match rule.kind:
        case Kind.CONTACT if known.contact_at:
            found = rule.reason(known.contact_at)
        case Kind.ABROAD if known.abroad_at:
            found = rule.reason(known.abroad_at)
        case Kind.FEVER if known.fever and known.fever[1] >= rule.limit and not _mistyped(known):
            at, temperature = known.fever
            found = rule.reason(at, 体温=degrees(temperature), 界限=degrees(rule.limit))
        case Kind.SYMPTOMS if known.symptoms:
            at, symptoms = known.symptoms
            found = rule.reason(at, 症状="、".join(SYMPTOM_NAMES[one] for one in symptoms))
        case Kind.MEASURED if known.measured and known.measured.temperature >= rule.limit:
            taken = known.measured
            found = rule.reason(taken.at, 体温=degrees(taken.temperature), 界限=degrees(rule.limit), 地点=taken.place)
        case Kind.HIGH_RISK | Kind.MEDIUM_RISK:
            found = _stayed(known.high if rule.kind is Kind.HIGH_RISK else known.medium, rule)
    return found


def _stayed(stayed: Stayed | None, rule: Rule) -> Reason | None:
    if stayed is None or stayed.hours < rule.limit:
        return None
    return rule.reason(stayed.until, 地区=stayed.region, 小时=f"{stayed.hours:.0f}")


def reasons_of(declared: Facts, rules: Iterable[Rule] = FIRST_RULES) -> list[Reason]:
    """What one declaration gives: its reasons for red and yellow, else one for green, each with its end."""
    known = Known(
        contact_at=declared.at if declared.contact else None,
        abroad_at=declared.at if declared.abroad else None,
        fever=(declared.at, declared.temperature),
        symptoms=(declared.at, declared.symptoms) if declared.symptoms else None,
    )
    return reasons_from(known, rules) or [_healthy(declared)]


def _healthy(declared: Facts) -> Reason:
    rest = "" if declared.symptoms else "，没有症状"
    fact = f"24 小时内申报体温 {degrees(declared.temperature)} ℃{rest}。"
    return Reason("declared.healthy", Colour.GREEN, fact, declared.at + DECLARATION_LIFE)


def degrees(tenths: int) -> str:
    """373 is 37.3."""
    return f"{tenths / 10:.1f}"


def changed(before: Sequence[Rule], after: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """The rules that a new set changes, each as it was and as it will be."""
    was = {rule.kind: rule for rule in before}
    return [(was[rule.kind], rule) for rule in after if rule != was[rule.kind]]
