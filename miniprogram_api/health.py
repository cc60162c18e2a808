"""Declaring health and showing the code."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from backend.accounts import queries as people
from backend.accounts.rules import Purpose, Relation
from backend.core import clock
from backend.core.crypto import unseal
from healthcode.codes import actions, queries
from healthcode.codes.rules import COLOUR_NAMES, Colour, Proxy, ProxyKind, Symptom, Verdict
from healthcode.transfers import queries as transfers
from miniprogram_api.guard import current_account_id, held, worker
from miniprogram_api.schemas import Answer, Body, Once


class DeclarationIn(Body):
    temperature: float = Field(ge=34.0, le=43.0, strict=True, description="Degrees Celsius.", examples=[36.5])
    symptoms: list[Symptom] = Field(max_length=len(Symptom), examples=[[]])
    contact: bool = Field(strict=True, description="Contact with a confirmed or suspected case within 14 days.")
    abroad: bool = Field(strict=True, description="Came back from abroad within 14 days.")


class ReasonOut(Answer):
    rule: str = Field(examples=["declared.healthy"])
    colour: Colour
    fact: str = Field(examples=["24 小时内申报体温 36.5 ℃，没有症状。"])
    until: datetime
    authority: str = Field(description="Who answers for it; empty for green.", examples=["现居住地社区防控工作组"])


class VerdictOut(Answer):
    colour: Colour
    colour_name: str = Field(examples=["绿码"])
    fact: str
    reasons: list[ReasonOut]
    until: datetime | None = Field(description="When the colour would next change by itself.")


class StepOut(Answer):
    label: str = Field(examples=["去申报"])
    page: str = Field(examples=["declare"])


class CodeOut(VerdictOut):
    text: str = Field(description="What the QR code holds: prefix and base45 of a CWT in COSE_Sign1.")
    issued_at: datetime
    expires_at: datetime
    since: datetime | None = Field(
        description="Since when the colour is what it is; a pack made earlier is good no more."
    )
    server_time: datetime
    name_mask: str = Field(examples=["杨**"])
    last_four: str = Field(examples=["8127"])
    next_step: StepOut | None
    pending: bool = Field(description="Who this is has yet to be checked by a clerk.")


class OfflineCodeOut(Answer):
    text: str = Field(description="What the QR code holds, as for the code that is shown at once.")
    good_from: datetime
    expires_at: datetime


class PackOut(VerdictOut):
    codes: list[OfflineCodeOut] = Field(description="In the order of time, a quarter of an hour each.")
    server_time: datetime
    name_mask: str = Field(examples=["杨**"])
    last_four: str = Field(examples=["8127"])
    pending: bool = Field(description="Who this is has yet to be checked by a clerk.")


NEXT_STEPS = {
    Colour.GREY: StepOut(label="去申报健康状况", page="declare"),
    Colour.YELLOW: StepOut(label="拨打电话咨询", page="help"),
    Colour.RED: StepOut(label="拨打电话咨询", page="help"),
}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "colour": verdict.colour,
        "colour_name": COLOUR_NAMES[verdict.colour],
        "fact": verdict.fact,
        "reasons": [ReasonOut.model_validate(reason) for reason in verdict.reasons],
        "until": verdict.until,
    }


def _proxy(person_id: UUID) -> Proxy | None:
    """Who declares for somebody else by holding their code; None for oneself."""
    if people.relation_of(current_account_id(), person_id) is Relation.SELF:
        return None
    own = people.own_person(current_account_id())
    return Proxy(ProxyKind.FAMILY, unseal(own.name) if own else "")


@worker.post("/people/<uuid:person_id>/declarations")
@worker.input(DeclarationIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(VerdictOut, 201)
def declare(person_id: UUID, body: DeclarationIn, once: Once) -> VerdictOut:
    """健康申报 Declare temperature, symptoms, contact and travel; the colour follows at once.

    What family declares is kept with the name of whoever declared it.
    """
    person = held(person_id, Purpose.SENSITIVE)
    verdict = actions.declare(
        person=person,
        account_id=current_account_id(),
        temperature=round(body.temperature * 10),
        symptoms=tuple(dict.fromkeys(body.symptoms)),
        contact=body.contact,
        abroad=body.abroad,
        request_key=once.idempotency_key,
        sent_from=transfers.sent_from(person_id),
        proxy=_proxy(person.id),
    )
    return VerdictOut(**_verdict(verdict))


@worker.get("/people/<uuid:person_id>/code")
@worker.output(CodeOut)
def show(person_id: UUID) -> CodeOut:
    """亮码 The health code: five minutes, signed, with the reasons for its colour."""
    moment = clock.now()
    display = queries.get_display(account_id=current_account_id(), person_id=person_id, at=moment)
    code = actions.issue_code(display=display, at=moment)
    return CodeOut.model_construct(
        **_verdict(display.verdict),
        text=code.text,
        issued_at=code.issued_at,
        expires_at=code.expires_at,
        since=display.since,
        server_time=moment,
        name_mask=display.name_mask,
        last_four=display.last_four,
        next_step=NEXT_STEPS.get(display.verdict.colour),
        pending=display.pending,
    )


@worker.post("/people/<uuid:person_id>/pack")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(PackOut, 201)
def give_pack(person_id: UUID, once: Once) -> PackOut:
    """存离线码 Codes for up to four hours without a network, for a green code only; a dozen packs an hour at most."""
    held(person_id, Purpose.SENSITIVE)
    moment, account_id = clock.now(), current_account_id()
    display = queries.get_display(account_id=account_id, person_id=person_id, at=moment)
    codes = actions.issue_pack(display=display, account_id=account_id, request_key=once.idempotency_key)
    return PackOut(
        **_verdict(display.verdict),
        codes=[OfflineCodeOut.model_validate(code) for code in codes],
        server_time=moment,
        name_mask=display.name_mask,
        last_four=display.last_four,
        pending=display.pending,
    )
