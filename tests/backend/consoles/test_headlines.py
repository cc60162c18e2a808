"""A government's start page: vehicles that need somebody, numbers by day, registered poor households, their rows."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from backend.core import clock as clocks
from backend.core.redis import redis_client
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.checks import actions as checks
from healthcode.checks.rules import Check
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.queries.numbers import Count, count_by_day, count_poor, list_recent
from healthcode.transfers.rules import State
from tests.conftest import Travel
from tests.factories import accounts as made
from tests.factories.boarding import Door, make_door
from tests.factories.consoles import sign_in
from tests.factories.transfers import make_roster, take_to

HOME, FIGURES = "/console/", "/console/headlines/"


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """A coach of four that leaves at 18:00, of which three boarded."""
    del app
    door = make_door(4)
    clock.shift(timedelta(hours=5))
    door.board(1, 2, 3)
    return door


def vehicles(client: FlaskClient) -> str:
    """The lines about vehicles, as text."""
    (part,) = re.findall(r'id="vehicles".*?</section>', client.get(HOME).text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def counted(door: Door) -> dict[Count, int]:
    today = clocks.today()
    return {
        count: sum(
            one.people
            for one in count_by_day(list_recent(seen_by=door.origin))
            if one.count is count and one.day == today
        )
        for count in Count
    }


def test_a_coach_on_its_way_as_planned_needs_nobody(client: FlaskClient, door: Door) -> None:
    door.leave()
    sign_in(client, door.destination)
    assert "都按计划" in vehicles(client)


def test_a_fever_aboard_leads_to_where_it_is_handed_over(client: FlaskClient, door: Door, clock: Travel) -> None:
    door.leave()
    clock.shift(timedelta(hours=1))
    door.take(door.said(MarkKind.MEASURED, 2, temperature=381))
    sign_in(client, door.origin)
    assert "车上 1 人发热" in vehicles(client)
    assert f"/trips/{door.trip.id}/boarding/" in client.get(HOME).text
    clock.shift(timedelta(minutes=15))
    door.take(door.said(MarkKind.MEASURED, 2, temperature=366))
    assert "发热" not in vehicles(client)


def test_a_coach_that_comes_late_is_named_to_both_governments(client: FlaskClient, door: Door, clock: Travel) -> None:
    door.leave()
    clock.shift(timedelta(days=2))
    for acting in (door.origin, door.destination):
        sign_in(client, acting)
        assert "晚点" in vehicles(client)


def test_silence_is_one_line_for_the_vehicle_and_leads_to_its_findings(
    client: FlaskClient, door: Door, clock: Travel
) -> None:
    door.leave()
    clock.shift(timedelta(hours=8))
    with transaction():
        checks.run_check(check=Check.LOCATION)
    sign_in(client, door.origin)
    page = client.get(HOME).text
    assert page.count("长时间无消息</a>") == 1
    address = re.findall(r'href="(/console/findings/\?[^"]*trip=[^"]*silent[^"]*)"', page)[0].replace("&amp;", "&")
    assert door.trip.vehicle in client.get(address).text


def test_what_a_plan_lacks_is_said_to_the_origin_which_can_mend_it(
    client: FlaskClient, app: Application, clock: Travel
) -> None:
    del app, clock
    _, origin, destination = make_roster(3, state=State.DEPARTING, at="18:00")
    sign_in(client, origin)
    assert "补全方案" in vehicles(client)
    sign_in(client, destination)
    assert "方案" not in vehicles(client)


def test_a_coach_that_nobody_let_go_is_asked_for(client: FlaskClient, door: Door, clock: Travel) -> None:
    clock.shift(timedelta(hours=3))
    sign_in(client, door.origin)
    assert "没有登记发车" in vehicles(client)
    assert "登记发车" in vehicles(client)


def test_another_government_has_no_line_and_no_number(client: FlaskClient, door: Door) -> None:
    door.leave()
    stranger = made.make_acting(made.make_organisation("遵义市人力资源和社会保障局", region="520300"))
    assert list_recent(seen_by=stranger) == []
    sign_in(client, stranger)
    assert 'id="vehicles"' not in client.get(HOME).text
    assert "碧江" not in client.get(FIGURES).text
    assert door.trip.vehicle not in client.get(f"/console/headlines/days/{clocks.today()}").text


def test_each_count_is_of_its_own_day(door: Door, clock: Travel) -> None:
    door.leave()
    assert counted(door) == {Count.PLANNED: 4, Count.BOARDED: 3, Count.ARRIVED: 0, Count.ON_DUTY: 0}
    clock.shift(timedelta(hours=15))
    door.arrive()
    assert counted(door) == {Count.PLANNED: 0, Count.BOARDED: 0, Count.ARRIVED: 3, Count.ON_DUTY: 0}


def test_a_coach_that_nobody_ticked_boarded_whole(app: Application, clock: Travel) -> None:
    del app
    door = make_door(4)
    clock.shift(timedelta(hours=6))
    door.leave()
    assert counted(door)[Count.BOARDED] == 4


def test_the_number_leads_to_the_vehicles_behind_it(client: FlaskClient, door: Door) -> None:
    door.leave()
    sign_in(client, door.destination)
    address = f"/console/headlines/days/{clocks.today()}?count=boarded"
    assert address in client.get(FIGURES).text
    rows = client.get(address).text
    assert door.trip.vehicle in rows
    assert ">3</a>" in rows


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("days/2020-03-22", 404),
        ("days/yesterday", 404),
        ("days/{today}?count=lost", 422),
        ("poor?destination=999999", 422),
        ("poor?enterprise=no-such", 200),
    ],
)
def test_a_made_up_day_or_filter_is_refused(client: FlaskClient, door: Door, path: str, status: int) -> None:
    sign_in(client, door.origin)
    assert client.get(f"/console/headlines/{path.format(today=clocks.today())}").status_code == status


def test_poor_households_are_counted_by_enterprise_with_their_share(
    client: FlaskClient, door: Door, clock: Travel
) -> None:
    with transaction():
        for number in range(1, 5):
            door.entry(number).poor = number in {1, 2}
    door.leave()
    clock.shift(timedelta(hours=15))
    door.arrive()
    rows = count_poor(list_recent(seen_by=door.origin))
    assert sum(row.planned for row in rows) == 2
    assert sum(row.boarded for row in rows) == 2
    assert sum(row.everybody for row in rows) == 4
    sign_in(client, door.origin)
    assert "50.0%" in client.get(FIGURES).text
    enterprise = door.entry(1).enterprise
    behind = client.get("/console/headlines/poor", query_string={"enterprise": enterprise}).text
    assert door.transfer.title in behind
    roster = f"/console/transfers/{door.transfer.id}/roster/"
    only = client.get(roster, query_string={"poor": "yes", "enterprise": enterprise}).text
    assert only.count("/console/workers/") == sum(door.entry(n).enterprise == enterprise for n in (1, 2))


def test_the_destination_sees_numbers_for_fourteen_days_after_the_end(door: Door, clock: Travel) -> None:
    door.leave()
    clock.shift(timedelta(hours=15))
    door.arrive()
    take_to(door.transfer, State.CLOSED, door.origin, door.destination)
    assert list_recent(seen_by=door.destination) == [door.transfer]
    clock.shift(timedelta(days=15))
    assert list_recent(seen_by=door.destination) == []


def test_flows_lead_to_the_transfers_of_that_way(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    assert "从哪到哪：1 条线路，4 人" in client.get(FIGURES).text
    listed = client.get("/console/transfers/?origin=520600&destination=320583").text
    assert door.transfer.title in listed
    assert door.transfer.title not in client.get("/console/transfers/?origin=520600&destination=110000").text


def test_the_figures_of_an_office_are_reckoned_once_in_some_seconds(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    first = client.get(FIGURES).text
    door.board(4)
    assert client.get(FIGURES).text == first, "what was reckoned a moment ago is shown, and says of when"
    sign_in(client, made.make_acting(made.make_organisation("遵义市人力资源和社会保障局", region="520300")))
    assert client.get(FIGURES).text != first, "each office has its own"

    redis_client().delete(f"headlines:{door.origin.organisation_id}")
    sign_in(client, door.origin)
    assert client.get(FIGURES).text != first
