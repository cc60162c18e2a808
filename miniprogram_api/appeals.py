"""Appealing against a reason of a colour, and what came of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import request
from pydantic import Field

from backend.accounts.models import Person
from backend.accounts.rules import Purpose
from backend.core import clock
from backend.core.crypto import unseal
from healthcode.codes import actions, queries
from healthcode.codes.appeal_rules import APPEAL_STATE_NAMES, LARGEST_FILE, MOST_FILES, RULE_NAMES, WAITING, AppealState
from healthcode.codes.colour_rules import COLOURS
from healthcode.codes.models import Appeal, AppealFile
from healthcode.codes.rules import Colour
from healthcode.transfers import queries as transfers
from healthcode.transfers.models import Trip
from healthcode.transfers.rules import TripState
from miniprogram_api.guard import current_account_id, held, worker
from miniprogram_api.schemas import Answer, Body, Once

REFUSED = timedelta(hours=1)
"""After an officer refused a code somebody stands there still."""
BOARDING = timedelta(hours=3)
"""Before departure, people come to the vehicle."""
LATE = timedelta(hours=1)
"""A vehicle that should have left waits still."""


class AppealIn(Body):
    rule: str = Field(max_length=40, description="Of the code's reasons.", examples=["declared.contact"])
    words: str = Field(min_length=5, max_length=500, examples=["我没有接触过病例，申报时点错了。"])


class FoundOut(Answer):
    rule: str = Field(examples=["declared.contact"])
    colour: Colour
    fact: str
    authority: str
    waiting: bool = Field(description="An appeal against it waits for an answer.")


class AppealFileOut(Answer):
    id: UUID
    kind: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes.")


class AppealOut(Answer):
    id: UUID
    rule: str
    rule_name: str = Field(examples=["申报接触过病例"])
    fact: str = Field(description="What the code said when the appeal was filed.")
    words: str
    state: AppealState
    state_name: str = Field(examples=["等待答复"])
    filed_at: datetime
    due_at: datetime | None = Field(description="Until when it will be answered; none once it was.")
    office: str = Field(description="Who answers, or answered.", examples=["贵州省铜仁市主管部门"])
    urgent: bool = Field(description="The person stands at a door; the duty desk answers within 15 minutes.")
    escalated: bool
    overdue: bool
    answer: str
    answered_at: datetime | None
    files: list[AppealFileOut]
    files_left: int = Field(description="How many more may be attached.")


class AppealsOut(Answer):
    stopped_at: str = Field(
        description="The door at which the person is held up now, so that an appeal is urgent; else empty.",
        examples=["铜仁站东门"],
    )
    reasons: list[FoundOut] = Field(description="What may be appealed now.")
    appeals: list[AppealOut]


def _shown(appeal: Appeal, office: str | None, files: list[AppealFile]) -> AppealOut:
    waiting = appeal.state in WAITING
    return AppealOut(
        id=appeal.id,
        rule=appeal.rule,
        rule_name=RULE_NAMES[appeal.rule],
        fact=appeal.finding["fact"],
        words=unseal(appeal.words),
        state=appeal.state,
        state_name=APPEAL_STATE_NAMES[appeal.state],
        filed_at=appeal.filed_at,
        due_at=appeal.due_at if waiting else None,
        office=office or queries.office_of(appeal.regions[-1]),
        urgent=appeal.is_urgent,
        escalated=len(appeal.regions) > 1,
        overdue=waiting and appeal.due_at <= clock.now(),
        answer="" if waiting else appeal.answer,
        answered_at=appeal.answered_at,
        files=[AppealFileOut.model_validate(file) for file in files],
        files_left=max(0, MOST_FILES - len(files)) if waiting else 0,
    )


def _all_of(person: Person) -> dict[str, Any]:
    rows = queries.appeals_of(person)
    files = queries.files_of([appeal.id for appeal, _ in rows])
    waiting = {appeal.rule for appeal, _ in rows if appeal.state in WAITING}
    reasons = [one for one in queries.status_of(person).reasons if one.rule in RULE_NAMES and one.colour in COLOURS]
    return {
        "stopped_at": _stopped_at(person),
        "reasons": [
            FoundOut(
                rule=one.rule, colour=one.colour, fact=one.fact, authority=one.authority, waiting=one.rule in waiting
            )
            for one in reasons
        ],
        "appeals": [_shown(appeal, office, files[appeal.id]) for appeal, office in rows],
    }


def _stopped_at(person: Person) -> str:
    """Where a person waits to be let through: at the officer who just refused, or at a vehicle about to leave."""
    if place := queries.refused_lately(person, REFUSED):
        return place
    now = clock.now()
    trips = [trip for _, trip, _ in transfers.entries_of_person(person.id) if trip]
    return next((place for trip in trips if (place := _boarding_at(trip, now))), "")


def _boarding_at(trip: Trip, now: datetime) -> str:
    """贵D12345（07:30 发车） while people come to it."""
    departs = trip.departs_at
    if trip.state is not TripState.WAITING or departs is None or not departs - BOARDING <= now <= departs + LATE:
        return ""
    return f"{trip.vehicle}（{clock.local(departs):%H:%M} 发车）"


@worker.get("/people/<uuid:person_id>/appeals")
@worker.output(AppealsOut)
def list_appeals(person_id: UUID) -> dict[str, Any]:
    """我的申诉 What may be appealed now, and every appeal with its clock and outcome."""
    return _all_of(held(person_id))


@worker.post("/people/<uuid:person_id>/appeals")
@worker.input(AppealIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(AppealOut, 201)
def appeal(person_id: UUID, body: AppealIn, once: Once) -> AppealOut:
    """提出申诉 Say that a reason of the colour is wrong; an office answers within 48 hours, or the one above it.

    At a door the duty desk is called, and has 15 minutes.
    """
    person = held(person_id, Purpose.SENSITIVE)
    filed = actions.file_appeal(
        person=person,
        account_id=current_account_id(),
        rule=body.rule,
        words=body.words,
        request_key=once.idempotency_key,
        stopped_at=_stopped_at(person),
    )
    return _shown(filed, None, queries.files_of([filed.id])[filed.id])


@worker.post("/people/<uuid:person_id>/appeals/<uuid:appeal_id>/files")
@worker.output(AppealFileOut, 201)
def attach(person_id: UUID, appeal_id: UUID) -> AppealFileOut:
    """补充材料 Attach a photo (JPEG, PNG) or PDF of at most 5 MB, as the body; the same file twice is one file."""
    content = request.stream.read(LARGEST_FILE + 1)
    file = actions.attach(person=held(person_id, Purpose.SENSITIVE), appeal_id=appeal_id, content=content)
    return AppealFileOut.model_validate(file)
