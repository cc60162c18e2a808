"""What the evidence log is told of consents: which account agreed to what, or withdrew it, in which version, when.

A record has its row's id. That somebody agreed to the use of health data tells of a health record, so this is for the
governments that answer for the health code and supervise it (PIPL, articles 14, 29 and 60), and for nobody else.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.accounts.models import Consent
from backend.core.db import db
from backend.core.features import EvidenceKind

CONSENT = EvidenceKind(
    name="accounts.consent",
    title="同意或撤回同意",
    days=1096,  # three years: for so long a claim can be brought (民法典, article 188)
    known_to=frozenset({"government"}),
    rebuild="backend.accounts.evidence:rebuild_consents",
    rows="backend.accounts.evidence:list_consent_ids",
)


def consent_content(consent: Consent) -> dict[str, Any]:
    """What is committed to."""
    return {
        "account": str(consent.account_id),
        "purpose": consent.purpose.value,
        "version": consent.version,
        "agreed": consent.agreed,
        "at": consent.at.astimezone(UTC).isoformat(),
    }


def rebuild_consents(record_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same from the rows."""
    consents = db.session.scalars(select(Consent).where(Consent.id.in_(record_ids)))
    return {each.id: consent_content(each) for each in consents}


def list_consent_ids(after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows' ids."""
    return db.session.scalars(select(Consent.id).where(Consent.id > after).order_by(Consent.id).limit(limit)).all()
