"""All that is kept of a person, for that person (PIPL, article 45): for reading and for taking elsewhere."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from pydantic import Field

from backend.accounts import actions as accounts
from backend.accounts import queries as people
from backend.accounts.models import Person
from backend.core.clock import shown
from backend.core.crypto import unseal
from backend.notices import queries as notices
from backend.privacy import actions as privacy
from backend.regions import names as regions
from healthcode.codes import actions as facts
from healthcode.codes import queries as codes
from healthcode.codes.card_rules import CARD_END_NAMES, spaced
from healthcode.codes.fact_rules import (
    ASKED_NAMES,
    CERTIFICATE_STATE_NAMES,
    QUERY_STATE_NAMES,
    TESTED_NAMES,
)
from healthcode.codes.helper_rules import HELPER
from healthcode.codes.models import Declaration
from healthcode.codes.provinces import code_name
from healthcode.codes.rules import (
    COLOUR_NAMES,
    DECISION_KIND_NAMES,
    OUTCOME_NAMES,
    PROXY_NAMES,
    SYMPTOM_NAMES,
    TAKER_NAMES,
    Symptom,
)
from healthcode.itinerary import queries as itinerary
from healthcode.itinerary.risk import LEVEL_NAMES
from healthcode.itinerary.rules import SOURCE_NAMES, VEHICLE_NAMES
from healthcode.transfers import queries as transfers
from healthcode.transfers.rules import STATE_NAMES
from miniprogram_api.guard import current_account, held, worker
from miniprogram_api.schemas import Answer
from miniprogram_api.terms import TERMS
from miniprogram_api.travel import readers_of

MOST = 10_000
"""Of each section; nobody comes near it within the periods for which things are kept."""
YES_NO = {True: "是", False: "否"}
PURPOSES = {term["purpose"]: str(term["title"]) for term in TERMS}


class SectionOut(Answer):
    name: str = Field(description="The kind of data, the same in every copy.", examples=["codes.declarations"])
    title: str = Field(examples=["健康申报"])
    columns: list[str] = Field(examples=[["时间", "体温"]])
    rows: list[list[str]] = Field(description="Times are in Asia/Shanghai.", examples=[[["2026-03-22 12:00", "36.5"]]])


class CopyOut(Answer):
    id: UUID
    made_at: datetime
    sections: list[SectionOut]


@worker.post("/people/<uuid:person_id>/copy")
@worker.output(CopyOut, 201)
def take(person_id: UUID) -> CopyOut:
    """下载我的全部信息 All that is kept of a person, for the person's own account alone; written down."""
    person = held(person_id)
    sections = list(_sections(person))
    taken = privacy.note_copy(person=person, account_id=current_account().id)
    return CopyOut(id=taken.id, made_at=taken.at, sections=sections)


def _sections(person: Person) -> Iterator[SectionOut]:
    yield from _oneself(person)
    yield from _health(person)
    yield from _vouched(person)
    yield from _travel(person)
    messages = [[shown(each.created_at), each.title, each.body] for each in notices.inbox([person.id], MOST)]
    yield _section("notices.messages", "消息", "时间 标题 内容", messages)
    looked = [[shown(each.at), each.office, each.purpose, "、".join(each.fields)] for each in readers_of(person)]
    yield _section("accounts.accesses", "谁看过", "时间 单位 原因 看了什么", looked)


def _oneself(person: Person) -> Iterator[SectionOut]:
    account = current_account()
    sealed = {"姓名": person.name, "身份证号": person.resident_id, "登录手机号": account.phone}
    said = accounts.open_own(sealed=sealed, person=person, account_id=account.id)
    yield _section("accounts.people", "本人信息", "项目 内容", [[name, value] for name, value in said.items()])
    consents = [
        [shown(each.at), PURPOSES[each.purpose], each.version, "同意" if each.agreed else "撤回或不同意"]
        for each in people.list_consents(account.id)
    ]
    yield _section("accounts.consents", "授权", "时间 事项 说明版本 选择", consents)


