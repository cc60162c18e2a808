"""All that is kept of a person, for that person alone."""

import pytest
from sqlalchemy import text

from backend.accounts.rules import Relation
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.transfers import actions as transfers
from tests.factories import rosters
from tests.factories.accounts import make_agreeing_account, make_person, resident_id
from tests.factories.api import phone_of
from tests.factories.codes import declare, give_pack, make_issuer_key
from tests.factories.transfers import make_roster


@pytest.fixture
def oneself(client, clock):
    del clock
    account = make_agreeing_account()
    person = make_person(account)
    return phone_of(client, account), person


def sections(answer) -> dict[str, dict]:
    assert answer.status_code == 201, answer.json
    return {section["name"]: section for section in answer.json["sections"]}


def test_a_copy_holds_what_the_person_gave_and_what_is_known(oneself):
    phone, person = oneself
    declare(person, temperature=381)
    found = sections(phone.post(f"/people/{person.id}/copy"))
    oneself_said = dict(found["accounts.people"]["rows"])
    assert oneself_said["身份证号"] == unseal(person.resident_id)
    assert oneself_said["姓名"] == "杨秀英"
    assert found["codes.declarations"]["rows"][0][1] == "38.1"
    assert found["codes.status"]["rows"][0][0] == "黄码"
    assert found["codes.changes"]["rows"]
    assert len(found["accounts.consents"]["rows"]) == 3
    for section in found.values():
        assert {len(row) for row in section["rows"]} <= {len(section["columns"])}, section["name"]


def test_packs_of_offline_codes_are_in_it(oneself):
    phone, person = oneself
    make_issuer_key()
    declare(person)
    give_pack(person)
    declare(person, contact=True)
    ((given, ends, denied),) = sections(phone.post(f"/people/{person.id}/copy"))["codes.packs"]["rows"]
    assert given == denied < ends


def test_a_roster_row_is_in_it_in_full(client, clock):
    del clock
    make_roster(1)
    _, name, _, number, *_ = next(iter(rosters.lines(1)))
    account = make_agreeing_account()
    person = make_person(account, name=str(name), number=str(number))
    with transaction():
        transfers.link_person(person=person)
    (row,) = sections(phone_of(client, account).post(f"/people/{person.id}/copy"))["transfers.rosters"]["rows"]
    assert not any("*" in cell for cell in row)


def test_taking_it_is_written_down_where_the_person_sees_who_looked(oneself):
    phone, person = oneself
    sections(phone.post(f"/people/{person.id}/copy"))
    (reader,) = phone.get(f"/people/{person.id}/readers").json
    assert reader["purpose"] == "下载自己的全部信息"


def test_another_account_gets_nothing(client, oneself):
    _, person = oneself
    stranger = phone_of(client, make_agreeing_account())
    assert stranger.post(f"/people/{person.id}/copy").status_code == 404
    assert db.session.scalar(text("SELECT count(*) FROM privacy.copy")) == 0


def test_family_and_whoever_only_says_so_get_nothing(client, oneself):
    _, person = oneself
    family = make_agreeing_account()
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO accounts.holding (id, account_id, person_id, relation, state, region_code, claimed_at)"
                " VALUES (gen_random_uuid(), :account, :person, :relation, 'confirmed', '520602', now())"
            ),
            {"account": family.id, "person": person.id, "relation": Relation.FAMILY.value},
        )
    refused = phone_of(client, family).post(f"/people/{person.id}/copy")
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "accounts.not_oneself")

    stated = make_agreeing_account()
    typed = make_person(stated, number=resident_id(), verified=False)
    assert phone_of(client, stated).post(f"/people/{typed.id}/copy").status_code == 403


def test_it_is_not_for_taking_again_and_again(oneself):
    phone, person = oneself
    answers = [phone.post(f"/people/{person.id}/copy").status_code for _ in range(4)]
    assert answers == [201, 201, 201, 429]
