"""Transfers between two governments, who sees them, arrivals, kept counters."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.transactions import transaction
from backend.regions.datum import Datum
from healthcode.codes import actions as codes
from healthcode.codes.rules import Colour
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.rules import Position
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Entry
from healthcode.transfers.queries import EntryFilter, Sort
from healthcode.transfers.rules import State
from healthcode.transfers.tasks import recount
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.transfers import departs, make_offices, make_roster, make_transfer, roster_file, send, take_to

pytestmark = pytest.mark.usefixtures("app", "clock")


def person_of(at: int) -> Person:
    """The `at`th worker of a roster, held by an account and joined to the row."""
    line = list(rosters.lines(at + 1))[at]
    person = make_person(name=str(line[1]), number=str(line[3]))
    with transaction():
        actions.link_person(person=person)
    return person


def declare(person: Person, temperature: int = 365, key: str = "k1") -> None:
    with transaction():
        codes.declare(
            person=person,
            account_id=UUID(int=0),
            temperature=temperature,
            symptoms=[],
            contact=False,
            abroad=False,
            request_key=key,
        )


def test_the_destination_sees_it_from_the_offer_on_and_two_weeks_after_the_end(clock: Travel) -> None:
    transfer, origin, destination = make_roster(2, state=State.DRAFT)
    with pytest.raises(NotFound):
        queries.get_transfer(transfer.id, seen_by=destination)

    with transaction():
        actions.move_transfer(transfer=transfer, to=State.OFFERED, note="", by=origin)
    assert queries.get_transfer(transfer.id, seen_by=destination).id == transfer.id
    take_to(transfer, State.CLOSED, origin, destination)
    clock.shift(timedelta(days=13))
    assert [one.transfer.id for one in queries.list_transfers(seen_by=destination)] == [transfer.id]
    clock.shift(timedelta(days=2))
    assert queries.list_transfers(seen_by=destination) == []
    assert [one.transfer.id for one in queries.list_transfers(seen_by=origin)] == [transfer.id]


def test_a_draft_that_was_cancelled_was_never_there_for_the_destination() -> None:
    transfer, origin, destination = make_roster(1, state=State.DRAFT)
    with transaction():
        actions.move_transfer(transfer=transfer, to=State.CANCELLED, note="企业取消用工", by=origin)

    with pytest.raises(NotFound):
        queries.get_transfer(transfer.id, seen_by=destination)


def test_others_find_nothing() -> None:
    transfer, *_ = make_roster(2)
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    province = make_acting(make_organisation("贵州省人力资源和社会保障厅", region="520000"))
    checkpoint = make_acting(make_organisation("铜仁站查验点", kind=OrganisationKind.CHECKPOINT), role=Role.OFFICER)
    entry = db.session.scalars(select(Entry.id)).first()
    assert entry is not None

    for nobody in (stranger, province, checkpoint):
        assert queries.list_transfers(seen_by=nobody) == []
        with pytest.raises(NotFound):
            queries.get_transfer(transfer.id, seen_by=nobody)
        with pytest.raises(NotFound):
            queries.get_entry(entry, seen_by=nobody)


def test_each_side_takes_its_own_steps_and_each_is_kept() -> None:
    transfer, origin, destination = make_roster(1, state=State.OFFERED)
    with pytest.raises(Conflict, match="no_such_move"), transaction():
        actions.move_transfer(transfer=transfer, to=State.AGREED, note="", by=origin)
    assert queries.possible_moves(transfer, destination) == [State.AGREED]
    with transaction():
        actions.move_transfer(transfer=transfer, to=State.AGREED, note="已安排接站", by=destination)

    steps = queries.list_steps(transfer)
    assert [(step.after, office) for step, _, office in steps] == [
        (State.DRAFT, origin.organisation_name),
        (State.OFFERED, origin.organisation_name),
        (State.AGREED, destination.organisation_name),
    ]
    assert steps[-1][0].note == "已安排接站"


def test_an_empty_roster_is_not_offered_and_a_cancellation_needs_its_reason() -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    with pytest.raises(Conflict, match="empty"), transaction():
        actions.move_transfer(transfer=transfer, to=State.OFFERED, note="", by=origin)
    with pytest.raises(Invalid, match="note_missing"), transaction():
        actions.move_transfer(transfer=transfer, to=State.CANCELLED, note=" ", by=origin)


def test_only_an_official_of_a_government_creates_one_and_not_to_the_own_office() -> None:
    origin, destination = make_offices()
    company = make_organisation("昆山某公司", kind=OrganisationKind.ENTERPRISE)
    checkpoint = make_acting(make_organisation("铜仁站查验点", kind=OrganisationKind.CHECKPOINT), role=Role.OFFICER)
    with pytest.raises(Forbidden):
        make_transfer(checkpoint, destination)
    for wrong in (origin.organisation_id, company.id, UUID(int=1)):
        with pytest.raises(Invalid) as refusal:
            actions.create_transfer(title="赴昆山", destination_id=wrong, by=origin)
        assert "destination_id" in refusal.value.fields


def test_a_roster_is_paged_by_name_and_by_number() -> None:
    transfer, *_ = make_roster(30)

    for sort in Sort:
        seen, after = [], None
        while page := queries.list_entries(transfer, sort=sort, after=after, limit=7):
            seen += [line.entry.number for line in page]
            after = page[-1].entry.id
        assert sorted(seen) == list(range(1, 31))
    assert seen == sorted(seen)


@pytest.mark.parametrize("part", [1, 3])
def test_people_are_found_by_name_number_phone_and_last_four(part: int) -> None:
    transfer, *_ = make_roster(60)
    line = list(rosters.lines(60))[part]
    name, number, phone = str(line[1]), str(line[3]), str(line[5])

    def found(search: str) -> list[int]:
        return [one.entry.number for one in queries.list_entries(transfer, filter=EntryFilter(search=search))]

    assert part + 1 in found(name)
    assert part + 1 in found(name[:1])
    assert found(number) == [part + 1]
    assert found(phone) == [part + 1]
    assert part + 1 in found(number[-4:])
    assert found(str(part + 1)) == [part + 1]
    assert found("没有这个人") == []
    assert found("%") == []


def test_colours_are_counted_and_found(clock: Travel, deliver_all: Callable[[], int]) -> None:
    transfer, *_ = make_roster(5)
    declare(person_of(0))
    declare(person_of(1), temperature=385)
    deliver_all()
    clock.shift(timedelta(seconds=30))
    recount()

    counts = queries.count_entries(transfer)
    assert counts.colours == {Colour.GREY: 3, Colour.GREEN: 1, Colour.YELLOW: 1, Colour.RED: 0}
    assert (counts.claimed, counts.unclaimed, counts.poor) == (2, 3, 2)
    yellow = queries.list_entries(transfer, filter=EntryFilter(colour=Colour.YELLOW))
    assert [line.entry.number for line in yellow] == [2]
    assert yellow[0].verdict.colour is Colour.YELLOW
    trip = queries.list_trips(transfer)[0]
    assert (trip.entries, trip.claimed, trip.green, trip.yellow) == (5, 2, 1, 1)


def test_a_colour_that_ended_is_shown_grey_at_once_and_counted_so_later(
    clock: Travel, deliver_all: Callable[[], int]
) -> None:
    transfer, *_ = make_roster(1)
    declare(person_of(0))
    deliver_all()
    clock.shift(timedelta(hours=25))

    assert queries.list_entries(transfer)[0].verdict.colour is Colour.GREY
    recount()
    assert queries.count_entries(transfer).colours[Colour.GREY] == 1


def test_claimed_poor_and_trip_filter() -> None:
    transfer, *_ = make_roster(30)
    person_of(4)

    def found(chosen: EntryFilter) -> list[int]:
        return [line.entry.number for line in queries.list_entries(transfer, filter=chosen, sort=Sort.NUMBER)]

    assert found(EntryFilter(claimed=True)) == [5]
    assert len(found(EntryFilter(claimed=False))) == 29
    assert found(EntryFilter(poor=True)) == [1, 5, 9, 13, 17, 21, 25, 29]
    trips = queries.list_trips(transfer)
    assert {len(found(EntryFilter(trip_id=trip.id))) for trip in trips} == {22, 8}
    assert found(EntryFilter(arrived=True)) == []


def test_a_proven_sighting_at_the_destination_is_the_arrival(clock: Travel, deliver_all: Callable[[], int]) -> None:
    transfer, origin, destination = make_roster(2)
    person, other = person_of(0), person_of(1)
    with transaction():
        station, _ = itinerary.create_place(
            name="昆山南站",
            region_code="320583",
            position=Position(120.97, 31.37, 0),
            datum=Datum.WGS84,
            radius_m=300,
            by=destination,
        )
        home, _ = itinerary.create_place(
            name="铜仁站",
            region_code="520602",
            position=Position(109.18, 27.71, 0),
            datum=Datum.WGS84,
            radius_m=300,
            by=origin,
        )
    clock.shift(timedelta(hours=20))
    with transaction():
        itinerary.see_by_officer(person_id=person.id, place=station, at=clock(), request_key="a")
        itinerary.see_by_officer(person_id=other.id, place=home, at=clock(), request_key="b")
        assert actions.mark_arrivals() == 1
    deliver_all()

    lines = {line.entry.number: line for line in queries.list_entries(transfer)}
    assert lines[1].entry.arrived_at == clock()
    assert lines[1].seen is not None
    assert lines[1].seen.place_name == "昆山南站"
    assert lines[2].entry.arrived_at is None


def test_being_there_before_departure_is_no_arrival(clock: Travel) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    later = departs(clock().date() + timedelta(days=2))
    send(transfer, origin, roster_file(rosters.lines(1, departs=later)))
    for to, by in ((State.OFFERED, origin), (State.AGREED, destination)):
        with transaction():
            actions.move_transfer(transfer=transfer, to=to, note="", by=by)
    with transaction():
        station, _ = itinerary.create_place(
            name="昆山南站",
            region_code="320583",
            position=Position(120.97, 31.37, 0),
            datum=Datum.WGS84,
            radius_m=300,
            by=destination,
        )
        itinerary.see_by_officer(person_id=person_of(0).id, place=station, at=clock(), request_key="a")
        assert actions.mark_arrivals() == 0
