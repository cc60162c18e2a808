"""Two deployments, each with its own server, database and keys, exchange a transfer from its offer to its arrivals."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, update

from backend.accounts.acting import Acting
from backend.core import clock, deliveries
from backend.core.config import settings
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.models import Delivery
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.partners import actions, keys, queries
from backend.partners.models import Message, Partner, Told
from backend.partners.rules import SendState
from backend.partners.tasks import gather, send
from healthcode.codes.rules import Colour
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.rules import State, TripState
from tests.conftest import emptying
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.codes import declare
from tests.factories.transfers import KUNSHAN, TONGREN, make_transfer, roster_file
from tests.factories.transfers import send as import_roster


@dataclass
class Side:
    """A deployment in this test's hands: what its officials do and its worker runs."""

    app: Application
    url: str
    by: Acting
    partner_id: UUID

    @property
    def partner(self) -> Partner:
        return db.session.get_one(Partner, self.partner_id)

    def transfer(self) -> Transfer:
        db.session.expire_all()
        return db.session.scalars(select(Transfer)).one()

    def move(self, to: State, note: str = "") -> None:
        with transaction():
            transfers.move_transfer(transfer=self.transfer(), to=to, note=note, by=self.by)
        self.work()

    def move_trip(self, to: TripState) -> None:
        with transaction():
            trip = db.session.scalars(select(Trip)).one()
            transfers.move_trip(transfer=self.transfer(), trip=trip, to=to, by=self.by, note="按计划办理", at=None)
        self.work()

    def work(self) -> None:
        """What the worker does: events, what changed without one, then all that is due."""
        while keys_ := list(db.session.scalars(select(Delivery.id).where(Delivery.done_at.is_(None)))):
            for key in keys_:
                with transaction():
                    deliveries.carry_out(key)
        gather()
        while due := queries.list_due():
            for message_id in due:
                send(str(message_id))

    def states(self) -> list[tuple[str, SendState]]:
        db.session.expire_all()
        rows = db.session.execute(select(Message.kind, Message.state).order_by(Message.id))
        return [(kind.value, state) for kind, state in rows]


@contextmanager
def at(side: Side) -> Iterator[Side]:
    """Be in a deployment."""
    with side.app.app_context():
        yield side
        db.session.rollback()


def introduce(deployment, *, own: str, own_region: str, name: str, region: str, other) -> tuple[Side, str, str]:
    """A deployment with its own government, which has registered the other; what it gives to that one."""
    with other.app.app_context():
        secret = settings().partners_key.get_secret_value()
        signing, sealing = keys.public_text(keys.signing_key(secret)), keys.public_text(keys.sealing_key(secret))
    with deployment.app.app_context():
        by = make_acting(make_organisation(own, region=own_region))
        with transaction():
            partner, given = actions.register(
                name=name, region_codes=[region], base_url=other.url, signing_key=signing, sealing_key=sealing
            )
            side, client_id = Side(deployment.app, deployment.url, by, partner.id), partner.client_id
    return side, client_id, given


@pytest.fixture
def sides(app, deployments, elsewhere: psycopg.Connection) -> Iterator[tuple[Side, Side]]:
    """Tongren's and Kunshan's deployments, each with the other's credentials."""
    del app
    here, there = deployments
    tongren, theirs, their_secret = introduce(
        here, own=TONGREN, own_region="520600", name=KUNSHAN, region="320583", other=there
    )
    kunshan, ours, our_secret = introduce(
        there, own=KUNSHAN, own_region="320583", name=TONGREN, region="520600", other=here
    )
    for side, client_id, secret in ((tongren, ours, our_secret), (kunshan, theirs, their_secret)):
        with at(side), transaction():
            actions.connect(partner=side.partner, client_id=client_id, secret=secret)
    yield tongren, kunshan
    elsewhere.execute(emptying())


def offered(tongren: Side) -> list[rosters.Line]:
    """Three people are offered to Kunshan; the first has registered and is green."""
    leaves = clock.local(clock.now() + timedelta(hours=1))
    people = list(rosters.lines(3, departs=f"{leaves:%Y-%m-%d %H:%M}"))
    declare(make_person(make_agreeing_account(), name=str(people[0][1]), number=str(people[0][3])))
    transfer = make_transfer(tongren.by, queries.acting_of(tongren.partner))
    import_roster(transfer, tongren.by, roster_file(people))
    tongren.move(State.OFFERED)
    return people


