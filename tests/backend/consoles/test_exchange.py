"""The page of what other governments' deployments are told: for the platform and the office, nobody else's."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.transactions import transaction
from backend.partners import actions, queries
from backend.partners.models import Message
from backend.partners.rules import MOST_ATTEMPTS, SendState
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Transfer
from healthcode.transfers.rules import State
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.partners import register
from tests.factories.transfers import KUNSHAN, TONGREN, departs, make_transfer, roster_file, send

pytestmark = pytest.mark.usefixtures("app", "clock")
PAGE = "/console/exchange/"


@pytest.fixture
def tongren():
    return make_acting(make_organisation(TONGREN))


@pytest.fixture
def messages(client, tongren) -> list[Message]:
    """An offer to a partner that can't be reached, and the cancellation behind it."""
    other = register(client)
    transfer = make_transfer(tongren, queries.acting_of(other.partner))
    send(transfer, tongren, roster_file(rosters.lines(2, departs=departs())))
    for to in (State.OFFERED, State.CANCELLED):
        with transaction():
            transfers.move_transfer(transfer=transfer, to=to, note="不再组织", by=tongren)
    with transaction():
        actions.gather(transfer_id=transfer.id)
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def fail(message: Message, status: int = 0) -> None:
    with transaction():
        message.attempts = MOST_ATTEMPTS
    with transaction():
        actions.settle(message_id=message.id, status=status, answer="没有连上对方系统")


def test_messages_go_one_after_the_other(messages):
    first, _ = messages
    assert list(queries.list_due()) == [first.id]

    fail(first)
    assert first.state is SendState.STUCK
    assert list(queries.list_due()) == []


def test_the_office_sends_a_stuck_message_again_or_gives_it_up(client, tongren, messages):
    first, second = messages
    fail(first)
    sign_in(client, tongren)

    page = client.get(PAGE, query_string={"dead": "yes"}).get_data(as_text=True)
    assert "没有连上对方系统" in page
    assert "重新发送" in page
    client.post(f"{PAGE}messages/{first.id}", data={"decision": "again"}, headers=SAME_SITE)
    db.session.expire_all()
    assert (first.state, first.attempts) == (SendState.WAITING, 0)
    fail(first)
    client.post(f"{PAGE}messages/{first.id}", data={"decision": "drop"}, headers=SAME_SITE)
    db.session.expire_all()
    assert (first.state, first.content) == (SendState.DROPPED, None)
    assert list(queries.list_due()) == [second.id]


def test_a_refused_message_says_why_keeps_nothing_and_holds_nothing_up(client, tongren, messages):
    first, second = messages
    fail(first, status=409)

    assert (first.state, first.content) == (SendState.REFUSED, None)
    assert list(queries.list_due()) == [second.id]
    fail(second, status=404)
    sign_in(client, tongren)
    refused = client.post(f"{PAGE}messages/{second.id}", data={"decision": "again"}, headers=SAME_SITE)
    assert refused.status_code == 409


def test_another_office_sees_and_settles_nothing(client, messages):
    fail(messages[0])
    sign_in(client, make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100")))

    assert "铜仁赴昆山专车" not in client.get(PAGE).get_data(as_text=True)
    answer = client.post(f"{PAGE}messages/{messages[0].id}", data={"decision": "drop"}, headers=SAME_SITE)
    assert answer.status_code == 404


def test_the_platform_stops_a_partner_at_once(client, messages):
    platform = make_organisation("平台", kind=OrganisationKind.PLATFORM)
    sign_in(client, make_acting(platform, role=Role.ADMINISTRATOR))
    partner_id = messages[0].partner_id
    assert "麻城市" in client.get(PAGE).get_data(as_text=True)

    client.post(f"{PAGE}partners/{partner_id}/revoke", headers=SAME_SITE)

    assert list(queries.list_due()) == []
    assert "已停用" in client.get(PAGE).get_data(as_text=True)


def test_the_destination_reads_the_colours_that_it_was_told(client, tongren, clock):
    kunshan = make_acting(make_organisation(KUNSHAN, region="320583"))
    other, reference = register(client), uuid4()
    people = list(rosters.lines(2, departs=departs(at="13:00")))
    other.offer(reference, people)
    said = [{"person": other.person(people[0]), "colour": "red"}]
    other.say("colours", reference, {"as_of": clock.moment.isoformat(), "people": said})
    transfer_id = db.session.scalars(select(Transfer.id)).one()

    sign_in(client, kunshan)
    assert "1 人" in client.get(PAGE).get_data(as_text=True)
    assert f"{PAGE}told/{transfer_id}" in client.get(f"/console/transfers/{transfer_id}").get_data(as_text=True)
    assert "红码" in client.get(f"{PAGE}told/{transfer_id}").get_data(as_text=True)
    sign_in(client, tongren)
    assert client.get(f"{PAGE}told/{transfer_id}").status_code == 404
