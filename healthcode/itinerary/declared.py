"""Journeys that a worker declares: what may be typed, and what speaks against them.

They prove nothing. What contradicts them is marked and shown, to the worker and to the offices that may see it, and
nothing is hidden or corrected: trains run late, and people mistype.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from backend.core.clock import local
from healthcode.itinerary.rules import FASTEST_KMH, NEAR_KM, Vehicle

AHEAD = timedelta(days=30)
BACK = timedelta(days=14)
LONGEST = timedelta(days=5)
"""Three days and nights are the longest train; the rest is delay, and rest on the way."""
LONGEST_SEAT, MOST_DECLARED = 20, 40
NUMBERS = {
    Vehicle.TRAIN: re.compile(r"[CDGKLSTYZ]?\d{1,4}", re.ASCII),
    Vehicle.FLIGHT: re.compile(r"(?=.?[A-Z])[A-Z0-9]{2}\d{3,4}[A-Z]?", re.ASCII),
    Vehicle.COACH: re.compile(r"[A-Z0-9\u4e00-\u9fff]{0,10}"),
    Vehicle.CAR: re.compile(r"[A-Z0-9\u4e00-\u9fff]{0,10}"),
}
NUMBER_SAID = {
    Vehicle.TRAIN: "车次像 G1234、K586 这样填。",
    Vehicle.FLIGHT: "航班号像 CZ3694 这样填。",
    Vehicle.COACH: "车牌或班次最多 10 个字，不知道可以不填。",
    Vehicle.CAR: "车牌最多 10 个字，可以不填。",
}
FASTEST = {Vehicle.TRAIN: 350.0, Vehicle.COACH: 110.0, Vehicle.CAR: 130.0, Vehicle.FLIGHT: FASTEST_KMH}
"""Kilometres an hour from door to door as the crow flies, which no such vehicle keeps up."""
STRAYS_KM, STRAYS_SHARE = 150.0, 0.4
"""How far from where the vehicle should be at that time somebody may be proven: lines wind, and trains run late."""


class Spot(NamedTuple):
    """Longitude and latitude, WGS-84."""

    lon: float
    lat: float


Kilometres = Callable[[Spot, Spot], float]


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody was proven somewhere."""

    at: datetime
    spot: Spot
    accuracy_km: float
    name: str


@dataclass(frozen=True, slots=True)
class Journey:
    """From where to where in which time; `fastest` is what such a vehicle does at most, in km/h."""

    name: str
    """火车 G1234."""
    departs_at: datetime
    arrives_at: datetime
    start: Spot | None
    end: Spot | None
    fastest: float = FASTEST_KMH


def tidy_number(text: str) -> str:
    """A number or plate as it is kept and compared: in capitals, without spaces, hyphens and the plate's dot."""
    return re.sub(r"[\s·・.-]", "", unicodedata.normalize("NFKC", text)).upper()


def faults(
    vehicle: Vehicle, number: str, seat: str, departs_at: datetime, arrives_at: datetime, now: datetime
) -> dict[str, str]:
    """What can't be taken, a sentence a field; an impossible speed is taken, and marked."""
    found = {}
    if not NUMBERS[vehicle].fullmatch(number):
        found["number"] = NUMBER_SAID[vehicle]
    if len(seat) > LONGEST_SEAT:
        found["seat"] = f"座位最多 {LONGEST_SEAT} 个字。"
    if not now - BACK <= departs_at <= now + AHEAD:
        found["departs_at"] = f"只能填最近 {BACK.days} 天出发的，或 {AHEAD.days} 天内要出发的行程。"
    if arrives_at <= departs_at:
        found["arrives_at"] = "到达要在出发以后，请检查日期。"
    elif arrives_at - departs_at > LONGEST:
        found["arrives_at"] = f"路上超过 {LONGEST.days} 天，请检查日期；中途住下来的，请分两次填。"
    return found


