"""What happened on the way: temperatures, fevers, counts that didn't agree, changed vehicles, handovers."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from backend.accounts.acting import Acting
from backend.core.db import db
from healthcode.codes.rules import FEVER
from healthcode.reports.rules import Column, Section, Value, Who
from healthcode.transfers.boarding import MARK_NAMES, MarkKind
from healthcode.transfers.models import Entry, Handover, Mark, Ride, Transfer, Trip, TripStep
from healthcode.transfers.queries import side_of
from healthcode.transfers.rules import LEAVING_NAMES, MODE_NAMES, TRIP_STATE_NAMES, Leaving, needed

MOST = 2_000
HIDDEN = "本人没有同意共享"
TOLD = (MarkKind.STRUCK, MarkKind.ADDED, MarkKind.COUNTED, MarkKind.OBSERVED, MarkKind.TO_HEALTH, MarkKind.NOT_RECEIVED)
# From a day before departure until the vehicle ended, and never beyond the transfer's own end.
MEASURED = text("""
SELECT e.id AS entry_id, coalesce(r.trip_id, e.trip_id) AS trip_id, m.at, m.temperature, m.place
FROM transfers.entry e
JOIN codes.measurement m ON m.person_id = e.person_id
LEFT JOIN LATERAL (
    SELECT trip_id FROM transfers.ride
    WHERE entry_id = e.id AND boarded_at <= m.at ORDER BY boarded_at DESC, id DESC LIMIT 1
) AS r ON true
JOIN transfers.trip t ON t.id = coalesce(r.trip_id, e.trip_id)
WHERE e.transfer_id = :transfer
  AND m.at >= coalesce(t.departed_at, t.departs_at) - interval '1 day'
  AND m.at <= coalesce(t.ended_at, cast(:until AS timestamptz), m.at)
  AND m.day >= (SELECT cast(min(coalesce(departed_at, departs_at)) AS date) - 2 FROM transfers.trip
                WHERE transfer_id = :transfer)
