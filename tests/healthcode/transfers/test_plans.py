"""A vehicle's plan: who writes it, seats by the rule of the day, families together, and what keeps it from leaving."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Person
from backend.accounts.rules import Relation
from backend.core.clock import now
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.commands import cli
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.planned import Crew, Outline, Post, Stop, Supply, missing
from healthcode.transfers.rules import Mode, State, TripState
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.transfers import departs, make_offices, make_roster, make_transfer, roster_file, send, take_to

pytestmark = pytest.mark.usefixtures("app", "clock")

PLAN = Outline(
    carrier=" 铜仁某客运公司（虚构） ",
    seats=45,
    crew={
        Post.DRIVER_1: Crew("杨师傅", "13900000001"),
        Post.DRIVER_2: Crew("吴师傅", "13900000002"),
        Post.ESCORT: Crew("龙医生", "13900000003"),
    },
    leader=1,
    deputy=2,
    stops=[Stop("怀化服务区", timedelta(hours=3), hands_over=True), Stop("玉屏", timedelta(hours=1), hands_over=False)],
    supplies={Supply.MASK: 60, Supply.THERMOMETER: 2, Supply.DISINFECTANT: 1, Supply.GOWN: 0},
)
Planned = tuple[Transfer, Trip, Acting, Acting]


@pytest.fixture
def planned() -> Planned:
    """A coach of 22 people with a complete plan; half its seats may be taken."""
    transfer, origin, destination = make_roster(22)
    (trip,) = queries.list_trips(transfer)
    with transaction():
        actions.add_seat_rule(
            mode=Mode.COACH, percent=50, first_day=date(2026, 2, 1), last_day=date(2026, 5, 31), source="省里的通知"
        )
        actions.save_plan(transfer=transfer, trip=trip, outline=PLAN, by=origin)
    return transfer, trip, origin, destination


def benches_of(trip: Trip) -> dict[int, int]:
    return {entry.number: (int(entry.seat) - 1) // 2 for entry in queries.list_aboard(trip)}


def test_a_plan_is_kept_with_its_crew_sealed_and_its_stops_in_order(planned: Planned) -> None:
    transfer, trip, origin, destination = planned
    plan = queries.get_plan(trip)
    assert plan is not None
    assert plan.carrier == "铜仁某客运公司（虚构）"
    assert plan.crew_masks["driver_1"] == "杨** 139****0001"
    assert [stop["name"] for stop in plan.stops] == ["玉屏", "怀化服务区"]
    assert {post: entry.number for post, entry in queries.list_leads(plan).items()} == {"leader": 1, "deputy": 2}

    with pytest.raises(Invalid, match="purpose"), transaction():
        actions.reveal_crew(trip=trip, by=destination, purpose="")
    with transaction():
        crew = actions.reveal_crew(trip=trip, by=destination, purpose="途中联系驾驶员")
    assert crew[Post.ESCORT] == Crew("龙医生", "13900000003")
    assert db.session.query(AccessLog).count() == 3
    later = replace(PLAN, crew={Post.DRIVER_2: Crew("石师傅", "13900000004")}, keep_crew=True)
    with transaction():
        actions.save_plan(transfer=transfer, trip=trip, outline=later, by=origin)
        kept = actions.reveal_crew(trip=trip, by=origin, purpose="核对驾驶员")
    assert [kept[post].name for post in Post] == ["杨师傅", "石师傅", "龙医生"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seats": 8}, "seats"),
        ({"leader": 23}, "leader"),
        ({"deputy": 1}, "deputy"),
        ({"crew": {Post.DRIVER_1: Crew("杨师傅", "")}}, "driver_1"),
        ({"crew": {Post.DRIVER_1: Crew("杨", "13900000001"), Post.DRIVER_2: Crew("吴", "13900000001")}}, "driver_2"),
        ({"stops": [Stop("某地", timedelta(hours=-1), hands_over=False)]}, "stops"),
        ({"stops": [Stop("某地", timedelta(hours=1), hands_over=False)] * 9}, "stops"),
        ({"supplies": {Supply.MASK: -1}}, "supplies"),
        ({"carrier": "某" * 61}, "carrier"),
    ],
)
def test_what_cannot_be_is_refused_by_field(planned: Planned, change: dict[str, Any], field: str) -> None:
    transfer, trip, origin, _ = planned
    with pytest.raises(Invalid) as refusal, transaction():
        actions.save_plan(transfer=transfer, trip=trip, outline=replace(PLAN, **change), by=origin)
    assert list(refusal.value.fields) == [field]


def test_the_plan_is_the_origins_until_the_vehicle_leaves(planned: Planned) -> None:
    transfer, trip, origin, destination = planned
    stranger = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
    for by, refusal in ((destination, Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal), transaction():
            actions.save_plan(transfer=transfer, trip=trip, outline=PLAN, by=by)
        with pytest.raises(refusal), transaction():
            actions.assign_seats(transfer=transfer, trip=trip, by=by)
    take_to(transfer, State.IN_TRANSIT, origin, destination)
    with pytest.raises(Conflict, match="trip_left"), transaction():
        actions.assign_seats(transfer=transfer, trip=trip, by=origin)


def test_half_of_45_seats_holds_22_and_the_last_two_rows_stay_free(planned: Planned) -> None:
    transfer, trip, origin, _ = planned
    with transaction():
        found = actions.assign_seats(transfer=transfer, trip=trip, by=origin)

    assert found.unseated == ()
    assert max(found.places.values()) <= 36
    picture = queries.seat_plan(trip, 45)
    assert (picture.observation_taken, picture.unseated) == (0, [])


def test_the_rule_is_of_the_day_of_departure(planned: Planned) -> None:
    _, trip, *_ = planned
    assert queries.percent_of(trip) == 50
    assert trip.departs_at is not None
    trip.departs_at += timedelta(days=100)
    assert queries.percent_of(trip) == 100
    db.session.rollback()
    said: dict[str, Any] = {"mode": Mode.COACH, "percent": 50, "first_day": date(2026, 2, 1), "last_day": None}
    for wrong in ({"percent": 0}, {"percent": 101}, {"last_day": date(2026, 1, 1)}, {"source": " "}):
        with pytest.raises(Invalid, match="seat_rule"):
            actions.add_seat_rule(**({"source": "通知"} | said | wrong))


def test_an_administrator_adds_a_rule_by_command() -> None:
    said = ["seat-rule", "--percent", "50", "--from", "2026-02-01", "--until", "2026-05-31", "--source", "省里的通知"]
    done = CliRunner().invoke(cli, said)
    assert done.output == "包车：2026-02-01 起最多乘坐 50%。\n"
    assert CliRunner().invoke(cli, [*said, "--percent", "500"]).exit_code == 1


def test_who_is_over_the_rules_number_has_no_seat_and_the_list_says_so(planned: Planned) -> None:
    transfer, trip, origin, _ = planned
    with transaction():
        actions.save_plan(transfer=transfer, trip=trip, outline=replace(PLAN, seats=39), by=origin)
        found = actions.assign_seats(transfer=transfer, trip=trip, by=origin)

    assert len(found.unseated) == 3
    assert {"比当天允许的人数多 3 人", "3 人没有座位"} <= set(missing(queries.standing_of(trip)))


def test_families_by_door_or_by_declaration_sit_on_one_bench() -> None:
    """Numbers 3 and 20 live behind one door; 5 speaks for 11 as family."""
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = [list(line) for line in rosters.lines(22, departs=departs())]
    lines[19][4] = lines[2][4]
    send(transfer, origin, roster_file(lines))
    (trip,) = queries.list_trips(transfer)
    account = make_agreeing_account()
    people = [make_person(account, name=str(lines[4][1]), number=str(lines[4][3]))]
    with transaction():
        held = accounts.hold(
            account=account,
            name=str(lines[10][1]),
            resident_id=str(lines[10][3]),
            relation=Relation.FAMILY,
            until=now() + timedelta(days=20),
            verified=True,
            region_code="520600",
        )
        people.append(db.session.get_one(Person, held.person_id))
        for person in people:
            actions.link_person(person=person)
        actions.save_plan(transfer=transfer, trip=trip, outline=replace(PLAN, seats=57), by=origin)
        actions.assign_seats(transfer=transfer, trip=trip, by=origin)

    given = benches_of(trip)
    assert given[3] == given[20]
    assert given[5] == given[11]
    assert len(set(given.values())) == 20


def test_a_vehicle_with_a_gap_in_its_plan_leaves_only_with_a_reason(planned: Planned) -> None:
    transfer, trip, origin, destination = planned
    take_to(transfer, State.DEPARTING, origin, destination)
    with transaction():
        actions.save_plan(transfer=transfer, trip=trip, outline=replace(PLAN, deputy=None), by=origin)
        actions.assign_seats(transfer=transfer, trip=trip, by=origin)
    with pytest.raises(Invalid, match="not_ready") as refusal, transaction():
        actions.move_trip(transfer=transfer, trip=trip, to=TripState.ON_THE_WAY, by=origin, at=None)
    assert "没有指定副车长" in refusal.value.message


def test_a_named_leader_who_leaves_the_roster_leaves_the_plan(planned: Planned) -> None:
    _, trip, *_ = planned
    with transaction():
        db.session.delete(db.session.scalars(select(Entry).where(Entry.number == 1)).one())
    db.session.expire_all()
    assert list(queries.list_leads(queries.get_plan(trip))) == ["deputy"]
    assert "没有指定车长" in missing(queries.standing_of(trip))
