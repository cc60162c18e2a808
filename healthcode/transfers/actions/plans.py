"""Writing a vehicle's plan, giving its people seats, and the rules of seats by day."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import blind_index, seal, unseal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.masks import mask_name, mask_phone
from healthcode.transfers import queries, seating
from healthcode.transfers.actions.moves import lock_for_origin
from healthcode.transfers.models import Entry, Plan, SeatRule, Transfer, Trip
from healthcode.transfers.planned import LONGEST_NAME, MOST_STOPS, POST_NAMES, Crew, Outline, Post
from healthcode.transfers.rules import Mode, TripState

PLACE = "transfers.plan.crew"
LONGEST_JOURNEY = timedelta(days=5)
PHONE_DIGITS = range(7, 13)
HIGHEST_PERCENT = 100


def save_plan(*, transfer: Transfer, trip: Trip, outline: Outline, by: Acting) -> Plan:
    """Write down how a vehicle travels, as long as it hasn't left; the crew's names and phones are sealed.

    Refuses: as `lock_for_origin`; Conflict once it has left; Invalid with a sentence a field.
    """
    _lock(transfer, trip, by)
    plan = db.session.get(Plan, trip.id) or Plan(trip_id=trip.id)
    known = _crew(plan) if outline.keep_crew else {}
    tidy = replace(outline, carrier=" ".join(outline.carrier.split()), crew=known | dict(outline.crew))
    leader, deputy = _named(trip, tidy.leader), _named(trip, tidy.deputy)
    _check(tidy, leader=leader, deputy=deputy, mode=trip.mode)
    plan.carrier, plan.seats = tidy.carrier, tidy.seats
    plan.crew = seal(json.dumps(tidy.crew, ensure_ascii=False), PLACE) if tidy.crew else None
    plan.crew_masks = {post: f"{mask_name(one.name)} {mask_phone(one.phone)}" for post, one in tidy.crew.items()}
    plan.leader_id = leader.id if leader else None
    plan.deputy_id = deputy.id if deputy else None
    plan.stops = [
        {"name": stop.name, "after_minutes": round(stop.after.total_seconds() / 60), "hands_over": stop.hands_over}
        for stop in sorted(tidy.stops, key=lambda stop: stop.after)
    ]
    plan.supplies = {kind: count for kind, count in tidy.supplies.items() if count}
    plan.operator_id, plan.updated_at = by.operator_id, clock.now()
    db.session.add(plan)
    db.session.flush()
    return plan


def _lock(transfer: Transfer, trip: Trip, by: Acting) -> None:
    lock_for_origin(transfer, by)
    db.session.refresh(queries.get_trip(transfer, trip.id), with_for_update=True)
    if trip.state is not TripState.WAITING:
        raise Conflict("transfers.trip_left", "这个车次已经出发或已取消，方案和座位不能再改。")


def _named(trip: Trip, number: int | None) -> Entry | None:
    if number is None:
        return None
    return db.session.scalar(select(Entry).where(Entry.trip_id == trip.id, Entry.number == number).limit(1))


def _check(outline: Outline, *, leader: Entry | None, deputy: Entry | None, mode: Mode) -> None:
    faults = {}
    if len(outline.carrier) > LONGEST_NAME:
        faults["carrier"] = f"最多 {LONGEST_NAME} 个字。"
    if outline.seats is not None and (outline.seats < 1 or (mode is Mode.COACH and not _is_coach(outline.seats))):
        faults["seats"] = f"请填 {seating.FEWEST_SEATS} 到 {seating.MOST_SEATS} 之间的座位数（不含驾驶员）。"
    if outline.leader is not None and leader is None:
        faults["leader"] = "这个车次没有这个序号的人。"
    if outline.deputy is not None and deputy is None:
        faults["deputy"] = "这个车次没有这个序号的人。"
    elif leader is not None and leader is deputy:
        faults["deputy"] = "副车长不能和车长是同一个人。"
    faults |= _crew_faults(outline.crew)
    odd = [stop for stop in outline.stops if not timedelta() <= stop.after <= LONGEST_JOURNEY]
    if odd or len(outline.stops) > MOST_STOPS or any(len(stop.name) > LONGEST_NAME for stop in outline.stops):
        faults["stops"] = f"最多 {MOST_STOPS} 个停靠点，名称不超过 {LONGEST_NAME} 个字，时间在出发后 5 天以内。"
    if any(count < 0 for count in outline.supplies.values()):
        faults["supplies"] = "数量不能小于 0。"
    if faults:
        raise Invalid("transfers.plan", "请按提示修改后再保存。", fields=faults)


def _crew_faults(crew: Mapping[Post, Crew]) -> dict[str, str]:
    faults = {
        post.value: f"请填{POST_NAMES[post]}的姓名和电话。"
        for post, one in crew.items()
        if not one.name or len(one.name) > LONGEST_NAME or not _is_phone(one.phone)
    }
    first, second = crew.get(Post.DRIVER_1), crew.get(Post.DRIVER_2)
    if first and second and first.phone == second.phone:
        faults[Post.DRIVER_2.value] = "两名驾驶员不能是同一个人。"
    return faults


def _is_coach(seats: int) -> bool:
    return seating.FEWEST_SEATS <= seats <= seating.MOST_SEATS


def _is_phone(phone: str) -> bool:
    return phone.isdecimal() and phone.isascii() and len(phone) in PHONE_DIGITS


def _crew(plan: Plan) -> dict[Post, Crew]:
    return {Post(post): Crew(*one) for post, one in json.loads(unseal(plan.crew)).items()} if plan.crew else {}


def reveal_crew(*, trip: Trip, by: Acting, purpose: str) -> dict[Post, Crew]:
    """The crew's names and phones, with the reading written down. Refuses: NotFound without any, Invalid purpose."""
    plan = db.session.get(Plan, trip.id)
    if plan is None or plan.crew is None:
        raise NotFound
    crew = _crew(plan)
    for post, one in crew.items():
        index = blind_index(one.phone, "phone")
        accounts.reveal(sealed={POST_NAMES[post]: plan.crew}, subject_index=index, by=by, purpose=purpose)
    return crew


