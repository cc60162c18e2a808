"""What the checks find, close and tell."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core.db import db
from backend.core.errors import NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.models import Message
from backend.regions.datum import Datum
from healthcode.checks import queries
from healthcode.checks.actions import run_check
from healthcode.checks.models import Finding, Run
from healthcode.checks.rules import Check, Kind
from healthcode.codes import actions as codes
from healthcode.codes.rules import Symptom
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.models import LastSeen, Place
from healthcode.itinerary.rules import Position
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.rules import State
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.transfers import (
    confirm,
    departs,
    make_offices,
    make_roster,
    make_transfer,
    roster_file,
    send,
    take_to,
)

pytestmark = pytest.mark.usefixtures("app", "clock")


def worker(at: int = 0) -> Person:
    """The `at`th worker of a roster, registered."""
    line = list(rosters.lines(at + 1))[at]
    person = make_person(name=str(line[1]), number=str(line[3]))
    with transaction():
        transfers.link_person(person=person)
    return person


def declare(person: Person, *, key: str = "k1", temperature: int = 365, symptoms: tuple[Symptom, ...] = ()) -> None:
    with transaction():
        codes.declare(
            person=person,
            account_id=UUID(int=0),
            temperature=temperature,
            symptoms=symptoms,
            contact=False,
            abroad=False,
            request_key=key,
        )


def check(which: Check = Check.HEALTH) -> tuple[int, int, int]:
    with transaction():
        run = run_check(check=which)
        return run.looked_at, run.opened, run.closed


def found() -> dict[int, set[Kind]]:
    """Open findings by the row's number."""
    open_ones = db.session.execute(
        select(Entry.number, Finding.kind).join(Entry, Entry.id == Finding.entry_id).where(Finding.closed_at.is_(None))
    )
    kinds: dict[int, set[Kind]] = {}
    for number, kind in open_ones:
        kinds.setdefault(number, set()).add(kind)
    return kinds


def place(by: Acting, name: str, region: str, lon: float, lat: float) -> Place:
    with transaction():
        made, _ = itinerary.create_place(
            name=name, region_code=region, position=Position(lon, lat, 0), datum=Datum.WGS84, radius_m=300, by=by
        )
    return made


def see(person: Person, where: Place, clock: Travel) -> None:
    with transaction():
        itinerary.see_by_officer(person_id=person.id, place=where, at=clock(), request_key=clock().isoformat())


def test_each_kind_of_health_finding() -> None:
    make_roster(4)
    declared, feverish, silent = worker(0), worker(1), worker(2)
    declare(declared)
    declare(feverish, temperature=380)

    assert check() == (4, 3, 0)
    assert found() == {2: {Kind.NOT_GREEN}, 3: {Kind.UNDECLARED}, 4: {Kind.UNREGISTERED}}
    assert silent.id


def test_a_green_code_that_ends_within_hours_is_found(clock: Travel) -> None:
    make_roster(1)
    person = worker()
    clock.shift(timedelta(hours=12, minutes=10))
    declare(person)
    assert check() == (1, 0, 0)

    clock.shift(timedelta(hours=22))

    assert check() == (1, 1, 0)
    assert found() == {1: {Kind.EXPIRING}}


def test_a_second_run_doubles_nothing() -> None:
    make_roster(3)
    worker(0)
    assert check() == (3, 3, 0)
    assert check() == (3, 0, 0)

    assert db.session.scalar(select(func.count()).select_from(Finding)) == 3
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
    assert db.session.scalar(select(func.count()).where(Run.finished_at.is_(None))) == 0


def test_what_is_no_longer_found_is_closed() -> None:
    _, origin, _ = make_roster(1)
    person = worker()
    check()
    declare(person)

    assert check() == (1, 0, 1)
    assert found() == {}
    assert queries.count_findings(seen_by=origin)[Kind.UNDECLARED] == 0


def test_a_declaration_closes_the_finding_as_soon_as_it_is_heard_of(deliver_all: Callable[[], int]) -> None:
    _, origin, _ = make_roster(2)
    person = worker()
    check()
    assert queries.count_findings(seen_by=origin)[Kind.UNDECLARED] == 1

    declare(person)
    deliver_all()

    assert found() == {2: {Kind.UNREGISTERED}}
    assert queries.count_findings(seen_by=origin)[Kind.UNDECLARED] == 0


def test_registering_closes_unregistered(deliver_all: Callable[[], int]) -> None:
    make_roster(1)
    check()
    worker()
    deliver_all()

    assert found() == {1: {Kind.UNDECLARED}}


def test_a_colour_that_worsens_is_worded_anew() -> None:
    _, origin, _ = make_roster(1)
    person = worker()
    declare(person, temperature=380)
    check()
    with transaction():
        codes.declare(
            person=person,
            account_id=UUID(int=0),
            temperature=380,
            symptoms=[],
            contact=True,
            abroad=False,
            request_key="k2",
        )
    check()

    assert [one.finding.fact for one in queries.list_findings(seen_by=origin)] == ["健康码为红码"]


def test_nobody_is_looked_at_more_than_a_day_before_departure(clock: Travel) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(1, departs=departs(clock().date() + timedelta(days=3)))))
    with transaction():
        transfers.move_transfer(transfer=transfer, to=State.OFFERED, note="", by=origin)

    assert check() == (0, 0, 0)
    clock.shift(timedelta(days=2))
    assert check() == (1, 1, 0)


