"""Colours from facts: pure, total, and each colour with its reasons.

Green is a finding, not the lack of one: without a declaration in force there is only grey (未申报). Colour rules after
the Hubei notice of February 2020 (fever from 37.3 °C, contact, stays) as far as a declaration can tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

FEVER = 373
"""Tenths of a degree Celsius (国卫办: 37.3 °C)."""
TEMPERATURES = range(340, 431)
DECLARATION_LIFE = timedelta(hours=24)
WATCH = timedelta(days=14)
CODE_LIFE = timedelta(minutes=5)
SLOT = timedelta(minutes=15)
"""How long one code of an offline pack is good, and how often the pseudonym in a code changes."""
PACK_LIFE = timedelta(hours=4)
"""A phone may show codes without a network for so long, and never longer than its colour lasts."""
REPEATS = timedelta(days=2)
"""For how long a sender's key is looked for, so that a repeat across midnight is still a repeat."""
CLOCK_SKEW = timedelta(minutes=2)
"""How far a verifier's clock may be off before it refuses to say anything; and the grace after a code's end."""


class Colour(StrEnum):
    GREY = "grey"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


SEVERITY = {Colour.GREY: 0, Colour.GREEN: 0, Colour.YELLOW: 2, Colour.RED: 3}
COLOUR_NAMES = {Colour.GREY: "未申报", Colour.GREEN: "绿码", Colour.YELLOW: "黄码", Colour.RED: "红码"}


class Outcome(StrEnum):
    """What an officer sees after a scan."""

    PASSES = "passes"
    REFUSED = "refused"
    OUT_OF_DATE = "out_of_date"
    CANNOT_BE_CHECKED = "cannot_be_checked"


OUTCOME_NAMES = {
    Outcome.PASSES: "通过",
    Outcome.REFUSED: "不能通过",
    Outcome.OUT_OF_DATE: "码已过期",
    Outcome.CANNOT_BE_CHECKED: "无法核验",
}


class Fault(StrEnum):
    """Why a text can't be checked. The first ones are told by the text alone, the last ones by who knows the time."""

    EMPTY = "empty"
    PLACE_CODE = "place_code"
    VEHICLE_CODE = "vehicle_code"
    OTHER_SYSTEM = "other_system"
    CUT = "cut"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    RETIRED_KEY = "retired_key"
    AHEAD = "ahead"
    NOT_YET = "not_yet"
    UNKNOWN_PERSON = "unknown_person"
    CLOCK = "clock"


FAULT_SENTENCES = {
    Fault.EMPTY: "没有扫到内容。",
    Fault.PLACE_CODE: "这是场所码，不是健康码。",
    Fault.VEHICLE_CODE: "这是整辆车的车辆码，不是一个人的健康码。",
    Fault.OTHER_SYSTEM: "这不是本平台的健康码，可能是别的系统的码。",
    Fault.CUT: "码不完整，有缺失或改动。",
    Fault.UNKNOWN_KEY: "签发这个码的密钥不认识。",
    Fault.FORGED: "签名不对，这个码可能是伪造的。",
    Fault.RETIRED_KEY: "签发这个码的密钥已经停用。",
    Fault.AHEAD: "码的签发时间比现在晚 2 分钟以上。",
    Fault.NOT_YET: "这个离线码还没有到使用的时候。",
    Fault.UNKNOWN_PERSON: "码是真的，但系统里没有这个人。",
    Fault.CLOCK: "本机时间和服务器相差 2 分钟以上。",
}
FAULT_STEPS = {
    Fault.EMPTY: "请对准健康码重新扫描。",
    Fault.PLACE_CODE: "请对方打开“健康码”页面再扫。",
    Fault.VEHICLE_CODE: "请逐人扫健康码；整车名单要由正式查验员联网扫。",
    Fault.OTHER_SYSTEM: "请对方打开灵活健康码再扫。",
    Fault.CUT: "请对方调亮屏幕、刷新健康码后重新扫描。",
    Fault.UNKNOWN_KEY: "请联网更新密钥；仍不认识就核对身份证，按可疑处理。",
    Fault.FORGED: "请核对身份证，不要放行，报告负责人。",
    Fault.RETIRED_KEY: "请对方刷新健康码；仍不行就报告负责人。",
    Fault.AHEAD: "请核对本机时间；时间没错就不要放行，报告负责人。",
    Fault.NOT_YET: "请对方关掉截图，打开“健康码”页面再扫，页面会换成现在的码。",
    Fault.UNKNOWN_PERSON: "请核对身份证，请对方重新登录后再亮码。",
    Fault.CLOCK: "请在手机设置里打开“自动确定时间”，再重新扫描。",
}


class Taker(StrEnum):
    """Who took a temperature."""

    OFFICER = "officer"
    LEADER = "leader"  # of a vehicle under way


TAKER_NAMES = {Taker.OFFICER: "工作人员", Taker.LEADER: "车长"}


class ProxyKind(StrEnum):
    """Who declares for somebody else."""

    FAMILY = "family"
    LEADER = "leader"  # of the vehicle that the person is on


