"""A vehicle's plan and the picture of its seats, as the two governments work with them."""

import pytest
from flask.testing import FlaskClient

from backend.accounts.acting import Acting
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import list_trips
from tests.conftest import Travel
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_roster

FORM = {
    "carrier": "铜仁某客运公司（虚构）",
    "seats": "45",
    "leader": "1",
    "deputy": "2",
    "driver_1_name": "杨师傅",
    "driver_1_phone": "13900000001",
    "driver_2_name": "吴师傅",
    "driver_2_phone": "13900000002",
    "escort_name": "龙医生",
    "escort_phone": "13900000003",
    "stop_1": "怀化服务区",
    "hours_1": "3.5",
    "hands_1": "yes",
    "supply_mask": "60",
    "supply_thermometer": "2",
    "supply_disinfectant": "1",
    "keep_crew": "yes",
}


@pytest.fixture
def coach(app, clock: Travel) -> tuple[Transfer, Acting, Acting, str]:
    del app, clock
    transfer, origin, destination = make_roster(12)
    (trip,) = list_trips(transfer)
    return transfer, origin, destination, f"/console/transfers/{transfer.id}/trips/{trip.id}/plan"


def test_a_plan_is_written_read_by_both_and_its_phones_open_for_a_purpose(client: FlaskClient, coach):
    _, origin, destination, url = coach
    sign_in(client, origin)
    assert "没有填承运单位" in client.get(f"{url}/").text
    assert client.get(f"{url}/edit").status_code == 200
    assert client.get(f"{url}/seats").status_code == 404
    assert client.post(f"{url}/edit", data=FORM, headers=SAME_SITE).status_code == 302

    shown = client.get(f"{url}/").text
    assert "出发后 3.5 小时" in shown
    assert "139****0001" in shown
    again = client.get(f"{url}/edit").text
    assert 'value="3.5"' in again
    assert "13900000001" not in again

    sign_in(client, destination)
    assert client.get(f"{url}/edit").status_code == 404
    assert client.post(f"{url}/edit", data=FORM, headers=SAME_SITE).status_code == 404
    assert "13900000001" not in client.post(f"{url}/crew", data={"purpose": ""}, headers=SAME_SITE).text
    assert "13900000001" in client.post(f"{url}/crew", data={"purpose": "途中联系驾驶员"}, headers=SAME_SITE).text


def test_seats_are_given_and_drawn(client: FlaskClient, coach):
    _, origin, destination, url = coach
    sign_in(client, origin)
    client.post(f"{url}/edit", data=FORM, headers=SAME_SITE)
    answer = client.post(f"{url}/seats", headers=SAME_SITE)
    assert answer.headers["Location"].endswith("/plan/seats")
    drawn = client.get(f"{url}/seats").text
    assert "已为 12 人排好座位" in drawn
    assert drawn.count("coach-seat") == 45
    assert drawn.count("coach-free") == 45 - 12
    assert drawn.count("coach-observation") == 9
    assert "方案齐全，可以发车" in client.get(f"{url}/").text

    sign_in(client, destination)
    assert "重新排座" not in client.get(f"{url}/seats").text
    assert client.post(f"{url}/seats", headers=SAME_SITE).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"seats": "很多"}, "座位数请填数字"),
        ({"seats": "inf"}, "座位数请填数字"),
        ({"hours_1": "nan"}, "请填数字"),
        ({"leader": "99"}, "这个车次没有这个序号的人"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(client: FlaskClient, coach, wrong, sentence):
    sign_in(client, coach[1])
    refused = client.post(f"{coach[3]}/edit", data=FORM | wrong, headers=SAME_SITE)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert "铜仁某客运公司（虚构）" in refused.text