def test_a_transfer_goes_from_one_deployment_to_the_other_and_back(sides):
    tongren, kunshan = sides
    with at(tongren):
        people = offered(tongren)
    with at(kunshan):
        transfer = kunshan.transfer()
        assert (transfer.state, transfer.entries, transfer.origin_region) == (State.OFFERED, 3, "520600")
        rows = db.session.scalars(select(Entry).order_by(Entry.number)).all()
        assert [unseal(row.resident_id) for row in rows] == [line[3] for line in people]
        assert [row.address for row in rows] == [None] * 3
        assert db.session.scalars(select(Told.colour)).all() == [Colour.GREEN]
        kunshan.move(State.AGREED)
    with at(tongren):
        assert tongren.transfer().state is State.AGREED
        tongren.move(State.ENROLLING)
        tongren.move(State.DEPARTING)
        tongren.move_trip(TripState.ON_THE_WAY)
    with at(kunshan):
        assert kunshan.transfer().state is State.IN_TRANSIT
        with transaction():
            db.session.execute(update(Entry).where(Entry.number < 3).values(arrived_at=clock.now()))
        kunshan.move_trip(TripState.ARRIVED)
        assert {state for _, state in kunshan.states()} == {SendState.DONE}
    with at(tongren):
        assert tongren.transfer().state is State.ARRIVED
        here = db.session.execute(select(Entry.number, Entry.arrived_at.is_not(None)).order_by(Entry.number)).all()
        assert [tuple(row) for row in here] == [(1, True), (2, True), (3, False)]
        assert {state for _, state in tongren.states()} == {SendState.DONE}
        assert db.session.scalars(select(Message).where(Message.content.is_not(None))).all() == []


def test_a_transfer_called_off_on_the_way_returns_on_both_sides(sides):
    tongren, kunshan = sides
    with at(tongren):
        offered(tongren)
    with at(kunshan):
        kunshan.move(State.AGREED)
    with at(tongren):
        tongren.move(State.ENROLLING)
        tongren.move(State.DEPARTING)
        tongren.move_trip(TripState.ON_THE_WAY)
        with transaction():
            transfers.recall_transfer(transfer=tongren.transfer(), note="目的地突发情况", by=tongren.by)
        tongren.work()
    with at(kunshan):
        assert db.session.scalars(select(Trip.state)).all() == [TripState.RETURNING]
        assert kunshan.transfer().recalled_at is not None
    with at(tongren):
        tongren.move_trip(TripState.RETURNED)
        assert {state for _, state in tongren.states()} == {SendState.DONE}
    with at(kunshan):
        assert kunshan.transfer().state is State.CANCELLED


def test_people_whom_another_government_sends_already_are_a_refusal_for_the_office_to_read(sides):
    tongren, kunshan = sides
    with at(kunshan):
        guiyang = make_acting(make_organisation("贵阳市人力资源和社会保障局", region="520100"))
        leaves = clock.local(clock.now() + timedelta(hours=1))
        own = make_transfer(guiyang, kunshan.by, title="贵阳赴昆山专车")
        import_roster(own, guiyang, roster_file(rosters.lines(1, departs=f"{leaves:%Y-%m-%d %H:%M}")))
        with transaction():
            transfers.move_transfer(transfer=own, to=State.OFFERED, note="", by=guiyang)
    with at(tongren):
        offered(tongren)
        assert tongren.states()[0] == ("transfer.offer", SendState.REFUSED)
        refused = db.session.scalars(select(Message).order_by(Message.id)).first()
        assert "已在另一次" in refused.answer
        assert queries.count_dead(tongren.by) > 0
    with at(kunshan):
        assert db.session.scalars(select(Transfer.title)).all() == ["贵阳赴昆山专车"]
        with transaction():
            transfers.move_transfer(transfer=kunshan.transfer(), to=State.CANCELLED, note="并入铜仁专车", by=guiyang)
    with at(tongren):
        refused = db.session.scalars(select(Message).order_by(Message.id)).first()
        with transaction():
            actions.try_again(message=refused, by=tongren.by)
        tongren.work()
        assert [state for _, state in tongren.states()[-2:]] == [SendState.DONE, SendState.DONE]
    with at(kunshan):
        assert db.session.scalars(select(Transfer.state).order_by(Transfer.id)).all() == [
            State.CANCELLED,
            State.OFFERED,
        ]


def test_a_revoked_partner_is_waited_for_and_its_messages_keep_their_order(sides):
    tongren, kunshan = sides
    with at(kunshan), transaction():
        actions.revoke(partner=kunshan.partner)
    with at(tongren):
        offered(tongren)
        with transaction():
            transfers.move_transfer(transfer=tongren.transfer(), to=State.CANCELLED, note="不再组织", by=tongren.by)
        tongren.work()
        assert tongren.states() == [
            ("transfer.offer", SendState.WAITING),
            ("colours", SendState.WAITING),
            ("transfer.move", SendState.WAITING),
        ]
        first, *later = db.session.scalars(select(Message).order_by(Message.id))
        assert "401" in first.answer
        assert [message.attempts for message in later] == [0, 0]
    with at(kunshan):
        assert db.session.scalars(select(Transfer)).all() == []
