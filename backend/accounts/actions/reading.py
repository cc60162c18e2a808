"""The one way by which a person's eyes get to sealed data."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Person
from backend.accounts.queries import speaks_for_itself
from backend.core import clock
from backend.core.crypto import Sealed, unseal
from backend.core.db import db
from backend.core.errors import Forbidden, Invalid

SHORTEST_PURPOSE = 4


def reveal(*, sealed: Mapping[str, Sealed | None], subject_index: bytes, by: Acting, purpose: str) -> dict[str, str]:
    """Open named values for an official, and write down who looked, for which office, at what and why.

    `sealed` maps a field's Chinese name to its value; `subject_index` is the person's blind index, under which the
    worker finds the entry. The log is in the same transaction: no reading without it.

    Refuses: Invalid when the purpose says nothing.
    """
    log_access(subjects=[subject_index], by=by, purpose=check_purpose(purpose), fields=list(sealed))
    return {name: unseal(value) if value is not None else "" for name, value in sealed.items()}


def check_purpose(purpose: str) -> str:
    """A purpose as it is kept. Refuses: Invalid when it says nothing."""
    reason = purpose.strip()
    if len(reason) < SHORTEST_PURPOSE:
        raise Invalid(
            "accounts.purpose_missing", "请写明查看的原因（至少 4 个字），本人会看到。", fields={"purpose": "必填。"}
        )
    return reason


def log_access(*, subjects: Sequence[bytes], by: Acting, purpose: str, fields: Sequence[str]) -> None:
    """Write down that data of these people was read, also where a document or export opened it."""
    moment = clock.now()
    db.session.add_all(
        AccessLog(
            subject_index=subject,
            operator_id=by.operator_id,
            organisation_id=by.organisation_id,
            purpose=purpose,
            fields=list(fields),
            at=moment,
        )
        for subject in subjects
    )


def log_entrusted(
    *, subjects: Sequence[bytes], operator_id: UUID, organisation_id: UUID, purpose: str, fields: Sequence[str]
) -> None:
    """Write down, once a day for each of these people, that somebody whom an office named reads data on its behalf.

    `purpose` says who it is; `operator_id` is who named them.
    """
    moment = clock.now()
    midnight = datetime.combine(clock.local(moment).date(), time(), clock.SHANGHAI)
    same = (AccessLog.organisation_id == organisation_id) & (AccessLog.purpose == purpose)
    known = set(db.session.scalars(select(AccessLog.subject_index).where(AccessLog.at >= midnight, same)))
    db.session.add_all(
        AccessLog(
            subject_index=subject,
            operator_id=operator_id,
            organisation_id=organisation_id,
            purpose=purpose,
            fields=list(fields),
            at=moment,
        )
        for subject in subjects
        if subject not in known
    )


def open_own(*, sealed: Mapping[str, Sealed | None], person: Person, account_id: UUID) -> dict[str, str]:
    """Open named values for the person whom they are about.

    Refuses: Forbidden("accounts.not_oneself") to family, leaders, and whoever a clerk has yet to believe.
    """
    if not speaks_for_itself(account_id, person.id):
        raise Forbidden(
            "accounts.not_oneself", "全部信息只能由本人用自己的账号下载；请本人登录，或带身份证到社区办理。"
        )
    return {name: unseal(value) if value is not None else "" for name, value in sealed.items()}
