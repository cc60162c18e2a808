"""Rosters from files, with a real database and the product's own reader."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.core import files
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, NotFound
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import jobs
from healthcode.transfers.models import Entry, ImportRow, RosterImport, Trip
from healthcode.transfers.rules import Change, ImportState, Mode
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.transfers import (
    confirm,
    departs,
    go_on,
    make_offices,
    make_transfer,
    roster_file,
    send,
)

pytestmark = pytest.mark.usefixtures("app", "clock")


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_first_file_goes_in_at_once() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)

    done = send(transfer, origin, roster_file(rosters.lines(100, departs=departs())))

    assert (done.state, done.added, done.wrong) == (ImportState.DONE, 100, 0)
    assert queries.count_entries(transfer).entries == 100
    assert count(ImportRow) == 0
    assert not files.store().exists(f"rosters/{done.id}")


def test_trips_are_made_from_vehicle_and_departure() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)

    send(transfer, origin, roster_file(rosters.lines(50, departs=departs())))

    trips = queries.list_trips(transfer)
    assert [trip.entries for trip in trips] == [22, 22, 6]
    assert {trip.mode for trip in trips} == {Mode.COACH}
    assert trips[0].departs_at is not None
    assert trips[0].arrives_at is not None
    assert timedelta(hours=15) < trips[0].arrives_at - trips[0].departs_at < timedelta(hours=30)
    assert len(trips[0].route) == 2


def test_the_same_file_again_adds_nothing() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    content = roster_file(rosters.lines(40, departs=departs()))
    send(transfer, origin, content)

    again = send(transfer, origin, content)

    assert (again.state, again.added, again.same) == (ImportState.DONE, 0, 40)
    assert count(Entry) == 40
    assert count(Trip) == 2


def test_a_changed_file_waits_and_shows_what_it_would_do() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(10, departs=departs())))
    lines = [list(line) for line in rosters.lines(12, departs=departs())][2:]
    lines[0][rosters.HEADINGS.index("岗位")] = "班组长"

    waiting = send(transfer, origin, roster_file(lines))

    assert waiting.state is ImportState.WAITING
    assert (waiting.added, waiting.changed, waiting.same, waiting.missing) == (2, 1, 7, 2)
    assert count(Entry) == 10
    assert [row.differences for row in queries.list_import_rows(waiting, Change.CHANGED)] == [("岗位",)]
    assert len(queries.list_import_rows(waiting, Change.ADDED)) == 2
    assert len(queries.list_missing(waiting)) == 2


def test_confirming_adds_and_changes_but_removes_nobody_unasked() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(10, departs=departs())))
    lines = [list(line) for line in rosters.lines(12, departs=departs())][2:]
    lines[0][rosters.HEADINGS.index("岗位")] = "班组长"

    done = confirm(send(transfer, origin, roster_file(lines)), origin)

    assert done.state is ImportState.DONE
    assert count(Entry) == 12
    assert db.session.scalar(select(func.count()).where(Entry.position == "班组长")) == 1


def test_missing_people_leave_when_that_is_confirmed() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(10, departs=departs())))

    waiting = send(transfer, origin, roster_file(rosters.lines(8, first=2, departs=departs())))
    done = confirm(waiting, origin, remove_missing=True)

    assert (done.state, done.removed) == (ImportState.DONE, 2)
    assert count(Entry) == 8
    assert queries.count_entries(transfer).entries == 8


def test_nobody_is_removed_while_rows_are_wrong() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(10, departs=departs())))
    lines = [list(line) for line in rosters.lines(10, departs=departs())]
    lines[3][rosters.HEADINGS.index("身份证号")] = "520602199001011230"

    waiting = send(transfer, origin, roster_file(lines))

    assert (waiting.missing, waiting.wrong) == (1, 1)
    with pytest.raises(Conflict, match="wrong_rows"), transaction():
        actions.confirm_import(roster_import=waiting, remove_missing=True, by=origin)


def test_wrong_rows_come_back_as_a_workbook_and_good_ones_are_in() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = [list(line) for line in rosters.lines(10, departs=departs())]
    lines[3][rosters.HEADINGS.index("身份证号")] = 5.2060219900101e17

    done = send(transfer, origin, roster_file(lines))

    assert (done.state, done.added, done.wrong) == (ImportState.DONE, 9, 1)
    assert queries.read_faults(done).startswith(b"PK")
    assert files.store().read(done.faults_file or "")[:2] != b"PK", "it is sealed where it lies"


def test_a_file_without_one_good_row_is_refused() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = [list(line) for line in rosters.lines(3)]
    for line in lines:
        line[rosters.HEADINGS.index("身份证号")] = "123"

    refused = send(transfer, origin, roster_file(lines))

    assert refused.state is ImportState.REFUSED
    assert "没有一行可以导入" in (refused.refusal or "")
    assert queries.read_faults(refused).startswith(b"PK")


def test_a_file_that_is_none_ends_refused_with_its_sentence() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)

    refused = send(transfer, origin, b"\x89PNG\r\n\x1a\n" + b"0" * 100)

    assert refused.state is ImportState.REFUSED
    assert refused.refusal
    assert count(Entry) == 0


def test_one_file_at_a_time_and_a_double_click_is_one_import() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    content = roster_file(rosters.lines(3, departs=departs()))
    with transaction():
        first = actions.start_import(transfer=transfer, file_name="a.xlsx", content=content, by=origin)
    with transaction():
        second = actions.start_import(transfer=transfer, file_name="a.xlsx", content=content, by=origin)

    assert first.id == second.id
    with pytest.raises(Conflict, match="import_open"), transaction():
        actions.start_import(transfer=transfer, file_name="b.xlsx", content=content + b" ", by=origin)


def test_a_discarded_import_leaves_nothing() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(3, departs=departs())))
    waiting = send(transfer, origin, roster_file(rosters.lines(5, departs=departs())))

    with transaction():
        actions.discard_import(roster_import=waiting, by=origin)
    with transaction():
        jobs.clear_finished()

    assert go_on(waiting.id).state is ImportState.DISCARDED
    assert count(Entry) == 3
    assert count(ImportRow) == 0


def test_the_destination_may_not_touch_the_roster_and_others_find_nothing() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    done = send(transfer, origin, roster_file(rosters.lines(3, departs=departs())))
    with pytest.raises(NotFound):
        actions.start_import(transfer=transfer, file_name="a.xlsx", content=b"x", by=stranger)
    with pytest.raises(NotFound):
        queries.get_import(done.id, seen_by=destination)
    with transaction():
        actions.move_transfer(transfer=transfer, to=transfer.state.OFFERED, note="", by=origin)
    with pytest.raises(Forbidden):
        actions.start_import(transfer=transfer, file_name="a.xlsx", content=b"x", by=destination)


def test_people_who_are_known_are_joined_to_their_rows() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = list(rosters.lines(3, departs=departs()))
    known = make_person(name=str(lines[0][1]), number=str(lines[0][3]))
    stated = make_person(name=str(lines[1][1]), number=str(lines[1][3]), verified=False)
    make_person(name="别的人", number=str(lines[2][3]))

    send(transfer, origin, roster_file(lines))
    db.session.refresh(stated)

    assert stated.verified_at is not None
    people = dict(db.session.execute(select(Entry.number, Entry.person_id)).all())
    assert people[1] == known.id
    assert people[3] is None, "the same number with another name is somebody for a clerk"


def test_a_stated_person_is_joined_once_the_announcement_is_heard(deliver_all: Callable[[], int]) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = list(rosters.lines(1, departs=departs()))
    stated = make_person(name=str(lines[0][1]), number=str(lines[0][3]), verified=False)

    send(transfer, origin, roster_file(lines))
    deliver_all()

    assert db.session.scalar(select(Entry.person_id)) == stated.id


def test_two_runs_exclude_each_other_and_a_dead_ones_writes_nothing_more(clock: Travel) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    content = roster_file(rosters.lines(3, departs=departs()))
    with transaction():
        started = actions.start_import(transfer=transfer, file_name="a.xlsx", content=content, by=origin)
    with transaction():
        first = jobs.take(import_id=started.id)
    assert first is not None
    with transaction():
        assert jobs.take(import_id=started.id) is None

    clock.shift(timedelta(seconds=31))
    assert go_on(started.id).state is ImportState.DONE
    with pytest.raises(jobs.Lost), transaction():
        jobs.add_rows(job=first, rows=[], rows_read=1, rows_total=1, wrong=0)
    assert count(Entry) == 3


def test_a_forgotten_import_is_found_by_the_sweep(clock: Travel) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    with transaction():
        started = actions.start_import(transfer=transfer, file_name="a.xlsx", content=b"x", by=origin)
        key = started.id
    with transaction():
        assert jobs.find_stale() == []
    clock.shift(timedelta(seconds=11))
    with transaction():
        assert jobs.find_stale() == [key]
    with transaction():
        assert jobs.find_stale() == [], "put off, so that two sweeps don't send it twice"


def test_a_file_that_breaks_worker_after_worker_is_refused(clock: Travel) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    with transaction():
        started = actions.start_import(transfer=transfer, file_name="a.xlsx", content=b"x", by=origin)
        key = started.id
    for _ in range(jobs.MOST_TRIES):
        with transaction():
            assert jobs.take(import_id=key) is not None
        clock.shift(timedelta(seconds=31))

    assert go_on(key).state is ImportState.REFUSED


def test_somebody_on_another_running_transfer_is_a_warning() -> None:
    origin, destination = make_offices()
    send(make_transfer(origin, destination), origin, roster_file(rosters.lines(2, departs=departs())))

    second = send(
        make_transfer(origin, destination, title="第二批"), origin, roster_file(rosters.lines(3, departs=departs()))
    )

    assert second.state is ImportState.DONE
    assert any("另一次输送" in note for note in second.notes)


def test_a_row_without_vehicle_or_time_has_no_trip() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = [list(line) for line in rosters.lines(3, departs=departs())]
    lines[0][-4] = lines[0][-2] = lines[0][-1] = ""
    lines[1][-4] = ""

    send(transfer, origin, roster_file(lines))

    trips = dict(db.session.execute(select(Entry.number, Trip.departs_at).outerjoin(Trip)).all())
    assert trips[1] is None
    assert trips[2] is None
    assert trips[3] is not None
    assert db.session.scalar(select(Entry.trip_id).where(Entry.number == 2)) is not None


def test_an_import_row_names_its_import() -> None:
    origin, destination = make_offices()
    done = send(make_transfer(origin, destination), origin, roster_file(rosters.lines(1, departs=departs())))

    assert db.session.scalar(select(RosterImport.file_name).where(RosterImport.id == done.id)) == "花名册.xlsx"
