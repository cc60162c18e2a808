"""States of a transfer and of its vehicles, what each side may do and see, states of an import."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil


class State(StrEnum):
    DRAFT = "draft"  # the origin alone sees it
    OFFERED = "offered"  # the destination sees it
    AGREED = "agreed"
    ENROLLING = "enrolling"  # workers claim their rows, latecomers are added
    DEPARTING = "departing"  # vehicles are planned and boarded
    IN_TRANSIT = "in_transit"  # the first vehicle has left
    ARRIVED = "arrived"  # no vehicle is on its way any more
    ON_DUTY = "on_duty"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STATE_NAMES = {
    State.DRAFT: "草稿",
    State.OFFERED: "待输入地确认",
    State.AGREED: "已确认",
    State.ENROLLING: "报名中",
    State.DEPARTING: "准备出发",
    State.IN_TRANSIT: "在途",
    State.ARRIVED: "已到达",
    State.ON_DUTY: "已上岗",
    State.CLOSED: "已结束",
    State.CANCELLED: "已取消",
}


class Mode(StrEnum):
    COACH = "coach"
    TRAIN = "train"
    PLANE = "plane"
    OWN_CAR = "own_car"
    OTHER = "other"


MODE_NAMES = {Mode.COACH: "包车", Mode.TRAIN: "火车", Mode.PLANE: "飞机", Mode.OWN_CAR: "自驾", Mode.OTHER: "其他"}


class Side(StrEnum):
    ORIGIN = "origin"
    DESTINATION = "destination"


MOVES: dict[tuple[State, State], Side] = {
    (State.DRAFT, State.OFFERED): Side.ORIGIN,
    (State.OFFERED, State.AGREED): Side.DESTINATION,
    (State.AGREED, State.ENROLLING): Side.ORIGIN,
    (State.ENROLLING, State.DEPARTING): Side.ORIGIN,
    (State.DEPARTING, State.IN_TRANSIT): Side.ORIGIN,
    (State.IN_TRANSIT, State.ARRIVED): Side.DESTINATION,
    (State.ARRIVED, State.ON_DUTY): Side.DESTINATION,
    (State.ON_DUTY, State.CLOSED): Side.DESTINATION,
    (State.DRAFT, State.CANCELLED): Side.ORIGIN,
    (State.OFFERED, State.CANCELLED): Side.ORIGIN,
    (State.AGREED, State.CANCELLED): Side.ORIGIN,
    (State.ENROLLING, State.CANCELLED): Side.ORIGIN,
    (State.DEPARTING, State.CANCELLED): Side.ORIGIN,
}
"""Who may take a transfer from one state to another."""
BY_VEHICLES = frozenset({State.IN_TRANSIT, State.ARRIVED})
"""States that a transfer with vehicles enters by their leaving and arriving, never by hand."""

ENDED = frozenset({State.CLOSED, State.CANCELLED})
RUNNING = frozenset(State) - ENDED - {State.DRAFT}
"""What the checks look at."""
EDITABLE = frozenset(
    {State.DRAFT, State.OFFERED, State.AGREED, State.ENROLLING, State.DEPARTING, State.IN_TRANSIT},
)
"""In transit the rows of vehicles that haven't left."""
OPENED = RUNNING - {State.OFFERED} | ENDED
"""The destination may open names, numbers and phones: once it has agreed to receive these people."""


class TripState(StrEnum):
    WAITING = "waiting"  # has not left
    ON_THE_WAY = "on_the_way"
    RETURNING = "returning"  # called back while on its way
    ARRIVED = "arrived"
    RETURNED = "returned"
    CANCELLED = "cancelled"  # never left
    EMPTIED = "emptied"  # on the way its last people changed to another vehicle


TRIP_STATE_NAMES = {
    TripState.WAITING: "待发车",
    TripState.ON_THE_WAY: "在途",
    TripState.RETURNING: "返回途中",
    TripState.ARRIVED: "已到达",
    TripState.RETURNED: "已返回",
    TripState.CANCELLED: "已取消",
    TripState.EMPTIED: "已全部换乘",
}
TRIP_MOVES: dict[tuple[TripState, TripState], Side] = {
    (TripState.WAITING, TripState.ON_THE_WAY): Side.ORIGIN,
    (TripState.WAITING, TripState.CANCELLED): Side.ORIGIN,
    (TripState.ON_THE_WAY, TripState.ARRIVED): Side.DESTINATION,
    (TripState.ON_THE_WAY, TripState.RETURNING): Side.ORIGIN,
    (TripState.RETURNING, TripState.RETURNED): Side.ORIGIN,
}
"""Who may take a vehicle from one state to another."""
UNDER_WAY = frozenset({TripState.ON_THE_WAY, TripState.RETURNING})
NEEDS_REASON = frozenset({TripState.CANCELLED, TripState.RETURNING})


class Fate(StrEnum):
    """How a row of a roster ended, or stands."""

    WAITING = "waiting"  # the vehicle has not left, or there is none
    ABOARD = "aboard"
    ARRIVED = "arrived"
    ON_DUTY = "on_duty"  # and the enterprise says that the person started
    NO_SHOW = "no_show"  # and the enterprise says that the person didn't
    LEFT_BEHIND = "left_behind"  # others were ticked, this one wasn't
    STRUCK = "struck"
    TO_HEALTH = "to_health"
    RETURNED = "returned"
    MISSING = "missing"  # the vehicle arrived, and nobody has seen the person there
    CANCELLED = "cancelled"  # the vehicle never left