def assign_seats(*, transfer: Transfer, trip: Trip, by: Acting) -> seating.Seating:
    """Give everybody of a coach a seat anew: families together, others apart, the last two rows free.

    Refuses: as `save_plan`; Conflict for other vehicles, and while the coach's seats are unknown.
    """
    _lock(transfer, trip, by)
    plan = db.session.get(Plan, trip.id)
    if trip.mode is not Mode.COACH or plan is None or plan.seats is None:
        raise Conflict("transfers.no_seats", "只有填了座位数的包车可以自动排座，请先在方案里填写座位数。")
    entries = queries.list_aboard(trip)
    together = queries.households_of(entries)
    travellers = [seating.Traveller(entry.id, together[entry.id]) for entry in entries]
    found = seating.assign(travellers, plan.seats, queries.percent_of(trip))
    for entry in entries:
        entry.seat = str(found.places.get(entry.id, ""))
    db.session.flush()
    return found


def add_seat_rule(*, mode: Mode, percent: int, first_day: date, last_day: date | None, source: str) -> SeatRule:
    """From one day to another at most this share of the seats. Refuses: Invalid for what is no share or period."""
    if not 1 <= percent <= HIGHEST_PERCENT or (last_day is not None and last_day < first_day) or not source.strip():
        raise Invalid("transfers.seat_rule", "比例应在 1 到 100 之间，结束日期不早于开始日期，并写明依据。")
    rule = SeatRule(
        mode=mode,
        percent=percent,
        first_day=first_day,
        last_day=last_day,
        source=source.strip(),
        created_at=clock.now(),
    )
    db.session.add(rule)
    db.session.flush()
    return rule
