"""Whom a checkpoint may know more of than whether they pass. Pure.

People who travel pass many regions that have nothing to do with them. An officer there needs the outcome and what to
do next, and no reason with somebody's health in it (PIPL articles 6 and 28: no more than the purpose takes). A phone
without a network can't know where people live: there it shows what the code itself carries, the colour and what is
compared with the card, never a reason; the server's answer narrows it as soon as there is a network.
"""

from collections.abc import Iterable
from dataclasses import replace

from backend.regions import names
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import Colour, Outcome

REASON = "对方只是路过本地，这里只显示能否通过。"
STEP = "不要放行。请对方到一旁等候，联系现场卫生人员。"
TOLD = frozenset({Outcome.PASSES, Outcome.REFUSED, Outcome.OUT_OF_DATE})
"""Outcomes that rest on what is known of a person."""


def is_in_transit(checkpoint: str, own: Iterable[str]) -> bool:
    """Whether somebody only passes this checkpoint's region: it meets none of the person's `own` regions.

    Own are where the person lives, and origin and destination of the person's transfers. Two regions meet when they lie
    in the same city (地级市, in municipalities the whole of it), or one holds the other: a station serves its city, and
    a city's office stands for its counties. The region is that of the officer's office, never of the place chosen on
    the page. Whoever is known to live nowhere passes through.
    """
    return not any(_meet(checkpoint, region) for region in own)


def _meet(one: str, other: str) -> bool:
    return names.within(other, names.city(one)) or names.within(one, names.city(other))


def verdict_only(result: ReadResult) -> ReadResult:
    """What an officer of a region in transit is told: outcome and next step.

    First character and last four stay where the card is compared, with whoever passes; the colour stays where the
    outcome says it already. That somebody has yet to declare is said, since it is mended on the spot.
    """
    if result.outcome not in TOLD:
        return result
    if result.outcome is Outcome.PASSES:
        return replace(result, reason=REASON)
    bare = replace(result, colour=None, first_character="", last_four="")
    if result.outcome is Outcome.OUT_OF_DATE:
        return bare
    step = result.next_step if result.colour is Colour.GREY else STEP
    return replace(bare, reason=REASON, next_step=step)
