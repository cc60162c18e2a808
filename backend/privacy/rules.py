"""Which kind a table belongs to, and what a line of an erasure report says."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from backend.core.features import DataKind, Way

WAY_NAMES = {
    Way.PARTITIONS: "按天存放，到期整天删除",
    Way.ROWS: "到期逐行删除",
    Way.OWN: "到期逐行删除",
    Way.LASTING: "随所属事项结束",
}


def kind_of(table: str, kinds: Iterable[DataKind]) -> DataKind | None:
    """The kind that a table ("schema.table") belongs to: one that names it goes before one that takes its schema."""
    everything = f"{table.split('.', maxsplit=1)[0]}.*"
    found = {name: kind for kind in kinds for name in kind.tables if name in {table, everything}}
    return found.get(table) or found.get(everything)


def period(kind: DataKind) -> str:
    """How long a kind is kept, as people say it."""
    if kind.days is None:
        return kind.kept
    return f"{kind.since}起 {kind.days} 天" if kind.days else f"到{kind.since}为止"


LONGEST_HOLD = timedelta(days=90)
"""Then the authority has to ask again."""
WORDS = range(4, 121)  # characters of authority and reason
DOCUMENT = range(4, 61)


def check_hold(*, first: date, last: date, until: date, words: Mapping[str, str], today: date) -> dict[str, str]:
    """What is wrong with a hold, a sentence a field; `words` are authority, document and reason."""
    faults = {}
    if not first <= last <= today:
        faults["last_day"] = "结束日不能早于开始日，也不能晚于今天。"
    if not today <= until <= today + LONGEST_HOLD:
        faults["until"] = f"最长留存 {LONGEST_HOLD.days} 天，需要更久的到期前重新办理。"
    for field_name, allowed in (("authority", WORDS), ("document", DOCUMENT), ("reason", WORDS)):
        if len(words[field_name]) not in allowed:
            faults[field_name] = f"请写明，{allowed.start} 到 {allowed.stop - 1} 个字。"
    return faults


@dataclass(frozen=True, slots=True)
class Line:
    """What was erased of one table."""

    kind: str
    table: str
    kept_from: date
    """The first day that is still kept."""
    days: list[str] = field(default_factory=list)
    """The days whose partitions were dropped: 2020-03-22."""
    rows: int = 0
    held: list[str] = field(default_factory=list)
    """The days that were due and are held for an authority."""
    problem: str = ""
    """Why it didn't work; "" where it did."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"kept_from": self.kept_from.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(**value | {"kept_from": date.fromisoformat(value["kept_from"])})
