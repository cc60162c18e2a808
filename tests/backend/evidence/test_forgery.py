"""Whoever owns the database changes what he likes; the audit names what he changed."""

import os
from uuid import UUID

import psycopg
import pytest

from backend.accounts.models import Consent
from backend.core.db import new_key
from backend.core.transactions import transaction
from backend.evidence import actions, publishing
from backend.evidence.tiles import Tile
from healthcode.codes.models import ColourChange
from healthcode.transfers.models import Step
from tests.factories.audits import found, ids_of, make_first_users
from tests.factories.evidence import make_log, make_records

COUNT = 300
VICTIM = 7
STRANGER = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def victim(log: object) -> list[UUID]:
    """A log of three hundred records under two checkpoints; the forger is after the one at index 7."""
    del log
    return make_log(20) + make_log(COUNT - 20)


def roots(*causes: tuple[str, object]) -> set[tuple[str, object]]:
    """What follows once the stored leaf at index 7 isn't the published one any more."""
    return {
        ("entry_differs", VICTIM),
        ("tile_differs", VICTIM),
        ("tile_differs", f"{Tile(1, 0, 1).path}: 0"),
        ("root_differs", "20"),
        *causes,
    }


# Records, leaves and what waits


def test_a_changed_record(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.record SET commitment = %s WHERE id = %s", (STRANGER, victim[VICTIM]))

    assert found() == {("leaf_changed", victim[VICTIM]), ("content_changed", victim[VICTIM])}


def test_a_record_made_one_of_another_kind(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.record SET kind = 'test.health' WHERE id = %s", (victim[VICTIM],))

    assert found() == {("content_changed", victim[VICTIM])}


def test_a_removed_record(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("DELETE FROM evidence.record WHERE id = %s", (victim[VICTIM],))

    assert found() == {("record_missing", victim[VICTIM]), ("opening_stray", victim[VICTIM])}


@pytest.mark.usefixtures("victim")
def test_an_inserted_record(superuser: psycopg.Connection):
    made = new_key()
    superuser.execute("INSERT INTO evidence.record VALUES (%s, 'test.contract', %s)", (made, STRANGER))

    assert found() == {("record_unlogged", made), ("opening_missing", made)}


def test_two_records_that_changed_their_places(victim: list[UUID], superuser: psycopg.Connection):
    both = (victim[VICTIM], victim[VICTIM + 1])
    superuser.execute(
        "UPDATE evidence.record r SET commitment = o.commitment FROM evidence.record o"
        " WHERE (r.id, o.id) IN ((%s, %s), (%s, %s))",
        (*both, *reversed(both)),
    )

    assert found() == {(cause, each) for each in both for cause in ("leaf_changed", "content_changed")}


def test_a_changed_leaf(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.leaf SET commitment = %s WHERE index = %s", (STRANGER, VICTIM))

    assert {cause for cause, _ in found()} == {cause for cause, _ in roots(("leaf_changed", 0))}
    assert ("leaf_changed", victim[VICTIM]) in found()


def test_a_leaf_changed_with_its_record_and_its_opening_gone(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.leaf SET commitment = %s WHERE index = %s", (STRANGER, VICTIM))
    superuser.execute("UPDATE evidence.record SET commitment = %s WHERE id = %s", (STRANGER, victim[VICTIM]))
    superuser.execute("DELETE FROM evidence.opening WHERE record_id = %s", (victim[VICTIM],))

    named = {("opening_missing", victim[VICTIM]), ("entry_differs", victim[VICTIM])}
    assert found() == (roots() - {("entry_differs", VICTIM)}) | named


def test_a_removed_leaf(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("DELETE FROM evidence.leaf WHERE index = %s", (VICTIM,))

    assert found() == roots(("leaf_missing", VICTIM), ("record_unlogged", victim[VICTIM]))


def test_leaves_that_end_too_early(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("DELETE FROM evidence.leaf WHERE index >= %s", (COUNT - 2,))

    told = found()
    assert {("leaf_missing", COUNT - 2), ("leaf_missing", COUNT - 1), ("root_differs", str(COUNT))} <= told
    assert {("record_unlogged", victim[-2]), ("record_unlogged", victim[-1])} <= told


def test_two_leaves_that_changed_their_places(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.leaf SET index = -1 WHERE index = %s", (VICTIM,))
    superuser.execute("UPDATE evidence.leaf SET index = %s WHERE index = %s", (VICTIM, VICTIM + 1))
    superuser.execute("UPDATE evidence.leaf SET index = %s WHERE index = -1", (VICTIM + 1,))

    told = found()
    assert {("entry_differs", victim[VICTIM]), ("entry_differs", victim[VICTIM + 1]), ("root_differs", "20")} <= told


@pytest.mark.usefixtures("victim")
def test_a_leaf_inserted_between_the_others(superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.leaf SET index = -index - 2 WHERE index >= %s", (VICTIM,))
    superuser.execute("UPDATE evidence.leaf SET index = -index - 1 WHERE index < 0")
    superuser.execute("INSERT INTO evidence.leaf VALUES (%s, NULL, %s)", (VICTIM, STRANGER))

    told = found()
    assert {("record_missing", VICTIM), ("root_differs", "20"), ("root_differs", "20")} <= told
    assert len([cause for cause, _ in told if cause == "entry_differs"]) == COUNT - VICTIM


@pytest.mark.usefixtures("victim")
def test_a_leaf_added_at_the_end_stays_known_when_it_was_signed(superuser: psycopg.Connection):
    superuser.execute("INSERT INTO evidence.leaf VALUES (%s, NULL, %s)", (COUNT, STRANGER))
    make_log(3)

    assert publishing.published(publishing.CHECKPOINT).text.split("\n")[1] == str(COUNT + 4)
    assert found() == {("record_missing", COUNT)}


def test_a_record_that_is_in_the_log_twice(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute(
        "INSERT INTO evidence.leaf SELECT %s, NULL, commitment FROM evidence.record WHERE id = %s",
        (COUNT, victim[VICTIM]),
    )

    assert found() == {("record_missing", COUNT), ("record_doubled", victim[VICTIM])}


@pytest.mark.usefixtures("log")
def test_a_record_that_waits_in_vain(superuser: psycopg.Connection):
    gone, other, kept = make_records(3)
    superuser.execute("DELETE FROM evidence.pending WHERE record_id = %s", (gone,))
    superuser.execute("UPDATE evidence.pending SET commitment = %s WHERE record_id = %s", (STRANGER, other))
    stray = new_key()
    superuser.execute("INSERT INTO evidence.pending VALUES (%s, %s)", (stray, STRANGER))

    assert found() == {("record_unlogged", gone), ("leaf_changed", other), ("record_missing", stray)}
    actions.sequence()
    told = found()
    assert {("record_unlogged", gone), ("leaf_changed", other), ("record_missing", stray)} == told
    assert not any(kept in each for each in told)


# Openings


def test_a_changed_opening(victim: list[UUID], superuser: psycopg.Connection):
    broken, swapped, other = victim[3], victim[VICTIM], victim[VICTIM + 1]
    superuser.execute("UPDATE evidence.opening SET sealed = %s WHERE record_id = %s", (os.urandom(80), broken))
    superuser.execute(
        "UPDATE evidence.opening SET sealed = (SELECT sealed FROM evidence.opening WHERE record_id = %s)"
        " WHERE record_id = %s",
        (other, swapped),
    )

    assert found() == {("opening_unreadable", broken), ("content_changed", swapped)}


def test_an_empty_opening(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("UPDATE evidence.opening SET sealed = '' WHERE record_id = %s", (victim[VICTIM],))

    assert found() == {("opening_unreadable", victim[VICTIM])}


def test_a_removed_opening(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("DELETE FROM evidence.opening WHERE record_id = %s", (victim[VICTIM],))

    assert found() == {("opening_missing", victim[VICTIM])}


def test_a_removed_opening_passed_off_as_erased(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute("DELETE FROM evidence.opening WHERE record_id = %s", (victim[VICTIM],))
    feigned = new_key()
    superuser.execute("INSERT INTO evidence.erasure VALUES (%s, %s)", (victim[VICTIM], feigned))

    assert found() == {("row_unrecorded", feigned)}


def test_a_removed_opening_added_to_what_was_erased(victim: list[UUID], superuser: psycopg.Connection):
    make_records(1, subject="p1")
    with transaction():
        actions.erase_subject(subject="p1")
    actions.sequence()
    superuser.execute("DELETE FROM evidence.opening WHERE record_id = %s", (victim[VICTIM],))
    (erasure,) = superuser.execute("SELECT erasure_id FROM evidence.erasure").fetchone()
    superuser.execute("INSERT INTO evidence.erasure VALUES (%s, %s)", (victim[VICTIM], erasure))

    assert found() == {("content_changed", erasure)}


def test_an_inserted_opening(victim: list[UUID], superuser: psycopg.Connection):
    stray = new_key()
    opening = "INSERT INTO evidence.opening SELECT day, %s, subject_index, sealed FROM evidence.opening LIMIT 1"
    superuser.execute(opening, (stray,))
    superuser.execute("SELECT core.make_partition('evidence.opening', '2099-01-01')")
    again = "INSERT INTO evidence.opening SELECT '2099-01-01', record_id, subject_index, sealed FROM evidence.opening"
    superuser.execute(f"{again} WHERE record_id = %s", (victim[VICTIM],))

    assert found() == {("opening_stray", stray), ("opening_doubled", victim[VICTIM])}


def test_an_opening_put_to_somebody_elses_name(victim: list[UUID], superuser: psycopg.Connection):
    superuser.execute(
        "UPDATE evidence.opening SET subject_index = %s WHERE record_id = %s", (STRANGER[:16], victim[VICTIM])
    )

    assert found() == {("opening_misfiled", victim[VICTIM])}


# The contexts' own rows


@pytest.mark.parametrize(
    ("model", "table", "change"),
    [
        (ColourChange, "codes.colour_change", "after = 'green'"),
        (ColourChange, "codes.colour_change", "person_id = gen_random_uuid()"),
        (ColourChange, "codes.colour_change", "at = at - interval '1 microsecond'"),
        (ColourChange, "codes.colour_change", "reasons = '[]'"),
        (ColourChange, "codes.colour_change", "reasons = '[{}]'"),
        (Step, "transfers.step", "after = 'cancelled'"),
        (Step, "transfers.step", "note = '补写的原因'"),
        (Consent, "accounts.consent", "agreed = NOT agreed"),
        (Consent, "accounts.consent", "version = '2020-01'"),
    ],
)
@pytest.mark.usefixtures("app", "clock")
def test_a_contexts_changed_row(
    superuser: psycopg.Connection, model: type[ColourChange] | type[Step] | type[Consent], table: str, change: str
):
    make_first_users()
    key = ids_of(model)[-1]
    superuser.execute(f"UPDATE {table} SET {change} WHERE id = %s", (key,))

    assert found() == {("content_changed", key)}


ROWS = [(ColourChange, "codes.colour_change"), (Step, "transfers.step"), (Consent, "accounts.consent")]


@pytest.mark.parametrize(("model", "table"), ROWS)
@pytest.mark.usefixtures("app", "clock")
def test_a_contexts_removed_and_inserted_and_reordered_rows(
    superuser: psycopg.Connection, model: type[ColourChange] | type[Step] | type[Consent], table: str
):
    make_first_users()
    first, second = ids_of(model)[:2]
    superuser.execute(f"UPDATE {table} SET id = '00000000-0000-7000-8000-000000000001' WHERE id = %s", (first,))
    superuser.execute(f"UPDATE {table} SET id = %s WHERE id = %s", (first, second))
    superuser.execute(f"UPDATE {table} SET id = %s WHERE id = '00000000-0000-7000-8000-000000000001'", (second,))
    assert found() == {("content_changed", first), ("content_changed", second)}

    superuser.execute(f"DELETE FROM {table} WHERE id = %s", (first,))
    assert found() == {("content_missing", first), ("content_changed", second)}

    superuser.execute(f"UPDATE {table} SET id = '00000000-0000-7000-8000-000000000001' WHERE id = %s", (second,))
    inserted = UUID("00000000-0000-7000-8000-000000000001")
    assert found() == {("content_missing", first), ("content_missing", second), ("row_unrecorded", inserted)}
