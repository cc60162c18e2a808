from datetime import UTC, datetime

import pytest

from healthcode.codes.outcomes import STEPS, ReadResult
from healthcode.codes.rules import Colour, Outcome
from healthcode.codes.transit_rules import REASON, STEP, is_in_transit, verdict_only

NOON = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
TONGREN, BIJIANG, WANSHAN, GUIZHOU, KUNSHAN, SUZHOU, HUAIHUA = (
    "520600",
    "520602",
    "520603",
    "520000",
    "320583",
    "320500",
    "431200",
)


@pytest.mark.parametrize(
    ("checkpoint", "own"),
    [
        (BIJIANG, [BIJIANG]),
        (BIJIANG, [WANSHAN]),  # the station serves the city
        (TONGREN, [BIJIANG]),
        (BIJIANG, [TONGREN]),
        (GUIZHOU, [BIJIANG]),
        (SUZHOU, [KUNSHAN]),
        (HUAIHUA, [BIJIANG, "431202"]),
        ("110105", ["110108"]),  # a municipality is one city
        ("100000", [BIJIANG]),
        (BIJIANG, ["522201"]),  # a code out of use says its province still
    ],
)
def test_a_region_that_is_a_persons_own_is_no_transit(checkpoint: str, own: list[str]) -> None:
    assert not is_in_transit(checkpoint, own)


@pytest.mark.parametrize(
    ("checkpoint", "own"),
    [(HUAIHUA, [BIJIANG, KUNSHAN]), ("520300", [BIJIANG]), ("320282", [KUNSHAN]), (HUAIHUA, [])],
)
def test_a_region_on_the_way_is_transit(checkpoint: str, own: list[str]) -> None:
    assert is_in_transit(checkpoint, own)


def told(outcome: Outcome, colour: Colour | None) -> ReadResult:
    step = STEPS[colour] if colour else "刷新后再扫。"
    return ReadResult(outcome, "接触过确诊病例。", step, NOON, colour=colour, first_character="杨", last_four="8127")


def test_whoever_passes_is_compared_with_the_card_and_no_more() -> None:
    result = verdict_only(told(Outcome.PASSES, Colour.GREEN))
    assert (result.reason, result.first_character, result.last_four) == (REASON, "杨", "8127")


@pytest.mark.parametrize(
    ("colour", "step"), [(Colour.RED, STEP), (Colour.YELLOW, STEP), (Colour.GREY, STEPS[Colour.GREY])]
)
def test_a_refusal_says_neither_colour_nor_reason_nor_number(colour: Colour, step: str) -> None:
    result = verdict_only(told(Outcome.REFUSED, colour))
    assert (result.reason, result.next_step, result.colour) == (REASON, step, None)
    assert (result.first_character, result.last_four) == ("", "")


def test_what_cannot_be_checked_rests_on_nobodys_health() -> None:
    result = told(Outcome.CANNOT_BE_CHECKED, None)
    assert verdict_only(result) == result
