"""The vehicles that need somebody, one line each: what is wrong, and the page on which something is done about it."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from flask import url_for

from backend.consoles.guard import current_office
from healthcode.checks import queries as checks
from healthcode.checks.rules import KIND_NAMES, OF_VEHICLES, Kind
from healthcode.transfers import queries
from healthcode.transfers.alarms import Alarm
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.queries.watching import Watched, list_watched
from healthcode.transfers.rules import Side

MOST_LINES = 30
ORDER: tuple[Alarm | Kind, ...] = (
    Alarm.FEVER,
    Kind.OFF_ROUTE,
    Kind.SILENT,
    Kind.RISKY,
    Alarm.NOT_GREEN,
    Alarm.LATE,
    Kind.ELSEWHERE,
    Kind.OVERDUE,
    Alarm.NOT_LEFT,
    Alarm.UNDECLARED,
    Alarm.LACKING,
)
"""The most pressing first."""
ACTS: dict[Alarm | Kind, str] = {
    Alarm.FEVER: "安排移交",
    Alarm.NOT_GREEN: "看是谁",
    Alarm.LATE: "联系车长",
    Alarm.NOT_LEFT: "登记发车",
    Alarm.UNDECLARED: "提醒申报",
    Alarm.LACKING: "补全方案",
} | dict.fromkeys(OF_VEHICLES, "接手处理")
URGENT = frozenset({Alarm.FEVER, Alarm.NOT_GREEN, Kind.OFF_ROUTE, Kind.SILENT, Kind.RISKY})


class Wrong(NamedTuple):
    """One thing that is wrong with a vehicle, and where it is dealt with."""

    about: Alarm | Kind
    words: str
    url: str

    @property
    def urgent(self) -> bool:
        return self.about in URGENT


class VehicleLine(NamedTuple):
    trip: Trip
    transfer: Transfer
    wrongs: Sequence[Wrong]
    act: str
    """What to do about the first of them."""


def vehicle_lines() -> tuple[list[VehicleLine], int]:
    """The vehicles of the office that need somebody most, then by departure, and how many more there are."""
    found = checks.count_by_vehicle(seen_by=current_office())
    watched = list_watched(seen_by=current_office(), also=list(found))
    watched.sort(key=lambda one: min(map(ORDER.index, _abouts(one, found))))
    return [_line(one, found.get(one.trip.id, {})) for one in watched[:MOST_LINES]], len(watched[MOST_LINES:])


def _abouts(one: Watched, found: dict[UUID, dict[Kind, int]]) -> list[Alarm | Kind]:
    return [*(said.alarm for said in one.said), *found.get(one.trip.id, {})]


def _line(one: Watched, kinds: dict[Kind, int]) -> VehicleLine:
    side = queries.side_of(one.transfer, current_office())
    wrongs = [Wrong(said.alarm, said.words, _url(said.alarm, one, side)) for said in one.said]
    wrongs += [Wrong(kind, _words(kind, people), _findings(kind, one)) for kind, people in kinds.items()]
    wrongs.sort(key=lambda wrong: ORDER.index(wrong.about))
    first = wrongs[0].about
    act = "看车次" if first is Alarm.NOT_LEFT and side is not Side.ORIGIN else ACTS[first]
    return VehicleLine(one.trip, one.transfer, wrongs, act)


def _words(kind: Kind, people: int) -> str:
    return KIND_NAMES[kind] + (f" {people} 人" if people > 1 else "")


def _findings(kind: Kind, one: Watched) -> str:
    return url_for("findings.index", trip=one.trip.id, kind=kind)


def _url(alarm: Alarm, one: Watched, side: Side) -> str:
    trip, transfer_id = one.trip, one.transfer.id
    match alarm:
        case Alarm.FEVER:
            return url_for("boarding.show", transfer_id=transfer_id, trip_id=trip.id)
        case Alarm.NOT_GREEN:
            colour = "red" if trip.red else "yellow"
            return url_for("roster.index", transfer_id=transfer_id, trip=trip.id, colour=colour)
        case Alarm.UNDECLARED:
            return url_for("roster.index", transfer_id=transfer_id, trip=trip.id, colour="grey")
        case Alarm.LACKING if side is Side.ORIGIN:
            return url_for("plans.show", transfer_id=transfer_id, trip_id=trip.id)
        case _:
            return url_for("trips.show", transfer_id=transfer_id, trip_id=trip.id)
