import pytest
from sqlalchemy import select

from backend.accounts.models import Organisation
from backend.accounts.queries import get_person
from backend.accounts.rules import Relation
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.codes import queries
from healthcode.codes.rules import Colour
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Entry
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_agreeing_account
from tests.factories.codes import declare
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_roster


@pytest.fixture
def entry(app, clock):
    """Somebody of Tongren's roster who registered, and declared that all is well."""
    del app, clock
    make_roster(3)
    line = next(rosters.lines(3))
    with transaction():
        held = transfers.claim(
            account=make_agreeing_account(str(line[5])),
            name=str(line[1]),
            resident_id=str(line[3]),
            relation=Relation.SELF,
            until=None,
            region_code="520602",
        )
        person_id = held.holding.person_id
    declare(get_person(person_id))
    return db.session.scalars(select(Entry).where(Entry.person_id == person_id)).one()


def test_one_proposes_on_the_workers_page_and_another_approves(client, entry):
    office = db.session.scalars(select(Organisation).where(Organisation.region_code == "520600")).one()
    sign_in(client, make_acting(office))
    address = f"/console/decisions/of/{entry.id}"
    assert address in client.get(f"/console/workers/{entry.id}/").text
    form = {"what": "red", "basis": "quarantine", "reason": "与确诊病例同乘一车，须医学观察。", "days": "7"}
    assert client.post(address, data=form | {"basis": "wrong"}, headers=SAME_SITE).status_code == 422
    assert client.post(address, data=form | {"reason": "闹事"}, headers=SAME_SITE).status_code == 422
    sent = client.post(address, data=form, headers=SAME_SITE)
    decision = sent.headers["Location"]
    assert "同乘一车" in client.get(decision).text
    assert client.post(decision, data={"decision": "approve"}, headers=SAME_SITE).status_code == 403
    sign_in(client, make_acting(office))
    assert "赋码决定等待批准" in client.get("/console/").text
    assert client.post(decision, data={"decision": "approve"}, headers=SAME_SITE).status_code == 302
    assert queries.status_of(get_person(entry.person_id)).colour is Colour.RED
    assert "第三十九条" in client.get(f"/console/workers/{entry.id}/").text
    assert "已生效" in client.get("/console/decisions/?state=in_force").text
    assert client.post(decision, data={"decision": "end"}, headers=SAME_SITE).status_code == 302
    assert queries.status_of(get_person(entry.person_id)).colour is Colour.GREEN
    assert client.post(decision, data={"decision": "x"}, headers=SAME_SITE).status_code == 422
