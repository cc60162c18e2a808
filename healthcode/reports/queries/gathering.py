"""What a report says of a transfer, as far as the asking office may see it."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.queries import get_organisation
from backend.core import clock
from backend.core.db import db
from backend.regions import names as regions
from healthcode.checks import queries as checks
from healthcode.checks.rules import KIND_NAMES, MOVE_NAMES
from healthcode.reports.queries.on_the_way import on_the_way, temperatures
from healthcode.reports.rules import Column, Content, Section, Value, Who, mentioned_in
from healthcode.transfers import queries as transfers
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.queries import Tally
from healthcode.transfers.queries.numbers import count_poor
from healthcode.transfers.rules import FATE_NAMES, MODE_NAMES, STATE_NAMES, TRIP_STATE_NAMES, Fate

MOST = 5_000
"""Rows of one table."""
SEXES = {"male": "男", "female": "女"}
YES_NO = {True: "是", False: "否"}
LOST = (Fate.NO_SHOW, Fate.LEFT_BEHIND, Fate.STRUCK, Fate.TO_HEALTH, Fate.RETURNED, Fate.MISSING)


def gather(transfer: Transfer, *, seen_by: Acting, purpose: str) -> Content:
    """The whole report: cover, steps, vehicles, differences by name, the way, findings, poor households, everybody."""
    rows = db.session.execute(
        select(Entry, Trip)
        .outerjoin(Trip, Trip.id == Entry.trip_id)
        .where(Entry.transfer_id == transfer.id)
        .order_by(Entry.number, Entry.id)
    ).all()
    people = [(entry, trip) for entry, trip in rows]
    withheld = transfers.withheld_among(((entry, trip, transfer) for entry, trip in people), seen_by)
    tallies = transfers.reconcile(transfer)
    sections = [
        _steps(transfer),
        _vehicles(tallies),
        _differences(transfer, withheld),
        temperatures(transfer, people, withheld, seen_by),
        on_the_way(transfer, withheld),
        _findings(transfer, seen_by),
        _poor(transfer),
    ]
    return Content(
        title=f"输送报告：{transfer.title}",
        facts=_facts(transfer, tallies, purpose),
        sections=[*sections, _everybody(people, transfers.fates_of(transfer))],
        people=len(people),
        mentioned=mentioned_in(sections),
    )


def people_of(transfer: Transfer, among: Collection[UUID] | None) -> Sequence[Entry]:
    """The rows of a roster, or some of them."""
    query = select(Entry).where(Entry.transfer_id == transfer.id).order_by(Entry.number, Entry.id)
    if among is not None:
        query = query.where(Entry.id.in_(among))
    return db.session.scalars(query).all()


def _who(entry: Entry) -> Who:
    return Who(entry.id, entry.name_mask)


def _vehicle_name(trip: Trip | None) -> str:
    return (trip.vehicle or MODE_NAMES[trip.mode]) if trip else ""


def _facts(transfer: Transfer, tallies: Sequence[Tally], purpose: str) -> list[tuple[str, Value]]:
    on_duty = sum(tally.people.get(Fate.ON_DUTY, 0) for tally in tallies)
    origin, destination = get_organisation(transfer.origin_id), get_organisation(transfer.destination_id)
    return [
        ("输送", transfer.title),
        ("输出地", f"{origin.name}（{regions.full_name(transfer.origin_region)}）"),
        ("输入地", f"{destination.name}（{regions.full_name(transfer.destination_region)}）"),
        ("状态", STATE_NAMES[transfer.state]),
        ("创建", transfer.created_at),
        ("提交输入地", transfer.offered_at),
        ("召回", transfer.recalled_at),
        ("结束", transfer.ended_at),
        ("车次", sum(tally.trip is not None for tally in tallies)),
        ("计划人数", sum(tally.planned for tally in tallies)),
        ("上车人数", sum(tally.boarded for tally in tallies)),
        ("到达人数", sum(tally.arrived for tally in tallies)),
        ("上岗人数", on_duty),
        ("报告截至", clock.now()),
        ("用途", purpose),
    ]


def _steps(transfer: Transfer) -> Section:
    rows: list[list[Value]] = [
        [
            step.at,
            office,
            operator,
            STATE_NAMES[step.before] if step.before else "",
            STATE_NAMES[step.after] if step.before else "创建",
            step.note,
        ]
        for step, operator, office in transfers.list_steps(transfer)
    ]
    columns = (
        Column("时间", 34),
        Column("单位", 70),
        Column("经办人", 26),
        Column("原状态", 30),
        Column("改为", 30),
        Column("说明", 79),
    )
    return Section("办理经过", columns, rows)


def _vehicles(tallies: Sequence[Tally]) -> Section:
    columns = (
        Column("车次", 28),
        Column("交通方式", 18),
        Column("状态", 22),
        Column("发车", 32),
        Column("到达", 32),
        *(Column(title, 17) for title in ("计划", "上车", "到达人数", "上岗", "没到没上岗")),
        Column("后加入", 17),
        Column("备注", 35),
    )
    rows: list[list[Value]] = [_vehicle(tally) for tally in tallies]
    if len(tallies) > 1:
        rows.append(["合计", "", "", None, None, *_numbers(tallies), ""])
    return Section("按车次的人数", columns, rows, note="计划按花名册，上车按登记；没有登记过上车的车，按整车名单计。")


def _vehicle(tally: Tally) -> list[Value]:
    trip = tally.trip
    if trip is None:
        return ["没有安排车次", "", "", None, None, *_numbers([tally]), ""]
    times: tuple[Value, Value] = (trip.departed_at or trip.departs_at, trip.ended_at or trip.arrives_at)
    planned = [name for done, name in ((trip.departed_at, "发车"), (trip.ended_at, "到达")) if done is None]
    return [
        _vehicle_name(trip),
        MODE_NAMES[trip.mode],
        TRIP_STATE_NAMES[trip.state],
        *times,
        *_numbers([tally]),
        f"{'、'.join(planned)}为计划时间" if planned else "",
    ]


def _numbers(tallies: Sequence[Tally]) -> list[Value]:
    return [
        sum(tally.planned for tally in tallies),
        sum(tally.boarded for tally in tallies),
        sum(tally.arrived for tally in tallies),
        sum(tally.people.get(Fate.ON_DUTY, 0) for tally in tallies),
        sum(tally.people.get(fate, 0) for tally in tallies for fate in LOST),
        sum(tally.joined for tally in tallies),
    ]


def _differences(transfer: Transfer, withheld: Collection[UUID]) -> Section:
    rows: list[list[Value]] = [
        [
            one.entry.number,
            _who(one.entry),
            one.entry.resident_id_mask[-4:],
            _vehicle_name(one.trip),
            one.entry.enterprise,
            FATE_NAMES[one.fate] + ("（后加入）" if one.joined else ""),
            one.at,
            _unless(one.entry.id in withheld, one.why),
        ]
        for one in transfers.list_differences(transfer, MOST)
    ]
    columns = (
        Column("序号", 14),
        Column("姓名", 24),
        Column("证件后四位", 22),
        Column("车次", 28),
        Column("用工企业", 60),
        Column("情况", 40),
        Column("时间", 34),
        Column("原因或地点", 47),
    )
    return Section(
        "对不上的人", columns, rows, note="没有上车、退出、移交、返回、车到没有到达记录、没有上岗和后加入的人。"
    )


def _unless(hidden: bool, said: str) -> str:
    return checks.WITHHELD if hidden and said else said


def _findings(transfer: Transfer, seen_by: Acting) -> Section:
    found = checks.list_every(transfer.id, seen_by=seen_by, limit=MOST)
    done = checks.steps_of([one.finding.id for one in found])
    rows: list[list[Value]] = [
        [
            KIND_NAMES[one.finding.kind],
            _who(one.entry) if one.entry else _vehicle_name(one.trip),
            one.fact,
            one.finding.opened_at,
            one.finding.closed_at,
            one.owner,
            "；".join(
                f"{clock.shown(step.at)[5:]} {MOVE_NAMES[step.move]}{f'：{step.words}' if step.words else ''}"
                for step in done.get(one.finding.id, ())
            ),
        ]
        for one in found
    ]
    columns = (
        Column("种类", 28),
        Column("姓名或车辆", 28),
        Column("情况", 62),
        Column("发现", 32),
        Column("消除", 32),
        Column("负责人", 20),
        Column("处理经过", 67),
    )
    return Section("检查发现及处理", columns, rows)


def _poor(transfer: Transfer) -> Section:
    rows: list[list[Value]] = [
        [one.enterprise or "没有填企业", one.planned, one.boarded, one.arrived, one.on_duty, one.everybody]
        for one in sorted(count_poor([transfer]), key=lambda one: (-one.planned, one.enterprise))
        if one.planned
    ]
    columns = (
        Column("用工企业", 109),
        *(Column(title, 32) for title in ("计划", "已出发", "已到达", "已上岗", "该企业全部人数")),
    )
    return Section("建档立卡贫困户", columns, rows)


def _everybody(people: Sequence[tuple[Entry, Trip | None]], fates: Mapping[UUID, Fate]) -> Section:
    columns = (
        Column("序号", 14),
        Column("姓名", 24),
        Column("证件后四位", 22),
        Column("性别", 12),
        Column("建档立卡", 18),
        Column("用工企业", 60),
        Column("岗位", 24),
        Column("车次", 28),
        Column("座位", 14),
        Column("到达时间", 34),
        Column("情况", 34),
    )
    rows: list[list[Value]] = [
        [
            entry.number,
            _who(entry),
            entry.resident_id_mask[-4:],
            SEXES.get(entry.sex, ""),
            YES_NO[entry.poor],
            entry.enterprise,
            entry.position,
            _vehicle_name(trip),
            entry.seat,
            entry.arrived_at,
            FATE_NAMES[fates[entry.id]] if entry.id in fates else "",
        ]
        for entry, trip in people
    ]
    return Section("全部人员", columns, rows, sheet_only=True)
