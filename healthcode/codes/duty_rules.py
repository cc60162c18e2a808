"""The rota of a duty desk: how long a turn is, and where nobody is on duty. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

LONGEST_TURN = timedelta(hours=24)
AHEAD = timedelta(days=60)
"""How far ahead a rota may be written."""
SHOWN = timedelta(days=7)
NAME = range(2, 21)


def gaps(
    turns: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches of a time that none of these turns covers, in order; turns may overlap."""
    found, covered = [], since
    for begins, ends in sorted(turns):
        if begins >= until:
            break
        if begins > covered:
            found.append((covered, begins))
        covered = max(covered, ends)
    if covered < until:
        found.append((covered, until))
    return found
