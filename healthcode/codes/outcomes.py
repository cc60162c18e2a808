"""What an officer is told after a scan: one of four outcomes, why, and what to do next."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backend.core import clock
from healthcode.codes.cwt import Claims
from healthcode.codes.rules import (
    CLOCK_SKEW,
    COLOUR_NAMES,
    FAULT_SENTENCES,
    FAULT_STEPS,
    Colour,
    Fault,
    Outcome,
    Verdict,
)

STEPS = {
    Colour.GREEN: "核对身份证：姓名首字和后四位一致就放行。",
    Colour.GREY: "请对方打开“健康申报”，申报后再扫。",
    Colour.YELLOW: "不要放行。测量体温，交给卫生人员。",
    Colour.RED: "不要放行。请留在原地，联系卫生人员。",
}
SEEN_ELSEWHERE = "这个码刚在另一处扫过，可能是截图或复制的，请仔细核对身份证。"
SEEN_TWICE_DOUBT = "同一个健康码在另一处也被扫过，这一次只能记为未证实。"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What the officer's page shows. Name and number are known where the code's signature is right."""

    outcome: Outcome
    reason: str
    next_step: str
    read_at: datetime
    fault: Fault | None = None
    colour: Colour | None = None
    first_character: str = ""
    last_four: str = ""
    expires_at: datetime | None = None
    seen_elsewhere: bool = False
    person_id: UUID | None = None
    """Whose code it is, where that is known."""
    home: str | None = None
    """The region where that person lives."""
    issuer: str = ""
    """The region whose government issued the code; empty where there was none to read."""

    @property
    def warning(self) -> str:
        return SEEN_ELSEWHERE if self.seen_elsewhere else ""


def unreadable(fault: Fault, at: datetime) -> ReadResult:
    """The outcome for what can't be checked."""
    return ReadResult(Outcome.CANNOT_BE_CHECKED, FAULT_SENTENCES[fault], FAULT_STEPS[fault], at, fault=fault)


def check_times(claims: Claims, at: datetime, phone_time: datetime | None, now: datetime) -> Fault | None:
    """What the clocks have against a reading at `at`: a code from the future, or a phone that is itself wrong."""
    if phone_time is not None and abs(phone_time - now) > CLOCK_SKEW:
        return Fault.CLOCK
    if claims.begins_at <= at + CLOCK_SKEW:
        return None
    return Fault.NOT_YET if claims.is_offline else Fault.AHEAD


def decide(claims: Claims, verdict: Verdict, at: datetime, *, seen_elsewhere: bool) -> ReadResult:
    """The outcome for a code that is right, from what is known of its person at `at`; the code's own colour is as old
    as the code.
    """
    told = ReadResult(
        Outcome.PASSES if verdict.colour is Colour.GREEN else Outcome.REFUSED,
        verdict.fact,
        STEPS[verdict.colour],
        at,
        colour=verdict.colour,
        first_character=claims.first_character,
        last_four=claims.last_four,
        expires_at=claims.expires_at,
        seen_elsewhere=seen_elsewhere,
        issuer=claims.issuer,
    )
    if at > claims.expires_at + CLOCK_SKEW:
        ended = clock.local(claims.expires_at)
        return replace(
            told,
            outcome=Outcome.OUT_OF_DATE,
            reason=f"这个码在 {ended:%m-%d %H:%M:%S} 已经过期。",
            next_step="请对方刷新健康码后再扫，截图不能用。",
        )
    if claims.colour is not verdict.colour:
        before, after = COLOUR_NAMES[claims.colour], COLOUR_NAMES[verdict.colour]
        return replace(told, reason=f"亮码后由{before}变为{after}：{verdict.fact}")
    return told


def as_recorded(told: ReadResult, outcome: Outcome, colour: Colour | None) -> ReadResult:
    """The same, as it was found when the scan first came; the person's colour has changed since."""
    name = COLOUR_NAMES[colour] if colour else "不明"
    step = STEPS[colour] if colour else told.next_step
    return replace(told, outcome=outcome, colour=colour, reason=f"扫码时是{name}，现在已经变化。", next_step=step)