def _health(person: Person) -> Iterator[SectionOut]:
    verdict = codes.status_of(person)
    now = [[COLOUR_NAMES[verdict.colour], verdict.fact, shown(verdict.until)]]
    yield _section("codes.status", "现在的健康码", "颜色 依据 到什么时候", now)
    declared = [
        [
            shown(each.at),
            f"{each.temperature / 10:.1f}",
            "、".join(SYMPTOM_NAMES[Symptom(symptom)] for symptom in each.symptoms) or "没有",
            YES_NO[each.contact],
            YES_NO[each.abroad],
            _declarer(each),
        ]
        for each in codes.list_declarations(person, MOST)
    ]
    yield _section("codes.declarations", "健康申报", "时间 体温 症状 接触过病例 从境外回来 谁申报的", declared)
    printed = [
        [
            f"第 {card.version} 版",
            spaced(card.number),
            office,
            shown(card.issued_at),
            shown(card.ends_at),
            CARD_END_NAMES[card.ended_as] if card.ended_as else "",
        ]
        for card, office, _ in codes.cards_of(person.id)
    ]
    yield _section("codes.cards", "身份卡", "版本 卡号 发卡单位 打印时间 有效期至 作废", printed)
    measured = [
        [shown(each.at), each.place, f"{each.temperature / 10:.1f}", office or TAKER_NAMES[each.taker]]
        for each, office in codes.list_measurements(person, MOST)
    ]
    yield _section("codes.measurements", "测温记录", "时间 地点 体温 谁测的", measured)
    changes = [
        [
            shown(each.at),
            COLOUR_NAMES[each.before],
            COLOUR_NAMES[each.after],
            "；".join(r["fact"] for r in each.reasons),
        ]
        for each in codes.list_changes(person, MOST)
    ]
    yield _section("codes.changes", "变色记录", "时间 原来 现在 依据", changes)
    decided = [
        [shown(d.decision.decided_at), DECISION_KIND_NAMES[d.decision.kind], d.sentence, shown(d.decision.ends_at)]
        for d in codes.decisions_of(person)
    ]
    yield _section("codes.decisions", "赋码决定", "时间 决定 依据和单位 到什么时候", decided)
    read = [
        [
            shown(reading.at),
            f"{office}（{HELPER}）" if officer == HELPER else office,
            place or "流动查验",
            OUTCOME_NAMES[reading.outcome],
        ]
        for reading, office, officer, place in codes.list_readings(person, MOST)
    ]
    packs = [
        [shown(each.issued_at), shown(each.ends_at), shown(each.denied_at) if each.denied_at else "没有作废"]
        for each in codes.list_packs(person, MOST)
    ]
    yield _section("codes.packs", "离线码", "存入 到什么时候 作废", packs)
    yield _section("codes.readings", "扫码查验", "时间 单位 地点 结果", read)
    photos = [
        [shown(photo.taken_at), office, photo.place, photo.digest.hex()] for photo, office in codes.photos_of(person)
    ]
    yield _section("codes.photos", "卡口拍的纸质证明", "时间 单位 地点 照片指纹（SHA-256）", photos)


def _declarer(each: Declaration) -> str:
    if each.proxy is None:
        return "本人"
    name = unseal(each.proxy_name) if each.proxy_name else ""
    return " ".join(filter(None, (PROXY_NAMES[each.proxy], name, each.proxy_place)))


def _vouched(person: Person) -> Iterator[SectionOut]:
    """What others vouch for: laboratories, institutions, provinces."""
    tests = [
        [shown(test.sampled_at), TESTED_NAMES[test.result], test.laboratory, test.report_number, office]
        for test, office in codes.list_tests(person, MOST)
    ]
    yield _section("codes.tests", "核酸检测结果", "采样 结果 检测机构 报告编号 登记单位", tests)
    papers = []
    for paper, office in codes.certificates_of(person):
        said = facts.said_by(paper)
        days = [str(day or "") for day in (said.issued_on, said.valid_until)]
        state = CERTIFICATE_STATE_NAMES[paper.state]
        papers.append([shown(paper.filed_at), said.number, said.institution, *days, state, office or "", paper.reason])
    columns = "时间 编号 出具机构 出具日期 有效到 状态 核对单位 理由"
    yield _section("codes.certificates", "健康证明", columns, papers)
    asked = [
        [
            shown(each.asked_at),
            ASKED_NAMES[each.why],
            code_name(each.province),
            COLOUR_NAMES[each.colour] if each.colour else QUERY_STATE_NAMES[each.state],
            shown(each.answered_at),
        ]
        for each in codes.list_provincial(person, MOST)
    ]
    yield _section("codes.provincial", "省级健康码查询", "时间 原因 哪个码 结果 对方的时间", asked)


def _travel(person: Person) -> Iterator[SectionOut]:
    seen = [
        [
            shown(point.at),
            SOURCE_NAMES[point.source],
            point.place_name or "",
            _region(point.region_code),
            point.doubt or "",
        ]
        for point in itinerary.itinerary_of(person, limit=MOST)
    ]
    yield _section("itinerary.positions", "位置和场所扫码", "时间 来源 场所 地区 为什么不算", seen)
    stayed = [
        [_region(stay.region_code), shown(stay.since), shown(stay.until), LEVEL_NAMES[stay.level]]
        for stay in itinerary.list_stays(person)
    ]
    yield _section("itinerary.stays", "停留", "地区 从 到 风险", stayed)
    said = [
        [
            VEHICLE_NAMES[trip.vehicle],
            trip.number,
            trip.seat,
            _region(trip.from_region),
            _region(trip.to_region),
            shown(trip.departs_at),
            shown(trip.arrives_at),
            shown(trip.declared_at),
            shown(trip.withdrawn_at),
        ]
        for trip in itinerary.list_declared(person, withdrawn=True)
    ]
    columns = "方式 车次 座位 从 到 出发 到达 申报时间 撤回时间"
    yield _section("itinerary.declared_trips", "申报的行程", columns, said)
    listed = []
    for entry, trip, transfer in transfers.entries_of_person(person.id):
        sealed = {"地址": entry.address, "电话": entry.phone}
        opened = accounts.open_own(sealed=sealed, person=person, account_id=current_account().id)
        listed.append(
            [
                transfer.title,
                STATE_NAMES[transfer.state],
                *opened.values(),
                YES_NO[entry.poor],
                entry.skills,
                entry.enterprise,
                entry.position,
                trip.vehicle if trip else "",
                shown(trip.departs_at if trip else None),
                entry.seat,
                shown(entry.arrived_at),
            ]
        )
    columns = "输送 状态 地址 电话 建档立卡 技能 企业 岗位 车次 发车 座位 到达"
    yield _section("transfers.rosters", "花名册", columns, listed)


def _region(code: str | None) -> str:
    return regions.full_name(code) if code else ""


def _section(name: str, title: str, columns: str, rows: list[list[str]]) -> SectionOut:
    return SectionOut(name=name, title=title, columns=columns.split(), rows=rows)
