"""What the evidence log is told of a change of colour: who, from what to what, by which rules, when; of appeals; and of
the facts that others vouch for: tests, certificates of health, what a province said.

A record has its row's id. Health data: governments alone may know that there is such a record.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.core.db import db
from backend.core.features import EvidenceKind
from healthcode.codes.models import AppealStep, Certificate, ColourChange, NucleicTest, ProvincialQuery

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

TEST = EvidenceKind(
    name="codes.test",
    title="核酸检测结果登记",
    days=44,  # a day less than the rows
    known_to=frozenset({"government"}),
    rebuild="healthcode.codes.evidence:rebuild_tests",
    rows="healthcode.codes.evidence:list_test_ids",
)
CERTIFICATE = EvidenceKind(name="codes.certificate", title="健康证明核对", days=60, known_to=frozenset({"government"}))
PROVINCE = EvidenceKind(name="codes.province", title="省级健康码查询", days=30, known_to=frozenset({"government"}))


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


def test_content(test: NucleicTest) -> dict[str, Any]:
    """Whose sample, from when, with which result, by which report, entered by whom."""
    return {
        "person": str(test.person_id),
        "sampled_at": test.sampled_at.astimezone(UTC).isoformat(),
        "result": test.result.value,
        "laboratory": test.laboratory,
        "report": test.report_number,
        "list": str(test.list_id),
        "organisation": str(test.organisation_id),
        "at": test.entered_at.astimezone(UTC).isoformat(),
    }


def rebuild_tests(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    tests = db.session.scalars(select(NucleicTest).where(NucleicTest.id.in_(record_ids)))
    return {each.id: test_content(each) for each in tests}


def list_test_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    ids = select(NucleicTest.id).where(NucleicTest.id > after).order_by(NucleicTest.id)
    return db.session.scalars(ids.limit(limit)).all()


def certificate_content(paper: Certificate, at: datetime) -> dict[str, Any]:
    """What became of whose certificate, by whom; of the photo the digest alone. Its rows go their own way, so that the
    log keeps the content.
    """
    return {
        "certificate": str(paper.id),
        "person": str(paper.person_id),
        "state": paper.state.value,
        "issued_on": paper.issued_on.isoformat() if paper.issued_on else None,
        "valid_until": paper.valid_until.isoformat() if paper.valid_until else None,
        "digest": paper.digest.hex() if paper.digest else None,
        "organisation": str(paper.decided_office) if paper.decided_office else None,
        "operator": str(paper.decided_by) if paper.decided_by else None,
        "at": at.astimezone(UTC).isoformat(),
    }


def province_content(query: ProvincialQuery, at: datetime) -> dict[str, Any]:
    """What a province answered about whom, and when."""
    return {
        "query": str(query.id),
        "person": str(query.person_id),
        "province": query.province,
        "state": query.state.value,
        "colour": query.colour.value if query.colour else None,
        "answered_at": query.answered_at.astimezone(UTC).isoformat() if query.answered_at else None,
        "at": at.astimezone(UTC).isoformat(),
    }
