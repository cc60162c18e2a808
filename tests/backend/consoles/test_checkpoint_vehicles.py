"""A whole coach at a checkpoint, by the code that its leader shows."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog
from backend.accounts.queries import get_person
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import queries as codes
from healthcode.codes.models import Measurement, Reading
from healthcode.itinerary.queries import itinerary_of
from healthcode.transfers import actions
from healthcode.transfers.models import Inspection
from healthcode.transfers.rules import TripState
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, make_door
from tests.factories.codes import declare, make_issuer_key
from tests.factories.consoles import sign_in
from tests.factories.itinerary import make_place


@pytest.fixture
def door(clock: Travel) -> Door:
    """Four aboard a coach under way from Tongren to Kunshan; 3 has a yellow code since."""
    del clock
    make_issuer_key()
    door = make_door(4)
    door.board(1, 2, 3, 4)
    door.leave()
    person_id = door.entry(3).person_id
    assert person_id is not None
    declare(get_person(person_id), temperature=376)
    return door


def make_officer(region: str, name: str) -> Acting:
    gate = make_organisation(name, kind=OrganisationKind.CHECKPOINT, region=region)
    return make_acting(gate, role=Role.OFFICER)


@pytest.fixture
def officer(client: FlaskClient, door: Door) -> Acting:
    """An officer at the destination, signed in."""
    del door
    acting = make_officer("320583", "昆山高速出口卡口")
    sign_in(client, acting)
    return acting


def text_of(door: Door) -> str:
    return actions.issue_vehicle_code(trip=door.trip).text


def scan(client: FlaskClient, text: str, **more: object) -> TestResponse:
    sent = {"text": text, "place_id": None, "request_key": uuid4().hex} | more
    return client.post("/checkpoint/api/vehicles/", json=sent)


def opened(client: FlaskClient, text: str, **more: object) -> dict[str, Any]:
    answer = scan(client, text, **more)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return answer.json


def why(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["message"]


def inspect(client: FlaskClient, listed: dict[str, Any], *entry_ids: str) -> TestResponse:
    chosen = entry_ids or tuple(one["id"] for one in listed["people"])
    return client.post(f"/checkpoint/api/vehicles/{listed['id']}/readings", json={"entry_ids": chosen})


def test_the_list_counts_and_puts_first_whoever_does_not_pass(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    listed = opened(client, text_of(door))
    assert (listed["vehicle"], listed["passes"], listed["refused"]) == ("贵D00000", 3, 1)
    assert [one["number"] for one in listed["people"]] == [3, 1, 2, 4]
    first = listed["people"][0]
    assert (first["outcome"], first["colour_name"], first["last_four"]) == (
        "refused",
        "黄码",
        door.entry(3).resident_id_mask[-4:],
    )
    assert "37.6" in first["reason"]


def test_in_transit_the_list_says_who_passes_and_no_more(client: FlaskClient, door: Door) -> None:
    sign_in(client, make_officer("431202", "怀化西收费站卡口"))
    listed = opened(client, text_of(door))
    assert listed["transit"] is True
    first = listed["people"][0]
    assert (first["number"], first["outcome"], first["colour"]) == (3, "refused", None)
    assert "37.6" not in str(listed)
    assert (listed["colours"]["yellow"], listed["colours"]["red"]) == (0, 0)


def test_one_tap_is_a_reading_of_each_however_often_it_comes(client: FlaskClient, officer: Acting, door: Door) -> None:
    place, _ = make_place(officer, name="昆山高速出口", region="320583")
    listed = opened(client, text_of(door), place_id=str(place.id))
    for _ in range(3):
        assert inspect(client, listed).json == {"passed": 3, "refused": 1}
    assert len(db.session.scalars(select(Reading)).all()) == 4
    person_id = door.entry(3).person_id
    assert person_id is not None
    person = get_person(person_id)
    [(reading, office, _, where)] = codes.list_readings(person)
    assert (reading.outcome, office, where) == ("refused", "昆山高速出口卡口", "昆山高速出口")
    assert [point.place_name for point in itinerary_of(person)] == ["昆山高速出口"]


def test_both_governments_see_where_the_coach_was_looked_at(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    inspect(client, opened(client, text_of(door)))
    sign_in(client, door.origin)
    page = client.get(f"/console/transfers/{door.transfer.id}/trips/{door.trip.id}").text
    assert "昆山高速出口卡口：通过 3 人，不能通过 1 人" in page


def test_one_person_can_be_written_down_alone(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    listed = opened(client, text_of(door))
    assert inspect(client, listed, listed["people"][0]["id"]).json == {"passed": 0, "refused": 1}
    assert inspect(client, listed).json == {"passed": 3, "refused": 1}


def test_everybody_aboard_learns_that_the_office_looked(client: FlaskClient, officer: Acting, door: Door) -> None:
    key = uuid4().hex
    text = text_of(door)
    opened(client, text, request_key=key)
    opened(client, text, request_key=key)
    logged = db.session.scalars(select(AccessLog).where(AccessLog.organisation_id == officer.organisation_id)).all()
    assert {one.purpose for one in logged} == {"卡口整车查验（贵D00000，昆山高速出口卡口）"}
    assert len(logged) == 4


def test_a_temperature_of_one_aboard_is_kept_once(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    listed = opened(client, text_of(door))
    sent = {"entry_id": listed["people"][1]["id"], "temperature": 37.9, "request_key": uuid4().hex}
    for _ in range(2):
        answer = client.post(f"/checkpoint/api/vehicles/{listed['id']}/temperatures", json=sent)
        assert (answer.status_code, answer.json and answer.json["fever"]) == (200, True)
    assert db.session.scalars(select(Measurement.temperature)).all() == [379]
    stranger = sent | {"entry_id": str(uuid4()), "request_key": uuid4().hex}
    assert client.post(f"/checkpoint/api/vehicles/{listed['id']}/temperatures", json=stranger).status_code == 404


def test_a_code_of_some_minutes_ago_is_refused_with_what_to_do(
    client: FlaskClient, officer: Acting, door: Door, clock: Travel
) -> None:
    del officer
    text = text_of(door)
    clock.shift(timedelta(minutes=7, seconds=1))
    status, message = why(scan(client, text))
    assert status == 409
    assert "已经过期，截图和转发的不能用" in message


def test_a_forwarded_screenshot_opens_nothing_at_a_second_checkpoint(
    client: FlaskClient, officer: Acting, door: Door
) -> None:
    text = text_of(door)
    opened(client, text)
    opened(client, text)
    east, _ = make_place(officer, name="昆山高速东出口", region="320583")
    assert "另一处扫过" in why(scan(client, text, place_id=str(east.id)))[1]
    sign_in(client, make_officer("431202", "怀化西收费站卡口"))
    status, message = why(scan(client, text))
    assert (status, "另一处扫过" in message) == (409, True)
    opened(client, text_of(door))


def test_the_code_of_a_vehicle_that_has_arrived_opens_nothing(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    text = text_of(door)
    listed = opened(client, text)
    door.arrive()
    for answer in (scan(client, text), inspect(client, listed)):
        assert why(answer) == (409, "这辆车已到达，车辆码已经作废。请逐人扫健康码。")


def test_a_coach_that_boards_shows_whom_it_has_so_far(client: FlaskClient, clock: Travel) -> None:
    del clock
    make_issuer_key()
    door = make_door(3, green=(1, 2))
    sign_in(client, make_officer("520602", "铜仁站卡口"))
    text = text_of(door)
    assert [one["number"] for one in opened(client, text)["people"]] == [3, 1, 2]
    door.board(1)
    assert [one["number"] for one in opened(client, text)["people"]] == [1]


def test_what_is_no_vehicle_code_is_explained(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    text = text_of(door)
    for wrong in ("", "LH1:ABC", "LHV1:", text[:-5], text[:60] + "000" + text[63:]):
        status, message = why(scan(client, wrong))
        assert (status, "逐人扫健康码" in message) == (422, True)


def test_the_list_is_another_officers_to_nobody_else(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    listed = opened(client, text_of(door))
    sign_in(client, make_officer("320583", "昆山南站卡口"))
    assert inspect(client, listed).status_code == 404
    elsewhere, _ = make_place(make_officer("431202", "怀化站卡口"), name="怀化站", region="431202")
    assert scan(client, text_of(door), place_id=str(elsewhere.id)).status_code == 404


def test_a_list_of_an_hour_ago_is_opened_anew(client: FlaskClient, officer: Acting, door: Door, clock: Travel) -> None:
    del officer
    listed = opened(client, text_of(door))
    clock.shift(timedelta(minutes=61))
    assert inspect(client, listed).status_code == 409


def test_the_same_request_an_hour_later_shows_nobody(
    client: FlaskClient, officer: Acting, door: Door, clock: Travel
) -> None:
    del officer
    text, key = text_of(door), uuid4().hex
    opened(client, text, request_key=key)
    clock.shift(timedelta(minutes=61))
    status, message = why(scan(client, text, request_key=key))
    assert (status, "请车长重新出示车辆码" in message) == (409, True)


def test_who_changed_to_another_vehicle_meanwhile_is_left_out(client: FlaskClient, officer: Acting, door: Door) -> None:
    del officer
    listed = opened(client, text_of(door))
    stranger = str(uuid4())
    assert inspect(client, listed, stranger).json == {"passed": 0, "refused": 0}


def test_others_than_officers_open_no_vehicle(client: FlaskClient, door: Door) -> None:
    text = text_of(door)
    assert scan(client, text).status_code == 401
    sign_in(client, door.origin)
    assert scan(client, text).status_code == 403
    assert db.session.scalars(select(Inspection)).all() == []


def test_a_vehicle_that_was_cancelled_has_no_code(app: Application, clock: Travel) -> None:
    del app, clock
    make_issuer_key()
    door = make_door(2)
    door.move(TripState.CANCELLED, door.origin)
    with pytest.raises(Exception, match="车辆码已经作废"), transaction():
        actions.issue_vehicle_code(trip=door.trip)
