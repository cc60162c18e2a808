"""Whom an entry of the access log is about, by mask: it names people by the blind index of their resident ID alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, union_all

from backend.accounts.models import Person
from backend.core.db import db
from healthcode.transfers.models import Entry


@dataclass(frozen=True, slots=True)
class Subject:
    name_mask: str
    resident_id_mask: str


def find_subjects(indices: Iterable[bytes]) -> dict[bytes, Subject]:
    """The masks of these people, from rosters or from who has registered; who is on neither any more is left out."""
    wanted = list(indices)
    listed, registered = (
        select(table.resident_id_index, table.name_mask, table.resident_id_mask).where(
            table.resident_id_index.in_(wanted)
        )
        for table in (Entry, Person)
    )
    rows = db.session.execute(union_all(listed, registered))
    return {bytes(index): Subject(name, number) for index, name, number in rows}
