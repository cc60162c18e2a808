"""The demo's coaches: half their seats by the rule of the day, a plan each, and the first one on its way."""

from datetime import datetime, timedelta

from backend.accounts.acting import Acting
from backend.core import clock
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import Writer
from healthcode.transfers.boarding import MarkKind, Said
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.planned import Crew, Outline, Post, Stop, Supply
from healthcode.transfers.rules import Mode, State, TripState

SEATS, PERCENT = 53, 50
RULE = "演示用规则（虚构的通知）：包车最多乘坐一半座位"
CARRIER = "铜仁迅达客运（虚构）有限公司"
CREW = ("杨德昌", "吴正平", "田桂芳")
STOPS = (
    Stop("怀化服务区（虚构移交点：怀化留观室）", timedelta(hours=3), hands_over=True),
    Stop("宜春服务区", timedelta(hours=8), hands_over=False),
    Stop("芜湖服务区（虚构移交点：芜湖留观室）", timedelta(hours=13), hands_over=True),
)
DOOR_OPENS, EACH_TAKES = timedelta(minutes=30), timedelta(seconds=40)
SUPPLIES = {Supply.MASK: 100, Supply.THERMOMETER: 4, Supply.DISINFECTANT: 2, Supply.GOWN: 4}


def make_ready(transfer: Transfer, by: Acting) -> None:
    """Write the coaches' plans, give seats, and make the transfer depart; done once."""
    if transfer.state is not State.AGREED:
        return
    today = clock.today()
    actions.add_seat_rule(
        mode=Mode.COACH, percent=PERCENT, first_day=today - timedelta(days=30), last_day=None, source=RULE
    )
    actions.move_transfer(transfer=transfer, to=State.ENROLLING, note="", by=by)
    for coach, trip in enumerate(queries.list_trips(transfer)):
        leader, deputy, *_ = queries.list_aboard(trip, limit=2)
        crew = {post: Crew(CREW[at], f"1390000{coach}{at}00") for at, post in enumerate(Post)}
        outline = Outline(CARRIER, SEATS, crew, leader.number, deputy.number, STOPS, SUPPLIES)
        actions.save_plan(transfer=transfer, trip=trip, outline=outline, by=by)
        actions.assign_seats(transfer=transfer, trip=trip, by=by)
    actions.move_transfer(transfer=transfer, to=State.DEPARTING, note="", by=by)


def set_off(transfer: Transfer, by: Acting, at: datetime) -> None:
    """The first coach takes its people up, name by name, and leaves; done once."""
    if transfer.state is State.DEPARTING:
        first, *_ = queries.list_trips(transfer)
        _board(transfer, first, by, at - DOOR_OPENS)
        actions.move_trip(
            transfer=transfer,
            trip=first,
            to=TripState.ON_THE_WAY,
            by=by,
            note="座位经核对，按计划发车",
            place="铜仁汽车客运总站",
            at=at,
        )


def _board(transfer: Transfer, trip: Trip, by: Acting, opens: datetime) -> None:
    """Whoever has a green code gets on; the few who never registered are refused at the door, and stay."""
    said = [
        Said(f"demo-boarding-{entry.id}", MarkKind.BOARDED, opens + place * EACH_TAKES, entry_id=entry.id)
        for place, entry in enumerate(queries.list_aboard(trip, limit=SEATS))
    ]
    actions.take_marks(transfer=transfer, trip=trip, said=said, by=Writer(by))
