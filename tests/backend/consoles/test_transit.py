"""An officer of a region in transit is told whether somebody passes, and nothing of why."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.queries import get_person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.crypto import unseal
from healthcode.codes.transit_rules import REASON, STEP
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.boarding import make_door
from tests.factories.cards import begin_shift, print_card
from tests.factories.codes import declare, make_issuer_key, show
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.itinerary import make_place


@pytest.fixture
def officer(client: FlaskClient, clock: Travel) -> Acting:
    """An officer at Huaihua, through which coaches go from Tongren to Kunshan, signed in."""
    del clock
    make_issuer_key()
    gate = make_organisation("怀化西收费站卡口", kind=OrganisationKind.CHECKPOINT, region="431202")
    acting = make_acting(gate, role=Role.OFFICER)
    sign_in(client, acting)
    return acting


@pytest.fixture
def person(officer: Acting) -> Person:
    """杨秀英 of Tongren, declared healthy."""
    del officer
    worker = make_person()
    declare(worker)
    return worker


def scan(client: FlaskClient, text: str, **more: object) -> dict[str, Any]:
    sent = {"text": text, "place_id": None, "request_key": uuid4().hex, "phone_time": clocks.now().isoformat()}
    answer = client.post("/checkpoint/api/scans", json=sent | more)
    assert answer.status_code == 200
    assert answer.json is not None
    return answer.json


def test_whoever_passes_through_is_compared_with_the_card(client: FlaskClient, person: Person) -> None:
    told = scan(client, show(person).text)
    assert (told["outcome"], told["reason"]) == ("passes", REASON)
    assert told["last_four"] == person.resident_id_mask[-4:]


def test_why_somebody_does_not_pass_is_not_said(client: FlaskClient, person: Person) -> None:
    declare(person, contact=True)
    told = scan(client, show(person).text)
    assert (told["outcome"], told["reason"], told["next_step"]) == ("refused", REASON, STEP)
    assert (told["colour"], told["colour_name"], told["first_character"], told["last_four"]) == (None, "", "", "")


def test_a_colour_that_changed_after_the_code_was_shown_is_not_said(client: FlaskClient, person: Person) -> None:
    text = show(person).text
    declare(person, contact=True)
    told = scan(client, text)
    assert (told["outcome"], told["reason"]) == ("refused", REASON)


def test_the_same_scan_again_says_no_more(client: FlaskClient, person: Person) -> None:
    declare(person, contact=True)
    text, key = show(person).text, uuid4().hex
    assert scan(client, text, request_key=key) == scan(client, text, request_key=key)


def test_having_been_scanned_here_makes_nobody_at_home_here(
    client: FlaskClient, person: Person, officer: Acting
) -> None:
    place, _ = make_place(officer, name="怀化西收费站", region="431202")
    scan(client, show(person).text, place_id=str(place.id))
    declare(person, contact=True)
    assert scan(client, show(person).text, place_id=str(place.id))["reason"] == REASON


def test_a_temperature_is_taken_and_the_colour_not_said(client: FlaskClient, person: Person) -> None:
    sent = {"text": show(person).text, "place_id": None, "request_key": uuid4().hex, "temperature": 36.6}
    answer = client.post("/checkpoint/api/temperatures", json=sent)
    assert answer.json == {"fever": False, "colour_name": "", "reason": ""}


def test_a_look_up_says_no_colour(client: FlaskClient, person: Person, officer: Acting) -> None:
    declare(person, contact=True)
    place, _ = make_place(officer, name="怀化西收费站", region="431202")
    client.post("/console/lookups/shift", data={"place_id": str(place.id), "hours": "8"}, headers=SAME_SITE)
    asked = {"resident_id": unseal(person.resident_id), "reason": "flat", "words": "手机没电了"}
    page = client.post("/console/lookups/", data=asked, headers=SAME_SITE)
    assert STEP in page.text
    assert "红码" not in page.text


def test_a_card_says_no_colour_either(client: FlaskClient, person: Person, officer: Acting) -> None:
    declare(person, contact=True)
    begin_shift(officer, region="431202")
    text = print_card(person, make_acting(make_organisation(region="520602"))).text
    for key in ("card-0001", "card-0001", "card-0002"):
        told = client.post("/checkpoint/api/cards", json={"text": text, "request_key": key}).json
        assert told is not None
        assert (told["outcome"], told["reason"], told["next_step"]) == ("refused", REASON, STEP)
        assert (told["colour"], told["colour_name"], told["last_four"]) == (None, "", "")


@pytest.mark.parametrize(("region", "whole"), [("320583", True), ("520602", True), ("431202", False)])
def test_origin_and_destination_of_the_journey_are_told_why(
    client: FlaskClient, clock: Travel, region: str, whole: bool
) -> None:
    del clock
    make_issuer_key()
    door = make_door(2)
    person_id = door.entry(2).person_id
    assert person_id is not None
    gate = make_organisation("某地卡口", kind=OrganisationKind.CHECKPOINT, region=region)
    sign_in(client, make_acting(gate, role=Role.OFFICER))
    traveller = get_person(person_id)
    declare(traveller, contact=True)
    told = scan(client, show(traveller).text)
    assert (told["colour"] == "red") is whole
