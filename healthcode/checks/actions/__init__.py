"""Writes: passes of the two checks, the same look at one person at once, and what people do about findings."""

from healthcode.checks.actions.reviews import (
    close_ended,
    review_claimed,
    review_colour,
    review_declared,
    review_sighted,
)
from healthcode.checks.actions.runs import run_check
from healthcode.checks.actions.work import (
    give_back,
    hand_finding,
    note_finding,
    reopen_findings,
    return_finding,
    settle_finding,
    take_finding,
)

__all__ = [
    "close_ended",
    "give_back",
    "hand_finding",
    "note_finding",
    "reopen_findings",
    "return_finding",
    "review_claimed",
    "review_colour",
    "review_declared",
    "review_sighted",
    "run_check",
    "settle_finding",
    "take_finding",
]
