from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.errors import Invalid
from healthcode.codes import colour_rules
from healthcode.codes.colour_rules import FIRST_RULES, Kind, Rule, reasons_from, reasons_of
from healthcode.codes.known import Certified, Known, Measured, Positive, Provincial, Stayed
from healthcode.codes.rules import Colour, Facts, Symptom
from tests.conftest import NOON

HOUR = timedelta(hours=1)


def only(kind: Kind, **changes: object) -> list[Rule]:
    return [replace(rule, **changes) if rule.kind is kind else rule for rule in FIRST_RULES]


def test_each_rule_gives_its_reason_with_its_end_and_who_answers_for_it():
    known = Known(
        contact_at=NOON,
        abroad_at=NOON,
        fever=(NOON, 379),
        symptoms=(NOON, (Symptom.COUGH,)),
        measured=Measured(NOON, 374, "铜仁站东门"),
        high=Stayed(5.2, "湖北省武汉市", NOON - HOUR),
        medium=Stayed(4.0, "北京市朝阳区", NOON),
        positive=Positive(NOON, "铜仁市人民医院"),
        certified=Certified(NOON.date(), NOON.date() + timedelta(days=5), "碧江区医院"),
        province_red=Provincial(NOON, "贵州省", "贵州健康码"),
        province_yellow=Provincial(NOON, "江苏省", "江苏省苏康码"),
    )
    found = {reason.rule: reason for reason in reasons_from(known, FIRST_RULES)}
    assert set(found) == set(Kind)
    assert all(reason.authority for reason in found.values())
    assert found[Kind.FEVER].fact == "申报体温 37.9 ℃，达到或超过 37.3 ℃。"
    assert found[Kind.HIGH_RISK].fact == "14 天内在高风险地区湖北省武汉市停留合计 5 小时。"
    assert found[Kind.HIGH_RISK].until == NOON - HOUR + timedelta(days=14)
    assert found[Kind.MEDIUM_RISK].colour is Colour.YELLOW
    assert found[Kind.PROVINCE_YELLOW].fact == "江苏省苏康码 03-22 12:00 查询为黄码。"
    assert found[Kind.PROVINCE_YELLOW].authority == "江苏省健康码主管部门"


def test_two_negative_samples_a_day_apart_end_a_positive_test():
    positive = Positive(NOON, "铜仁市人民医院")
    for hours, count in ((23, 1), (24, 0)):
        known = Known(positive=positive, negative=(NOON + 40 * HOUR, NOON + (40 + hours) * HOUR))
        assert len(reasons_from(known, FIRST_RULES)) == count


def test_a_certificate_is_green_to_the_end_of_its_last_day_and_no_longer_than_the_rule_says():
    for days, ends in ((2, "2026-03-25T00:00:00+08:00"), (30, "2026-03-29T00:00:00+08:00")):
        paper = Certified(NOON.date(), NOON.date() + timedelta(days=days), "碧江区医院")
        (reason,) = reasons_from(Known(certified=paper), FIRST_RULES)
        assert (reason.colour, reason.until.isoformat()) == (Colour.GREEN, ends)


def test_a_stay_counts_from_four_hours():
    for hours, count in ((3.99, 0), (4.0, 1)):
        assert len(reasons_from(Known(high=Stayed(hours, "湖北省武汉市", NOON)), FIRST_RULES)) == count


def test_a_rule_that_is_off_finds_nothing():
    facts = Facts(NOON, 365, (Symptom.COUGH,), contact=False, abroad=False)
    (reason,) = reasons_of(facts, only(Kind.SYMPTOMS, on=False))
    assert (reason.colour, reason.fact) == (Colour.GREEN, "24 小时内申报体温 36.5 ℃。")


def test_rules_survive_being_stored():
    assert [Rule.from_json(rule.to_json()) for rule in FIRST_RULES] == list(FIRST_RULES)


def test_the_first_set_is_right():
    colour_rules.check(FIRST_RULES)


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        (Kind.FEVER, {"limit": 360}, "370"),
        (Kind.FEVER, {"hours": 0}, "小时"),
        (Kind.CONTACT, {"colour": Colour.GREEN}, "黄码或红码"),
        (Kind.CERTIFIED, {"colour": Colour.RED}, "绿码"),
        (Kind.CONTACT, {"authority": "{省}主管部门"}, "省"),
        (Kind.CONTACT, {"sentence": "在{地区}接触过。"}, "地区"),
        (Kind.CONTACT, {"sentence": "{0.__class__} 接触过。"}, "__class__"),
        (Kind.HIGH_RISK, {"authority": ""}, "负责解释"),
    ],
)
def test_a_rule_at_fault_is_refused_with_its_sentence(kind, changes, said):
    with pytest.raises(Invalid) as caught:
        colour_rules.check(only(kind, **changes))
    assert said in caught.value.fields[kind.value]


def test_a_kind_may_not_be_left_out():
    with pytest.raises(Invalid):
        colour_rules.check(FIRST_RULES[1:])
