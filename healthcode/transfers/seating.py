"""Who sits where in a coach: families together, others apart, the last two rows free for observation. Pure.

A coach has four seats abreast, two on each side of the aisle, numbered row by row; a fifth seat closes the last row
where the count asks for one. Source: 交运明电〔2020〕56号 and what the offices that carried it out reported: seats
apart, everybody on the assigned one, the last two rows kept free.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from uuid import UUID

ABREAST, BENCH = 4, 2
OBSERVATION_ROWS = 2
FEWEST_SEATS, MOST_SEATS = 9, 90
DOOR = re.compile(r"\d+(?:-\d+)*[号室户]$")
"""An address down to the door; one that ends with a village's group is shared by neighbours."""
SEAT = re.compile(r"(?:(?P<carriage>\d+)\s*(?:号?车厢?))?\s*(?P<number>\d+)\s*(?P<letter>[A-F]?)")
TRAIN_ABREAST = 5


@dataclass(frozen=True, slots=True)
class Seat:
    """`column` counts from the left window; the aisle lies between 1 and 2."""

    number: int
    row: int
    column: int
    observation: bool


@dataclass(frozen=True, slots=True)
class Traveller:
    id: UUID
    household: str | None = None
    """The same for those who belong together."""


@dataclass(frozen=True, slots=True)
class Seating:
    places: Mapping[UUID, int]
    """The seat's number of each who has one."""
    unseated: tuple[UUID, ...]
    """For whom the rule leaves no seat; families are left out whole."""


def layout(seats: int) -> tuple[tuple[Seat, ...], ...]:
    """The rows of a coach of so many seats, front to back."""
    numbers = list(range(1, seats + 1))
    fifth = numbers.pop() if seats % ABREAST == 1 else None
    rows = [numbers[start : start + ABREAST] for start in range(0, len(numbers), ABREAST)]
    if fifth:
        rows[-1].append(fifth)
    observed = len(rows) - OBSERVATION_ROWS
    return tuple(
        tuple(Seat(number, row, column, row >= observed) for column, number in enumerate(numbered))
        for row, numbered in enumerate(rows)
    )


def benches(seats: int) -> list[tuple[int, ...]]:
    """The pairs of seats that may be taken, in an order in which neighbours in the list are neighbours in the coach."""
    found: list[tuple[int, ...]] = []
    for row in layout(seats):
        numbers = [seat.number for seat in row if not seat.observation]
        sides = [tuple(numbers[:BENCH]), tuple(numbers[BENCH:])]
        found += [side for side in (sides if len(found) % ABREAST == 0 else sides[::-1]) if side]
    return found


def most_seated(seats: int, percent: int) -> int:
    """How many may travel: the share that the rule allows, and never more than there are seats beside observation."""
    return min(seats * percent // 100, sum(map(len, benches(seats))))


def assign(travellers: Sequence[Traveller], seats: int, percent: int) -> Seating:
    """A seat for each, the same for the same list.

    Each family fills benches of its own, side by side; nobody shares a bench with a stranger as long as there are
    benches enough, and only as many do as must. Who comes first in the list keeps the place when there are too few.
    """
    families, alone, unseated = _admitted(travellers, most_seated(seats, percent))
    free = benches(seats)
    wanted = sum(ceil(len(family) / BENCH) for family in families)
    spare = sum(-len(family) % BENCH for family in families)
    places: dict[UUID, int] = {}
    if wanted <= len(free) and len(alone) <= (len(free) - wanted) * BENCH + spare:
        left: list[int] = []
        for family in families:
            own = [free.pop(0) for _ in range(ceil(len(family) / BENCH))]
            numbers = [number for bench in own for number in bench]
            places |= zip(family, numbers, strict=False)
            left += numbers[len(family) :]
        places |= zip(alone, [*_apart(free, len(alone)), *left], strict=False)
    else:
        numbers = [number for bench in free for number in bench]
        places |= zip([one for family in families for one in family] + alone, numbers, strict=False)
    return Seating(places, tuple(unseated))


def _admitted(travellers: Sequence[Traveller], most: int) -> tuple[list[list[UUID]], list[UUID], list[UUID]]:
    """(families, the largest first; who travels alone; who stays), each in the order of the list."""
    units: dict[object, list[UUID]] = {}
    for one in travellers:
        units.setdefault(one.household or one.id, []).append(one.id)
    taken, stays, count = [], [], 0
    for unit in units.values():
        if count + len(unit) <= most:
            taken.append(unit)
            count += len(unit)
        else:
            stays += unit
    families = sorted((unit for unit in taken if len(unit) > 1), key=len, reverse=True)
    return families, [unit[0] for unit in taken if len(unit) == 1], stays


def _apart(free: Sequence[tuple[int, ...]], people: int) -> list[int]:
    """Seats for people who travel alone: spread over the benches, window and aisle in turn; then the seats beside."""
    chosen = [free[at * len(free) // people] for at in range(people)] if 0 < people <= len(free) else list(free)
    first = [bench[at // BENCH % len(bench)] for at, bench in enumerate(chosen)]
    return [*first, *(number for bench in free for number in bench if number not in first)]


def beside_strangers(places: Mapping[UUID, int], households: Mapping[UUID, str | None], seats: int) -> list[UUID]:
    """Who shares a bench with somebody of another household."""
    holder = {number: one for one, number in places.items()}
    found = []
    for bench in benches(seats):
        sitting = [holder[number] for number in bench if number in holder]
        if len({households.get(one) or one for one in sitting}) > 1:
            found += sitting
    return found


def households(addresses: Mapping[UUID, str], declared: Iterable[Collection[UUID]]) -> dict[UUID, str | None]:
    """Who belongs together: declared as a family, or registered behind the same door."""
    leader = {one: one for one in addresses}

    def first(one: UUID) -> UUID:
        while leader[one] != one:
            one = leader[one]
        return one

    doors: dict[str, list[UUID]] = {}
    for one, address in addresses.items():
        if DOOR.search(plain := "".join(address.split())):
            doors.setdefault(plain, []).append(one)
    for family in [*doors.values(), *declared]:
        known = [one for one in family if one in leader]
        for one in known[1:]:
            leader[first(one)] = first(known[0])
    sizes: dict[UUID, int] = {}
    for one in leader:
        sizes[first(one)] = sizes.get(first(one), 0) + 1
    return {one: first(one).hex if sizes[first(one)] > 1 else None for one in leader}


def rows_apart(one: str, other: str, seats: int | None) -> int | None:
    """How many rows lie between two seats, 0 in the same row; None where that can't be told or the carriage differs.

    `seats` are those of a coach; without them a seat is read as on a train, 05车012号 or 5车12A, five abreast.
    """
    first, second = _row(one, seats), _row(other, seats)
    if first is None or second is None or first[0] != second[0]:
        return None
    return abs(first[1] - second[1])


def _row(seat: str, seats: int | None) -> tuple[int, int] | None:
    """(carriage, row) of a seat."""
    found = SEAT.search(seat)
    if found is None:
        return None
    carriage, number, letter = int(found["carriage"] or 0), int(found["number"]), found["letter"]
    if letter:
        return carriage, number
    abreast = ABREAST if seats else TRAIN_ABREAST
    last_row = (seats - 1) // ABREAST - (1 if seats % ABREAST == 1 else 0) if seats else number
    return carriage, min((number - 1) // abreast, last_row)
