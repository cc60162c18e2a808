"""Colours: total, the worst wins, missing facts are never green, and better news undoes nothing that still holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthcode.codes import rules
from healthcode.codes.colour_rules import reasons_of
from healthcode.codes.rules import DECLARATION_LIFE, SEVERITY, WATCH, Colour, Facts, Reason, Symptom

NOON = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
moments = st.integers(-20 * 24 * 60, 20 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
facts = st.builds(
    Facts,
    at=moments,
    temperature=st.integers(340, 430),
    symptoms=st.lists(st.sampled_from(Symptom), unique=True).map(tuple),
    contact=st.booleans(),
    abroad=st.booleans(),
)
reasons = st.lists(
    st.builds(
        Reason,
        rule=st.sampled_from(["a", "b", "c"]),
        colour=st.sampled_from([Colour.GREEN, Colour.YELLOW, Colour.RED]),
        fact=st.just("事实。"),
        until=moments,
    ),
    max_size=6,
)


def remembered(declared: list[Facts], now: datetime) -> list[Reason]:
    """The reasons kept after declaring one after the other, as the action keeps them."""
    kept: list[Reason] = []
    for one in sorted(declared, key=lambda f: f.at):
        kept = rules.combine(kept, reasons_of(one), one.at)
    return [reason for reason in kept if reason.until > now]


@given(reasons, moments)
def test_the_worst_reason_that_holds_wins(found: list[Reason], now: datetime) -> None:
    verdict = rules.judge(found, now)
    holding = [r for r in found if r.until > now]
    assert set(verdict.reasons) == set(holding)
    worst = max((SEVERITY[r.colour] for r in holding), default=SEVERITY[Colour.GREY])
    assert SEVERITY[verdict.colour] == worst
    assert verdict.fact


@given(reasons, moments)
def test_until_is_the_first_moment_of_another_colour(found: list[Reason], now: datetime) -> None:
    verdict = rules.judge(found, now)
    if verdict.until is None:
        assert verdict.colour is Colour.GREY
        return
    assert rules.judge(found, verdict.until - timedelta(microseconds=1)).colour is verdict.colour
    assert rules.judge(found, verdict.until).colour is not verdict.colour


@given(st.lists(facts, max_size=5), moments)
def test_green_needs_a_healthy_declaration_in_force(declared: list[Facts], now: datetime) -> None:
    past = [one for one in declared if one.at <= now]
    verdict = rules.judge(remembered(past, now), now)
    healthy = [f for f in past if reasons_of(f)[0].colour is Colour.GREEN and f.at + DECLARATION_LIFE > now]
    assert verdict.colour is not Colour.GREEN or healthy


@given(st.lists(facts, max_size=5), moments)
def test_bad_news_outlives_better_news(declared: list[Facts], now: datetime) -> None:
    past = [one for one in declared if one.at <= now]
    colour = rules.judge(remembered(past, now), now).colour
    if any((f.contact or f.abroad) and f.at + WATCH > now for f in past):
        assert colour is Colour.RED
    elif any((f.temperature >= rules.FEVER or f.symptoms) and f.at + DECLARATION_LIFE > now for f in past):
        assert colour is Colour.YELLOW


@given(st.lists(facts, min_size=1, max_size=5))
def test_one_reason_a_rule_is_kept(declared: list[Facts]) -> None:
    kept = remembered(declared, NOON)
    assert len({reason.rule for reason in kept}) == len(kept)


@given(facts)
def test_reasons_survive_being_stored(one: Facts) -> None:
    found = reasons_of(one)
    assert [Reason.from_json(reason.to_json()) for reason in found] == found


@pytest.mark.parametrize(("temperature", "colour"), [(372, Colour.GREEN), (373, Colour.YELLOW)])
def test_a_fever_begins_at_37_3(temperature: int, colour: Colour) -> None:
    found = reasons_of(Facts(NOON, temperature, (), contact=False, abroad=False))
    assert rules.judge(found, NOON).colour is colour


def test_nothing_known_is_grey() -> None:
    verdict = rules.judge([], NOON)
    assert (verdict.colour, verdict.reasons, verdict.until) == (Colour.GREY, (), None)
    assert "请先申报" in verdict.fact
