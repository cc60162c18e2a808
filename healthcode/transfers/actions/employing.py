"""An official says which enterprise a name on a roster is; the enterprise says who started work, and who didn't."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Organisation
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.clock import today
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.evidence import actions as evidence
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind
from healthcode.transfers import queries
from healthcode.transfers.employing import (
    LONGEST_WORDS,
    MOST_AT_ONCE,
    SHORTEST_WORDS,
    Starting,
    StartKind,
    faults_of,
)
from healthcode.transfers.evidence import START, start_content
from healthcode.transfers.models import Employer, Start, Transfer
from healthcode.transfers.queries import Employee
from healthcode.transfers.rules import ENDED, State

PURPOSE = "确认上岗"
FIELDS = ("姓名（部分）", "身份证后四位", "是否适岗", "是否到达")
PAGE = "trips"
TOLD = {
    StartKind.STARTED: ("已登记上岗", "{enterprise}登记您 {day} 上岗。如果不对，请联系企业或当地人社部门更正。"),
    StartKind.ABSENT: (
        "登记为没有上岗",
        "{enterprise}登记您没有上岗：{words}。如果不对，请联系企业或当地人社部门更正。",
    ),
    StartKind.UNDONE: ("上岗登记已撤销", "{enterprise}撤销了对您的上岗登记：{words}。"),
}


def link_employer(*, transfer: Transfer, name: str, organisation_id: UUID, by: Acting) -> Employer:
    """Say that a name on the roster is this registered enterprise; another one linked before sees these no more.

    Refuses: NotFound for other offices; Forbidden to all but officials; Invalid for a name that isn't on the roster or
    what is no enterprise; Conflict once the transfer has ended.
    """
    _check_official(transfer, by)
    enterprise = db.session.get(Organisation, organisation_id)
    if enterprise is None or enterprise.kind is not OrganisationKind.ENTERPRISE:
        raise Invalid("transfers.employer", "请选择已登记的企业。", fields={"organisation_id": "请选择企业。"})
    named = next((one for one in queries.list_employer_names(transfer) if one.name == name), None)
    if named is None:
        raise Invalid("transfers.employer_name", "花名册上没有这个企业名称，请刷新页面。")
    if named.employer is not None:
        if named.employer.organisation_id == organisation_id:
            return named.employer
        named.employer.ended_at = clock.now()
        db.session.flush()
    employer = Employer(
        transfer_id=transfer.id,
        name=name,
        organisation_id=organisation_id,
        operator_id=by.operator_id,
        office_id=by.organisation_id,
        at=clock.now(),
    )
    db.session.add(employer)
    db.session.flush()
    return employer


def unlink_employer(*, transfer: Transfer, name: str, by: Acting) -> None:
    """Take it back: the enterprise sees these people no more. Refuses: as `link_employer`."""
    _check_official(transfer, by)
    named = next((one for one in queries.list_employer_names(transfer) if one.name == name and one.employer), None)
    if named is None or named.employer is None:
        raise Invalid("transfers.employer_name", "这个名称没有对应企业，请刷新页面。")
    named.employer.ended_at = clock.now()


def _check_official(transfer: Transfer, by: Acting) -> None:
    queries.get_transfer(transfer.id, seen_by=by)
    if by.role is not Role.OFFICIAL:
        raise Forbidden("transfers.officials_only", "由两地的经办人办理。")
    if transfer.state in ENDED or transfer.state is State.DRAFT:
        raise Conflict("transfers.employer_when", "输送提交以后、结束以前，才能对应用工企业。")
    db.session.refresh(transfer, with_for_update=True)


def note_employees_read(*, employees: Sequence[Employee], by: Acting) -> None:
    """Write down, once a day for each, that the enterprise read who is fit."""
    accounts.log_entrusted(
        subjects=[one.entry.resident_id_index for one in employees],
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        purpose=PURPOSE,
        fields=FIELDS,
    )


def confirm_starts(*, transfer: Transfer, starting: Sequence[Starting], key: str, by: Acting) -> dict[UUID, str]:
    """Write down who started; returns for each row why it was refused, empty for those that were taken.

    The same key again is the same. One that is refused doesn't stop the others. Refuses: NotFound for a transfer that
    isn't this enterprise's to see; Conflict once it has ended; Invalid for too many at once.
    """
    _check_enterprise(transfer, by)
    if not 1 <= len(starting) <= MOST_AT_ONCE:
        raise Invalid("transfers.nobody", f"请先勾选上岗的人，一次最多 {MOST_AT_ONCE} 人。")
    ids = [one.entry_id for one in starting]
    employees = queries.list_employees(transfer, seen_by=by, entry_ids=ids, limit=len(ids))
    known = {one.entry.id: one for one in employees}
    outcomes, made = {}, []
    for one in starting:
        employee = known.get(one.entry_id)
        outcomes[one.entry_id] = _refusal(employee, one)
        if employee and not outcomes[one.entry_id] and employee.kind is not StartKind.STARTED:
            made.append(_said(employee, StartKind.STARTED, "", key, by, one))
    _keep([start for start in made if start is not None], known, by)
    return outcomes


def _refusal(employee: Employee | None, starting: Starting) -> str:
    if employee is None:
        return "这个人不在本企业的名单上，请刷新页面。"
    return employee.why_not or "；".join(faults_of(starting, today()).values())


def say_otherwise(*, transfer: Transfer, entry_id: UUID, kind: StartKind, words: str, key: str, by: Acting) -> None:
    """Say that somebody didn't start and why, or that what was said before was wrong.

    Refuses: as `confirm_starts`; Conflict for somebody of whom nothing was said; Invalid without a reason.
    """
    _check_enterprise(transfer, by)
    said = " ".join(words.split())
    if not SHORTEST_WORDS <= len(said) <= LONGEST_WORDS:
        sentence = f"请写明原因，{SHORTEST_WORDS} 到 {LONGEST_WORDS} 个字，本人会看到。"
        raise Invalid("transfers.start_words", sentence, fields={"words": sentence})
    employees = queries.list_employees(transfer, seen_by=by, entry_ids=[entry_id])
    if not employees:
        raise Conflict("transfers.not_employed", "这个人不在本企业的名单上，请刷新页面。")
    if kind is StartKind.UNDONE and employees[0].kind is None:
        raise Conflict("transfers.nothing_said", "没有可以撤销的登记，请刷新页面。")
    start = _said(employees[0], kind, said, key, by)
    _keep([start] if start else [], {entry_id: employees[0]}, by)


def _check_enterprise(transfer: Transfer, by: Acting) -> None:
    queries.get_employed(transfer.id, seen_by=by)
    if transfer.state in ENDED:
        raise Conflict("transfers.ended", "这次输送已经结束，登记不能再改。有出入请联系当地人社部门。")


def _said(
    employee: Employee, kind: StartKind, words: str, key: str, by: Acting, starting: Starting | None = None
) -> Start | None:
    same = (Start.entry_id == employee.entry.id) & (Start.request_key == key)
    if db.session.scalar(select(Start.id).where(same)):
        return None
    return Start(
        entry_id=employee.entry.id,
        kind=kind,
        day=starting.day if starting else None,
        certificate=seal(starting.certificate, "transfers.start.certificate") if starting else None,
        certificate_until=starting.certificate_until if starting else None,
        training=starting.training if starting else "",
        words=words,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        request_key=key,
        at=clock.now(),
    )


def _keep(starts: Sequence[Start], employees: dict[UUID, Employee], by: Acting) -> None:
    notices = []
    for start in starts:
        entry = employees[start.entry_id].entry
        start.id = evidence.record(kind=START.name, subject=str(entry.transfer_id), content=start_content(start, entry))
        db.session.add(start)
        if entry.person_id is not None:
            title, words = TOLD[start.kind]
            body = words.format(enterprise=by.organisation_name, day=start.day or "", words=start.words)
            notices.append(Notice(entry.person_id, Kind.TRIP, f"start:{start.id}", title, body, PAGE))
    notify_many(notices)
