"""What is written down of the people of one vehicle, at the door and on the way; who may board, and why not. Pure.

Source: 人社部明电〔2020〕4号 and the reports of the offices that ran such transfers: identity and health code are seen
at the door, nobody gets on or off on the way, heads are counted after each stop, a fever is handed over at a named
place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from healthcode.codes.rules import COLOUR_NAMES, FEVER, Colour, Symptom, Verdict
from healthcode.transfers.rules import Leaving, TripState

LONGEST_WORDS = 100  # characters of a reason
SHORTEST_WORDS = 2
MOST_AT_ONCE = 200
"""Marks that a phone sends in one go."""
CLOCK_MAY_DIFFER = timedelta(minutes=2)
MOST_HEADS = 3000


class MarkKind(StrEnum):
    BOARDED = "boarded"
    STRUCK = "struck"  # doesn't travel
    ADDED = "added"  # to this vehicle's list, from another waiting one or from none
    SWAPPED = "swapped"  # seats with somebody of the same vehicle
    COUNTED = "counted"  # heads after a stop; about nobody alone
    MEASURED = "measured"  # a temperature, which `codes` keeps
    OBSERVED = "observed"  # moved to an observation seat
    TO_HEALTH = "to_health"  # handed over at a named stop
    MOVED = "moved"  # to another vehicle
    RECEIVED = "received"  # was there when the vehicle's people were taken over
    NOT_RECEIVED = "not_received"  # wasn't
    DECLARED = "declared"  # the leader declared the health of somebody without a phone, which `codes` keeps


MARK_NAMES = {
    MarkKind.BOARDED: "上车",
    MarkKind.STRUCK: "退出",
    MarkKind.ADDED: "加入名单",
    MarkKind.SWAPPED: "换座",
    MarkKind.COUNTED: "清点人数",
    MarkKind.MEASURED: "测体温",
    MarkKind.OBSERVED: "移到观察座位",
    MarkKind.TO_HEALTH: "移交卫健部门",
    MarkKind.MOVED: "换车",
    MarkKind.RECEIVED: "接到",
    MarkKind.NOT_RECEIVED: "没有接到",
    MarkKind.DECLARED: "代为申报",
}
UNTIL_DEPARTURE = frozenset({MarkKind.BOARDED, MarkKind.STRUCK, MarkKind.ADDED, MarkKind.SWAPPED})
"""Afterwards the list is closed; what happened before may still be written down later."""
NEEDS_WORDS = frozenset({MarkKind.STRUCK, MarkKind.OBSERVED, MarkKind.NOT_RECEIVED})
ENDS = {
    TripState.ARRIVED: Leaving.HANDED_OVER,
    TripState.RETURNED: Leaving.RETURNED,
    TripState.CANCELLED: Leaving.STRUCK,
}
"""How whoever is still aboard leaves when the vehicle comes to this state."""
FEVERISH = "请到旁边等候、与其他人隔开，由现场工作人员移交卫健部门"
NEXT_STEPS = {
    Colour.GREY: "请本人用手机申报健康状况；没有手机的，请家人或车长代为申报，变绿后再上车",
    Colour.YELLOW: "请不要上车，到旁边等候并测量体温，由现场工作人员联系卫健部门；对颜色有疑问可以申诉",
    Colour.RED: "请留在原地、与其他人隔开，由现场工作人员联系卫健部门；对颜色有疑问可以申诉",
}


class Standing(StrEnum):
    """How somebody stands to the vehicle on whose list the person is."""

    EXPECTED = "expected"  # hasn't boarded
    ABOARD = "aboard"
    STRUCK = "struck"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Health:
    """What somebody without a phone told the leader, and agreed to having declared."""

    symptoms: tuple[Symptom, ...]
    contact: bool
    abroad: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that somebody wrote down on a phone or a page.

    `key` is the sender's own for it: the same again is the same. `at` is when it happened, by the server's clock as far
    as that is known; `phone_at` is what the phone's clock said.
    """

    key: str
    kind: MarkKind
    at: datetime
    phone_at: datetime | None = None
    entry_id: UUID | None = None
    other_id: UUID | None = None
    """With whom seats are swapped."""
    name: str = ""
    last_four: str = ""
    """Who is added, as on the ID card."""
    seat: str = ""
    place: str = ""
    words: str = ""
    heads: int | None = None
    temperature: int | None = None
    """Tenths of a degree Celsius."""
    health: Health | None = None
    """What a leader declares for somebody beside the temperature."""


def why_not(verdict: Verdict, *, registered: bool, temperature: int | None = None) -> str:
    """Why somebody doesn't board, and what to do next; empty for who does. `temperature` is the last one taken."""
    if temperature is not None and temperature >= FEVER:
        return f"测得体温 {temperature / 10} ℃，不能上车。{FEVERISH}。"
    if verdict.colour is Colour.GREEN:
        return ""
    step = NEXT_STEPS[verdict.colour]
    if not registered:
        return f"本人还没有登记健康码，不能上车。{step}。"
    fact = "" if verdict.colour is Colour.GREY else f"（{verdict.fact.rstrip('。')}）"
    return f"现在是{COLOUR_NAMES[verdict.colour]}{fact}，不能上车。{step}。"


def standing(*, aboard: bool, left: bool, struck: bool) -> Standing:
    """From what rides and marks say; whoever boarded again after being struck is aboard."""
    if aboard:
        return Standing.ABOARD
    if struck:
        return Standing.STRUCK
    return Standing.LEFT if left else Standing.EXPECTED


def may_hand_over_at(stops: Sequence[dict[str, object]]) -> list[str]:
    """The names of a plan's stops where somebody with a fever is taken over."""
    return [str(stop["name"]) for stop in stops if stop["hands_over"]]


def moment_of(at: datetime, *, phone_now: datetime, now: datetime) -> datetime:
    """When something happened by the server's clock, from a phone's that may be off by hours; never later than now."""
    return min(now, at + (now - phone_now))
