"""Writes: passes of the two checks over all running transfers, and the same look at one person at once."""

from healthcode.checks.actions.reviews import (
    close_ended,
    review_claimed,
    review_colour,
    review_declared,
    review_sighted,
)
from healthcode.checks.actions.runs import run_check

__all__ = ["close_ended", "review_claimed", "review_colour", "review_declared", "review_sighted", "run_check"]
