"""What a context brings to the application, said in one value in its `feature.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from typing import Any, Protocol
from uuid import UUID

from backend.core.events import Event

DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Listener:
    event: type[Event]
    target: str
    """"package.module:function", called with the event in a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    seconds: float
    """Between two runs; one that couldn't begin in this time is left out."""
    task: str
    hour: int | None = None
    """In China; None where the time of day doesn't matter."""


class Rebuild(Protocol):
    """What a context's records said, taken anew from its insert-only rows.

    `record_ids` are ids that `evidence.actions.record` gave; those whose rows are gone are absent from the answer.
    """

    def __call__(self, record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]: ...


class Rows(Protocol):
    """Which records a context's rows say were made: the next ids after one, in order, at most so many.

    So that a row that somebody else put there is found: nobody recorded it.
    """

    def __call__(self, after: UUID, limit: int) -> Sequence[UUID]: ...


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """A kind of record that a context puts into the evidence log."""

    name: str
    """Dotted: "codes.colour"."""
    title: str
    """What people call it: 健康码变色."""
    days: int
    """For so long a record can be opened, and proved."""
    known_to: frozenset[str]
    """The kinds of organisations that may know that such a record exists."""
    rebuild: str = ""
    """"package.module:function", a `Rebuild`; without one the log's own opening keeps the content."""
    rows: str = ""
    """"package.module:function", a `Rows`, for a kind that is rebuilt; its rows' ids are their records'."""


class Way(StrEnum):
    """How data of a kind come to their end."""

    PARTITIONS = "partitions"  # a day's partition is dropped
    ROWS = "rows"  # the database removes the rows that are too old: `aged` in the table's `info`
    OWN = "own"  # the context itself removes them: `DataKind.erase`
    LASTING = "lasting"  # as long as what they belong to; `DataKind.kept` says how long that is


class Erase(Protocol):
    """Remove what is older than this moment, in the caller's transaction; returns how many rows of which table."""

    def __call__(self, before: datetime) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class DataKind:
    """A kind of data that a context keeps: on what legal basis, for how long, and how it is erased."""

    name: str
    """Dotted: "itinerary.positions"."""
    title: str
    """What people call it: 位置和扫码记录."""
    what: str
    """What it holds, for those whom it is about."""
    tables: tuple[str, ...]
    """"schema.table" each, or "schema.*" for those of a schema that no kind names; none where it is in no table."""
    basis: str
    """The law and its article."""
    way: Way
    days: int | None = None
    """Kept for so many days after `since`; None for what is kept as long as what it belongs to."""
    since: str = "产生之日"
    kept: str = ""
    """How long and what ends it, in a sentence, where no number of days says it."""
    erase: str = ""
    """"package.module:function", an `Erase`, for the way of that name."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A context's listeners, schedule, tasks, commands, blueprints and records; heavy things by "module:name"."""

    name: str
    listeners: tuple[Listener, ...] = ()
    schedule: tuple[Scheduled, ...] = ()
    tasks: tuple[str, ...] = ()
    """Modules that define Celery tasks."""
    commands: str = ""
    blueprints: tuple[str, ...] = ()
    evidence: tuple[EvidenceKind, ...] = ()
    data: tuple[DataKind, ...] = ()
    """The kinds of data that it keeps; each of its tables belongs to one."""
    gauges: str = ""
    """"package.module:function" that gives the watchers `{name: (help, value)}`."""


def on(event: type[Event], target: str) -> Listener:
    """Call `target` for each such event."""
    return Listener(event, target)


def every(seconds: float, task: str) -> Scheduled:
    """Run a task by name at this interval."""
    return Scheduled(seconds, task)


def nightly(hour: int, task: str) -> Scheduled:
    """Run a task by name once a day, at this hour in China."""
    return Scheduled(DAY_SECONDS, task, hour)


def load(name: str) -> Any:  # noqa: ANN401 - what a name stands for is known to who asks
    """The object named "module:attribute"."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
