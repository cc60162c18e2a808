"""Taking a vehicle's people over at the end of the way, name by name, with one signature. Pure.

Source: the employer's contact or the arrival station signs for the people it takes over on the passenger form
(乘客信息登记表) that travelled with the vehicle; the signed form goes back to the origin.
"""

import json
from datetime import timedelta

from healthcode.transfers.boarding import MarkKind

ANSWERS = frozenset({MarkKind.RECEIVED, MarkKind.NOT_RECEIVED, MarkKind.TO_HEALTH})
"""What a receiver says of each person."""
LINK_LIFE = timedelta(hours=48)
"""From when it was sent; a vehicle's way takes a day at most."""
TOKEN_BYTES = 16
"""RFC 6749, 10.10: the chance to guess a credential must be at most 2^-128."""
MOST_RECEIVERS = 10
LONGEST_NOTE = 200  # characters
NAME = range(2, 21)  # characters
EMPLOYER = range(2, 41)

WIDTH, HEIGHT = 600, 240
"""Of the field that is signed in; strokes are in its points."""
MOST_STROKES, MOST_POINTS = 200, 4_000
LEAST_POINTS = 8
"""Fewer are a slip of the finger."""
LONGEST_STROKES = 60_000  # characters of JSON

Strokes = list[list[tuple[int, int]]]


def read_strokes(text: str) -> Strokes | None:
    """A signature as the page sends it, `[[[x, y], …], …]`; None for what is none or too little to be one."""
    if len(text) > LONGEST_STROKES:
        return None
    try:
        given = json.loads(text)
        strokes = [[(_within(x, WIDTH), _within(y, HEIGHT)) for x, y in stroke] for stroke in given]
    except (ValueError, TypeError, RecursionError):
        return None
    points = sum(map(len, strokes))
    return strokes if len(strokes) <= MOST_STROKES and LEAST_POINTS <= points <= MOST_POINTS else None


def _within(number: object, most: int) -> int:
    if type(number) is not int or not 0 <= number <= most:
        raise ValueError(number)
    return number