PROXY_NAMES = {ProxyKind.FAMILY: "家人", ProxyKind.LEADER: "车长"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who declares for somebody else, by name, and from where: 贵D12345."""

    kind: ProxyKind
    name: str
    place: str = ""


class RuleSetState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    ENDED = "ended"
    DISCARDED = "discarded"


RULE_SET_STATE_NAMES = {
    RuleSetState.DRAFT: "草案",
    RuleSetState.IN_FORCE: "正在执行",
    RuleSetState.ENDED: "已被取代",
    RuleSetState.DISCARDED: "已放弃",
}
TRIAL_LIFE = timedelta(hours=24)
"""For so long a trial says enough about whom a draft would touch."""


class DecisionKind(StrEnum):
    ORDER = "order"  # a colour on a legal basis
    LIFT = "lift"  # a rule found wrongly, and counts no more


class DecisionState(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    ENDED = "ended"


class Basis(StrEnum):
    """What the law says: 传染病防治法 (2013), 突发公共卫生事件应急条例 (2011), 个人信息保护法 (2021)."""

    QUARANTINE = "quarantine"
    EMERGENCY = "emergency"
    WRONG = "wrong"


DECISION_KIND_NAMES = {DecisionKind.ORDER: "定颜色", DecisionKind.LIFT: "更正"}
DECISION_STATE_NAMES = {
    DecisionState.PROPOSED: "等待批准",
    DecisionState.IN_FORCE: "已生效",
    DecisionState.REFUSED: "没有批准",
    DecisionState.ENDED: "提前结束",
}
BASIS_NAMES = {
    Basis.QUARANTINE: "《传染病防治法》第三十九条（隔离治疗、医学观察）",
    Basis.EMERGENCY: "《突发公共卫生事件应急条例》第四十四条（隔离和医学观察措施）",
    Basis.WRONG: "《个人信息保护法》第四十六条（更正不准确的信息）",
}
BASES_OF = {
    DecisionKind.ORDER: frozenset({Basis.QUARANTINE, Basis.EMERGENCY}),
    DecisionKind.LIFT: frozenset({Basis.WRONG}),
}
LONGEST_DECISION = range(1, 15)
"""Days; longer needs another decision by two people."""
ORDERED = "decision.order"
"""What stands as the rule of a reason that an order gives."""


class Symptom(StrEnum):
    COUGH = "cough"
    BREATHLESS = "breathless"
    FATIGUE = "fatigue"
    SORE_THROAT = "sore_throat"
    DIARRHOEA = "diarrhoea"


SYMPTOM_NAMES = {
    Symptom.COUGH: "咳嗽",
    Symptom.BREATHLESS: "气促",
    Symptom.FATIGUE: "乏力",
    Symptom.SORE_THROAT: "咽痛",
    Symptom.DIARRHOEA: "腹泻",
}


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str
    colour: Colour
    fact: str
    until: datetime
    authority: str = ""
    """The office that answers for it; empty where nobody has to."""

    def to_json(self) -> dict[str, str]:
        said = {"rule": self.rule, "colour": self.colour, "fact": self.fact, "until": self.until.isoformat()}
        return said | ({"authority": self.authority} if self.authority else {})

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(
            value["rule"],
            Colour(value["colour"]),
            value["fact"],
            datetime.fromisoformat(value["until"]),
            value.get("authority", ""),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    colour: Colour
    reasons: tuple[Reason, ...]
    until: datetime | None
    """When the colour would next change by itself."""

    @property
    def fact(self) -> str:
        """The one sentence that the colour rests on."""
        return self.reasons[0].fact if self.reasons else "24 小时内没有健康申报，请先申报。"

    def reasons_json(self) -> list[dict[str, str]]:
        return [reason.to_json() for reason in self.reasons]


def judge(reasons: Iterable[Reason], now: datetime) -> Verdict:
    """The colour that the reasons give at `now`: the worst one wins, and all that still hold are kept.

    Green needs a declaration or a certificate in force and nothing against it; without one, and without anything yellow
    or red, the colour is grey. `until` is the first moment at which another colour would follow from the same reasons.
    """
    holding = sorted((r for r in reasons if r.until > now), key=lambda r: (-SEVERITY[r.colour], r.until))
    colour = holding[0].colour if holding else Colour.GREY
    until = max((r.until for r in holding if r.colour is colour), default=None)
    return Verdict(colour, tuple(holding), until)


def slot_of(moment: datetime) -> int:
    """The number of the quarter of an hour that a moment lies in, since 1970."""
    return int(moment.timestamp()) // int(SLOT.total_seconds())


def slot_start(slot: int) -> datetime:
    """When a quarter of an hour begins."""
    return datetime.fromtimestamp(slot * int(SLOT.total_seconds()), UTC)


def combine(old: Iterable[Reason], new: Iterable[Reason], now: datetime) -> list[Reason]:
    """What holds once new reasons are known: nothing that still holds is forgotten for being followed by better news.

    A contact stays red for its 14 days and a fever yellow for its 24 hours, whatever is declared after; of two reasons
    of one rule the one that ends later stands, and the newest finding of good health replaces the one before.
    """
    found: dict[str, Reason] = {}
    for reason in [*old, *new]:
        known = found.get(reason.rule)
        if reason.until > now and (known is None or reason.until >= known.until):
            found[reason.rule] = reason
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Facts:
    """A declaration's facts; temperature in tenths of a degree."""

    at: datetime
    temperature: int
    symptoms: tuple[Symptom, ...]
    contact: bool
    abroad: bool
    proxy: str = ""
    """What declared it for the person: 家人, 车长; empty for the person."""
