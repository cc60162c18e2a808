"""States of a transfer, kinds of vehicle, states of an import."""

from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil


class State(StrEnum):
    DRAFT = "draft"  # the origin alone sees it
    OFFERED = "offered"  # the destination sees it
    AGREED = "agreed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STATE_NAMES = {
    State.DRAFT: "草稿",
    State.OFFERED: "待输入地确认",
    State.AGREED: "进行中",
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
    (State.AGREED, State.CLOSED): Side.DESTINATION,
    (State.DRAFT, State.CANCELLED): Side.ORIGIN,
    (State.OFFERED, State.CANCELLED): Side.ORIGIN,
    (State.AGREED, State.CANCELLED): Side.ORIGIN,
}
"""Who may take a transfer from one state to another."""

RUNNING = frozenset({State.OFFERED, State.AGREED})
"""What the checks look at."""
ENDED = frozenset({State.CLOSED, State.CANCELLED})
EDITABLE = frozenset({State.DRAFT, State.OFFERED, State.AGREED})
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
"""From so long before departure on, checks look at a traveller."""
SPEED_KMH = {Mode.COACH: 50, Mode.TRAIN: 90, Mode.PLANE: 400, Mode.OWN_CAR: 50, Mode.OTHER: 50}
"""Along the straight line, halts included: Macheng to Kunshan, 600 km as the crow flies, took coaches 13 hours."""
CHECK_IN = timedelta(hours=3)
"""What a flight takes beside flying."""


def arrival(mode: Mode, departs_at: datetime, distance_km: float) -> datetime:
    """When somebody should be there who leaves at `departs_at`, to the minute upwards."""
    minutes = ceil(distance_km / SPEED_KMH[mode] * 60)
    return departs_at + timedelta(minutes=minutes) + (CHECK_IN if mode is Mode.PLANE else timedelta())
