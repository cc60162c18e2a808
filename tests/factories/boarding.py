"""A vehicle at whose door people stand, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import Taken, Writer
from healthcode.transfers.boarding import MarkKind, Said
from healthcode.transfers.models import Entry, Ride, Transfer, Trip
from healthcode.transfers.planned import Crew, Outline, Post, Stop, Supply
from healthcode.transfers.rules import State, TripState
from tests.factories import rosters
from tests.factories.accounts import make_agreeing_account, make_person
from tests.factories.codes import declare
from tests.factories.transfers import departs, make_offices, make_transfer, roster_file, send, take_to

HANDOVER = "怀化服务区"
OUTLINE = Outline(
    carrier="铜仁某客运公司（虚构）",
    seats=45,
    crew={
        Post.DRIVER_1: Crew("杨师傅", "13900000001"),
        Post.DRIVER_2: Crew("吴师傅", "13900000002"),
        Post.ESCORT: Crew("龙医生", "13900000003"),
    },
    leader=1,
    deputy=2,
    stops=[Stop(HANDOVER, timedelta(hours=3), hands_over=True), Stop("玉屏", timedelta(hours=1), hands_over=False)],
    supplies={Supply.MASK: 60, Supply.THERMOMETER: 2, Supply.DISINFECTANT: 1, Supply.GOWN: 0},
)


@dataclass
class Door:
    """A coach that boards, its people by number, the two offices."""

    transfer: Transfer
    trip: Trip
    origin: Acting
    destination: Acting

    def entry(self, number: int) -> Entry:
        found = select(Entry).where(Entry.transfer_id == self.transfer.id, Entry.number == number)
        return db.session.scalars(found).one()

    def said(self, kind: MarkKind, number: int | None = None, **more: Any) -> Said:
        about = {"entry_id": self.entry(number).id} if number else {}
        return Said(**{"key": new_key().hex, "kind": kind, "at": clock.now()} | about | more)

    def take(self, *said: Said, by: Writer | None = None, trip: Trip | None = None) -> list[Taken]:
        with transaction():
            return actions.take_marks(
                transfer=self.transfer, trip=trip or self.trip, said=said, by=by or Writer(self.origin)
            )

    def board(self, *numbers: int, **more: Any) -> list[Taken]:
        return self.take(*(self.said(MarkKind.BOARDED, number, **more) for number in numbers))

    def leave(self, at: datetime | None = None) -> None:
        self.move(TripState.ON_THE_WAY, self.origin, at=at)

    def arrive(self, place: str = "") -> None:
        self.move(TripState.ARRIVED, self.destination, place=place)

    def move(self, to: TripState, by: Acting, at: datetime | None = None, place: str = "") -> None:
        with transaction():
            actions.move_trip(
                transfer=self.transfer, trip=self.trip, to=to, by=by, note="按计划办理", place=place, at=at
            )

    def aboard(self, trip: Trip | None = None) -> list[int]:
        rides = select(Ride.entry_id).where(Ride.trip_id == (trip or self.trip).id, Ride.left_at.is_(None))
        return list(db.session.scalars(select(Entry.number).where(Entry.id.in_(rides)).order_by(Entry.number)))


def people_of(count: int, *, leader_phone: str = "") -> list[Person]:
    """The first people of the roster, each on an account of their own, linked to their rows."""
    people = []
    for at, line in enumerate(rosters.lines(count)):
        account = make_agreeing_account("" if at else leader_phone)
        person = make_person(account, name=str(line[1]), number=str(line[3]))
        with transaction():
            actions.link_person(person=person)
        people.append(person)
    return people


def make_door(count: int = 4, *, green: Sequence[int] | None = None, vehicles: int = 1, leader_phone: str = "") -> Door:
    """So many people of a coach with plan and seats, the leader is number 1; all are green unless said otherwise.

    More vehicles share them: the first half stands on the first one's list.
    """
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    lines = [list(line) for line in rosters.lines(count, departs=departs(at="18:00"))]
    for at, line in enumerate(lines):
        line[-2] = f"贵D0000{at * vehicles // count}"
    send(transfer, origin, roster_file(lines))
    take_to(transfer, State.DEPARTING, origin, destination)
    trip = min(queries.list_trips(transfer), key=lambda one: one.vehicle)
    with transaction():
        actions.save_plan(transfer=transfer, trip=trip, outline=OUTLINE, by=origin)
        actions.assign_seats(transfer=transfer, trip=trip, by=origin)
    for at, person in enumerate(people_of(count, leader_phone=leader_phone), 1):
        if green is None or at in green:
            declare(person)
    return Door(transfer, trip, origin, destination)
