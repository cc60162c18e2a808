from io import BytesIO

import pytest
from openpyxl import load_workbook

from backend.accounts.queries import get_person
from backend.accounts.rules import Relation
from backend.core.transactions import transaction
from healthcode.codes.colour_rules import FIRST_RULES, Kind
from healthcode.codes.rules import Symptom
from healthcode.transfers import actions as transfers
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation
from tests.factories.codes import declare
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_roster


@pytest.fixture
def office(app, clock):
    del app, clock
    return make_organisation("遵义市人力资源和社会保障局", region="520300")


def form(**changes: str) -> dict[str, str]:
    filled = {"title": "症状改为红码"}
    for rule in FIRST_RULES:
        said = rule.to_json()
        filled |= {f"{rule.kind}.{name}": str(said[name]) for name in ("colour", "hours", "limit", "sentence")}
        filled |= {f"{rule.kind}.authority": rule.authority, f"{rule.kind}.on": "yes"}
    return filled | changes


def test_a_draft_is_shown_tried_and_put_into_force(client, office):
    sign_in(client, make_acting(office))
    assert "第 1 版" in client.get("/console/rules/").text
    assert "37.3" in client.get("/console/rules/").text
    wrong = client.post("/console/rules/new", data=form(**{f"{Kind.FEVER}.limit": "5"}), headers=SAME_SITE)
    assert wrong.status_code == 422
    assert "370" in wrong.text
    sent = client.post("/console/rules/new", data=form(**{f"{Kind.SYMPTOMS}.colour": "red"}), headers=SAME_SITE)
    address = sent.headers["Location"]
    page = client.get(address).text
    assert "原为黄码" in page
    assert client.post(f"{address}/approve", headers=SAME_SITE).status_code == 403
    assert client.post(f"{address}/trial/", headers=SAME_SITE).status_code == 302
    assert "0</strong> 人会变色" in client.get(address).text
    sign_in(client, make_acting(office))
    assert client.post(f"{address}/approve", headers=SAME_SITE).status_code == 302
    assert "第 2 版" in client.get("/console/rules/").text


def test_the_trial_names_only_people_of_the_offices_own_rosters(client, office):
    _, clerk, _ = make_roster(3)
    line = next(rosters.lines(3))
    with transaction():
        held = transfers.claim(
            account=make_agreeing_account(str(line[5])),
            name=str(line[1]),
            resident_id=str(line[3]),
            relation=Relation.SELF,
            until=None,
            region_code=None,
        )
    declare(get_person(held.holding.person_id), symptoms=(Symptom.COUGH,))
    sign_in(client, clerk)
    sent = client.post("/console/rules/new", data=form(**{f"{Kind.SYMPTOMS}.colour": "red"}), headers=SAME_SITE)
    address = sent.headers["Location"]
    client.post(f"{address}/trial/", headers=SAME_SITE)
    assert "咳嗽" in client.get(address).text
    book = client.post(f"{address}/trial/export", data={"purpose": "核对试算名单"}, headers=SAME_SITE)
    assert "咳嗽" in str(list(load_workbook(BytesIO(book.data)).active.values)[-1])
    sign_in(client, make_acting(office))
    page = client.get(address).text
    assert "咳嗽" not in page
    assert "其中 1 人不在" in page
