"""A roster with more trips than its filter can offer."""

from uuid import uuid4

import pytest

from backend.core.db import db
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import list_trips
from tests.factories.consoles import sign_in
from tests.factories.rosters import SEATS
from tests.factories.transfers import make_roster

TRIPS = 53
ELSEWHERE = "其他车次请从“车次”页进入"


@pytest.fixture
def transfer(client) -> Transfer:
    transfer, origin, _ = make_roster(TRIPS * SEATS)
    sign_in(client, origin)
    return transfer


def test_the_filter_offers_the_first_trips_and_the_chosen_one(client, transfer):
    address = f"/console/transfers/{transfer.id}/roster/"
    last = list_trips(transfer, limit=TRIPS)[-1]
    vehicle, trip_id = last.vehicle, last.id

    plain = client.get(address).text
    chosen = client.get(f"{address}?trip={trip_id}").text

    assert str(trip_id) not in plain
    assert ELSEWHERE in plain
    assert f'<option value="{trip_id}" selected>{vehicle}' in chosen
    assert chosen.count("/console/workers/") == SEATS


def test_trips_are_paged_in_one_order(client, transfer):
    del client
    first = list_trips(transfer, limit=50)
    rest = list_trips(transfer, after=first[-1].id)
    db.session.rollback()

    assert len({trip.id for trip in [*first, *rest]}) == TRIPS


def test_a_trip_of_nowhere_is_not_found(client, transfer):
    assert client.get(f"/console/transfers/{transfer.id}/roster/?trip={uuid4()}").status_code == 404
