"""Messages for tests."""

from uuid import UUID

from backend.core.db import db
from backend.core.transactions import transaction
from backend.notices.actions import Notice, notify_many
from backend.notices.models import Attempt
from backend.notices.rules import Kind


def make_notice(person_id: UUID, *, kind: Kind = Kind.UNDECLARED, topic: str = "undeclared:2026-03-22") -> int:
    """One message; returns how many were new."""
    title = {Kind.COLOUR: "健康码变为红码"}.get(kind, "请完成今天的健康申报")
    with transaction():
        return notify_many([Notice(person_id, kind, topic, title, "体温 38.5 ℃，咳嗽，请打开小程序。", "declare")])


def attempts() -> list[Attempt]:
    db.session.expire_all()
    return list(db.session.query(Attempt).order_by(Attempt.id))
