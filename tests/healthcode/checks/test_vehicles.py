"""From departure to arrival a person's place is the vehicle's: one finding for it, not one per sleeper."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core.db import db, new_key
from backend.core.errors import NotFound
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.notices.models import Message
from healthcode.checks import queries
from healthcode.checks.actions import run_check
from healthcode.checks.models import Finding
from healthcode.checks.rules import Check, Kind
from healthcode.itinerary.models import LastSeen
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Entry, Plan, Ride, Transfer, Trip
from healthcode.transfers.rules import Leaving, State, TripState
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare
from tests.factories.consoles import sign_in
from tests.factories.transfers import make_roster

CHENGDU, CHANGSHA = (104.07, 30.67), (112.94, 28.23)


@pytest.fixture
def coach(app: Application, clock: Travel) -> tuple[Transfer, Acting, Acting]:
    """A vehicle that has just left with three people of whom all have registered."""
    del app, clock
    transfer, origin, destination = make_roster(3, state=State.IN_TRANSIT, at="12:00")
    for line in rosters.lines(3):
        person = make_person(name=str(line[1]), number=str(line[3]))
        with transaction():
            transfers.link_person(person=person)
    return transfer, origin, destination


def people() -> list[Person]:
    rows = select(Person).join(Entry, Entry.person_id == Person.id).order_by(Entry.number)
    return list(db.session.scalars(rows))


def check() -> tuple[int, int, int]:
    with transaction():
        run = run_check(check=Check.LOCATION)
        return run.looked_at, run.opened, run.closed


def found() -> list[Finding]:
    return list(db.session.scalars(select(Finding).where(Finding.closed_at.is_(None)).order_by(Finding.kind)))


def put(person: Person, at: tuple[float, float], clock: Travel) -> None:
    with transaction():
        lon, lat = at
        db.session.merge(
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


def ride(entry: Entry, trip: Trip, clock: Travel, left_as: Leaving | None = None) -> None:
    with transaction():
        db.session.add(
            Ride(
                trip_id=trip.id,
                entry_id=entry.id,
                seat="",
                boarded_at=clock(),
                left_at=clock() if left_as else None,
                left_as=left_as,
                left_place="",
            )
        )


@pytest.mark.usefixtures("coach")
def test_a_silent_vehicle_is_one_finding_that_says_how_long_and_how_many(clock: Travel) -> None:
    clock.shift(timedelta(hours=7, minutes=10))
    assert check() == (3, 1, 0)
    (finding,) = found()
    assert (finding.kind, finding.entry_id) == (Kind.SILENT, None)
    vehicle = db.session.scalar(select(Trip.vehicle))
    assert finding.fact == f"{vehicle} 已 7 小时没有消息（3 人）"

    clock.shift(timedelta(hours=2))
    assert check() == (3, 0, 0), "found again, it is the same finding"
    db.session.expire_all()
    assert [(one.id, one.fact) for one in found()] == [(finding.id, f"{vehicle} 已 9 小时没有消息（3 人）")]


@pytest.mark.usefixtures("coach")
def test_one_who_is_awake_speaks_for_all_aboard_at_once(clock: Travel, deliver_all: Callable[[], int]) -> None:
    clock.shift(timedelta(hours=7))
    check()
    assert len(found()) == 1

    declare(people()[1], temperature=365)
    deliver_all()

    assert [one for one in found() if one.trip_id] == []
    assert check() == (3, 0, 0)


@pytest.mark.usefixtures("coach")
def test_a_detour_is_the_vehicles_by_the_newest_position_aboard(clock: Travel) -> None:
    first, second, _ = people()
    clock.shift(timedelta(hours=2))
    put(first, CHANGSHA, clock)
    clock.shift(timedelta(hours=1))
    put(second, CHENGDU, clock)
    assert check() == (3, 1, 0)
    (finding,) = found()
    vehicle = db.session.scalar(select(Trip.vehicle))
    assert (finding.kind, finding.entry_id) == (Kind.OFF_ROUTE, None)
    assert finding.fact.startswith(f"{vehicle} 离计划路线约 ")

    clock.shift(timedelta(hours=1))
    put(first, CHANGSHA, clock)
    assert check() == (3, 0, 1)


@pytest.mark.usefixtures("coach")
def test_a_late_vehicle_is_no_finding_of_somebody_aboard_who_says_where_it_is(clock: Travel) -> None:
    (arrives_at,) = db.session.scalars(select(Trip.arrives_at))
    assert arrives_at
    clock.set(arrives_at + timedelta(hours=1))
    put(people()[0], CHANGSHA, clock)

    check()

    assert [one.kind for one in found() if one.entry_id] == [], "it is late, and they are where it is"


@pytest.mark.usefixtures("coach")
def test_whoever_left_the_vehicle_is_looked_at_alone_again(clock: Travel) -> None:
    trip = db.session.scalars(select(Trip)).one()
    aboard, _, left = db.session.scalars(select(Entry).order_by(Entry.number))
    ride(aboard, trip, clock)
    ride(left, trip, clock, Leaving.TO_HEALTH)
    clock.shift(timedelta(hours=6, minutes=30))
    put(people()[0], CHANGSHA, clock)

    check()

    assert {(one.kind, one.entry_id, one.trip_id) for one in found()} == {(Kind.SILENT, left.id, None)}, (
        "one was taken to a hospital, one never boarded and so isn't waited for; the vehicle itself was heard of"
    )


def test_an_arrived_vehicle_has_no_finding_any_more(coach: tuple[Transfer, Acting, Acting], clock: Travel) -> None:
    transfer, _, destination = coach
    clock.shift(timedelta(hours=7))
    check()
    trip = db.session.scalars(select(Trip)).one()
    with transaction():
        transfers.move_trip(transfer=transfer, trip=trip, to=TripState.ARRIVED, by=destination, note="", at=None)

    check()

    assert [one for one in found() if one.trip_id] == []


def test_the_leader_is_asked_and_the_sleepers_are_left_alone(
    coach: tuple[Transfer, Acting, Acting], clock: Travel
) -> None:
    _, origin, _ = coach
    trip = db.session.scalars(select(Trip)).one()
    leader, *_ = db.session.scalars(select(Entry).order_by(Entry.number))
    with transaction():
        db.session.add(
            Plan(
                trip_id=trip.id,
                carrier="",
                seats=None,
                crew=None,
                crew_masks={},
                leader_id=leader.id,
                deputy_id=None,
                stops=[],
                supplies={},
                operator_id=origin.operator_id,
                updated_at=clock(),
            )
        )
    clock.shift(timedelta(hours=7))
    check()
    check()

    asked = db.session.scalars(select(Message.person_id).where(Message.topic.startswith("silent"))).all()
    assert asked == [leader.person_id]


def test_a_vehicles_finding_is_for_the_two_governments_and_leads_to_the_vehicle(
    coach: tuple[Transfer, Acting, Acting], clock: Travel, client
) -> None:
    transfer, origin, _ = coach
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    clock.shift(timedelta(hours=7))
    check()
    finding_id, trip_id = found()[0].id, found()[0].trip_id

    assert queries.list_findings(seen_by=stranger) == []
    with pytest.raises(NotFound):
        queries.get_finding(finding_id, seen_by=stranger)
    assert [one.finding.id for one in queries.list_findings(seen_by=origin, trip_id=trip_id)] == [finding_id]
    entries = [entry.id for entry in db.session.scalars(select(Entry))]
    assert all(len(of) == 1 for of in queries.findings_of(entries).values())
    sign_in(client, origin)
    text = client.get("/console/findings/?kind=silent").text
    assert f"/console/transfers/{transfer.id}/trips/{trip_id}" in text
    assert "没有消息（3 人）" in text
    assert "没有消息（3 人）" in client.get(f"/console/workers/{entries[0]}/").text


def test_the_destination_is_not_told_where_a_vehicle_is_in_which_nobody_shares(
    coach: tuple[Transfer, Acting, Acting], clock: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, origin, destination = coach
    clock.shift(timedelta(hours=7))
    check()
    sharing: set[UUID] = set()
    monkeypatch.setattr(queries, "who_share", lambda ids: sharing & set(ids))

    def told(by: Acting) -> bool:
        (one,) = queries.list_findings(seen_by=by)
        return not one.withheld

    assert told(origin)
    assert not told(destination)
    sharing.add(people()[2].id)
    assert told(destination)


def test_a_finding_is_about_a_person_or_a_vehicle_never_both_or_nothing(coach: tuple[Transfer, Acting, Acting]) -> None:
    finding = Finding(id=new_key(), kind=Kind.SILENT, transfer_id=coach[0].id, fact="", opened_at=coach[0].created_at)
    db.session.add(finding)
    with pytest.raises(IntegrityError, match="about_one"):
        db.session.flush()
    db.session.rollback()