FATE_NAMES = {
    Fate.WAITING: "待出发",
    Fate.ABOARD: "在途",
    Fate.ARRIVED: "已到达",
    Fate.ON_DUTY: "已上岗",
    Fate.NO_SHOW: "到达后没有上岗",
    Fate.LEFT_BEHIND: "没有上车",
    Fate.STRUCK: "退出",
    Fate.TO_HEALTH: "移交卫健部门",
    Fate.RETURNED: "随车返回",
    Fate.MISSING: "车已到、没有到达记录",
    Fate.CANCELLED: "车次取消",
}


class Leaving(StrEnum):
    """How somebody left a vehicle."""

    STRUCK = "struck"  # before departure: doesn't travel
    MOVED = "moved"  # to another vehicle, at a recorded time and place
    TO_HEALTH = "to_health"  # handed to a health office: with a fever, at the door or at a named stop
    HANDED_OVER = "handed_over"  # to whoever receives the transfer
    NOT_RECEIVED = "not_received"  # whoever received the others didn't find the person aboard
    RETURNED = "returned"  # the vehicle was called back


LEAVING_NAMES = {
    Leaving.STRUCK: "发车前退出",
    Leaving.MOVED: "换车",
    Leaving.TO_HEALTH: "移交卫健部门",
    Leaving.HANDED_OVER: "已交接",
    Leaving.NOT_RECEIVED: "到达时没有接到",
    Leaving.RETURNED: "随车返回",
}


def state_by_vehicles(state: State, trips: Collection[TripState]) -> State:
    """Where a transfer stands by its vehicles: in transit from the first that left until the last has ended.

    Then it has arrived if one of them did; when all were called back or cancelled, the transfer is cancelled.
    """
    if state not in {State.DEPARTING, State.IN_TRANSIT} or not set(trips) - {TripState.WAITING, TripState.CANCELLED}:
        return state
    if TripState.WAITING in trips or UNDER_WAY & set(trips):
        return State.IN_TRANSIT
    return State.ARRIVED if TripState.ARRIVED in trips else State.CANCELLED


ACCESS_AFTER_END = timedelta(days=14)
"""How long the destination still sees an ended transfer."""
LONGEST_TITLE = 60  # characters


class ImportState(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    WAITING = "waiting"  # the differences are shown; somebody confirms
    APPLYING = "applying"
    DONE = "done"
    REFUSED = "refused"  # the file as a whole
    DISCARDED = "discarded"


OPEN = frozenset({ImportState.QUEUED, ImportState.READING, ImportState.WAITING, ImportState.APPLYING})
"""A transfer has one such import at most."""
WORKING = frozenset({ImportState.QUEUED, ImportState.READING, ImportState.APPLYING})
"""States in which a worker has something to do."""
IMPORT_STATE_NAMES = {
    ImportState.QUEUED: "排队中",
    ImportState.READING: "读取中",
    ImportState.WAITING: "待确认",
    ImportState.APPLYING: "写入中",
    ImportState.DONE: "已完成",
    ImportState.REFUSED: "未能导入",
    ImportState.DISCARDED: "已放弃",
}


class Change(StrEnum):
    """What a file says of somebody against the roster as it stands."""

    ADDED = "added"
    CHANGED = "changed"
    MISSING = "missing"


CHANGE_NAMES = {Change.ADDED: "新增", Change.CHANGED: "有变化", Change.MISSING: "文件里没有"}

STARTS_BEFORE = timedelta(days=1)
"""From so long before departure on, checks look at a traveller, and the destination sees places and declarations."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What of a person a side may see: all that the transfer needs of it, and no more."""

    details: bool
    """Full name, number and phone, on a purpose."""
    address: bool
    since: datetime | None
    """Places and declarations from then on; None: all that is kept."""
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Whether a place or declaration of this moment is for the side to see."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment <= self.until)


EVERYTHING = Needed(details=True, address=True, since=None, until=None)


def needed(side: Side, state: State, leaves_at: datetime, ended_at: datetime | None) -> Needed:
    """What a side of a transfer in this state may see of a person who leaves at `leaves_at`."""
    if side is Side.ORIGIN:
        return EVERYTHING
    return Needed(details=state in OPENED, address=False, since=leaves_at - STARTS_BEFORE, until=ended_at)


SPEED_KMH = {Mode.COACH: 50, Mode.TRAIN: 90, Mode.PLANE: 400, Mode.OWN_CAR: 50, Mode.OTHER: 50}
"""Along the straight line, halts included: Macheng to Kunshan, 600 km as the crow flies, took coaches 13 hours."""
CHECK_IN = timedelta(hours=3)
"""What a flight takes beside flying."""


def arrival(mode: Mode, departs_at: datetime, distance_km: float) -> datetime:
    """When somebody should be there who leaves at `departs_at`, to the minute upwards."""
    minutes = ceil(distance_km / SPEED_KMH[mode] * 60)
    return departs_at + timedelta(minutes=minutes) + (CHECK_IN if mode is Mode.PLANE else timedelta())
