"""Appeals against a colour: states, the clock, who answers next, what may be attached. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import dropwhile

from healthcode.codes.colour_rules import KIND_NAMES
from healthcode.codes.rules import ORDERED

ANSWER_WITHIN = timedelta(hours=48)
"""Through nights, weekends and holidays; each office that it comes to has as long."""
URGENT_WITHIN = timedelta(minutes=15)
"""For somebody who stands at a door; the duty desk answers around the clock."""
WORDS = range(5, 501)
ANSWER = range(10, 201)
MOST_FILES = 3
LARGEST_FILE = 5 * 1024 * 1024
RULE_NAMES = {**{kind.value: name for kind, name in KIND_NAMES.items()}, ORDERED: "由人作出的赋码决定"}


class AppealState(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"  # held to be right by one person; a second one has to approve
    UPHELD = "upheld"  # the colour was wrong
    REFUSED = "refused"


WAITING = (AppealState.OPEN, AppealState.PROPOSED)
APPEAL_STATE_NAMES = {
    AppealState.OPEN: "等待答复",
    AppealState.PROPOSED: "等待批准更正",
    AppealState.UPHELD: "申诉成立",
    AppealState.REFUSED: "申诉不成立",
}


class AppealMove(StrEnum):
    """What happened to an appeal, as its record says."""

    FILED = "filed"
    ATTACHED = "attached"
    ESCALATED = "escalated"
    OVERDUE = "overdue"  # and nobody above to turn to
    PROPOSED = "proposed"
    RETURNED = "returned"  # the second person did not approve
    UPHELD = "upheld"
    REFUSED = "refused"


APPEAL_MOVE_NAMES = {
    AppealMove.FILED: "提出申诉",
    AppealMove.ATTACHED: "补充材料",
    AppealMove.ESCALATED: "逾期未答，转上一级",
    AppealMove.OVERDUE: "逾期未答，上面没有别的单位",
    AppealMove.PROPOSED: "认为成立，等第二人批准",
    AppealMove.RETURNED: "第二人没有批准，继续办理",
    AppealMove.UPHELD: "申诉成立",
    AppealMove.REFUSED: "申诉不成立",
}


class FileType(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


ENDINGS = {FileType.JPEG: "jpg", FileType.PNG: "png", FileType.PDF: "pdf"}
HEADS = {b"\xff\xd8\xff": FileType.JPEG, b"\x89PNG\r\n\x1a\n": FileType.PNG, b"%PDF-": FileType.PDF}


def file_type(content: bytes) -> FileType | None:
    """What a file is by its first bytes, whatever it is called; None for what may not be attached."""
    return next((kind for head, kind in HEADS.items() if content.startswith(head)), None)


def due(handed: datetime, *, urgent: bool) -> datetime:
    """Until when the office that got an appeal at this moment has to answer."""
    return handed + (URGENT_WITHIN if urgent else ANSWER_WITHIN)


def within(*, urgent: bool) -> str:
    """How people say it: 48 小时, 15 分钟."""
    return "15 分钟" if urgent else "48 小时"


def next_region(ladder: Sequence[str], taken: Sequence[str], offices: Collection[str]) -> str | None:
    """The next region of the ladder, from the ground up, that has an office and has not had the appeal yet.

    `taken` are the regions that had it, in order. None when there is nobody above the last of them.
    """
    above = list(dropwhile(lambda region: region != taken[-1], ladder))[1:] if taken else ladder
    return next((region for region in above if region in offices and region not in taken), None)
