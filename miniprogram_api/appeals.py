"""Appealing against a reason of a colour, and what came of it."""

from datetime import datetime
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
from miniprogram_api.guard import current_account_id, held, worker
from miniprogram_api.schemas import Answer, Body, Once


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
    escalated: bool
    overdue: bool
    answer: str
    answered_at: datetime | None
    files: list[AppealFileOut]
    files_left: int = Field(description="How many more may be attached.")


class AppealsOut(Answer):
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
        "reasons": [
            FoundOut(
                rule=one.rule, colour=one.colour, fact=one.fact, authority=one.authority, waiting=one.rule in waiting
            )
            for one in reasons
        ],
        "appeals": [_shown(appeal, office, files[appeal.id]) for appeal, office in rows],
    }


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
    """提出申诉 Say that a reason of the colour is wrong; an office answers within 48 hours, or the one above it."""
    filed = actions.file_appeal(
        person=held(person_id, Purpose.SENSITIVE),
        account_id=current_account_id(),
        rule=body.rule,
        words=body.words,
        request_key=once.idempotency_key,
    )
    return _shown(filed, None, queries.files_of([filed.id])[filed.id])


@worker.post("/people/<uuid:person_id>/appeals/<uuid:appeal_id>/files")
@worker.output(AppealFileOut, 201)
def attach(person_id: UUID, appeal_id: UUID) -> AppealFileOut:
    """补充材料 Attach a photo (JPEG, PNG) or PDF of at most 5 MB, as the body; the same file twice is one file."""
    content = request.stream.read(LARGEST_FILE + 1)
    file = actions.attach(person=held(person_id, Purpose.SENSITIVE), appeal_id=appeal_id, content=content)
    return AppealFileOut.model_validate(file)
