"""What the evidence log is told of a change of colour: who, from what to what, by which rules, when; and of appeals.

A record has its row's id. Health data: governments alone may know that there is such a record.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.core.db import db
from backend.core.features import EvidenceKind
from healthcode.codes.models import AppealStep, ColourChange

COLOUR = EvidenceKind(
    name="codes.colour",
    title="健康码变色",
    days=30,  # as long as the declarations that it rests on
    known_to=frozenset({"government"}),
    rebuild="healthcode.codes.evidence:rebuild_changes",
    rows="healthcode.codes.evidence:list_change_ids",
)

APPEAL = EvidenceKind(
    name="codes.appeal",
    title="健康码申诉",
    days=1096,  # three years: for so long a claim can be brought (民法典, article 188)
    known_to=frozenset({"government"}),
    rebuild="healthcode.codes.evidence:rebuild_appeal_steps",
    rows="healthcode.codes.evidence:list_appeal_step_ids",
)


def change_content(change: ColourChange) -> dict[str, Any]:
    """What is committed to; of the reasons the rules alone, for their sentences tell more than needs proof."""
    return {
        "person": str(change.person_id),
        "before": change.before.value,
        "after": change.after.value,
        "rules": [reason["rule"] for reason in change.reasons],
        "at": change.at.astimezone(UTC).isoformat(),
    }


def rebuild_changes(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    changes = db.session.scalars(select(ColourChange).where(ColourChange.id.in_(record_ids)))
    return {each.id: change_content(each) for each in changes}


def list_change_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    ids = select(ColourChange.id).where(ColourChange.id > after).order_by(ColourChange.id)
    return db.session.scalars(ids.limit(limit)).all()


def appeal_step_content(step: AppealStep) -> dict[str, Any]:
    """What happened to which appeal, by whom; of what was written or attached the digest alone."""
    return {
        "appeal": str(step.appeal_id),
        "person": str(step.person_id),
        "rule": step.rule,
        "move": step.move.value,
        "region": step.region_code,
        "operator": str(step.operator_id) if step.operator_id else None,
        "organisation": str(step.organisation_id) if step.organisation_id else None,
        "digest": step.digest,
        "at": step.at.astimezone(UTC).isoformat(),
    }


def rebuild_appeal_steps(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    steps = db.session.scalars(select(AppealStep).where(AppealStep.id.in_(record_ids)))
    return {each.id: appeal_step_content(each) for each in steps}


def list_appeal_step_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    ids = select(AppealStep.id).where(AppealStep.id > after).order_by(AppealStep.id)
    return db.session.scalars(ids.limit(limit)).all()
