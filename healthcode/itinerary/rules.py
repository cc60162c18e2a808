"""Presence: what a place code, a position or an officer's scan proves."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ACCURACY_LIMIT_M = 500.0
"""A place is at most a station with its square: a vaguer position doesn't say on which side of the town one stands."""
POSITION_LIMIT_M = 5_000.0
"""For a county, a position may be vaguer."""
CHINA = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north in degrees, islands included."""
RADIUS_M = range(20, 3_001)
MOST_SCREENS = 10
"""Of one place, at a time."""
SCREEN_LINK_LIFE = timedelta(days=1)
ITINERARY = timedelta(days=14)
STAY_COUNTS = timedelta(hours=4)
"""From here on a stay in a region counts for the colour (Hubei, February 2020)."""
LONGEST_GAP = timedelta(days=1)
"""Between two proofs in one region it is taken that the person was there, if they are no farther apart than this."""
FASTEST_KMH, NEAR_KM = 1000.0, 50.0
"""Nobody travels faster than an airliner; within fifty kilometres positions are too vague to reckon a speed."""
REPEATS = timedelta(days=2)
"""For how long a sender's key is looked for, so that a repeat across midnight is still a repeat."""


class Source(StrEnum):
    PLACE = "place"  # the worker scanned a place code
    OFFICER = "officer"  # an officer scanned the worker's code
    POSITION = "position"  # the phone reported a position
    SCREEN = "screen"  # the worker scanned the code on a place's screen, which changes every minute
    VEHICLE = "vehicle"  # somebody aboard the same vehicle was proven there


SOURCE_NAMES = {
    Source.PLACE: "扫场所码",
    Source.OFFICER: "查验员扫码",
    Source.POSITION: "手机定位",
    Source.SCREEN: "扫屏幕场所码",
    Source.VEHICLE: "同车人员的位置",
}


class Vehicle(StrEnum):
    """What somebody says to have travelled by."""

    TRAIN = "train"
    COACH = "coach"
    FLIGHT = "flight"
    CAR = "car"


VEHICLE_NAMES = {Vehicle.TRAIN: "火车", Vehicle.COACH: "客车", Vehicle.FLIGHT: "飞机", Vehicle.CAR: "自驾车"}


class Presence(StrEnum):
    PROVEN = "proven"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees and the accuracy radius in metres; WGS-84 where no datum stands beside it."""

    lon: float
    lat: float
    accuracy: float

    @property
    def in_china(self) -> bool:
        west, south, east, north = CHINA
        return west <= self.lon <= east and south <= self.lat <= north


class Spot(NamedTuple):
    """As much of a place as a meeting there needs: its id, its region, its middle in WGS-84 and its radius."""

    id: UUID
    region_code: str
    lon: float
    lat: float
    radius_m: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What something proves, and what speaks against it, in the worker's language."""

    presence: Presence
    doubt: str | None = None


PROVEN = Finding(Presence.PROVEN)


def judge_scan(position: Position | None, distance_m: float | None, radius_m: int) -> Finding:
    """Whether somebody who scanned a place's poster was there; `distance_m` is from the position to the place.

    The poster proves nothing: a forwarded photograph of it scans the same. The position has to lie within the place's
    radius, give or take its own accuracy.
    """
    if position is None or distance_m is None:
        return _doubt("没有同时提供定位，只能记为未证实。到达现场后请打开定位再扫一次，或请查验员扫您的健康码。")
    if position.accuracy > ACCURACY_LIMIT_M:
        return _doubt(f"手机定位误差约 {_distance(position.accuracy)}，太大了，只能记为未证实。请到开阔处再扫一次。")
    if distance_m > radius_m + position.accuracy:
        return _doubt(f"您的定位离这个场所约 {_distance(distance_m)}，只能记为未证实。请到现场再扫。")
    return PROVEN


def judge_position(position: Position) -> Finding:
    """Whether a reported position tells in which county the phone is."""
    if not position.in_china:
        return _doubt("定位不在中国境内，可能是手机定位出错，只能记为未证实。")
    if position.accuracy > POSITION_LIMIT_M:
        return _doubt(f"手机定位误差约 {_distance(position.accuracy)}，看不出在哪个县区，只能记为未证实。")
    return PROVEN


def _doubt(sentence: str) -> Finding:
    return Finding(Presence.UNPROVEN, sentence)


def _distance(metres: float) -> str:
    """A distance as people say it: 350 米, 3.2 公里, 1,080 公里."""
    kilometre = 1000
    if metres < kilometre:
        return f"{metres:.0f} 米"
    return f"{metres / kilometre:.1f} 公里" if metres < 100 * kilometre else f"{metres / kilometre:,.0f} 公里"
