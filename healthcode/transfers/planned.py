"""A vehicle's plan (一车一方案): what belongs to it, the drivers' shifts, and what is missing. Pure.

Sources: 人社部明电〔2020〕4号, 交运明电〔2020〕56号, and the reports of the offices that ran such transfers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from healthcode.transfers.rules import Mode

CHANGE_EVERY = timedelta(hours=2)
"""Two drivers change at the latest then."""
HANDOVER_FROM = timedelta(hours=4)
"""A way so long has a named place where somebody with a fever can be handed over."""
MOST_STOPS = 8
LONGEST_NAME = 60  # characters


class Post(StrEnum):
    DRIVER_1 = "driver_1"
    DRIVER_2 = "driver_2"
    ESCORT = "escort"


POST_NAMES = {Post.DRIVER_1: "主驾驶员", Post.DRIVER_2: "副驾驶员", Post.ESCORT: "随车人员"}


class Supply(StrEnum):
    MASK = "mask"
    THERMOMETER = "thermometer"
    DISINFECTANT = "disinfectant"
    GOWN = "gown"


SUPPLY_NAMES = {
    Supply.MASK: "口罩（个）",
    Supply.THERMOMETER: "体温计（支）",
    Supply.DISINFECTANT: "消毒用品（份）",
    Supply.GOWN: "防护服（套）",
}


class Crew(NamedTuple):
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Stop:
    name: str
    after: timedelta
    """From departure."""
    hands_over: bool
    """Somebody with a fever can be handed over there."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What an office writes down of a vehicle."""

    carrier: str
    seats: int | None
    crew: Mapping[Post, Crew]
    leader: int | None
    """The roster's number; likewise of the deputy."""
    deputy: int | None
    stops: Sequence[Stop]
    supplies: Mapping[Supply, int]
    keep_crew: bool = False
    """Who isn't named here stays as written before: the form shows masks only."""


class Shift(NamedTuple):
    driver: Post
    begins: datetime
    ends: datetime


def shifts(departs_at: datetime, arrives_at: datetime) -> list[Shift]:
    """Who drives when: the two change every two hours, from departure to the planned arrival."""
    found: list[Shift] = []
    begins = departs_at
    while begins < arrives_at:
        ends = min(begins + CHANGE_EVERY, arrives_at)
        found.append(Shift((Post.DRIVER_1, Post.DRIVER_2)[len(found) % 2], begins, ends))
        begins = ends
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """How a vehicle stands against its plan."""

    mode: Mode
    vehicle: str
    journey: timedelta | None
    travellers: int
    allowed: int | None
    """How many may travel by the rule of the day; None where the seats are unknown."""
    unseated: int
    observation_taken: int
    beside_strangers: int
    carrier: str
    crew: frozenset[Post]
    leader: bool
    deputy: bool
    hands_over: bool
    supplies: Mapping[Supply, int]


def missing(standing: Standing) -> list[str]:
    """What is to be done before such a vehicle leaves, a sentence each; nothing for those who drive themselves."""
    if standing.mode in {Mode.OWN_CAR, Mode.OTHER}:
        return []
    checks = [
        (not standing.vehicle, "没有填车牌或车次"),
        (not standing.carrier, "没有填承运单位"),
        (not standing.leader, "没有指定车长"),
        (not standing.deputy, "没有指定副车长"),
        (Post.ESCORT not in standing.crew, "没有随车人员"),
        (standing.supplies.get(Supply.MASK, 0) < standing.travellers, "口罩少于每人一个"),
        (not standing.supplies.get(Supply.THERMOMETER), "没有体温计"),
        (not standing.supplies.get(Supply.DISINFECTANT), "没有消毒用品"),
        ((standing.journey or timedelta()) >= HANDOVER_FROM and not standing.hands_over, "没有发热人员移交地点"),
    ]
    if standing.mode is Mode.COACH:
        checks += _coach(standing)
    return [sentence for fails, sentence in checks if fails]


def _coach(standing: Standing) -> list[tuple[bool, str]]:
    long = standing.journey is None or standing.journey > CHANGE_EVERY
    over = standing.travellers - (standing.allowed if standing.allowed is not None else standing.travellers)
    return [
        (Post.DRIVER_1 not in standing.crew, "没有填驾驶员"),
        (long and Post.DRIVER_2 not in standing.crew, "行程超过两小时，没有第二名驾驶员"),
        (standing.allowed is None, "没有填座位数"),
        (over > 0, f"比当天允许的人数多 {over} 人"),
        (standing.unseated > 0, f"{standing.unseated} 人没有座位"),
        (standing.observation_taken > 0, f"{standing.observation_taken} 人坐在留给观察的后两排"),
        (standing.beside_strangers > 0, f"{standing.beside_strangers} 人与非家人同坐一排座椅"),
    ]
