"""What leaves the house: WeChat's templates with their fields, and the one sentence of each kind that an SMS says.

Neither names a symptom, a colour or a reason: others read along on a lock screen. What happened stands in the inbox.
"""

from dataclasses import dataclass
from datetime import datetime

from backend.core.clock import local
from backend.core.config import settings
from backend.notices.rules import Kind

SHORT, PHRASE = 20, 5  # characters of a `thing`, Han of a `phrase`; WeChat refuses longer ones
CONSENTS_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Template:
    """A subscribe message as registered with WeChat."""

    key: str
    """What `WECHAT_TEMPLATES` calls it."""
    name: str
    kinds: frozenset[Kind]
    fields: tuple[tuple[str, str], ...]
    """(WeChat's key, what goes in: "title", "plain", "step", "state" or "time")."""

    @property
    def id(self) -> str:
        """WeChat's id for it: the configured one, or the sandbox's."""
        return settings().template_ids.get(self.key, f"demo-{self.key}")


TEMPLATES = (
    Template(
        "declare",
        "健康申报提醒",
        frozenset({Kind.UNDECLARED}),
        (("thing1", "title"), ("time2", "time"), ("thing3", "step")),
    ),
    Template(
        "colour",
        "健康码变更通知",
        frozenset({Kind.COLOUR, Kind.CLAIM, Kind.APPEAL}),
        (("phrase1", "state"), ("thing2", "plain"), ("time3", "time")),
    ),
    Template(
        "trip",
        "行程通知",
        frozenset({Kind.TRIP, Kind.SILENT, Kind.ELSEWHERE}),
        (("thing1", "title"), ("time2", "time"), ("thing3", "step")),
    ),
)
TEMPLATE_OF = {kind: template for template in TEMPLATES for kind in template.kinds}

PLAIN = {
    Kind.UNDECLARED: "今天还没有健康申报，请打开小程序申报",
    Kind.COLOUR: "健康码有变化，请打开小程序查看",
    Kind.SILENT: "工作人员想确认您一切平安，请打开小程序报平安",
    Kind.ELSEWHERE: "您的位置和行程安排不一致，请打开小程序核对",
    Kind.CLAIM: "身份核实有结果，请打开小程序查看",
    Kind.TRIP: "您的行程有更新，请打开小程序查看",
    Kind.APPEAL: "您提出的申诉有进展，请打开小程序查看",
}
STATES = {Kind.COLOUR: "有变化", Kind.CLAIM: "有结果", Kind.APPEAL: "有进展"}
STEP = "请打开小程序查看"


def is_known(template_id: str) -> bool:
    """Whether this is one of ours, by WeChat's id."""
    return any(template.id == template_id for template in TEMPLATES)


def cut(text: str, length: int) -> str:
    """A text within WeChat's length, with an ellipsis where something is missing."""
    return text if len(text) <= length else text[: length - 1] + "…"


def values(kind: Kind, title: str, at: datetime) -> dict[str, str]:
    """The template's fields, each within WeChat's limits; times in Shanghai as WeChat writes them."""
    given = {
        "title": cut(title if kind is not Kind.COLOUR else PLAIN[kind], SHORT),
        "plain": cut(PLAIN[kind], SHORT),
        "step": STEP,
        "state": STATES.get(kind, "请查看")[:PHRASE],
        "time": local(at).strftime("%Y-%m-%d %H:%M"),
    }
    return {key: given[source] for key, source in TEMPLATE_OF[kind].fields}


def sms_text(kind: Kind) -> str:
    """The whole SMS, with the signature that providers ask for."""
    return f"【灵活】{PLAIN[kind]}。"
