"""Seats in a coach, for any mixture of families and people alone."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthcode.transfers.seating import (
    Traveller,
    assign,
    benches,
    beside_strangers,
    households,
    layout,
    most_seated,
)

GROUPS = st.lists(st.integers(1, 6), max_size=40)
SEATS, PERCENT = st.integers(9, 60), st.sampled_from([50, 70, 100])


def people(groups: Sequence[int]) -> list[Traveller]:
    """So many people a household; a household of one is somebody who travels alone."""
    sizes = [(family, size) for family, size in enumerate(groups) for _ in range(size)]
    return [Traveller(UUID(int=at), f"h{family}" if size > 1 else None) for at, (family, size) in enumerate(sizes)]


def families(travellers: Sequence[Traveller]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for one in travellers:
        if one.household:
            found.setdefault(one.household, []).append(one.id)
    return found


def test_a_coach_of_45_has_ten_rows_and_a_fifth_seat_at_the_back() -> None:
    rows = layout(45)
    assert [len(row) for row in rows] == [4] * 10 + [5]
    assert [row[0].observation for row in rows] == [False] * 9 + [True] * 2


@given(SEATS)
def test_every_seat_is_there_once_and_the_last_two_rows_are_for_observation(seats: int) -> None:
    rows = layout(seats)
    assert [seat.number for row in rows for seat in row] == list(range(1, seats + 1))
    assert [row[0].observation for row in rows][-2:] == [True, True]
    kept = {seat.number for row in rows for seat in row if seat.observation}
    assert not kept & {number for bench in benches(seats) for number in bench}


@given(GROUPS, SEATS, PERCENT)
def test_everybody_has_one_seat_or_is_named_and_no_rule_is_broken(groups: list[int], seats: int, percent: int) -> None:
    travellers = people(groups)
    seating = assign(travellers, seats, percent)

    assert set(seating.places) | set(seating.unseated) == {one.id for one in travellers}
    assert not set(seating.places) & set(seating.unseated)
    assert len(set(seating.places.values())) == len(seating.places)
    assert len(seating.places) <= most_seated(seats, percent) <= seats * percent / 100
    assert set(seating.places.values()) <= {number for bench in benches(seats) for number in bench}
    assert assign(travellers, seats, percent) == seating


@given(GROUPS, SEATS, PERCENT)
def test_families_sit_on_neighbouring_benches_and_are_never_torn_apart(
    groups: list[int], seats: int, percent: int
) -> None:
    travellers = people(groups)
    seating = assign(travellers, seats, percent)
    bench_of = {number: at for at, bench in enumerate(benches(seats)) for number in bench}
    for family in families(travellers).values():
        seated = [one for one in family if one in seating.places]
        assert len(seated) in {0, len(family)}
        taken = sorted({bench_of[seating.places[one]] for one in seated})
        assert all(after - before == 1 for before, after in pairwise(taken))


@given(GROUPS, SEATS, PERCENT)
def test_nobody_shares_a_bench_with_a_stranger_as_long_as_there_are_benches_enough(
    groups: list[int], seats: int, percent: int
) -> None:
    travellers = people(groups)
    seating = assign(travellers, seats, percent)
    seated = [one for one in travellers if one.id in seating.places]
    own = sum(-(-len(family) // 2) for family in families(seated).values())
    alone = sum(1 for one in seated if not one.household)
    strangers = beside_strangers(seating.places, {one.id: one.household for one in travellers}, seats)
    if own + alone <= len(benches(seats)):
        assert strangers == []


def test_neighbours_in_the_list_of_benches_are_neighbours_in_the_coach() -> None:
    row_of = {seat.number: seat.row for row in layout(45) for seat in row}
    for before, after in pairwise(benches(45)):
        assert row_of[after[0]] - row_of[before[0]] in {0, 1}
        same_side = before[0] % 4 == after[0] % 4
        assert same_side == (row_of[after[0]] != row_of[before[0]])


def test_half_a_coach_of_45_is_22_people_of_whom_a_few_must_sit_side_by_side() -> None:
    travellers = people([1] * 30)
    seating = assign(travellers, 45, 50)
    assert len(seating.places) == 22
    assert seating.unseated == tuple(one.id for one in travellers[22:])
    assert len(beside_strangers(seating.places, {}, 45)) == 8


def test_people_alone_are_spread_over_the_whole_coach() -> None:
    seating = assign(people([1] * 6), 45, 50)
    row_of = {seat.number: seat.row for row in layout(45) for seat in row}
    assert sorted(row_of[number] for number in seating.places.values()) == [0, 1, 3, 4, 6, 7]


@pytest.mark.parametrize(
    ("addresses", "declared", "together"),
    [
        (["东风村1组12号", "东风村1组 12号", "东风村1组13号"], [], [{0, 1}]),
        (["某镇某村1组", "某镇某村1组"], [], []),
        (["东风村1组12号", "城南路3号"], [[0, 1]], [{0, 1}]),
        (["东风村1组12号", "东风村1组12号", ""], [[1, 2]], [{0, 1, 2}]),
        (["", ""], [[0], [1, 9]], []),
    ],
)
def test_a_household_is_a_door_or_a_declared_family(
    addresses: list[str], declared: list[list[int]], together: list[set[int]]
) -> None:
    found = households(
        {UUID(int=at): address for at, address in enumerate(addresses)},
        [[UUID(int=at) for at in family] for family in declared],
    )
    groups: dict[str, set[int]] = {}
    for one, household in found.items():
        if household:
            groups.setdefault(household, set()).add(one.int)
    assert list(groups.values()) == together
