"""What becomes of people whose colour is judged: their status, the change, its record, and the news of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from backend.core.db import db
from backend.core.events import emit_many
from backend.evidence import actions as evidence
from healthcode.codes.actions.packs import deny_packs
from healthcode.codes.events import ColourChanged
from healthcode.codes.evidence import COLOUR, change_content
from healthcode.codes.models import ColourChange
from healthcode.codes.rules import Colour, Verdict

# Whoever was judged by somebody else since these verdicts were begun is left to the next judgement.
REWRITE = text("""
UPDATE codes.status s SET colour = n.colour, reasons = n.reasons::jsonb, until = n.until, judged_at = :now,
       since = CASE WHEN s.colour = n.colour THEN s.since ELSE :now END
FROM unnest(CAST(:ids AS uuid[]), CAST(:colours AS text[]), CAST(:reasons AS text[]), CAST(:untils AS timestamptz[]),
            CAST(:seen AS timestamptz[]))
     AS n (person_id, colour, reasons, until, seen)
WHERE s.person_id = n.person_id AND s.judged_at = n.seen
RETURNING s.person_id
""")


@dataclass(frozen=True, slots=True)
class Judged:
    """A person's new verdict, beside what the status said when it was read."""

    person_id: UUID
    before: Colour
    verdict: Verdict
    seen: datetime
    """When that status was judged."""


def write_verdicts(judged: Sequence[Judged], now: datetime) -> list[ColourChange]:
    """Write these verdicts, and keep and announce the changes of colour among them; returns those."""
    if not judged:
        return []
    verdicts = [one.verdict for one in judged]
    written = set(
        db.session.scalars(
            REWRITE,
            {
                "now": now,
                "ids": [one.person_id for one in judged],
                "colours": [verdict.colour.value for verdict in verdicts],
                "reasons": [json.dumps(verdict.reasons_json(), ensure_ascii=False) for verdict in verdicts],
                "untils": [verdict.until for verdict in verdicts],
                "seen": [one.seen for one in judged],
            },
        )
    )
    changes = [
        ColourChange(
            person_id=one.person_id,
            before=one.before,
            after=one.verdict.colour,
            reasons=one.verdict.reasons_json(),
            at=now,
        )
        for one in judged
        if one.verdict.colour is not one.before and one.person_id in written
    ]
    keep_changes(changes)
    # The status may lag behind the clock: whoever it calls yellow may have been green, and have codes, since a minute.
    denied = [one.person_id for one in judged if one.verdict.colour is not Colour.GREEN and one.person_id in written]
    if denied:
        deny_packs(denied)
    return changes


def keep_changes(changes: Sequence[ColourChange]) -> None:
    """Keep these changes, put them on record under their rows' ids, and announce them."""
    said = [(str(change.person_id), change_content(change)) for change in changes]
    for change, key in zip(changes, evidence.record_many(kind=COLOUR.name, items=said), strict=True):
        change.id = key
    db.session.add_all(changes)
    db.session.flush()
    emit_many(ColourChanged(change.person_id, change.id, change.before, change.after) for change in changes)