def test_an_ended_transfers_findings_are_closed(deliver_all: Callable[[], int]) -> None:
    transfer, origin, destination = make_roster(2)
    check()
    take_to(transfer, State.CLOSED, origin, destination)
    deliver_all()

    assert found() == {}
    assert sum(queries.count_findings(seen_by=origin).values()) == 0


def test_rows_that_leave_a_roster_take_their_findings_along() -> None:
    transfer, origin, _ = make_roster(3)
    check()
    waiting = send(transfer, origin, roster_file(rosters.lines(2, departs=departs())))
    confirm(waiting, origin, remove_missing=True)
    check()

    assert queries.count_findings(seen_by=origin)[Kind.UNREGISTERED] == 2


def test_silence_counts_from_departure_and_any_sign_ends_it(clock: Travel, deliver_all: Callable[[], int]) -> None:
    make_roster(1, at="12:00")
    person = worker()
    clock.shift(timedelta(hours=5))
    assert check(Check.LOCATION) == (1, 0, 0)
    clock.shift(timedelta(hours=2))
    assert check(Check.LOCATION) == (1, 1, 0)
    assert found() == {1: {Kind.SILENT}}

    declare(person)
    deliver_all()
    assert found() == {}


def test_somebody_who_refuses_positions_is_not_silent_for_that(clock: Travel) -> None:
    _, origin, _ = make_roster(1, at="12:00")
    person = worker()
    home = place(origin, "铜仁站", "520602", 109.18, 27.71)
    clock.shift(timedelta(hours=5))
    with transaction():
        itinerary.see_by_officer(
            person_id=person.id, place=home, at=clock(), request_key="a", doubt="同一个码在别处也出现过。"
        )
    clock.shift(timedelta(hours=2))

    assert check(Check.LOCATION) == (1, 0, 0)


def test_far_from_the_route_is_found_and_near_it_is_not(clock: Travel) -> None:
    make_roster(2, at="12:00")
    changsha, chengdu = (112.94, 28.23), (104.07, 30.67)
    people = worker(0), worker(1)
    clock.shift(timedelta(hours=3))
    with transaction():
        for person, (lon, lat) in zip(people, (changsha, chengdu), strict=True):
            db.session.add(
                LastSeen(
                    person_id=person.id,
                    sign_at=clock(),
                    at=clock(),
                    lon=lon,
                    lat=lat,
                    accuracy_m=30,
                    region_code=None,
                    place_id=None,
                )
            )

    assert check(Check.LOCATION) == (2, 1, 0)
    assert found() == {2: {Kind.OFF_ROUTE}}
    fact = db.session.scalar(select(Finding.fact)) or ""
    assert fact.startswith("离计划路线约 ")


def test_elsewhere_and_overdue_after_the_planned_arrival(clock: Travel) -> None:
    _, origin, destination = make_roster(3, at="12:00")
    wrong, missing, there = worker(0), worker(1), worker(2)
    suzhou = place(
        make_acting(make_organisation("江苏省人力资源和社会保障厅", region="320000")), "苏州站", "320508", 120.61, 31.33
    )
    station = place(destination, "昆山南站", "320583", 120.97, 31.37)
    clock.shift(timedelta(hours=40))
    see(wrong, suzhou, clock)
    see(there, station, clock)
    declare(missing)

    check(Check.LOCATION)

    assert found() == {1: {Kind.ELSEWHERE}, 2: {Kind.OVERDUE}}
    assert origin


def test_workers_are_told_once_a_day_and_not_at_night(clock: Travel) -> None:
    make_roster(1)
    worker()
    clock.shift(timedelta(hours=11))
    check()
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0, "23:00: people sleep"

    clock.shift(timedelta(hours=9))
    check()
    clock.shift(timedelta(hours=2))
    check()
    messages = db.session.scalars(select(Message)).all()
    assert [message.topic for message in messages] == ["undeclared:2026-03-23"]
    clock.shift(timedelta(days=1))
    check()
    assert db.session.scalar(select(func.count()).select_from(Message)) == 2


def test_findings_are_for_the_two_governments() -> None:
    transfer, origin, destination = make_roster(30)
    check()
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))

    seen: list[UUID] = []
    after = None
    while page := queries.list_findings(seen_by=destination, transfer_id=transfer.id, after=after, limit=8):
        seen += [one.finding.id for one in page]
        after = page[-1].finding.id
    assert len(set(seen)) == len(seen) == 30
    assert queries.count_by_transfer(seen_by=origin) == {transfer.id: 30}
    assert queries.list_findings(seen_by=stranger) == []
    assert sum(queries.count_findings(seen_by=stranger).values()) == 0
    with pytest.raises(NotFound):
        queries.get_finding(seen[0], seen_by=stranger)
    entry = queries.get_finding(seen[0], seen_by=origin).entry
    assert [one.kind for one in queries.findings_of([entry.id])[entry.id]] == [Kind.UNREGISTERED]


def test_the_command_runs_a_check_now(
    app: Application,
) -> None:
    make_roster(2)

    done = app.test_cli_runner().invoke(args=["checks", "run", "health"])

    assert done.exit_code == 0, done.output
    assert "查看 2 人，新发现 2 项" in done.output
    assert queries.last_runs()[Check.HEALTH] is not None
    assert db.session.scalar(select(Transfer.entries)) == 2
