"""Facts that contexts announce, delivered at least once to every listener (the transactional outbox pattern).

`emit` writes one delivery per listener in the caller's transaction. After the commit each is handed to Celery; a sweep
sends again what failed or grew stale (see `deliveries`).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, Self, cast, get_args, get_type_hints
from uuid import UUID

from flask import current_app
from sqlalchemy import insert

from backend.core import clock
from backend.core.db import db, new_key
from backend.core.logs import request_id
from backend.core.models import Delivery
from backend.core.transactions import enqueue


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: ids, dates and numbers, never personal data."""

    def payload(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        hints = get_type_hints(cls)
        return cls(**{field.name: _typed(hints[field.name], payload[field.name]) for field in fields(cls)})


def event_name(kind: type[Event]) -> str:
    """Its place in the tree: "healthcode.transfers.events:Boarded"."""
    return f"{kind.__module__}:{kind.__qualname__}"


def emit(event: Event) -> None:
    """Announce one fact to all who listen, if and only if the transaction commits."""
    emit_many([event])


def emit_many(events: Iterable[Event]) -> None:
    """Announce a set of facts with one statement; the sweep hands over sets too large to enqueue one by one."""
    routes = cast("dict[type[Event], list[str]]", current_app.extensions["linghuo.listeners"])
    moment = clock.now()
    rows = [
        {
            "id": new_key(),
            "event": event_name(type(event)),
            "listener": listener,
            "payload": event.payload(),
            "request_id": request_id(),
            "created_at": moment,
            "next_at": moment,
            "attempts": 0,
        }
        for event in events
        for listener in routes.get(type(event), ())
    ]
    if not rows:
        return
    db.session.execute(insert(Delivery), rows)
    for row in rows[:100]:
        enqueue("core.deliver", row["id"])


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _typed(hint: Any, value: Any) -> Any:  # noqa: ANN401 - JSON in, whatever the field says out
    if value is None:
        return None
    kind = hint
    if isinstance(hint, UnionType):
        kind = next(part for part in get_args(hint) if part is not type(None))
    if kind is UUID:
        return UUID(value)
    return kind.fromisoformat(value) if kind in {date, datetime} else value
