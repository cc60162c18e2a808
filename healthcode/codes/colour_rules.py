"""Colour rules as data: pure. A rule names a kind of fact, from when it counts, the colour, and for how long.

The first set follows the Hubei notice of February 2020. Each rule has its Chinese sentence, into which the fact is
written, and the authority that answers for it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self

from backend.core import clock
from backend.core.errors import Invalid
from healthcode.codes.known import Certified, Known, Provincial, Stayed
from healthcode.codes.rules import COLOUR_NAMES, DECLARATION_LIFE, FEVER, SYMPTOM_NAMES, Colour, Facts, Reason

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
    POSITIVE = "test.positive"
    CERTIFIED = "certificate.healthy"
    PROVINCE_RED = "province.red"
    PROVINCE_YELLOW = "province.yellow"


KIND_NAMES = {
    Kind.CONTACT: "申报接触过病例",
    Kind.ABROAD: "申报从境外回来",
    Kind.FEVER: "申报体温",
    Kind.SYMPTOMS: "申报症状",
    Kind.MEASURED: "测得体温",
    Kind.HIGH_RISK: "到过高风险地区",
    Kind.MEDIUM_RISK: "到过中风险地区",
    Kind.POSITIVE: "核酸检测阳性",
    Kind.CERTIFIED: "有健康证明",
    Kind.PROVINCE_RED: "省级健康码为红码",
    Kind.PROVINCE_YELLOW: "省级健康码为黄码",
}
GAPS = {
    Kind.FEVER: frozenset({"体温", "界限"}),
    Kind.SYMPTOMS: frozenset({"症状"}),
    Kind.MEASURED: frozenset({"体温", "界限", "地点"}),
    Kind.HIGH_RISK: frozenset({"地区", "小时"}),
    Kind.MEDIUM_RISK: frozenset({"地区", "小时"}),
    Kind.POSITIVE: frozenset({"采样", "机构", "小时"}),
    Kind.CERTIFIED: frozenset({"机构", "日期", "到期"}),
    Kind.PROVINCE_RED: frozenset({"码", "省", "时间"}),
    Kind.PROVINCE_YELLOW: frozenset({"码", "省", "时间"}),
}
"""What a kind's sentence, and who answers for it, may leave open for the fact."""
LIMITS = {
    Kind.FEVER: (range(370, 386), "体温界限（0.1 ℃）"),
    Kind.MEASURED: (range(370, 386), "体温界限（0.1 ℃）"),
    Kind.HIGH_RISK: (range(1, 73), "停留满几小时"),
    Kind.MEDIUM_RISK: (range(1, 73), "停留满几小时"),
    Kind.POSITIVE: (range(24, 73), "两次阴性采样至少隔几小时"),
}
"""From where a kind counts, and what that number is called; the others count always."""
COLOURS = (Colour.YELLOW, Colour.RED)
COLOURS_OF = dict.fromkeys(Kind, COLOURS) | {Kind.CERTIFIED: (Colour.GREEN,)}
"""A certificate is a finding of health, never above a reason for yellow or red."""


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
        fact, authority = self.sentence, self.authority
        for gap, text in said.items():
            fact, authority = (part.replace(f"{{{gap}}}", text) for part in (fact, authority))
        return Reason(self.kind.value, self.colour, fact, at + self.hours * HOUR, authority)

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
PROVINCE = "{省}健康码主管部门"
TESTED_POSITIVE = "{采样} 采样，{机构}核酸检测阳性；隔 {小时} 小时以上两次采样都是阴性后不再计算。"
CERTIFICATE = "有健康证明：{机构} {日期} 出具，有效到 {到期}。"
FIRST_RULES = (
    Rule(Kind.CONTACT, Colour.RED, FORTNIGHT, "申报了 14 天内接触过确诊或疑似病例。", CDC),
    Rule(Kind.ABROAD, Colour.RED, FORTNIGHT, "申报了 14 天内从境外回来。", COMMUNITY),
    Rule(Kind.FEVER, Colour.YELLOW, 24, "申报体温 {体温} ℃，达到或超过 {界限} ℃。", CDC, FEVER),
    Rule(Kind.SYMPTOMS, Colour.YELLOW, 24, "申报了症状：{症状}。", CDC),
    Rule(Kind.MEASURED, Colour.YELLOW, 24, "在{地点}测得体温 {体温} ℃，达到或超过 {界限} ℃。", CDC, FEVER),
    Rule(Kind.HIGH_RISK, Colour.RED, FORTNIGHT, "14 天内在高风险地区{地区}停留合计 {小时} 小时。", CDC, 4),
    Rule(Kind.MEDIUM_RISK, Colour.YELLOW, FORTNIGHT, "14 天内在中风险地区{地区}停留合计 {小时} 小时。", COMMUNITY, 4),
    Rule(Kind.POSITIVE, Colour.RED, 28 * 24, TESTED_POSITIVE, CDC, 24),
    Rule(Kind.CERTIFIED, Colour.GREEN, 7 * 24, CERTIFICATE, CDC),
    Rule(Kind.PROVINCE_RED, Colour.RED, 24, "{码} {时间} 查询为红码。", PROVINCE),
    Rule(Kind.PROVINCE_YELLOW, Colour.YELLOW, 24, "{码} {时间} 查询为黄码。", PROVINCE),
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
    colours = COLOURS_OF[rule.kind]
    unknown = set(GAP.findall(rule.sentence + rule.authority)) - GAPS.get(rule.kind, frozenset())
    found = [
        "" if rule.colour in colours else f"颜色只能是{'或'.join(COLOUR_NAMES[one] for one in colours)}。",
        f"保持时间请填 1 到 {HOURS.stop - 1} 小时。" if rule.hours not in HOURS else "",
        f"{name}请填 {limits.start} 到 {limits.stop - 1}。" if rule.limit not in limits else "",
        "" if 5 <= len(rule.sentence) <= LONGEST else f"说明要有 5 到 {LONGEST} 个字。",  # noqa: PLR2004 - a sentence
        f"文字里不能有 {{{'、'.join(sorted(unknown))}}}。" if unknown else "",
        "" if 2 <= len(rule.authority) <= LONGEST else "请填写由谁负责解释。",  # noqa: PLR2004 - a name
    ]
    return "".join(found)


def reasons_from(known: Known, rules: Iterable[Rule]) -> list[Reason]:
    """All reasons that the facts give by these rules and decisions, each with its end.

    Green is among them where a certificate or officers' thermometers say so; that of a declaration is none of a rule's.
    """
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
        case Kind.POSITIVE:
            found = _positive(known, rule)
        case Kind.CERTIFIED if known.certified:
            found = _certified(known.certified, rule)
        case Kind.PROVINCE_RED | Kind.PROVINCE_YELLOW:
            found = _provincial(known.province_red if rule.kind is Kind.PROVINCE_RED else known.province_yellow, rule)
    return found


def _positive(known: Known, rule: Rule) -> Reason | None:
    """A positive test, until two samples after it, a day apart at least, were negative.

    So the national protocol ends isolation (《新型冠状病毒肺炎诊疗方案》, seventh edition of 2020-03-03, section 12). A
    negative test does no more than that: it tells how it was when the sample was taken, but nothing of symptoms or
    contacts, so that green takes a declaration or a certificate all the same.
    """
    if known.positive is None:
        return None
    if known.negative and known.negative[1] - known.negative[0] >= rule.limit * HOUR:
        return None
    sampled = known.positive
    return rule.reason(sampled.at, 采样=_minute(sampled.at), 机构=sampled.laboratory, 小时=str(rule.limit))


def _certified(paper: Certified, rule: Rule) -> Reason:
    """A certificate holds to the end of its last day, and no longer than the rule says from the day it was issued."""
    issued = datetime.combine(paper.issued_on, time(), clock.SHANGHAI)
    ends = datetime.combine(paper.valid_until + timedelta(days=1), time(), clock.SHANGHAI)
    said = {"日期": paper.issued_on.isoformat(), "到期": paper.valid_until.isoformat()}
    reason = rule.reason(issued, 机构=paper.institution, **said)
    return replace(reason, until=min(reason.until, ends))


def _provincial(said: Provincial | None, rule: Rule) -> Reason | None:
    if said is None:
        return None
    return rule.reason(said.at, 码=said.code, 省=said.province, 时间=_minute(said.at))


def _minute(moment: datetime) -> str:
    """03-22 14:05, in China."""
    return f"{clock.local(moment):%m-%d %H:%M}"


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
    by = f"由{declared.proxy}代为" if declared.proxy else ""
    fact = f"24 小时内{by}申报体温 {degrees(declared.temperature)} ℃{rest}。"
    return Reason("declared.healthy", Colour.GREEN, fact, declared.at + DECLARATION_LIFE)


def degrees(tenths: int) -> str:
    """373 is 37.3."""
    return f"{tenths / 10:.1f}"


def changed(before: Sequence[Rule], after: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """The rules that a new set changes, each as it was and as it will be."""
    was = {rule.kind: rule for rule in before}
    return [(was[rule.kind], rule) for rule in after if rule != was[rule.kind]]