def doubts(journey: Journey, others: Sequence[Journey], proofs: Sequence[Proof], km: Kilometres) -> list[str]:
    """What speaks against a journey: its own speed, other journeys, and proofs of being elsewhere."""
    return [*_too_fast(journey, km), *_at_once(journey, others, km), *_elsewhere(journey, proofs, km)]


def _too_fast(journey: Journey, km: Kilometres) -> Iterator[str]:
    if journey.start is None or journey.end is None:
        return
    far, hours = km(journey.start, journey.end), _hours(journey.arrives_at - journey.departs_at)
    if far > NEAR_KM and far > hours * journey.fastest:
        yield f"两地约 {far:,.0f} 公里，{_said(hours)}到不了，请核对时间。"


def _at_once(journey: Journey, others: Sequence[Journey], km: Kilometres) -> Iterator[str]:
    for other in others:
        if journey.departs_at < other.arrives_at and other.departs_at < journey.arrives_at:
            yield f"与{other.name}（{_moment(other.departs_at)} 出发）时间重叠，一个人不能同时乘两趟车。"
            continue
        first, then = sorted((journey, other), key=lambda one: one.departs_at)
        if first.end is None or then.start is None:
            continue
        far, hours = km(first.end, then.start), _hours(then.departs_at - first.arrives_at)
        if far > NEAR_KM and far > hours * FASTEST_KMH:
            yield f"{first.name}到达的地方离{then.name}出发的地方约 {far:,.0f} 公里，中间只有{_said(hours)}。"


def _elsewhere(journey: Journey, proofs: Sequence[Proof], km: Kilometres) -> Iterator[str]:
    if journey.start is None or journey.end is None:
        return
    whole = km(journey.start, journey.end)
    for proof in proofs:
        if proof.at <= journey.departs_at:
            off, may = km(proof.spot, journey.start), _hours(journey.departs_at - proof.at) * FASTEST_KMH
        elif proof.at >= journey.arrives_at:
            off, may = km(proof.spot, journey.end), _hours(proof.at - journey.arrives_at) * FASTEST_KMH
        else:
            off, may = km(proof.spot, _on_the_way(journey, proof.at)), max(STRAYS_KM, STRAYS_SHARE * whole)
        off -= proof.accuracy_km
        if off > NEAR_KM and off > may:
            yield f"{_moment(proof.at)} 有在{proof.name}的记录，离这趟行程当时应在的地方约 {off:,.0f} 公里。"


def _on_the_way(journey: Journey, at: datetime) -> Spot:
    """Where the vehicle would be at an even speed on the straight line."""
    start, end = journey.start, journey.end
    if start is None or end is None:
        raise ValueError("a journey between unknown places")
    share = (at - journey.departs_at) / (journey.arrives_at - journey.departs_at)
    return Spot(start.lon + share * (end.lon - start.lon), start.lat + share * (end.lat - start.lat))


def leaps(proofs: Sequence[Proof], km: Kilometres) -> dict[int, str]:
    """Which of some proofs, in the order of time, no vehicle could have joined with the one before or after."""
    found: dict[int, str] = {}
    for at, (one, other) in enumerate(pairwise(proofs)):
        far = km(one.spot, other.spot) - one.accuracy_km - other.accuracy_km
        if far > NEAR_KM and far > _hours(other.at - one.at) * FASTEST_KMH:
            for index, to in ((at, other), (at + 1, one)):
                found[index] = (
                    f"与 {_moment(to.at)} 在{to.name}的记录相隔约 {far:,.0f} 公里，时间来不及，其中一个不对。"
                )
    return found


def _hours(length: timedelta) -> float:
    return length / timedelta(hours=1)


def _moment(moment: datetime) -> str:
    return f"{local(moment):%m-%d %H:%M}"


def _said(hours: float) -> str:
    minutes = round(hours * 60)
    return f" {minutes} 分钟" if minutes < 120 else f" {hours:.1f} 小时".replace(".0", "")  # noqa: PLR2004 - minutes