ORDER BY m.at, m.id
""")


@dataclass(slots=True)
class _Taken:
    times: int = 0
    people: set[UUID] = field(default_factory=set)
    lowest: int = 10_000
    highest: int = 0
    feverish: set[UUID] = field(default_factory=set)


def temperatures(
    transfer: Transfer, people: Sequence[tuple[Entry, Trip | None]], withheld: Collection[UUID], seen_by: Acting
) -> Section:
    """How often temperatures were taken in each vehicle, and each fever by name with what was measured."""
    known = {entry.id: entry for entry, _ in people}
    side = side_of(transfer, seen_by)
    taken: dict[UUID, _Taken] = defaultdict(_Taken)
    fevers: list[list[Value]] = []
    hidden: set[UUID] = set()
    trips = {trip.id: trip for trip in db.session.scalars(select(Trip).where(Trip.transfer_id == transfer.id))}
    for row in db.session.execute(MEASURED, {"transfer": transfer.id, "until": transfer.ended_at}):
        trip = trips[row.trip_id]
        leaves = trip.departed_at or trip.departs_at or transfer.created_at
        if row.entry_id not in known or not needed(side, transfer.state, leaves, transfer.ended_at).covers(row.at):
            continue
        if row.entry_id in withheld:
            hidden.add(row.entry_id)
            continue
        one = taken[trip.id]
        one.times += 1
        one.people.add(row.entry_id)
        one.lowest, one.highest = min(one.lowest, row.temperature), max(one.highest, row.temperature)
        if row.temperature >= FEVER:
            one.feverish.add(row.entry_id)
            fevers.append(_fever(known[row.entry_id], trip, row))
    rounds: list[list[Value]] = [
        [_named(trips[trip_id]), "全车", None, one.highest / 10, one.lowest / 10, len(one.people), _round(one)]
        for trip_id, one in sorted(taken.items(), key=lambda item: _named(trips[item[0]]))
    ]
    columns = (
        Column("车次", 34),
        Column("姓名", 30),
        Column("时间", 36),
        Column("体温或最高 ℃", 30),
        Column("最低 ℃", 22),
        Column("测了几人", 22),
        Column("说明", 95),
    )
    unsaid = f"另有 {len(hidden)} 人没有同意共享，不列。" if hidden else ""
    note = f"发车前一天到到达之间，工作人员和车长测得的；测温记录保存 30 天。{unsaid}"
    return Section("测温和发热", columns, [*rounds, *fevers], note=note)


def _fever(entry: Entry, trip: Trip, taken: Row[Any]) -> list[Value]:
    degrees = taken.temperature / 10
    return [_named(trip), Who(entry.id, entry.name_mask), taken.at, degrees, None, None, f"发热，{taken.place}"]


def _round(one: _Taken) -> str:
    return f"共测 {one.times} 次，发热 {len(one.feverish)} 人"


def on_the_way(transfer: Transfer, withheld: Collection[UUID]) -> Section:
    """Departures, breakdowns, changed vehicles, counts, handovers, signatures, by time."""
    rows = [*_moves(transfer), *_marks(transfer, withheld), *_changed(transfer), *_signed(transfer)]
    rows.sort(key=lambda row: row[0])
    columns = (
        Column("时间", 34),
        Column("车次", 32),
        Column("事项", 34),
        Column("姓名", 26),
        Column("人数", 16),
        Column("地点", 50),
        Column("说明", 77),
    )
    return Section("途中情况和交接", columns, [[at, *values] for at, values in rows[:MOST]])


Told = tuple[datetime, list[Value]]


def _moves(transfer: Transfer) -> list[Told]:
    query = select(TripStep, Trip).join(Trip, Trip.id == TripStep.trip_id).where(Trip.transfer_id == transfer.id)
    return [
        (step.at, [_named(trip), TRIP_STATE_NAMES[step.after], "", None, step.place, step.note])
        for step, trip in db.session.execute(query)
    ]


def _marks(transfer: Transfer, withheld: Collection[UUID]) -> list[Told]:
    query = (
        select(Mark, Trip, Entry)
        .join(Trip, Trip.id == Mark.trip_id)
        .outerjoin(Entry, Entry.id == Mark.entry_id)
        .where(Trip.transfer_id == transfer.id, Mark.kind.in_(TOLD))
        .order_by(Mark.at, Mark.id)
        .limit(MOST)
    )
    told: list[Told] = []
    for mark, trip, entry in db.session.execute(query):
        if mark.kind is MarkKind.COUNTED and mark.heads == mark.expected:
            continue
        hidden = entry is not None and entry.id in withheld
        place, words = ("", HIDDEN) if hidden else (mark.place, _words(mark))
        named = Who(entry.id, entry.name_mask) if entry else ""
        told.append((mark.at, [_named(trip), MARK_NAMES[mark.kind], named, mark.heads, place, words]))
    return told


def _words(mark: Mark) -> str:
    if mark.kind is MarkKind.COUNTED:
        return f"应有 {mark.expected} 人，清点 {mark.heads} 人" + (f"：{mark.words}" if mark.words else "")
    return mark.words


def _changed(transfer: Transfer) -> list[Told]:
    """People who changed to another vehicle, those of one moment together."""
    query = (
        select(Ride, Trip)
        .join(Trip, Trip.id == Ride.trip_id)
        .where(Trip.transfer_id == transfer.id, Ride.left_as == Leaving.MOVED)
    )
    groups: dict[tuple[str, datetime, str], int] = defaultdict(int)
    for ride, trip in db.session.execute(query):
        if ride.left_at is not None:
            groups[_named(trip), ride.left_at, ride.left_place] += 1
    return [(at, [name, LEAVING_NAMES[Leaving.MOVED], "", n, place, ""]) for (name, at, place), n in groups.items()]


def _signed(transfer: Transfer) -> list[Told]:
    query = select(Handover, Trip).join(Trip, Trip.id == Handover.trip_id).where(Trip.transfer_id == transfer.id)
    return [
        (
            signed.signed_at,
            [
                _named(trip),
                "交接签收",
                "",
                signed.received,
                "",
                f"接到 {signed.received} 人，移交卫健部门 {signed.to_health} 人，没有接到 {signed.not_received} 人"
                + (f"；{signed.note}" if signed.note else ""),
            ],
        )
        for signed, trip in db.session.execute(query)
    ]


def _named(trip: Trip) -> str:
    return trip.vehicle or MODE_NAMES[trip.mode]
