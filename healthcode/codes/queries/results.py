"""Reads of test results, and of the lists in which offices bring them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Row, Uuid, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from backend.accounts.acting import Acting
from backend.accounts.models import Holding, Operator, Organisation, Person
from backend.accounts.rules import HoldingState
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions.names import prefix
from healthcode.codes.fact_rules import ResultListState, Tested
from healthcode.codes.models import NucleicTest, ResultList
from healthcode.itinerary.models import LastSeen

Report = tuple[UUID, str, str]
"""(person, laboratory, report number): one report, however often a list has it."""


@dataclass(frozen=True, slots=True)
class Testee:
    """A verified person whom an office may enter results for."""

    person_id: UUID
    name_index: bytes
    name_mask: str
    last_four: str


def belongs_to(acting: Acting) -> ColumnElement[bool]:
    """Of a person: where the person is, or is from, lies in the region of this government."""
    here = prefix(acting.region_code)
    present = select(LastSeen.person_id).where(LastSeen.person_id == Person.id, LastSeen.region_code.startswith(here))
    lives = select(Holding.id).where(
        Holding.person_id == Person.id, Holding.state != HoldingState.ENDED, Holding.region_code.startswith(here)
    )
    return or_(present.exists(), lives.exists())


def find_testees(resident_id_indices: Sequence[bytes], *, seen_by: Acting) -> dict[bytes, Testee]:
    """Those of these ID numbers, by blind index, that are verified people of the office's region.

    Nobody who merely typed a number is found: a result would tell about somebody else.
    """
    wanted = Person.resident_id_index == any_(literal(list(resident_id_indices), ARRAY(LargeBinary)))
    columns = Person.resident_id_index, Person.id, Person.name_index, Person.name_mask, Person.resident_id_mask
    query = select(*columns).where(wanted, Person.verified_at.is_not(None), belongs_to(seen_by))
    return {
        bytes(index): Testee(person_id, bytes(name_index), name_mask, number_mask[-4:])
        for index, person_id, name_index, name_mask, number_mask in db.session.execute(query)
    }


def known_reports(reports: Sequence[Report]) -> dict[Report, Tested]:
    """Those of these reports that are here already, with their results."""
    query = select(NucleicTest.person_id, NucleicTest.laboratory, NucleicTest.report_number, NucleicTest.result)
    rows = db.session.execute(query.where(_among([person_id for person_id, _, _ in reports])))
    here = {(person_id, laboratory, number): result for person_id, laboratory, number, result in rows}
    return {report: here[report] for report in reports if report in here}


def _among(person_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Of a test: it is of one of these people, who may be more than a statement has parameters for."""
    return NucleicTest.person_id == any_(literal(list(set(person_ids)), ARRAY(Uuid)))


def once_positive(person_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these people of whom a positive result is kept."""
    query = select(NucleicTest.person_id).where(_among(person_ids), NucleicTest.result == Tested.POSITIVE)
    return list(db.session.scalars(query.distinct()))


def list_tests(person: Person, limit: int = 100) -> Sequence[Row[NucleicTest, str]]:
    """A person's results, the newest sample first: (result, office that entered it)."""
    query = (
        select(NucleicTest, Organisation.name)
        .join(Organisation, Organisation.id == NucleicTest.organisation_id)
        .where(NucleicTest.person_id == person.id)
        .order_by(NucleicTest.sampled_at.desc(), NucleicTest.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def list_result_lists(
    *, seen_by: Acting, state: ResultListState | None = None, after: UUID | None = None, limit: int = 50
) -> Sequence[Row[ResultList, str]]:
    """The office's lists, the newest first: (list, who brought it)."""
    query = (
        select(ResultList, Operator.name)
        .join(Operator, Operator.id == ResultList.operator_id)
        .where(ResultList.organisation_id == seen_by.organisation_id)
        .order_by(ResultList.id.desc())
        .limit(limit)
    )
    if state:
        query = query.where(ResultList.state == state)
    if after:
        query = query.where(ResultList.id < after)
    return db.session.execute(query).all()


def get_result_list(list_id: UUID, *, seen_by: Acting, lock: bool = False) -> ResultList:
    """Refuses: NotFound for another office's."""
    query = select(ResultList).where(ResultList.id == list_id, ResultList.organisation_id == seen_by.organisation_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def count_waiting_lists(*, seen_by: Acting) -> int:
    """How many lists of the office wait that this operator may confirm."""
    query = select(func.count()).select_from(ResultList)
    waits = (ResultList.state == ResultListState.WAITING) & (ResultList.operator_id != seen_by.operator_id)
    return db.session.scalar(query.where(waits, ResultList.organisation_id == seen_by.organisation_id)) or 0
