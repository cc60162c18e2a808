import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.core import clock
from backend.core.crypto import keyring
from backend.core.db import db, new_key
from backend.evidence.commitment import Opening
from backend.evidence.note import encode64
from backend.evidence.queries import SEALED_PLACE, SUBJECT_PURPOSE, get_kind
from backend.evidence.rules import last_day

RECORD = text("""
WITH given AS (
    SELECT id, commitment, subject_index, sealed
    FROM unnest(CAST(:ids AS uuid[]), CAST(:commitments AS bytea[]), CAST(:subjects AS bytea[]),
                CAST(:sealed AS bytea[])) AS each (id, commitment, subject_index, sealed)
), recorded AS (
    INSERT INTO evidence.record (id, kind, commitment) SELECT id, :kind, commitment FROM given
), opened AS (
    INSERT INTO evidence.opening (day, record_id, subject_index, sealed)
    SELECT :day, id, subject_index, sealed FROM given
)
INSERT INTO evidence.pending (record_id, commitment) SELECT id, commitment FROM given
""")


def record(*, kind: str, subject: str, content: Mapping[str, Any]) -> UUID:
    """Commit to what this content says about a subject, such as a person's id, if the transaction commits.

    Raises LookupError for a kind that no feature registers, ValueError for a content that JSON can't say.
    """
    return record_many(kind=kind, items=[(subject, content)])[0]


def record_many(*, kind: str, items: Iterable[tuple[str, Mapping[str, Any]]]) -> list[UUID]:
    """`record` for each subject and its content, in one statement; the ids stand in the items' order."""
    chosen, ring = get_kind(kind), keyring()
    ids, commitments, subjects, sealed = [], [], [], []
    for subject, content in items:
        opening = Opening.of(new_key(), kind, content)
        said = _said(opening, subject, keeps_content=not chosen.rebuild)
        ids.append(opening.id)
        commitments.append(opening.commitment)
        subjects.append(ring.index(subject, SUBJECT_PURPOSE))
        sealed.append(ring.seal_bytes(said, SEALED_PLACE))
    if ids:
        row = {"ids": ids, "commitments": commitments, "subjects": subjects, "sealed": sealed}
        db.session.execute(RECORD, row | {"kind": kind, "day": last_day(chosen.days, clock.today())})
    return ids


def _said(opening: Opening, subject: str, *, keeps_content: bool) -> bytes:
    """What is sealed, as JSON; the content is put in as it was committed to, not written a second time."""
    head = f'{{"salt":"{encode64(opening.salt)}","subject":{json.dumps(subject)}'.encode()
    return b"".join((head, b',"content":', opening.canonical, b"}") if keeps_content else (head, b"}"))
