"""Asking a province for the colour of its own code: queued here, asked in a task, kept as a fact with its time.

Nothing found and no answer change no colour; an earlier answer then holds to its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert

from backend.accounts.models import Person
from backend.accounts.queries import get_person
from backend.accounts.rules import Purpose
from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import Sealed
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.limits import limit
from backend.core.transactions import enqueue
from backend.evidence import actions as evidence
from healthcode.codes import queries
from healthcode.codes.actions.rejudging import rejudge
from healthcode.codes.evidence import PROVINCE, province_content
from healthcode.codes.fact_rules import Asked, QueryState
from healthcode.codes.gateway import Answer
from healthcode.codes.models import ProvincialQuery

ASK = "codes.ask_province"
AGAIN = {Asked.WORKER: timedelta(minutes=2), Asked.DECLARED: timedelta(hours=1), Asked.TRANSFER: timedelta(hours=6)}
"""A province that was asked of somebody within this time isn't asked again."""
MOST_ATTEMPTS = 4
WAITS = timedelta(minutes=1)
"""Before the next attempt."""
LOST = timedelta(minutes=3)
"""After which a question that somebody began to ask is put again; a question changes nothing, so it may be."""
BATCH, AT_ONCE = 500, 2000
A_DAY = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What a claimed query asks, still sealed."""

    query_id: UUID
    attempt: int
    province: str
    name: Sealed
    resident_id: Sealed

    @property
    def request_id(self) -> str:
        """Another for each attempt, so that a late answer to an earlier one is none."""
        return f"{self.query_id.hex}-{self.attempt}"


def ask_provinces(wanted: Iterable[tuple[UUID, str]], *, why: Asked) -> int:
    """Queue questions (person, province); returns how many.

    Left out are provinces that aren't connected, people who haven't agreed or whose number is not verified, and what
    was asked a short while ago.
    """
    connected = set(settings().provinces)
    pairs = sorted({(person_id, province) for person_id, province in wanted if province in connected}, key=str)
    return sum(_queue(batch, why) for at in range(0, len(pairs), AT_ONCE) if (batch := pairs[at : at + AT_ONCE]))


def _queue(pairs: Sequence[tuple[UUID, str]], why: Asked) -> int:
    people, now = list({person_id for person_id, _ in pairs}), clock.now()
    may, lately = queries.who_may_be_asked(people), queries.asked_since(people, now - AGAIN[why])
    rows = [
        {
            "id": new_key(),
            "person_id": person_id,
            "province": province,
            "why": why,
            "state": QueryState.QUEUED,
            "attempts": 0,
            "asked_at": now,
        }
        for person_id, province in pairs
        if person_id in may and (person_id, province) not in lately
    ]
    if not rows:
        return 0
    statement = insert(ProvincialQuery).values(rows).on_conflict_do_nothing().returning(ProvincialQuery.id)
    made = list(db.session.scalars(statement))
    for query_id in made[:BATCH]:
        enqueue(ASK, query_id)  # the rest is found by the sweep, so that no flood stands before other tasks
    return len(made)


def ask_province(*, person: Person, province: str) -> ProvincialQuery:
    """Ask of a person what the own code of a province says, because the person wants to know.

    Within two minutes, and while a question waits, it is the same question. Refuses: Invalid for a province that isn't
    connected; Forbidden("accounts.consent_missing") without the consent to sharing of the present terms; Conflict for
    somebody whose identity is not verified; TooMany.
    """
    if province not in settings().provinces:
        raise Invalid("codes.province", "还没有与这个省的健康码联通，请在当地小程序里查看。")
    if person.id not in queries.who_may_be_asked([person.id]):
        if person.verified_at is None:
            raise Conflict("codes.province_unverified", "身份核实以后才能查询，请先联系村里或县劳务部门核对。")
        raise Forbidden(
            "accounts.consent_missing",
            "查询要把您的姓名和身份证号提供给对方省的健康码主管部门，请先在“我的授权”里同意“向输入地和用工企业提供”。",
            fields={Purpose.SHARING: "需要同意。"},
        )
    if not queries.asked_since([person.id], clock.now() - AGAIN[Asked.WORKER]) & {(person.id, province)}:
        limit("codes.province", str(person.id), times=A_DAY, seconds=86400)
        ask_provinces([(person.id, province)], why=Asked.WORKER)
    return next(one for one in queries.newest_provincial(person) if one.province == province)


def claim_question(query_id: UUID) -> Question | None:
    """Take a question for asking it now; None when another run has it, it was answered, or must not be asked any more.

    Whoever has withdrawn the consent meanwhile is not asked about.
    """
    query = select(ProvincialQuery).where(ProvincialQuery.id == query_id, _due(clock.now()))
    held = db.session.scalar(query.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    if held is None:
        return None
    now = clock.now()
    if held.person_id not in queries.who_may_be_asked([held.person_id]) or held.province not in settings().provinces:
        held.state, held.ended_at = QueryState.WITHHELD, now
        return None
    held.state, held.attempts, held.claimed_at = QueryState.ASKING, held.attempts + 1, now
    person = get_person(held.person_id)
    return Question(held.id, held.attempts, held.province, person.name, person.resident_id)


def _due(now: datetime) -> ColumnElement[bool]:
    fresh = (ProvincialQuery.state == QueryState.QUEUED) & (
        ProvincialQuery.claimed_at.is_(None) | (ProvincialQuery.claimed_at <= now - WAITS)
    )
    return or_(fresh, (ProvincialQuery.state == QueryState.ASKING) & (ProvincialQuery.claimed_at <= now - LOST))


def sweep_questions() -> int:
    """Send the questions that wait for their next attempt, or whose asking got lost; returns how many."""
    query = select(ProvincialQuery.id).where(_due(clock.now())).order_by(ProvincialQuery.asked_at).limit(BATCH)
    due = db.session.scalars(query).all()
    for query_id in due:
        enqueue(ASK, query_id)
    return len(due)


def record_answer(question: Question, answer: Answer | None) -> None:
    """Keep what the province said (None: it knows nobody of that number), put it on record, and judge anew."""
    held = _asking(question)
    if held is None:
        return
    held.state = QueryState.NOTHING if answer is None else QueryState.ANSWERED
    if answer is not None:
        held.colour, held.answered_at = answer.colour, answer.at
    _end(held)
    rejudge(person_id=held.person_id)


def record_silence(question: Question, *, for_good: bool) -> None:
    """Note that no answer came: the question waits for its next attempt, or ends unanswered after four."""
    held = _asking(question)
    if held is None:
        return
    if not for_good and held.attempts < MOST_ATTEMPTS:
        held.state = QueryState.QUEUED
        return
    held.state = QueryState.UNANSWERED
    _end(held)


def _asking(question: Question) -> ProvincialQuery | None:
    """The query, if this attempt is still the one that asks."""
    query = select(ProvincialQuery).where(
        ProvincialQuery.id == question.query_id,
        ProvincialQuery.state == QueryState.ASKING,
        ProvincialQuery.attempts == question.attempt,
    )
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _end(held: ProvincialQuery) -> None:
    held.ended_at = clock.now()
    db.session.flush()
    evidence.record(kind=PROVINCE.name, subject=str(held.person_id), content=province_content(held, held.ended_at))
