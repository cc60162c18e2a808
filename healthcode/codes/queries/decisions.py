"""Reads of what officials decided about people."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from backend.accounts.acting import Acting
from backend.accounts.models import Holding, Operator, Organisation, Person
from backend.accounts.rules import OrganisationKind
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions import names
from backend.regions.names import prefix
from healthcode.codes import rules
from healthcode.codes.models import Decision
from healthcode.codes.rules import DecisionState
from healthcode.itinerary.models import LastSeen

TOLD = (DecisionState.IN_FORCE, DecisionState.ENDED)


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision with whom it is about and who did what; `approver` is None until somebody decided."""

    decision: Decision
    name_mask: str
    last_four: str
    proposer: str
    proposer_name: str
    approver: str | None
    approver_name: str | None

    @property
    def sentence(self) -> str:
        """On what basis, why, by which offices: as the worker reads it."""
        by = f"{self.proposer}提出" + (f"，{self.approver}批准" if self.approver else "")
        return f"{rules.BASIS_NAMES[self.decision.basis]}：{self.decision.reason}（{by}）。"


def _decisions() -> Select[*tuple[Any, ...]]:
    proposing, deciding = aliased(Organisation), aliased(Organisation)
    first, second = aliased(Operator), aliased(Operator)
    return (
        select(
            Decision,
            Person.name_mask,
            func.right(Person.resident_id_mask, 4),
            proposing.name,
            first.name,
            deciding.name,
            second.name,
        )
        .join(Person, Person.id == Decision.person_id)
        .join(proposing, proposing.id == Decision.proposed_office)
        .join(first, first.id == Decision.proposed_by)
        .outerjoin(deciding, deciding.id == Decision.decided_office)
        .outerjoin(second, second.id == Decision.decided_by)
    )


def _concerns(acting: Acting) -> ColumnElement[bool]:
    """Decisions that an office proposed or decided, and those about people in its region."""
    own = or_(Decision.proposed_office == acting.organisation_id, Decision.decided_office == acting.organisation_id)
    if acting.kind is not OrganisationKind.GOVERNMENT:
        return own
    return or_(own, Decision.region_code.startswith(prefix(acting.region_code)))


def list_decisions(
    *, seen_by: Acting, state: DecisionState | None = None, after: UUID | None = None, limit: int = 50
) -> list[DecisionLine]:
    """Decisions that concern an office, the newest first, paged by id."""
    query = _decisions().where(_concerns(seen_by)).order_by(Decision.id.desc()).limit(limit)
    if state:
        query = query.where(Decision.state == state)
    if after:
        query = query.where(Decision.id < after)
    return [DecisionLine(*row) for row in db.session.execute(query)]


def get_decision(decision_id: UUID, *, seen_by: Acting) -> DecisionLine:
    """Refuses: NotFound for a decision of other offices about people elsewhere."""
    row = db.session.execute(_decisions().where(Decision.id == decision_id, _concerns(seen_by))).one_or_none()
    if row is None:
        raise NotFound
    return DecisionLine(*row)


def count_proposed(*, seen_by: Acting) -> int:
    """How many decisions wait that this operator may decide."""
    query = select(func.count()).select_from(Decision)
    waits = (Decision.state == DecisionState.PROPOSED) & (Decision.proposed_by != seen_by.operator_id)
    return db.session.scalar(query.where(waits, Decision.region_code.startswith(prefix(seen_by.region_code)))) or 0


def decision_said(decision_id: UUID) -> DecisionLine:
    """The same for telling the person whom it is about."""
    return DecisionLine(*db.session.execute(_decisions().where(Decision.id == decision_id)).one())


def decisions_of(person: Person) -> list[DecisionLine]:
    """What was decided about a person and took effect, the newest first."""
    query = _decisions().where(Decision.person_id == person.id, Decision.state.in_(TOLD)).order_by(Decision.id.desc())
    return [DecisionLine(*row) for row in db.session.execute(query)]


def lock_decision(decision_id: UUID) -> Decision:
    """A decision, held until the transaction ends. Refuses: NotFound."""
    query = select(Decision).where(Decision.id == decision_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def region_of(person: Person) -> str:
    """Where a person is: the region of the last proven sighting, else where the person said to live, else that of the
    ID number; of a code that is out of use the province.
    """
    seen = db.session.scalar(select(LastSeen.region_code).where(LastSeen.person_id == person.id))
    lived = select(Holding.region_code).where(Holding.person_id == person.id, Holding.region_code.is_not(None))
    code = seen or db.session.scalar(lived.order_by(Holding.claimed_at.desc()).limit(1)) or person.region_code
    known = names.lineage(code)
    return known[-1] if known else code
