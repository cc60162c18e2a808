"""What a colour may rest on beside declarations: tests, certificates of health, the codes of provinces."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import request
from pydantic import Field

from backend.accounts.models import Person
from backend.accounts.rules import Purpose
from backend.core import clock
from backend.regions import names as regions
from healthcode.codes import actions, queries
from healthcode.codes.actions import Paper
from healthcode.codes.appeal_rules import LARGEST_FILE
from healthcode.codes.fact_rules import (
    CERTIFICATE_STATE_NAMES,
    OPEN,
    QUERY_STATE_NAMES,
    TESTED_NAMES,
    CertificateState,
    QueryState,
    Tested,
)
from healthcode.codes.models import Certificate, ProvincialQuery
from healthcode.codes.provinces import code_name
from healthcode.codes.rules import COLOUR_NAMES, Colour
from healthcode.transfers import actions as transfers
from miniprogram_api.guard import current_account_id, held, worker
from miniprogram_api.schemas import Answer, Body, Once

NO_COLOUR = {
    QueryState.NOTHING: "对方系统里没有查到您，不影响您在这里的颜色。",
    QueryState.UNANSWERED: "对方系统没有答复，不影响您在这里的颜色，可以过一会儿再查。",
    QueryState.WITHHELD: "您没有同意提供姓名和身份证号，没有去查。",
}
WAITS = "正在查询，一般几秒钟就有结果。"
NEVER = "还没有查过。"


class TestOut(Answer):
    id: UUID
    sampled_at: datetime
    result: Tested
    result_name: str = Field(examples=["阴性"])
    laboratory: str = Field(examples=["铜仁市人民医院"])
    report_number: str
    entered_by: str = Field(description="The office that entered it.")


class CertificateIn(Body):
    number: str = Field(min_length=2, max_length=40, examples=["TR-2026-0322"])
    institution: str = Field(min_length=2, max_length=60, examples=["碧江区人民医院"])
    issued_on: date = Field(description="The day on which it was issued.", examples=["2026-03-22"])
    valid_until: date = Field(description="The last day on which it holds.", examples=["2026-03-29"])


class CertificateOut(Answer):
    id: UUID
    number: str
    institution: str
    issued_on: date | None
    valid_until: date | None
    state: CertificateState
    state_name: str = Field(examples=["等待核对"])
    expired: bool
    filed_at: datetime
    office: str = Field(description="The office that confirmed or refused it; empty before.")
    decided_at: datetime | None
    reason: str = Field(description="Why it was refused.")
    needs_photo: bool
    may_withdraw: bool


class ProvinceIn(Body):
    province: str = Field(pattern=r"^\d{2}0000$", description="GB/T 2260.", examples=["320000"])


class ProvinceOut(Answer):
    province: str = Field(examples=["320000"])
    name: str = Field(examples=["江苏省苏康码"])
    destination: bool = Field(description="A running transfer of the person leads there.")
    waiting: bool
    colour: Colour | None = Field(description="As the province said; it is judged by rules of its own.")
    sentence: str = Field(examples=["江苏省苏康码 2026-03-22 14:05 查询为黄码。"])
    asked_at: datetime | None
    answered_at: datetime | None = Field(description="The province's own time.")


class FactsOut(Answer):
    tests: list[TestOut]
    certificates: list[CertificateOut]
    provinces: list[ProvinceOut] = Field(description="Those whose code can be asked for, the destination first.")


def _certificate(paper: Certificate, office: str | None) -> CertificateOut:
    said = actions.said_by(paper)
    decided = paper.decided_office is not None
    return CertificateOut(
        id=paper.id,
        number=said.number,
        institution=said.institution,
        issued_on=said.issued_on,
        valid_until=said.valid_until,
        state=paper.state,
        state_name=CERTIFICATE_STATE_NAMES[paper.state],
        expired=said.valid_until is not None and said.valid_until < clock.today(),
        filed_at=paper.filed_at,
        office=office or "" if decided else "",
        decided_at=paper.decided_at,
        reason=paper.reason,
        needs_photo=paper.state is CertificateState.DRAFT,
        may_withdraw=paper.state in {*OPEN, CertificateState.CONFIRMED},
    )


def _province(code: str, asked: ProvincialQuery | None, destinations: Iterable[str]) -> ProvinceOut:
    waiting = asked is not None and asked.state in {QueryState.QUEUED, QueryState.ASKING}
    return ProvinceOut(
        province=code,
        name=code_name(code),
        destination=code in destinations,
        waiting=waiting,
        colour=asked.colour if asked else None,
        sentence=WAITS if waiting else _sentence(code, asked),
        asked_at=asked.asked_at if asked else None,
        answered_at=asked.answered_at if asked else None,
    )


def _sentence(code: str, asked: ProvincialQuery | None) -> str:
    if asked is None:
        return NEVER
    if asked.colour is None:
        return NO_COLOUR.get(asked.state, f"{QUERY_STATE_NAMES[asked.state]}。")
    return f"{code_name(code)} {clock.shown(asked.answered_at)} 查询为{COLOUR_NAMES[asked.colour]}。"


def _provinces(person: Person) -> list[ProvinceOut]:
    newest = {asked.province: asked for asked in queries.newest_provincial(person)}
    destinations = transfers.destinations_of(person.id)
    shown = [
        _province(code, newest.get(code), destinations)
        for code in sorted({*queries.connected_provinces(), *newest})
        if regions.find(code)
    ]
    return sorted(shown, key=lambda one: not one.destination)


@worker.get("/people/<uuid:person_id>/facts")
@worker.output(FactsOut)
def list_facts(person_id: UUID) -> dict[str, Any]:
    """检测、健康证明和省健康码 What is known of a person beside declarations, each with its source and time."""
    person = held(person_id)
    tests = [
        TestOut(
            id=test.id,
            sampled_at=test.sampled_at,
            result=test.result,
            result_name=TESTED_NAMES[test.result],
            laboratory=test.laboratory,
            report_number=test.report_number,
            entered_by=office,
        )
        for test, office in queries.list_tests(person)
    ]
    papers = [_certificate(paper, office) for paper, office in queries.certificates_of(person)]
    return {"tests": tests, "certificates": papers, "provinces": _provinces(person)}


@worker.post("/people/<uuid:person_id>/certificates")
@worker.input(CertificateIn, arg_name="body")
@worker.input(Once, location="headers", arg_name="once")
@worker.output(CertificateOut, 201)
def file_certificate(person_id: UUID, body: CertificateIn, once: Once) -> CertificateOut:
    """上传健康证明 Say what a certificate of health says; its photo follows, then an official looks at it."""
    person = held(person_id, Purpose.SENSITIVE)
    paper = Paper(body.number, body.institution, body.issued_on, body.valid_until)
    made = actions.file_certificate(
        person=person, paper=paper, account_id=current_account_id(), request_key=once.idempotency_key
    )
    return _certificate(made, None)


@worker.post("/people/<uuid:person_id>/certificates/<uuid:certificate_id>/file")
@worker.output(CertificateOut, 201)
def attach_certificate(person_id: UUID, certificate_id: UUID) -> CertificateOut:
    """健康证明照片 The photo (JPEG, PNG) or PDF of at most 5 MB, as the body; the same file twice is one file."""
    content = request.stream.read(LARGEST_FILE + 1)
    person = held(person_id, Purpose.SENSITIVE)
    made = actions.attach_certificate(person=person, certificate_id=certificate_id, content=content)
    return _certificate(made, None)


@worker.delete("/people/<uuid:person_id>/certificates/<uuid:certificate_id>")
@worker.output(CertificateOut)
def withdraw_certificate(person_id: UUID, certificate_id: UUID) -> CertificateOut:
    """撤回健康证明 Take it back; the colour then rests on what else is known."""
    return _certificate(actions.withdraw_certificate(person=held(person_id), certificate_id=certificate_id), None)


@worker.post("/people/<uuid:person_id>/provincial-codes")
@worker.input(ProvinceIn, arg_name="body")
@worker.output(ProvinceOut, 201)
def ask_province(person_id: UUID, body: ProvinceIn) -> ProvinceOut:
    """查询省健康码 Ask what a province's own code says; the answer is among the facts some seconds later."""
    person = held(person_id, Purpose.SENSITIVE)
    asked = actions.ask_province(person=person, province=body.province)
    return _province(asked.province, asked, transfers.destinations_of(person.id))
